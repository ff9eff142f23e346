/* SPDX-License-Identifier: MIT */
/* What an operator adds: rules, words, and the wish for pseudonyms. */
#include <ctype.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "redact/dl_hs.h"
#include "redact/engine.h"

/* The number of a class by this name, made when it is new; 0 when the name is no class. */
static enum secret_class operator_class(struct redactor *r, const char *name)
{
	size_t i = 0;

	for (const char *c = name; *c; c++)
		if (!isalpha((unsigned char)*c))
			return CLASS_NONE;
	if (!*name || strlen(name) >= CLASS_NAME_MAX)
		return CLASS_NONE;
	while (i < ARRAY_LEN(r->operator_classes) && *r->operator_classes[i] && strcmp(r->operator_classes[i], name) != 0)
		i++;
	if (i == ARRAY_LEN(r->operator_classes))
		return CLASS_NONE;
	snprintf(r->operator_classes[i], CLASS_NAME_MAX, "%s", name);
	return (enum secret_class)(CLASS_OPERATOR + i);
}

static struct extra *extras(struct redactor *r)
{
	if (!r->extra)
		r->extra = extra_new();
	return r->extra;
}

static int try_examples(struct redactor *r, const char *where, const json_t *list, bool should, struct err *err)
{
	const json_t *v;
	size_t i;

	if (list && !json_is_array(list))
		return err_set(err, ERR_SYNTAX, "%s: matches and misses are lists of strings", where);
	json_array_foreach(list, i, v) {
		_cleanup_spans_ struct spans found = { 0 };
		if (!json_is_string(v))
			return err_set(err, ERR_SYNTAX, "%s: matches and misses are lists of strings", where);
		find_text(r, json_string_value(v), json_string_length(v), 0, &found);
		if ((found.n > 0) != should)
			return err_set(err, ERR_SYNTAX, "%s: the example \"%s\" should %sbe redacted and is%s", where, json_string_value(v),
				should ? "" : "not ", should ? " not" : "");
	}
	return 0;
}

static int add_rule(struct redactor *r, const char *where, const json_t *rule, struct err *err)
{
	static const char *const known[] = { "class", "pattern", "key", "caseless", "matches", "misses", "note", NULL };
	const char *class = json_string_value(json_object_get(rule, "class"));
	const char *pattern = json_string_value(json_object_get(rule, "pattern")), *key = json_string_value(json_object_get(rule, "key"));
	const char *name;
	const json_t *v;
	int res;

	if (!json_is_object(rule))
		return err_set(err, ERR_SYNTAX, "%s: a rule is an object with class and pattern or key", where);
	json_object_foreach((json_t *)(uintptr_t)rule, name, v) {
		size_t i = 0;
		while (known[i] && strcmp(known[i], name) != 0)
			i++;
		if (!known[i])
			return err_set(err, ERR_SYNTAX, "%s: unknown key \"%s\" in a rule (known: class, pattern, key, caseless, matches, misses, note)",
				where, name);
	}
	enum secret_class c = operator_class(r, class ? class : "");
	if (c == CLASS_NONE)
		return err_set(err, ERR_SYNTAX, "%s: class \"%s\" is not a name of 1 to %d letters, or one too many", where, class ? class : "",
			CLASS_NAME_MAX - 1);
	if (!pattern == !key)
		return err_set(err, ERR_SYNTAX, "%s: a rule of class %s needs either pattern or key", where, class);
	if (key) {
		_cleanup_free_ char *word = extra_word(key, strlen(key));
		r->extra_keys = strv_add(r->extra_keys, key);
		sodium_memzero(r->names, sizeof(r->names));
		res = extra_add(extras(r), EXTRA_KEY, word, HS_FLAG_CASELESS, c, where, err);
	} else {
		res = extra_add(extras(r), EXTRA_PATTERN, pattern, json_is_true(json_object_get(rule, "caseless")) ? HS_FLAG_CASELESS : 0, c, where, err);
	}
	if (res < 0)
		return res;
	res = try_examples(r, where, json_object_get(rule, "matches"), true, err);
	return res < 0 ? res : try_examples(r, where, json_object_get(rule, "misses"), false, err);
}

int redactor_add_rules(struct redactor *r, const char *where, const void *json, size_t n, struct err *err)
{
	json_error_t e;
	json_t *doc = json_loadb(json, n, JSON_REJECT_DUPLICATES, &e);
	const json_t *rules = json_object_get(doc, "rules"), *rule;
	size_t i;
	int res = 0;

	if (!doc)
		return err_set(err, ERR_SYNTAX, "%s:%d: %s", where, e.line, e.text);
	if (!json_is_array(rules) || json_object_size(doc) != 1)
		res = err_set(err, ERR_SYNTAX, "%s: not an object with one key, \"rules\", a list", where);
	json_array_foreach(rules, i, rule) {
		if (res == 0)
			res = add_rule(r, where, rule, err);
	}
	json_decref(doc);
	return res;
}

static int add_word(struct redactor *r, const char *p, size_t n, enum secret_class class, const char *where, struct err *err)
{
	_cleanup_free_ char *word = extra_word(p, n);

	return extra_add(extras(r), EXTRA_PATTERN, word, HS_FLAG_CASELESS, class, where, err);
}

int redactor_add_words(struct redactor *r, const char *where, const void *text, size_t n, struct err *err)
{
	const char *p = text;
	int res = 0;

	for (size_t at = 0; at < n && res == 0;) {
		const char *nl = memchr(p + at, '\n', n - at);
		size_t end = nl ? (size_t)(nl - p) : n, from = at, to = end;
		at = end + 1;
		while (from < to && isspace((unsigned char)p[from]))
			from++;
		while (to > from && isspace((unsigned char)p[to - 1]))
			to--;
		if (from == to || p[from] == '#')
			continue;
		if (to - from < 3)
			return err_set(err, ERR_USAGE, "%s: a word of fewer than three characters would be found everywhere", where);
		res = add_word(r, p + from, to - from, CLASS_WORD, where, err);
		/* the gate knows it from the start, in every encoding */
		secret_remember(r, CLASS_WORD, p + from, to - from);
	}
	return res;
}

int redactor_pseudonymize(struct redactor *r, char *const *hosts, char *const *users, struct err *err)
{
	static const char *const addresses[] = { "\\b(?:[0-9]{1,3}\\.){3}[0-9]{1,3}\\b", "\\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\\b",
		"\\b(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\\b", "\\b(?:[0-9a-f]{1,4}:){1,6}:(?:[0-9a-f]{1,4}:){0,5}[0-9a-f]{1,4}\\b" };
	int res = 0;

	for (; hosts && *hosts && res == 0; hosts++)
		if (strlen(*hosts) >= 3 && strcmp(*hosts, "localhost") != 0)
			res = add_word(r, *hosts, strlen(*hosts), CLASS_HOST, "pseudonyms", err);
	for (; users && *users && res == 0; users++)
		if (strlen(*users) >= 3 && strcmp(*users, "root") != 0)
			res = add_word(r, *users, strlen(*users), CLASS_USER, "pseudonyms", err);
	for (size_t i = 0; i < ARRAY_LEN(addresses) && res == 0; i++)
		res = extra_add(extras(r), EXTRA_ADDRESS, addresses[i], HS_FLAG_CASELESS, CLASS_ADDRESS, "pseudonyms", err);
	return res;
}
