/* SPDX-License-Identifier: MIT */
/* JSON by meaning: the key decides, then the text stage looks at every string. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/argv.h"
#include "redact/find.h"
#include "redact/json.h"
#include "redact/keyname.h"
#include "redact/value.h"

#define NESTING_MAX 200

struct walk {
	struct json_scan scan;
	struct redactor *r;
	struct spans *out;
	enum payload_class class;
	int depth;
	struct hits hits; /* triggers in the whole of it: strings without one need no closer look */
};

/* What is known of a value from what is around it. */
struct place {
	const char *key; /* of the member, or of the array the value is in; NULL at the top */
	size_t key_len;
	bool all;	/* everything in here is secret: HttpHeaders, plugins, a Secret's data */
	unsigned level;
	struct argv_state *argv; /* in an array */
	enum key_kind before; /* in an array: the element before names a header */
};

static bool key_is(const struct place *pl, const char *s)
{
	return pl->key && strlen(s) == pl->key_len && strncasecmp(pl->key, s, pl->key_len) == 0;
}

static void add_string(struct walk *w, const struct decoded *s, size_t from, size_t to, enum secret_class class)
{
	if (!value_is_empty(s->data + from, to - from))
		spans_add(w->out, decoded_origin(s, from), decoded_origin(s, to), class, RANK_STRUCTURE, s->data + from, to - from);
}

/* Is there nothing in this string that the text stage would look at? */
static bool is_plain(const struct walk *w, const struct decoded *s)
{
	size_t lo = 0, hi = w->hits.n;
	_cleanup_spans_ struct spans runs = { 0 };
	struct finder f = { .r = w->r, .p = w->scan.p, .n = s->to, .depth = w->depth, .out = &runs };

	if (s->origin || w->r->extra || (s->len && (s->data[0] == '{' || s->data[0] == '[')))
		return false;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (w->hits.v[mid].end <= s->from)
			lo = mid + 1;
		else
			hi = mid;
	}
	/* a trigger may take the closing quote along */
	if (lo < w->hits.n && w->hits.v[lo].end <= s->to + 2)
		return false;
	if (s->len < 24)
		return true;
	find_runs(&f, s->from, s->to, 0);
	return runs.n == 0;
}

/* Text, or JSON again. */
static void look_inside(struct walk *w, const struct decoded *s, struct argv_state *argv)
{
	_cleanup_spans_ struct spans found = { 0 };
	const char *p = s->data;
	size_t n = s->len;

	if (!argv && is_plain(w, s))
		return;
	if (n > 2 && (p[0] == '{' || p[0] == '[') && w->depth < DEPTH_MAX) {
		if (find_json(w->r, p, n, w->depth + 1, PAYLOAD_JSON, &found) == 0) {
			spans_merge(&found);
			decoded_spans(s, &found, w->out);
			return;
		}
		spans_clear(&found);
	}
	if (argv)
		argv_word(w->r, argv, p ? p : "", n, w->depth, &found);
	else
		find_text(w->r, p, n, w->depth, &found);
	spans_merge(&found);
	decoded_spans(s, &found, w->out);
}

/* "Basic x": the scheme stays. */
static void header_value(struct walk *w, const struct decoded *s)
{
	size_t from = 0;

	while (from < s->len && (isalnum((unsigned char)s->data[from]) || s->data[from] == '-'))
		from++;
	if (from == s->len || s->data[from] != ' ' || from > 24)
		from = 0;
	while (from < s->len && s->data[from] == ' ')
		from++;
	add_string(w, s, from, s->len, CLASS_HTTP);
}

static bool is_auth_key(const struct place *pl)
{
	return key_is(pl, "auth") || key_is(pl, "password") || key_is(pl, "identitytoken") || key_is(pl, "registrytoken");
}

