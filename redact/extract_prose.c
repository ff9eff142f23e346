/* SPDX-License-Identifier: MIT */
/* A name and its value with nothing but a space, or words of a sentence, between them. */
#include <ctype.h>
#include <string.h>

#include "redact/find.h"
#include "redact/value.h"

static size_t skip_blank(const struct finder *f, size_t at)
{
	while (at < f->hi && (f->p[at] == ' ' || f->p[at] == '\t'))
		at++;
	return at;
}

static size_t word_end(const struct finder *f, size_t at)
{
	while (at < f->hi && !isspace((unsigned char)f->p[at]))
		at++;
	return at;
}

static bool word_is(const struct finder *f, size_t from, size_t to, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == to - from && strncasecmp(f->p + from, *list, to - from) == 0)
			return true;
	return false;
}

/* Made up by a person or a machine, where prose may stand: letters and digits or signs, and no path, number, version, address or id. */
static bool is_chosen(const char *s, size_t n)
{
	bool digit = false, letter = false, sign = false, colon = false;
	size_t dots = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		digit |= isdigit(c) != 0;
		letter |= isalpha(c) != 0;
		sign |= c && strchr("!#$%^&*+=?~", c) != NULL;
		colon |= c == ':';
		dots += c == '.';
	}
	/* src/app1.test.js */
	const char *slash = memchr(s, '/', n), *dot = mem_rchr(s, '.', n);
	if (slash && dot && dot > slash && s + n - dot <= 5)
		return false;
	return n >= 6 && s[0] != '(' && letter && (digit || sign) && !colon && dots < 3 && !value_is_path(s, n) && !value_is_number(s, n) &&
	       value_is_secret(KEY_MEDIUM, PLACE_PROSE, s, n);
}

/* k8s and the like call things so: app-db-7f9c4d */
static bool is_object_name(const char *s, size_t n)
{
	bool dash = false;

	for (size_t i = 0; i < n; i++) {
		if (!islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) && s[i] != '-' && s[i] != '.')
			return false;
		dash |= s[i] == '-';
	}
	return dash;
}

static bool take(struct finder *f, const struct rule *rule, size_t at, bool whatever)
{
	struct value v;
	bool ok = at < f->hi && value_read(f, at, &v);

	if (!ok)
		return false;
	/* the full stop of the sentence */
	while (!v.quoted && v.text.len > 1 && strchr(".,", v.text.data[v.text.len - 1])) {
		v.text.data[--v.text.len] = '\0';
		v.to--;
	}
	ok = whatever ? value_is_secret(KEY_STRONG, PLACE_FIELD, v.text.data, v.text.len) : is_chosen(v.text.data, v.text.len);
	if (ok)
		value_span(f, rule->class, &v);
	value_free(&v);
	return ok;
}

/* "password is X", "password for bob: X", "password set to X", "a password is generated for root@localhost: X" */
static bool take_sentence(struct finder *f, const struct rule *rule, size_t at)
{
	static const char *const verbs[] = { "is", "is:", "was", "was:", "to", "to:", "->", "=>", NULL };
	static const char *const fillers[] = { "set", "changed", "reset", "now", "generated", "is", "was", NULL };
	static const char *const of[] = { "for", "of", "is", "generated", "user", NULL };
	size_t from = at, to = word_end(f, from);
	bool named = false;

	for (int i = 0; i < 4 && word_is(f, from, to, fillers) && !word_is(f, from, to, verbs); i++) {
		from = skip_blank(f, to);
		to = word_end(f, from);
	}
	if (word_is(f, from, to, verbs) && take(f, rule, skip_blank(f, to), false))
		return true;
	/* … for NAME: X, to the end of the line */
	from = at;
	to = word_end(f, from);
	if (!word_is(f, from, to, of))
		return false;
	for (int i = 0; i < 7 && to > from && !named; i++) {
		named = f->p[to - 1] == ':';
		from = skip_blank(f, to);
		to = word_end(f, from);
	}
	size_t rest = skip_blank(f, to);
	if (!named || (rest < f->hi && f->p[rest] != '\n' && f->p[rest] != '\r'))
		return false;
	return take(f, rule, from, false);
}

