/* SPDX-License-Identifier: MIT */
/* Private keys in armour: PEM, OpenSSH, PGP, minisign. */
#include <ctype.h>
#include <string.h>

#include "redact/find.h"
#include "redact/value.h"

static bool is_armour_char(unsigned char c)
{
	return isalnum(c) || c == '+' || c == '/' || c == '=';
}

/* "-----BEGIN EC PRIVATE KEY-----", "…PRIVATE KEY BLOCK-----": where the line of it ends; 0 if it is none. */
static size_t begin_end(const struct finder *f, size_t at)
{
	size_t label = at, stop = f->hi - at > 64 ? at + 64 : f->hi;

	while (at < stop && (isupper((unsigned char)f->p[at]) || isdigit((unsigned char)f->p[at]) || f->p[at] == ' '))
		at++;
	/* OpenVPN's tls-auth key, the only label in small letters */
	if (at_is(f, label, "OpenVPN Static key V1-----"))
		return label + 26;
	if (f->hi - at < 5 || memcmp(f->p + at, "-----", 5) != 0)
		return 0;
	return memmem(f->p + label, at - label, "PRIVATE KEY", 11) || memmem(f->p + label, at - label, "SECRET KEY", 10) ? at + 5 : 0;
}

/* A line feed written out in so many backslashes: \n, \\n, \r\n, %0A, &#10;; its length. */
static size_t written_break(const char *p, size_t n)
{
	static const char *const entities[] = { "&#10;", "&#13;", "&#xA;", "&#xD;", NULL };
	size_t k = 0;

	for (const char *const *e = entities; n && p[0] == '&' && *e; e++)
		if (n >= strlen(*e) && strncasecmp(p, *e, strlen(*e)) == 0)
			return strlen(*e);
	if (n >= 3 && p[0] == '%' && p[1] == '0' && (p[2] == 'A' || p[2] == 'a' || p[2] == 'D' || p[2] == 'd'))
		return 3;
	while (k < n && k < 8 && p[k] == '\\')
		k++;
	return k && k < n && (p[k] == 'n' || p[k] == 'r') ? k + 1 : 0;
}

/* All on one line. Returns its end; the base64 goes to body. */
static size_t one_line(const struct finder *f, size_t at, struct buf *body)
{
	while (at < f->hi) {
		const char *p = f->p + at;
		size_t n = f->hi - at, k;

		if (n >= 9 && memcmp(p, "-----END ", 9) == 0) {
			const char *dashes = memmem(p + 9, n - 9 > 60 ? 60 : n - 9, "-----", 5);
			return dashes ? (size_t)(dashes + 5 - f->p) : at + 9;
		}
		if (is_armour_char((unsigned char)*p)) {
			buf_addc(body, *p);
			at++;
		} else if ((k = written_break(p, n)) || (k = ansi_length(p, n))) {
			at += k;
		} else if (*p == ' ' || *p == ',' || *p == ':' || *p == '-') {
			/* Proc-Type: 4,ENCRYPTED; a key whose line feeds became spaces. But not the text after it. */
			if (*p == ' ' && body->len > 64 && !memmem(p, n > 4096 ? 4096 : n, "-----END ", 9))
				return at;
			at++;
		} else {
			return at;
		}
	}
	return at;
}

/* The word of base64 that a line ends in, quotes and commas after it left out; false when it has none. */
static bool line_body(const struct finder *f, size_t from, size_t end, size_t *ret_from, size_t *ret_to)
{
	size_t k = ansi_before(f, end);
	end -= k <= end - from ? k : 0;
	while (end > from && (isspace((unsigned char)f->p[end - 1]) || strchr("\"',;+\\", f->p[end - 1])))
		end--;
	if (end > from && f->p[end - 1] == 'n' && end - 1 > from && f->p[end - 2] == '\\')
		end -= 2; /* "…\n" + */
	size_t at = end;
	while (at > from && is_armour_char((unsigned char)f->p[at - 1]))
		at--;
	/* ESC[31m: the end of a colour looks like armour */
	size_t colour = at;
	while (at > from && f->p[at - 1] == '[' && colour < end && isdigit((unsigned char)f->p[colour]))
		colour++;
	if (colour > at && colour < end && f->p[colour] == 'm')
		at = colour + 1;
	*ret_from = at;
	*ret_to = end;
	return end > at;
}