static void string_value(struct walk *w, const struct place *pl, const struct decoded *s)
{
	enum key_kind kind = pl->key ? redactor_key_kind(w->r, pl->key, pl->key_len) : KEY_NONE;

	if (pl->all || (w->class == PAYLOAD_AUTH && is_auth_key(pl))) {
		add_string(w, s, 0, s->len, key_is(pl, "auth") ? CLASS_REGISTRY_AUTH : CLASS_REGISTRY_TOKEN);
		return;
	}
	if (pl->before != KEY_NONE)
		kind = pl->before;
	if (kind == KEY_HEADER) {
		header_value(w, s);
		return;
	}
	if (kind == KEY_COOKIE) {
		if (memchr(s->data, '=', s->len))
			add_string(w, s, 0, s->len, CLASS_COOKIE);
		return;
	}
	/* a sentence under a key "error" of an array "tokens" is none; JSON inside is judged by its own keys */
	bool json = s->len > 2 && (s->data[0] == '{' || s->data[0] == '[');
	if (!json && value_is_secret(kind, PLACE_FIELD, s->data, s->len)) {
		add_string(w, s, 0, s->len, key_is(pl, "auth") ? CLASS_REGISTRY_AUTH : CLASS_KEYED);
		return;
	}
	look_inside(w, s, pl->argv);
}

static bool value(struct walk *w, const struct place *pl);

/* A member whose value may be judged only when the whole object was seen. */
struct late {
	struct json_scan value; /* where it begins */
	bool seen, sensitive;
};

static bool is_pair_name(const struct place *pl)
{
	return key_is(pl, "name") || key_is(pl, "key") || key_is(pl, "header");
}

static void object_end(struct walk *w, const struct place *pl, enum key_kind named, const char *name, const struct late *v,
	bool is_secret, const struct late data[2])
{
	struct json_scan here = w->scan;

	/* {"name":"DB_PASSWORD","value":"x"}, in either order */
	if (v->seen && named != KEY_NONE) {
		struct place as = { .key = name, .key_len = strlen(name), .level = pl->level + 1 };
		w->scan = v->value;
		value(w, &as);
	}
	struct place all = { .all = true, .level = pl->level + 1 };
	if (v->seen && v->sensitive) {
		w->scan = v->value;
		value(w, &all);
	}
	for (int i = 0; is_secret && i < 2; i++) {
		w->scan = data[i].value;
		if (data[i].seen)
			value(w, &all);
	}
	w->scan = here;
}

static bool object(struct walk *w, const struct place *pl)
{
	enum key_kind named = KEY_NONE;
	char name[160] = "";
	struct late pair = { 0 }, data[2] = { 0 };
	bool is_secret = false, auths = false;

	w->scan.at++;
	json_skip_space(&w->scan);
	for (bool first = true;; first = false) {
		_cleanup_decoded_ struct decoded key = { 0 };
		struct json_scan *s = &w->scan;

		if (s->at < s->n && s->p[s->at] == '}' && first)
			break;
		if (s->at >= s->n || s->p[s->at] != '"' || !json_read_string(s, &key))
			return false;
		if (key.len >= 8)
			look_inside(w, &key, NULL);
		json_skip_space(s);
		if (s->at >= s->n || s->p[s->at++] != ':')
			return false;
		json_skip_space(s);
		struct place member = { .key = key.data, .key_len = key.len, .all = pl->all, .level = pl->level + 1 };
		struct json_scan begin = *s;
		auths |= w->class == PAYLOAD_AUTH || key_is(&member, "auths");
		if (key_is(&member, "httpheaders") || (auths && key_is(&member, "plugins")))
			member.all = true;
		/* Composer's auth.json: a token for each host */
		if (key_is(&member, "github-oauth") || key_is(&member, "gitlab-oauth") || key_is(&member, "gitlab-token"))
			member.all = true;
		/* {"password": {"value": "x"}} */
		if ((key_is(&member, "value") || key_is(&member, "plaintext")) && pl->key && redactor_key_kind(w->r, pl->key, pl->key_len) == KEY_STRONG)
			member.before = KEY_STRONG;
		if (key_is(&member, "value") || key_is(&member, "val"))
			pair = (struct late){ begin, true, pair.sensitive };
		/* Terraform's state says so */
		if (key_is(&member, "sensitive") && s->n - s->at >= 4 && memcmp(s->p + s->at, "true", 4) == 0)
			pair.sensitive = true;
		if (key_is(&member, "data") || key_is(&member, "stringdata"))
			data[tolower((unsigned char)member.key[0]) == 's'] = (struct late){ begin, s->at < s->n && s->p[s->at] == '{', false };
		if (!value(w, &member))
			return false;
		if (s->p[begin.at] == '"' && (is_pair_name(&member) || key_is(&member, "kind"))) {
			size_t n = s->at - begin.at - 2;
			if (key_is(&member, "kind"))
				is_secret = n == 6 && memcmp(s->p + begin.at + 1, "Secret", 6) == 0;
			else if (n < sizeof(name)) {
				memcpy(name, s->p + begin.at + 1, n);
				name[n] = '\0';
				named = redactor_key_kind(w->r, name, n);
			}
		}
		json_skip_space(s);
		if (s->at < s->n && s->p[s->at] == ',') {
			s->at++;
			json_skip_space(s);
			continue;
		}
		break;
	}
	if (w->scan.at >= w->scan.n || w->scan.p[w->scan.at] != '}')
		return false;
	w->scan.at++;
	object_end(w, pl, named, name, &pair, is_secret, data);
	return true;
}

