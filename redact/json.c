/* SPDX-License-Identifier: MIT */
#include "redact/json.h"

#include <ctype.h>
#include <string.h>

void json_skip_space(struct json_scan *s)
{
	while (s->at < s->n && (s->p[s->at] == ' ' || s->p[s->at] == '\t' || s->p[s->at] == '\n' || s->p[s->at] == '\r'))
		s->at++;
}

static int hex4(const char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i];
		if (!isxdigit(c))
			return -1;
		v = v * 16 + (isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return v;
}

static size_t utf8(char out[4], unsigned c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* The escape at p[at] == '\\': its length, its bytes in out; 0 when it is none. */
static size_t escape(const char *p, size_t at, size_t end, char out[4], size_t *ret_n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *known;
	int hi, lo;

	if (at + 1 >= end)
		return 0;
	if (p[at + 1] == 'u') {
		if (at + 6 > end || (hi = hex4(p + at + 2)) < 0)
			return 0;
		if (hi >= 0xd800 && hi < 0xdc00 && at + 12 <= end && p[at + 6] == '\\' && p[at + 7] == 'u' &&
			(lo = hex4(p + at + 8)) >= 0xdc00 && lo < 0xe000) {
			*ret_n = utf8(out, 0x10000u + ((unsigned)(hi - 0xd800) << 10) + (unsigned)(lo - 0xdc00));
			return 12;
		}
		*ret_n = utf8(out, (unsigned)hi);
		return 6;
	}
	if (!p[at + 1] || !(known = strchr(from, p[at + 1])))
		return 0;
	out[0] = to[known - from];
	*ret_n = 1;
	return 2;
}

bool json_read_string(struct json_scan *s, struct decoded *ret)
{
	size_t from = s->at + 1, to = from;
	bool escaped = false;

	for (;; to++) {
		const char *quote = to < s->n ? memchr(s->p + to, '"', s->n - to) : NULL;
		if (!quote)
			return false;
		const char *slash = memchr(s->p + to, '\\', (size_t)(quote - s->p) - to);
		if (!slash) {
			to = (size_t)(quote - s->p);
			break;
		}
		escaped = true;
		to = (size_t)(slash - s->p) + 1;
	}
	decoded_plain(ret, s->p, from, to);
	s->at = to + 1;
	if (!escaped)
		return true;
	for (size_t at = from; at < to;) {
		char out[4];
		size_t k, n = 1;
		if (s->p[at] != '\\') {
			decoded_add(ret, s->p + at, 1, at);
			at++;
			continue;
		}
		k = escape(s->p, at, to, out, &n);
		if (!k) {
			decoded_free(ret);
			return false;
		}
		decoded_add(ret, out, n, at);
		at += k;
	}
	decoded_end(ret, to);
	return true;
}

bool json_read_scalar(struct json_scan *s, size_t *ret_from, size_t *ret_to)
{
	static const char *const words[] = { "true", "false", "null", NULL };
	size_t at = s->at;

	*ret_from = at;
	for (const char *const *w = words; *w; w++)
		if (s->n - at >= strlen(*w) && memcmp(s->p + at, *w, strlen(*w)) == 0) {
			*ret_to = s->at = at + strlen(*w);
			return true;
		}
	size_t digits = 0;
	if (at < s->n && s->p[at] == '-')
		at++;
	while (at < s->n && (isdigit((unsigned char)s->p[at]) || (digits && s->p[at] && strchr(".eE+-", s->p[at])))) {
		digits++;
		at++;
	}
	*ret_to = s->at = at;
	return digits > 0;
}