/* {"log":"…\n","time":…}: the word stands where BEGIN did, behind the same, and closes as a string does. */
static bool line_in_place(const struct finder *f, size_t at, size_t end, size_t begin, size_t prefix, size_t *ret_from, size_t *ret_to)
{
	size_t from = at + prefix, to = from;

	if (!prefix || from >= end || f->p[begin - 1] != '"' || memcmp(f->p + at, f->p + begin - prefix, prefix) != 0)
		return false;
	while (to < end && is_armour_char((unsigned char)f->p[to]))
		to++;
	if (to == from || to >= end || (f->p[to] != '\\' && f->p[to] != '"'))
		return false;
	*ret_from = from;
	*ret_to = to;
	return true;
}

/* Line by line, so that a log keeps its lines and what stands before the key in each. */
static void many_lines(struct finder *f, const struct rule *rule, size_t begin, size_t first_end)
{
	struct buf body = { 0 };
	size_t first = f->out->n, at = first_end, prefix = begin;
	const char *marker = memmem(f->p + at, f->hi - at, "-----END ", 9);
	size_t end = marker ? (size_t)(marker - f->p) : f->hi;
	bool open = !marker && f->hi < f->n;

	while (prefix > f->lo && f->p[prefix - 1] != '\n')
		prefix--;
	prefix = begin - prefix;
	spans_add(f->out, begin, first_end, rule->class, RANK_TEXT, NULL, 0);
	const char *nl = memchr(f->p + at, '\n', f->hi - at);
	at = nl ? (size_t)(nl - f->p) + 1 : f->hi;
	while (at < end) {
		size_t from, to;
		nl = memchr(f->p + at, '\n', f->hi - at);
		size_t line = nl ? (size_t)(nl - f->p) : f->hi;
		if (marker && line > end)
			break;
		if (value_token(f->p + (at + prefix < line ? at + prefix : at), line - (at + prefix < line ? at + prefix : at))) {
			at = line + 1;
			continue;
		}
		bool some = line_in_place(f, at, line, begin, prefix, &from, &to) || line_body(f, at, line, &from, &to);
		/* a short word ends the key when END says so, or nothing stands before it */
		bool whole = some && (from - at <= prefix + 4 || isspace((unsigned char)f->p[from - 1]) || f->p[from - 1] == '"' || f->p[from - 1] == '\'');
		/* PGP's checksum: =aBcD */
		bool sum = some && to - from == 5 && f->p[from] == '=';
		if (some && whole && (to - from >= 16 || marker || sum)) {
			if (marker || to - from <= 128 || prefix == 0) {
				buf_add(&body, f->p + from, to - from);
				spans_add(f->out, from, to, rule->class, RANK_TEXT, NULL, 0);
			}
		} else if (!marker && at < line && !memchr(f->p + at, ':', line - at)) {
			open = false;
			break;
		}
		at = line + 1;
	}
	/* "-----BEGIN PRIVATE KEY-----" of a message, which goes on behind it: no key follows */
	size_t rest = first_end;
	while (rest < f->hi && (f->p[rest] == '\r' || f->p[rest] == ' ' || ansi_length(f->p + rest, f->hi - rest)))
		rest += ansi_length(f->p + rest, f->hi - rest) ? ansi_length(f->p + rest, f->hi - rest) : 1;
	if (!body.len && !open && f->out->n == first + 1 && rest < f->hi && f->p[rest] != '\n') {
		f->out->n = first;
		return;
	}
	if (marker) {
		const char *dashes = memmem(marker + 9, (size_t)(f->p + f->hi - marker) - 9, "-----", 5);
		size_t to = dashes ? (size_t)(dashes + 5 - f->p) : end + 9;
		if (to - end < 80)
			spans_add(f->out, end, to, rule->class, RANK_TEXT, NULL, 0);
	}
	/* one key, one token: every line's is made from the whole of it */
	for (size_t i = first, n = f->out->n; i < n; i++) {
		struct span s = f->out->v[i];
		struct span *again = spans_add(f->out, s.from, s.to, rule->class, RANK_TEXT, body.data, body.len);
		again->open = OPEN_NO;
		f->out->v[i] = *again;
		f->out->n--;
	}
	if (open && f->out->n > first)
		f->out->v[f->out->n - 1].open = OPEN_PEM;
	buf_wipe(&body);
}

