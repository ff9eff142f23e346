/* SPDX-License-Identifier: MIT */
/* Values that are secret because of the name before them, in every notation that text has. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/keyed.h"
#include "redact/value.h"

/* The whole name around a trigger; its kind is not asked yet. */
static bool key_around(struct finder *f, size_t end, struct key *ret)
{
	size_t to = end, from;

	while (to > f->lo && !char_is(f->p[to - 1], CHAR_ALNUM))
		to--;
	if (to <= f->key_done)
		return false;
	from = word_start(f, to, CHAR_NAME, 96);
	while (to < f->hi && to - from < 160 && char_is(f->p[to], CHAR_NAME))
		to++;
	while (to > from && !char_is(f->p[to - 1], CHAR_ALNUM) && f->p[to - 1] != '_')
		to--;
	f->key_done = to;
	*ret = (struct key){ .from = from, .to = to };
	while (ret->from < to && f->p[ret->from] == '-') {
		ret->option = true;
		ret->from++;
	}
	for (size_t i = from; i < to; i++)
		if (f->p[i] == 'R' && value_token(f->p + i, to - i))
			return false;
	return true;
}

/* The word that ends before `at`, over white space; its start and end. */
static bool word_before(const struct finder *f, size_t at, size_t lo, size_t *ret_from, size_t *ret_to)
{
	size_t to = at, from;

	while (to > lo && isspace((unsigned char)f->p[to - 1]))
		to--;
	for (from = to; from > lo && !isspace((unsigned char)f->p[from - 1]); from--)
		;
	*ret_from = from;
	*ret_to = to;
	return to > from;
}

/* machine X login Y password Z, on one line or on one each: the words of netrc stand before the key. */
static bool is_netrc(const struct finder *f, const struct key *k)
{
	size_t lo = k->from - f->lo > 300 ? k->from - 300 : f->lo, at = k->from, from, to;
	bool login = false;

	if (!(k->to - k->from == 8 && memcmp(f->p + k->from, "password", 8) == 0))
		return false;
	for (int i = 0; i < 6 && word_before(f, at, lo, &from, &to); i++) {
		size_t n = to - from;
		if (i % 2 && (n == 7) && (memcmp(f->p + from, "machine", 7) == 0 || memcmp(f->p + from, "default", 7) == 0))
			return true;
		if (login && n == 7 && memcmp(f->p + from, "default", 7) == 0)
			return true;
		login = i % 2 && n == 5 && memcmp(f->p + from, "login", 5) == 0;
		if (login && (from == f->lo || f->p[from - 1] == '\n'))
			return true;
		at = from;
	}
	return false;
}

/* arn:aws:secretsmanager:…:secret:NAME */
static bool in_arn(const struct finder *f, const struct key *k)
{
	size_t from = k->from;

	if (from <= f->lo || f->p[from - 1] != ':')
		return false;
	while (from > f->lo && k->from - from < 128 && !isspace((unsigned char)f->p[from - 1]) && f->p[from - 1] != '"')
		from--;
	return at_is(f, from, "arn:");
}

/* "public key: x", "peer key: x" */
static bool is_public(const struct finder *f, const struct key *k)
{
	size_t n = k->from - f->lo;

	return k->kind == KEY_WEAK && ((n >= 7 && strncasecmp(f->p + k->from - 7, "public ", 7) == 0) || (n >= 5 && strncasecmp(f->p + k->from - 5, "host ", 5) == 0));
}

/* -v /run/secrets:/x:ro */
static bool is_mount_option(const struct finder *f, size_t at)
{
	size_t n = at_is(f, at, "ro") || at_is(f, at, "rw") ? 2 : at_is(f, at, "z") ? 1 : 0;

	return n && (at + n >= f->hi || !char_is(f->p[at + n], CHAR_NAME));
}

/* key=value and its like. */
static void judge_separated(struct finder *f, const struct rule *rule, const struct key *k, size_t at, size_t after, size_t s, bool prose)
{
	char before = k->from > f->lo ? f->p[k->from - 1] : '\0', behind = after + s < f->hi ? f->p[after + s] : '\0';

	/* -v $PWD:/src; 'passwd:' in quotes of its own */
	if (f->p[after] == ':' && ((before == '$' && behind != ' ') || ((before == '\'' || before == '"') && at == k->to && behind == before)))
		return;
	/* ${PASSWORD:?it is missing}; --- PASS: TestX; -v /run/secrets:/run/secrets:ro */
	if (f->p[after] == ':' && ((before == '{' && (behind == '?' || behind == '+')) || (before == ' ' && k->from >= f->lo + 4 && at_is(f, k->from - 4, "--- ")) ||
		(before == '/' && (behind == '/' || is_mount_option(f, after + 1)))))
		return;
	if (f->p[after] == '%' && f->depth < DEPTH_MAX)
		return; /* percent-encoded: judged decoded */
	size_t value = keyed_skip_wrapping(f, keyed_skip_spaces(f, after + s));
	/* var_dump puts it on the next line */
	if (k->quoted && value < f->hi && f->p[value] == '\n' && f->p[after] == '=')
		value = keyed_skip_wrapping(f, keyed_skip_spaces(f, value + 1));
	/* "secret= next=1": empty */
	size_t word = value;
	while (word < f->hi && word - value < 64 && (char_is(f->p[word], CHAR_ALNUM) || f->p[word] == '_'))
		word++;
	if (value > after + s && f->p[after] == '=' && word > value && word < f->hi && f->p[word] == '=' && word + 1 < f->hi &&
		f->p[word + 1] != '=' && !char_is(f->p[word + 1], CHAR_SPACE))
		return;
	keyed_judge(f, rule, k, value, prose && !k->quoted);
}