/* [112,97,115,115]: text as bytes. Goes back and returns false when it is something else. */
static bool byte_array(struct walk *w, const struct place *pl)
{
	struct json_scan at = w->scan;
	struct decoded s = { 0 };
	size_t cap = 0;
	size_t *ends = NULL;

	for (at.at++;;) {
		size_t from, to;
		unsigned v = 0;
		json_skip_space(&at);
		if (!json_read_scalar(&at, &from, &to) || to - from > 3 || !isdigit((unsigned char)at.p[from]))
			break;
		for (size_t i = from; i < to; i++)
			v = v * 10 + (unsigned)(at.p[i] - '0');
		if (v > 255)
			break;
		if (s.text.len == cap)
			ends = mem_array(ends, cap = cap ? cap * 2 : 64, sizeof(*ends));
		ends[s.text.len] = to;
		decoded_add(&s, &(char){ (char)v }, 1, from);
		json_skip_space(&at);
		if (at.at < at.n && at.p[at.at] == ',') {
			at.at++;
			continue;
		}
		break;
	}
	bool is = s.text.len >= 4 && at.at < at.n && at.p[at.at] == ']';
	if (is) {
		_cleanup_spans_ struct spans found = { 0 };
		enum key_kind kind = pl->key ? redactor_key_kind(w->r, pl->key, pl->key_len) : KEY_NONE;
		if (value_is_secret(kind, PLACE_FIELD, s.text.data, s.text.len))
			spans_add(&found, 0, s.text.len, CLASS_KEYED, RANK_STRUCTURE, s.text.data, s.text.len);
		else
			find_text(w->r, s.text.data, s.text.len, w->depth + 1, &found);
		spans_merge(&found);
		for (size_t i = 0; i < found.n; i++) {
			const struct span *f = &found.v[i];
			if (f->to == f->from)
				continue;
			struct span *m = spans_add(w->out, s.origin[f->from], ends[f->to - 1], f->class, RANK_STRUCTURE,
				f->value_len ? found.values.data + f->value : NULL, f->value_len);
			m->open = OPEN_BYTES;
		}
		at.at++;
		w->scan = at;
	}
	free(ends);
	decoded_free(&s);
	return is;
}

/* The element behind this one, when it is a string; at moves behind it. */
static bool next_string(struct json_scan *at, struct decoded *ret)
{
	json_skip_space(at);
	if (at->at >= at->n || at->p[at->at++] != ',')
		return false;
	json_skip_space(at);
	return at->at < at->n && at->p[at->at] == '"' && json_read_string(at, ret);
}

/* Is the next element a name, too? ["Authorization", "X-Api-Key"] is a list of them. */
static bool is_name(const struct walk *w, const struct json_scan *s)
{
	struct json_scan at = *s;
	_cleanup_decoded_ struct decoded next = { 0 };

	return next_string(&at, &next) && next.len < 40 && redactor_key_kind(w->r, next.data, next.len) != KEY_NONE;
}