void extract_pem(struct finder *f, const struct rule *rule, size_t end)
{
	size_t begin = end - strlen(rule->trigger), at = begin_end(f, end);

	if (!at)
		return;
	size_t next = at;
	while (next < f->hi && (f->p[next] == '\r' || f->p[next] == ' ' || f->p[next] == '\t' || ansi_length(f->p + next, f->hi - next)))
		next += ansi_length(f->p + next, f->hi - next) ? ansi_length(f->p + next, f->hi - next) : 1;
	/* "BEGIN…\n" + in source code is a line of many */
	size_t written = next < f->hi ? written_break(f->p + next, f->hi - next) : 0;
	bool quoted_line = written && next + written + 1 < f->hi &&
			   (f->p[next + written] == '"' || (f->p[next + written] == '\\' && f->p[next + written + 1] == '\n'));
	if (next >= f->hi || f->p[next] == '\n' || quoted_line || f->p[next] == '"') {
		many_lines(f, rule, begin, at);
		return;
	}
	struct buf body = { 0 };
	size_t to = one_line(f, at, &body);
	/* "BEGIN PRIVATE KEY----- is missing" is talk */
	if (body.len >= 16) {
		struct span *s = spans_add(f->out, begin, to, rule->class, RANK_TEXT, body.data, body.len);
		if (to == f->hi && f->hi < f->n)
			s->open = OPEN_RUN;
	}
	buf_wipe(&body);
}

/* ---- a key whose first line is not there ---- */

enum {
	KEY_WIDTH = 24, /* of all lines of a key but its last, and all alike; 64 is usual */
	KEY_LEAST = 24, /* of all that is left of a key */
	KEY_LINES = FIND_BEHIND_END / KEY_WIDTH + 2,
};

struct key_part {
	size_t from, to;
};

/* Whether the key that ends at `at` has its beginning: extract_pem, whose hit came first, took both. */
static bool is_taken(const struct finder *f, size_t at)
{
	for (size_t i = f->out->n; i--;)
		if (f->out->v[i].from <= at && at < f->out->v[i].to)
			return true;
	return false;
}

/* The line feed that is written out right before `at`: its length. */
static size_t written_break_before(const struct finder *f, size_t at)
{
	const char *p = f->p + at;
	size_t n = at - f->lo, k = 2;

	if (n >= 3 && p[-3] == '%' && written_break(p - 3, 3) == 3)
		return 3;
	if (n >= 5 && p[-5] == '&' && written_break(p - 5, 5) == 5)
		return 5;
	if (n < 2 || (p[-1] != 'n' && p[-1] != 'r') || p[-2] != '\\')
		return 0;
	while (k < n && k < 9 && p[-(ptrdiff_t)k - 1] == '\\')
		k++;
	return k;
}

/* Of a run that begins at `at`, what belongs to the token that stands before: its eight digits. */
static size_t token_tail(const struct finder *f, size_t at)
{
	static const char start[] = "REDACTED_";
	size_t from = at;

	if (from <= f->lo || f->p[from - 1] != '_')
		return 0;
	for (from--; from > f->lo && isalpha((unsigned char)f->p[from - 1]);)
		from--;
	return from - f->lo >= sizeof(start) - 1 && memcmp(f->p + from - (sizeof(start) - 1), start, sizeof(start) - 1) == 0 ? 8 : 0;
}

/* All on one line: …\nMIIE…\n-----END. Parts come from the bottom up. */
static size_t parts_of_line(const struct finder *f, size_t mark, struct key_part *parts)
{
	size_t n = 0, at = mark, k;

	while (n < KEY_LINES && (k = written_break_before(f, at))) {
		at -= k;
		while ((k = written_break_before(f, at)))
			at -= k;
		size_t to = at;
		while (at > f->lo && is_armour_char((unsigned char)f->p[at - 1]) && !written_break_before(f, at))
			at--;
		at += token_tail(f, at);
		if (at >= to)
			break;
		parts[n++] = (struct key_part){ at, to };
	}
	return n;
}

/* Line by line upwards, with what stands before the key in each. The last may be short, and stands before PGP's checksum, =aBcD; a first
 * that is shorter than the others was cut. */
static size_t parts_of_lines(const struct finder *f, size_t mark, struct key_part *parts)
{
	size_t n = 0, at = mark, width = 0;
	bool last = true;

	while (at > f->lo && f->p[at - 1] != '\n')
		at--;
	for (size_t prefix = mark - at; at > f->lo && n < KEY_LINES;) {
		size_t nl = at - 1, from, to;
		for (at = nl; at > f->lo && f->p[at - 1] != '\n';)
			at--;
		if (!n && nl - at <= (nl > at && f->p[nl - 1] == '\r'))
			continue; /* an empty line */
		if (!line_in_place(f, at, nl, mark, prefix, &from, &to) && !line_body(f, at, nl, &from, &to))
			break;
		while (to < nl && f->p[to] == '+')
			to++; /* of the line: line_body takes it for the + of source code */
		size_t len = to - from;
		bool alone = from - at <= prefix + 4 || isspace((unsigned char)f->p[from - 1]) || f->p[from - 1] == '"' || f->p[from - 1] == '\'';
		bool sum = !n && len == 5 && f->p[from] == '=', cut = width && len < width && len >= 16 && from == 0;
		if (!alone || len > 128 || (!last && !cut && (width ? len != width : len < KEY_WIDTH)))
			break;
		if (!last && !width)
			width = len;
		last = sum;
		parts[n++] = (struct key_part){ from, to };
		if (cut)
			break;
	}
	return n;
}