/* The word before the name, on its line: ENV, setenv, set -gx. Empty: the name begins the line. */
static size_t word_before(const struct finder *f, size_t name, size_t *ret_from)
{
	size_t to = name, from;

	while (to > f->lo && (f->p[to - 1] == ' ' || f->p[to - 1] == '\t'))
		to--;
	for (from = to; from > f->lo && !isspace((unsigned char)f->p[from - 1]); from--)
		;
	*ret_from = from;
	return to;
}

/* "password X" as configuration has it: the name begins its line, or something sets it; X ends the line. */
static bool take_setting(struct finder *f, const struct rule *rule, size_t name, size_t at, bool strong)
{
	static const char *const setters[] = { "ENV", "setenv", "-gx", "-x", "-Ux", "-gxU", "config", "--plaintext", "--add", NULL };
	/* preseed: OWNER NAME TYPE VALUE; netrc's words on one line each have their own reader */
	size_t from, to = word_before(f, name, &from), end = word_end(f, at), rest = skip_blank(f, end);
	bool begins = from == to, ends = rest >= f->hi || f->p[rest] == '\n' || f->p[rest] == '\r';

	if (word_is(f, from, to, setters))
		return take(f, rule, at, true);
	if (!ends || end - at < 6)
		return false;
	/* Redis: CONFIG SET requirepass x */
	if (at_is(f, name, "requirepass") || at_is(f, name, "masterauth"))
		return take(f, rule, at, true);
	if (begins || (to > from && memchr(f->p + from, '/', to - from) && strong))
		return take(f, rule, at, false);
	return false;
}

bool extract_prose(struct finder *f, const struct rule *rule, size_t name, size_t name_end, size_t at, enum key_kind kind)
{
	static const char *const said[] = { "password", "passwd", "passphrase", "passcode", "token", "key", "pwd", "secret", NULL };
	static const char *const skipped[] = { "password", "string", "--plaintext", NULL };
	bool strong = kind == KEY_STRONG, pass = false;
	size_t word = name_end;

	if (kind != KEY_STRONG && kind != KEY_MEDIUM && kind != KEY_WEAK)
		return false;
	/* Vault's: Unseal Key 1: x */
	if (name - f->lo >= 7 && (at_is(f, name - 7, "unseal ") || (name - f->lo >= 9 && at_is(f, name - 9, "recovery ")))) {
		while (at < f->hi && (isdigit((unsigned char)f->p[at]) || f->p[at] == ':' || f->p[at] == ' '))
			at++;
		return take(f, rule, at, false);
	}
	while (word > name && isalnum((unsigned char)f->p[word - 1]))
		word--;
	/* of a password or a token no shape is an identifier's */
	pass = (name_end - word >= 6 && at_is(f, word, "passw")) || (name_end - word == 5 && at_is(f, word, "token"));
	if (word_is(f, word, name_end, said) && take_sentence(f, rule, at))
		return true;
	if (kind == KEY_WEAK)
		return false;
	/* password 'x' of a log, secret "base64==" of a configuration */
	if (at < f->hi && (f->p[at] == '"' || f->p[at] == '\'')) {
		struct value v;
		if (!value_read(f, at, &v))
			return false;
		bool ok = v.quoted && v.text.len >= 8 && is_chosen(v.text.data, v.text.len) &&
			  (pass || (!is_object_name(v.text.data, v.text.len) && !value_is_id(v.text.data, v.text.len)));
		if (ok)
			value_span(f, rule->class, &v);
		value_free(&v);
		return ok;
	}
	/* passwd/user-password password X: the type's word between */
	size_t end = word_end(f, at);
	if (strong && word_is(f, at, end, skipped))
		at = skip_blank(f, end);
	if (take_setting(f, rule, name, at, strong))
		return true;
	/* a name of several words, and what only a machine makes */
	if (!strong || word == name)
		return false;
	end = word_end(f, at);
	/* "token 3f2a…" without quotes may be any token of a parser */
	if (pass && !at_is(f, word, "token") && value_is_id(f->p + at, end - at))
		return take(f, rule, at, false);
	return value_is_random(f->p + at, end - at) && !value_is_id(f->p + at, end - at) && !is_object_name(f->p + at, end - at) && take(f, rule, at, false);
}