/* define('DB_PASSWORD', 'x'): two of them, in parentheses */
static bool judge_define(struct finder *f, const struct rule *rule, const struct key *k, size_t after)
{
	_cleanup_value_ struct value v = { 0 };

	if (!k->quoted || (k->kind != KEY_STRONG && k->kind != KEY_MEDIUM) || after >= f->hi || f->p[after] != ',' || k->from < f->lo + 3)
		return false;
	if (f->p[k->from - (f->p[k->from - 2] == ' ' ? 3 : 2)] != '(')
		return false;
	size_t next = keyed_next_word(f, after);
	if (next && value_read(f, next, &v) && v.quoted && v.to + 2 < f->hi &&
		(f->p[v.to + 1] == ')' || (f->p[v.to + 1] == ' ' && f->p[v.to + 2] == ')')) &&
		value_is_secret(KEY_MEDIUM, PLACE_QUOTED, v.text.data, v.text.len))
		value_span(f, rule->class, &v);
	return true;
}

/* What manuals write for a value. */
static bool is_placeholder(const struct finder *f, size_t at)
{
	static const char *const words[] = { "PASSWORD", "PASS", "PASSPHRASE", "SECRET", "TOKEN", "KEY", "VALUE", "STRING", "TEXT", "string", "STR", "str", NULL };

	for (const char *const *w = words; *w; w++) {
		size_t n = strlen(*w);
		if (f->hi - at >= n && memcmp(f->p + at, *w, n) == 0 && (f->hi - at == n || !char_is(f->p[at + n], CHAR_NAME)))
			return true;
	}
	return false;
}

/* [" and (' and (b' */
static bool opens_list(const struct finder *f, size_t at)
{
	at -= at > f->lo && (f->p[at] == 'b' || f->p[at] == 'u') ? 1 : 0;
	return f->p[at] == '[' || f->p[at] == '(';
}

/* ["Authorization", "X-Api-Key"]: a list of names */
static bool names_next(const struct finder *f, size_t after)
{
	_cleanup_value_ struct value v = { 0 };
	size_t next = after < f->hi && f->p[after] == ',' ? keyed_next_word(f, after) : 0;

	return next && value_read(f, next, &v) && v.text.len < 40 && key_kind(v.text.data, v.text.len) != KEY_NONE && !memchr(v.text.data, ' ', v.text.len);
}

/* ["X-Api-Key", "x9"]: two of them, and the second is no name */
static bool is_pair(const struct finder *f, size_t after)
{
	_cleanup_value_ struct value v = { 0 };
	size_t next = after < f->hi && f->p[after] == ',' ? keyed_next_word(f, after) : 0;

	if (!next || !value_read(f, next, &v) || !v.quoted || key_kind(v.text.data, v.text.len) != KEY_NONE)
		return false;
	size_t at = v.to;
	while (at < f->hi && (f->p[at] == '\\' || f->p[at] == '"' || f->p[at] == '\'' || f->p[at] == ' '))
		at++;
	return at < f->hi && (f->p[at] == ']' || f->p[at] == ')') && value_is_distinct(v.text.data, v.text.len);
}

/* --password x, <string>--password</string> <string>x</string>, ["Authorization", "Bearer x"] */
static bool judge_listed(struct finder *f, const struct rule *rule, const struct key *k, size_t at, size_t after)
{
	/* a header by its dash; but not a list of names in a sentence */
	bool header = k->kind == KEY_HEADER || k->kind == KEY_COOKIE;
	bool pair = !header && (k->kind == KEY_STRONG || k->kind == KEY_MEDIUM) && is_pair(f, after);
	bool first = k->quoted && ((header && !names_next(f, after)) || pair) && after < f->hi && f->p[after] == ',' && k->from >= f->lo + 2 &&
		     f->p[k->from - 1] != '`' && opens_list(f, k->from - 2);
	size_t next = 0;

	if (!k->option && !first)
		return false;
	if (k->option && at_is(f, at, "</string>")) {
		for (next = at + 9; next < f->hi && isspace((unsigned char)f->p[next]);)
			next++;
		next = at_is(f, next, "<string>") ? next + 8 : 0;
	} else if (k->option && at > k->to && f->p[at - 1] == '`') {
		next = 0; /* `--password` of a sentence */
	} else if (!(k->option && at_is(f, k->from, "secret") && k->to - k->from == 6)) {
		next = keyed_next_word(f, at);
	}
	/* of /proc/PID/cmdline: to the next zero byte */
	if (next > at && k->option && f->p[at] == '\0') {
		const char *zero = memchr(f->p + next, '\0', f->hi - next);
		size_t to = zero ? (size_t)(zero - f->p) : f->hi;
		if (value_is_secret(k->kind, PLACE_FIELD, f->p + next, to - next))
			spans_add(f->out, next, to, rule->class, RANK_TEXT, f->p + next, to - next);
		return true;
	}
	/* usage: --password PASSWORD, --api-key string */
	if (next > at && k->option && is_placeholder(f, next))
		return true;
	if (next > at)
		keyed_judge(f, rule, k, next, false);
	return true;
}