/* A window on a log may begin inside a key, by whose first line extract_pem would know it. */
void extract_pem_end(struct finder *f, const struct rule *rule, size_t end)
{
	struct key_part parts[KEY_LINES];
	size_t mark = end - strlen(rule->trigger), closed = begin_end(f, end);

	if (!closed || is_taken(f, mark))
		return;
	size_t n = parts_of_line(f, mark, parts), bytes = 0;
	bool one_line = n > 0;
	if (!one_line)
		n = parts_of_lines(f, mark, parts);
	for (size_t i = 0; i < n; i++)
		bytes += parts[i].to - parts[i].from;
	if (bytes < KEY_LEAST)
		return;
	struct buf body = { 0 };
	for (size_t i = n; i--;)
		buf_add(&body, f->p + parts[i].from, parts[i].to - parts[i].from);
	for (size_t i = n; i-- && !one_line;)
		spans_add(f->out, parts[i].from, parts[i].to, rule->class, RANK_TEXT, body.data, body.len);
	spans_add(f->out, one_line ? parts[n - 1].from : mark, closed, rule->class, RANK_TEXT, body.data, body.len);
	buf_wipe(&body);
}

/* An untrusted comment that ends in "secret key", then one line of base64. */
void extract_minisign(struct finder *f, const struct rule *rule, size_t end)
{
	size_t to = end;

	while (to < f->hi && is_armour_char((unsigned char)f->p[to]))
		to++;
	if (to - end >= 40 && (to == f->hi || f->p[to] == '\n' || f->p[to] == '\r'))
		spans_add(f->out, end, to, rule->class, RANK_TEXT, f->p + end, to - end);
}

/* PuTTY: so many lines of base64 follow. */
void extract_ppk(struct finder *f, const struct rule *rule, size_t end)
{
	size_t lines = 0, at = end;

	while (at < f->hi && at - end < 3 && isdigit((unsigned char)f->p[at]))
		lines = lines * 10 + (size_t)(f->p[at++] - '0');
	const char *nl = memchr(f->p + at, '\n', f->hi - at);
	for (lines = lines ? lines + 1 : 0; lines && nl; lines--) {
		size_t from, to, line = (size_t)(nl + 1 - f->p);
		nl = memchr(f->p + line, '\n', f->hi - line);
		/* and the digest that a passphrase keys */
		if (lines == 1 && !at_is(f, line, "Private-MAC: "))
			return;
		if (!line_body(f, line, nl ? (size_t)(nl - f->p) : f->hi, &from, &to) || value_is_empty(f->p + line, to - line))
			return;
		spans_add(f->out, from, to, rule->class, RANK_TEXT, f->p + from, to - from);
	}
}

/* d, p, q, dp, dq, qi of a JSON Web Key, and k of a symmetric one: members of the object that says "kty". */
void extract_jwk(struct finder *f, const struct rule *rule, size_t end)
{
	static const char *const members[] = { "d", "p", "q", "dp", "dq", "qi", "k", NULL };
	size_t from = end, at;

	while (from > f->lo && f->p[from - 1] != '{')
		from--;
	for (at = from; at < f->hi && f->p[at] != '}'; at++) {
		_cleanup_value_ struct value name = { 0 }, v = { 0 };
		if ((f->p[at] != '"' && f->p[at] != '\\') || !value_read(f, at, &name))
			continue;
		at = name.to;
		while (at < f->hi && (f->p[at] == '\\' || f->p[at] == '"'))
			at++;
		while (at < f->hi && isspace((unsigned char)f->p[at]))
			at++;
		if (!name.quoted || at >= f->hi || f->p[at] != ':')
			continue;
		for (at++; at < f->hi && isspace((unsigned char)f->p[at]);)
			at++;
		if (at >= f->hi || !value_read(f, at, &v))
			continue;
		for (const char *const *m = members; *m; m++)
			if (v.quoted && strcmp(name.text.data, *m) == 0 && v.text.len >= 8 && !value_is_empty(v.text.data, v.text.len))
				value_span(f, rule->class, &v);
		at = v.to;
	}
}
