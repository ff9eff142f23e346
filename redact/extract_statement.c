/* SPDX-License-Identifier: MIT */
/* Statements of SQL and of line protocols whose words are secret by their place. */
#include <ctype.h>
#include <string.h>

#include "redact/find.h"
#include "redact/value.h"

#define COLUMNS_MAX 64

static size_t skip_space(const struct finder *f, size_t at)
{
	while (at < f->hi && isspace((unsigned char)f->p[at]))
		at++;
	return at;
}

/* The kinds of the columns of "(a, b, c)" at `at`; past its end, 0 when it is no such list. */
static size_t read_columns(struct finder *f, size_t at, enum key_kind kinds[COLUMNS_MAX], size_t *ret_n)
{
	*ret_n = 0;
	if (at >= f->hi || f->p[at] != '(')
		return 0;
	for (at++; *ret_n < COLUMNS_MAX; at++) {
		at = skip_space(f, at);
		size_t from = at;
		while (at < f->hi && (char_is(f->p[at], CHAR_NAME) || f->p[at] == '`' || f->p[at] == '"' || f->p[at] == '[' || f->p[at] == ']' ||
			f->p[at] == '\\'))
			at++;
		if (at == from)
			return 0;
		kinds[(*ret_n)++] = redactor_key_kind(f->r, f->p + from, at - from);
		at = skip_space(f, at);
		if (at < f->hi && f->p[at] == ')')
			return at + 1;
		if (at >= f->hi || f->p[at] != ',')
			return 0;
	}
	return 0;
}

/* One row: the values of secret columns go. Past its end, 0 when it was not understood. */
static size_t read_row(struct finder *f, const struct rule *rule, size_t at, const enum key_kind *kinds, size_t n)
{
	for (size_t i = 0; at < f->hi; i++) {
		_cleanup_value_ struct value v = { 0 };
		at = skip_space(f, at);
		if (value_read(f, at, &v) && v.quoted) {
			if (i < n && (kinds[i] == KEY_STRONG || kinds[i] == KEY_MEDIUM) && value_is_secret(kinds[i], PLACE_QUOTED, v.text.data, v.text.len))
				value_span(f, rule->class, &v);
			for (at = v.to; at < f->hi && (f->p[at] == '\\' || f->p[at] == '\'' || f->p[at] == '"'); at++)
				;
		}
		/* a number, NULL, or a call with its own parentheses */
		for (int depth = 0; at < f->hi && (depth || (f->p[at] != ',' && f->p[at] != ')')); at++) {
			depth += (f->p[at] == '(') - (f->p[at] == ')');
			if (f->p[at] == ';')
				return 0;
		}
		if (at < f->hi && f->p[at] == ')')
			return at + 1;
		at++;
	}
	return 0;
}

/* INSERT INTO t (a, password) VALUES (1, 'x'), (2, 'y') */
void extract_insert(struct finder *f, const struct rule *rule, size_t end)
{
	enum key_kind kinds[COLUMNS_MAX];
	size_t at = skip_space(f, end), n;
	bool secret = false;

	while (at < f->hi && f->p[at] != '(' && f->p[at] != ';' && f->p[at] != '\n')
		at++;
	at = read_columns(f, at, kinds, &n);
	for (size_t i = 0; at && i < n; i++)
		secret |= kinds[i] == KEY_STRONG || kinds[i] == KEY_MEDIUM;
	at = secret ? skip_space(f, at) : 0;
	if (!at || !at_is(f, at, "values"))
		return;
	for (at = skip_space(f, at + 6); at && at < f->hi && f->p[at] == '(';) {
		at = read_row(f, rule, at + 1, kinds, n);
		at = at ? skip_space(f, at) : 0;
		if (!at || at >= f->hi || f->p[at] != ',')
			return;
		at = skip_space(f, at + 1);
	}
}

/* Letters and a digit or a sign, and not the name of a mechanism as CRAM-MD5 is. */
static bool is_chosen(const char *s, size_t n)
{
	bool lower = false, odd = false;

	for (size_t i = 0; i < n; i++) {
		lower |= islower((unsigned char)s[i]) != 0;
		odd |= !isalpha((unsigned char)s[i]) && s[i] != '.' && s[i] != '-';
	}
	return n >= 6 && lower && odd && value_is_secret(KEY_MEDIUM, PLACE_PROSE, s, n);
}

/* What stands before the verb on its line: nothing, a tag, "C:", ">", a monitor's time. */
static bool begins_line(const struct finder *f, size_t at)
{
	size_t from = at, spaces = 0;

	while (from > f->lo && f->p[from - 1] != '\n')
		spaces += f->p[--from] == ' ';
	const char *p = f->p + from;
	if (from == at)
		return true;
	if (isdigit((unsigned char)*p) && memchr(p, ']', at - from))
		return true;
	return spaces <= 1 && at - from <= 12;
}