/* Does a table's bar stand before, on this line? */
static bool is_cell(const struct finder *f, size_t at)
{
	while (at > f->lo && f->p[at - 1] == ' ')
		at--;
	return at > f->lo && f->p[at - 1] == '|';
}

/* A space, a line, or something of the notation's own stands between. */
static void judge_apart(struct finder *f, const struct rule *rule, const struct key *k, size_t at, size_t after)
{
	/* | password | x | */
	if (!k->quoted && after > at && after + 1 < f->hi && f->p[after] == '|' && f->p[after + 1] == ' ' && is_cell(f, k->from)) {
		keyed_judge(f, rule, k, keyed_skip_spaces(f, after + 1), k->kind != KEY_STRONG);
		return;
	}
	if ((k->kind != KEY_WEAK && keyed_judge_pair(f, rule, k)) || judge_define(f, rule, k, after) || judge_listed(f, rule, k, at, after))
		return;
	if (after < f->hi && (after > at || isspace((unsigned char)f->p[after])) && !k->quoted && is_netrc(f, k)) {
		while (after < f->hi && isspace((unsigned char)f->p[after]))
			after++;
		keyed_judge(f, rule, k, after, false);
		return;
	}
	/* proxy_set_header Authorization "Token x" */
	if (k->kind == KEY_HEADER && after > at && after < f->hi && f->p[after] == '"' && !k->quoted) {
		keyed_judge(f, rule, k, after, false);
		return;
	}
	/* SQL: PASSWORD 'x' */
	if (after > at && after < f->hi && f->p[after] == '\'' && k->kind == KEY_STRONG)
		keyed_judge(f, rule, k, after, false);
	else if (after > at && !k->quoted)
		extract_prose(f, rule, k->from, k->to, after, k->kind);
}

void extract_key(struct finder *f, const struct rule *rule, size_t end)
{
	struct key k;
	bool prose = false;

	if (!key_around(f, end, &k))
		return;
	size_t at = keyed_skip_closers(f, k.to, &k);
	/* most words are just words: a letter, or a space and no separator after it */
	bool element = keyed_is_element(f, k.from);
	if (!k.option && !k.quoted && !element && at < f->hi && f->p[at] == ' ' && at + 1 < f->hi && char_is(f->p[at + 1], CHAR_ALNUM) &&
		!is_netrc(f, &k)) {
		extract_prose(f, rule, k.from, k.to, at + 1, redactor_key_kind(f->r, f->p + k.from, k.to - k.from));
		return;
	}
	k.kind = redactor_key_kind(f->r, f->p + k.from, k.to - k.from);
	if (k.kind == KEY_NONE || is_public(f, &k) || in_arn(f, &k))
		return;
	if (keyed_judge_xml(f, rule, &k, at) || keyed_judge_call(f, rule, &k, at))
		return;
	/* {password,<<"x">>}: Erlang */
	if (!k.quoted && at_is(f, at, ",<<\"")) {
		keyed_judge(f, rule, &k, at + 3, false);
		return;
	}
	size_t after = keyed_skip_spaces(f, at), s = keyed_separator(f, after, &prose);
	if (s)
		judge_separated(f, rule, &k, at, after, s, prose);
	else
		judge_apart(f, rule, &k, at, after);
}

void extract_sql(struct finder *f, const struct rule *rule, size_t end)
{
	_cleanup_value_ struct value v = { 0 };
	size_t at = keyed_skip_spaces(f, end);

	if (at_is(f, at, "password "))
		at = keyed_skip_spaces(f, at + 9);
	/* IDENTIFIED WITH plugin BY 'x', or AS '*HASH' */
	for (size_t i = at; at_is(f, end - 4, "with") && i + 5 < f->hi && i - at < 80 && f->p[i] != '\n' && f->p[i] != ';'; i++)
		if (at_is(f, i, " by '") || at_is(f, i, " as '")) {
			at = i + 4;
			break;
		}
	if (at < f->hi && f->p[at] != '`' && value_read(f, at, &v) && v.quoted && !value_is_empty(v.text.data, v.text.len))
		value_span(f, rule->class, &v);
}