/* Two strings and no more: what a list of headers has for each. */
static bool is_pair(const struct json_scan *s)
{
	struct json_scan at = *s;
	_cleanup_decoded_ struct decoded next = { 0 };

	if (!next_string(&at, &next))
		return false;
	json_skip_space(&at);
	return at.at < at.n && at.p[at.at] == ']' && value_is_distinct(next.data, next.len);
}

static bool array(struct walk *w, const struct place *pl)
{
	struct argv_state argv = { 0 };
	struct place element = { .key = pl->key, .key_len = pl->key_len, .all = pl->all, .level = pl->level + 1, .argv = &argv };
	struct json_scan *s = &w->scan;

	if (byte_array(w, pl))
		return true;
	s->at++;
	json_skip_space(s);
	if (s->at < s->n && s->p[s->at] == ']') {
		s->at++;
		return true;
	}
	for (bool first = true;; first = false) {
		size_t begin = s->at;
		if (!value(w, &element))
			return false;
		/* ["Authorization", "Bearer x"] */
		element.before = KEY_NONE;
		if (s->p[begin] == '"' && s->at - begin > 4 && s->at - begin < 40) {
			enum key_kind k = redactor_key_kind(w->r, s->p + begin + 1, s->at - begin - 2);
			bool header = first && (k == KEY_STRONG || k == KEY_MEDIUM) && !memchr(s->p + begin, '=', s->at - begin) && is_pair(s);
			if (s->p[begin + 1] != '-' && (k == KEY_HEADER || k == KEY_COOKIE || header) && !is_name(w, s))
				element.before = k;
		}
		json_skip_space(s);
		if (s->at >= s->n)
			return false;
		char c = s->p[s->at++];
		if (c == ']')
			return true;
		if (c != ',')
			return false;
		json_skip_space(s);
	}
}

static bool value(struct walk *w, const struct place *pl)
{
	struct json_scan *s = &w->scan;
	size_t from, to;

	if (s->at >= s->n || pl->level > NESTING_MAX)
		return false;
	if (s->p[s->at] == '{')
		return object(w, pl);
	if (s->p[s->at] == '[')
		return array(w, pl);
	if (s->p[s->at] == '"') {
		_cleanup_decoded_ struct decoded str = { 0 };
		if (!json_read_string(s, &str))
			return false;
		if (str.len)
			string_value(w, pl, &str);
		else if (pl->argv)
			pl->argv->next = NEXT_ANY;
		return true;
	}
	if (!json_read_scalar(s, &from, &to))
		return false;
	enum key_kind kind = pl->key ? redactor_key_kind(w->r, pl->key, pl->key_len) : KEY_NONE;
	if (isdigit((unsigned char)s->p[from]) && to - from >= 4 && (pl->all || kind == KEY_STRONG)) {
		struct span *sp = spans_add(w->out, from, to, CLASS_KEYED, RANK_STRUCTURE, s->p + from, to - from);
		sp->open = OPEN_QUOTED;
	}
	return true;
}

int find_json(struct redactor *r, const char *p, size_t n, int depth, enum payload_class class, struct spans *out)
{
	struct walk w = { .scan = { .p = p, .n = n }, .r = r, .out = out, .class = class, .depth = depth };
	struct place top = { 0 };
	bool whole = true;

	scan_bytes(r->scanner, p, n, &w.hits);
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		w.scan.at = 3;
	json_skip_space(&w.scan);
	do {
		whole = value(&w, &top);
		json_skip_space(&w.scan);
		/* several documents one after the other: what `podman events` and others print */
	} while (whole && w.scan.at < n && class != PAYLOAD_AUTH && (p[w.scan.at] == '{' || p[w.scan.at] == '['));
	/* the members of a key are known by their neighbour, not by their names */
	struct finder f = { .r = r, .p = p, .n = n, .depth = depth, .out = out };
	for (size_t i = 0; i < w.hits.n; i++)
		if (rules[w.hits.v[i].rule].kind == RULE_JWK)
			find_hit(&f, &rules[w.hits.v[i].rule], (size_t)w.hits.v[i].end);
	hits_free(&w.hits);
	return whole && w.scan.at == n ? 0 : -1;
}