static void take_answer(struct finder *f, const struct rule *rule, size_t at)
{
	const char *nl = memchr(f->p + at, '\n', f->hi - at), *end = nl ? memchr(nl + 1, '\n', (size_t)(f->p + f->hi - nl) - 1) : NULL;
	size_t to = end ? (size_t)(end - f->p) : f->hi, from;

	if (!nl || (size_t)(nl - f->p) > at + 2)
		return;
	while (to > at && isspace((unsigned char)f->p[to - 1]))
		to--;
	for (from = to; from > at && !isspace((unsigned char)f->p[from - 1]); from--)
		;
	if (to - from >= 4 && !value_is_empty(f->p + from, to - from) && f->p + from > nl)
		spans_add(f->out, from, to, rule->class, RANK_TEXT, f->p + from, to - from);
}

/* AUTH x, AUTH user x, tag LOGIN user x, PASS x: the last word of the line. */
void extract_statement(struct finder *f, const struct rule *rule, size_t end)
{
	/* SMTP asks "Password:" in base64; the answer is the next line */
	if (at_is(f, end - strlen(rule->trigger), "UGFzc3dvcmQ6")) {
		take_answer(f, rule, end);
		return;
	}
	size_t verb = end - strlen(rule->trigger), at = end, words = 0;
	bool login = at_is(f, verb, " LOGIN"), pass = at_is(f, verb, "PASS ");
	struct value v = { 0 };

	/* "PASS src/a1.test.js" of a test; the line's own first word is a setting's name */
	if (pass && (verb == f->lo || f->p[verb - 1] != ' '))
		return;
	if (!begins_line(f, login ? verb + 1 : verb) || (!login && verb > f->lo && char_is(f->p[verb - 1], CHAR_NAME)))
		return;
	for (; words <= 3; words++) {
		struct value next;
		while (at < f->hi && f->p[at] == ' ')
			at++;
		if (at >= f->hi || f->p[at] == '\n' || f->p[at] == '\r' || !value_read(f, at, &next))
			break;
		value_free(&v);
		v = next;
		at = v.to + (v.quoted ? 1 : 0);
	}
	bool fits = login ? words == 2 : pass ? words == 1 : words == 1 || words == 2;
	if (fits && is_chosen(v.text.data, v.text.len))
		value_span(f, rule->class, &v);
	value_free(&v);
}

/* expect: what is sent behind a prompt for a password, or what only a machine makes. */
void extract_send(struct finder *f, const struct rule *rule, size_t end)
{
	size_t lo = end - f->lo > 240 ? end - 240 : f->lo, at = end;
	struct value v;

	while (at < f->hi && (f->p[at] == ' ' || f->p[at] == '-'))
		at++;
	if (at >= f->hi || f->p[at] != '"' || !value_read(f, at, &v))
		return;
	const char *prompt = memmem(f->p + lo, end - lo, "assword", 7), *other = prompt ? memmem(prompt, (size_t)(f->p + end - prompt), "send", 4) : NULL;
	bool asked = prompt && other && other + 5 >= f->p + end - strlen(rule->trigger);
	/* \r is the key that was pressed */
	while (v.text.len && v.to >= v.from + 2 && f->p[v.to - 2] == '\\' && (f->p[v.to - 1] == 'r' || f->p[v.to - 1] == 'n')) {
		v.to -= 2;
		v.text.data[--v.text.len] = '\0';
	}
	if (v.quoted && v.to > v.from && f->p[v.from] != '$' &&
		(asked ? value_is_secret(KEY_STRONG, PLACE_QUOTED, v.text.data, v.text.len) :
			(value_is_random(v.text.data, v.text.len) && !value_is_empty(v.text.data, v.text.len))))
		value_span(f, rule->class, &v);
	value_free(&v);
}

/* Bundler: BUNDLE_GEMS__EXAMPLE__COM=user:password */
void extract_bundle(struct finder *f, const struct rule *rule, size_t end)
{
	size_t at = end;
	struct value v;

	while (at < f->hi && char_is(f->p[at], CHAR_NAME))
		at++;
	if (!memmem(f->p + end, at - end, "__", 2))
		return;
	while (at < f->hi && f->p[at] && strchr("\":= ", f->p[at]))
		at++;
	at -= f->p[at - 1] == '"';
	if (!value_read(f, at, &v))
		return;
	const char *colon = memchr(f->p + v.from, ':', v.to - v.from);
	size_t from = colon ? (size_t)(colon + 1 - f->p) : v.to;
	if (v.to - from >= 4 && f->p[from] != '/' && !value_is_empty(f->p + from, v.to - from) && !memchr(f->p + v.from, ' ', v.to - v.from))
		spans_add(f->out, from, v.to, rule->class, RANK_TEXT, f->p + from, v.to - from);
	value_free(&v);
}
