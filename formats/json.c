/* SPDX-License-Identifier: MIT */
#include "formats/json.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/text.h"

static bool too_big(const json_error_t *e)
{
	return json_error_code(e) == json_error_numeric_overflow;
}

int json_read(const char *what, const char *text, size_t n, unsigned flags, json_t **ret, struct err *err)
{
	size_t jflags = (flags & JSON_READ_UNIQUE ? JSON_REJECT_DUPLICATES : 0) | (flags & JSON_READ_NUL ? JSON_ALLOW_NUL : 0);
	json_error_t e;

	if (n > JSON_READ_MAX)
		return err_set(err, ERR_LIMIT, "%s: %zu bytes of JSON are more than the %zu that are read", what, n, JSON_READ_MAX);
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	json_t *j = json_loadb(text ? text : "", n, jflags, &e);
	/* Go prints uint64 and we keep int64: a number too large for us must not cost the document. */
	if (!j && too_big(&e))
		j = json_loadb(text, n, jflags | JSON_DECODE_INT_AS_REAL, &e);
	if (!j) {
		/* jansson quotes the text it stumbled on: in an auth file that is the secret. */
		char *near = strstr(e.text, " near ");
		if (near)
			*near = '\0';
		return err_set(err, ERR_SYNTAX, "%s:%d: not JSON: %s", what, e.line > 0 ? e.line : 1, e.text);
	}
	*ret = j;
	return 0;
}

const char *json_get(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

char *json_dup(const json_t *j, const char *key)
{
	const char *s = json_get(j, key);

	return s && *s ? mem_strdup(s) : NULL;
}

int64_t json_int(const json_t *j, const char *key, int64_t otherwise)
{
	const json_t *v = json_object_get(j, key);

	if (json_is_integer(v))
		return json_integer_value(v);
	if (json_is_real(v)) {
		double d = json_real_value(v);
		if (d >= -9.2e18 && d <= 9.2e18)
			return (int64_t)d;
	}
	return otherwise;
}

bool json_bool(const json_t *j, const char *key, bool otherwise)
{
	const json_t *v = json_object_get(j, key);

	return json_is_boolean(v) ? json_is_true(v) : otherwise;
}

char **json_strv(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);
	char **list = NULL;
	const json_t *item;
	size_t i;

	if (json_is_string(v))
		return *json_string_value(v) ? strv_add(NULL, json_string_value(v)) : NULL;
	size_t n = json_array_size(v), used = 0;
	if (!n)
		return NULL;
	/* strv_add counts each time: lists of others may be long, so this one is filled by index */
	list = mem_array(NULL, n + 1, sizeof(*list));
	json_array_foreach(v, i, item)
		if (json_is_string(item))
			list[used++] = mem_strdup(json_string_value(item));
	list[used] = NULL;
	if (!used) {
		free(list);
		return NULL;
	}
	return list;
}

uint64_t json_time(const json_t *j, const char *key)
{
	const char *s = json_get(j, key);
	uint64_t us;

	if (s)
		return text_parse_time(s, &us) ? 0 : us;
	int64_t sec = json_int(j, key, 0);
	return sec > 0 && sec < INT64_MAX / 1000000 ? (uint64_t)sec * 1000000 : 0;
}

/*
 * The locator: it walks text that jansson has accepted already, so it need not judge, only never
 * leave [0, n).
 */
struct scan {
	const char *p;
	size_t n;
	size_t i;
};

static char scan_peek(struct scan *s)
{
	while (s->i < s->n && strchr(" \t\r\n", s->p[s->i]) && s->p[s->i])
		s->i++;
	return s->i < s->n ? s->p[s->i] : '\0';
}

static void scan_string(struct scan *s, struct buf *out)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";

	for (s->i++; s->i < s->n && s->p[s->i] != '"'; s->i++) {
		char c = s->p[s->i];
		if (c == '\\' && s->i + 1 < s->n) {
			c = s->p[++s->i];
			const char *hit = c ? strchr(from, c) : NULL;
			if (hit)
				c = to[hit - from];
			else if (c == 'u' && s->n - s->i > 4) {
				/* keys of ours are ASCII; anything else need only not match */
				uint8_t b[2];
				char hex[5] = { 0 };
				memcpy(hex, s->p + s->i + 1, 4);
				c = text_unhex(b, 2, hex) == 0 && !b[0] && b[1] < 0x80 ? (char)b[1] : '\xff';
				s->i += 4;
			}
		}
		if (out)
			buf_addc(out, c);
	}
	if (s->i < s->n)
		s->i++;
}

static void scan_value(struct scan *s)
{
	size_t depth = 0;

	do {
		char c = scan_peek(s);
		if (s->i >= s->n)
			return;
		if (c == '"') {
			scan_string(s, NULL);
		} else if (c == '{' || c == '[') {
			depth++;
			s->i++;
		} else if (c == '}' || c == ']') {
			if (!depth)
				return;
			depth--;
			s->i++;
		} else if (c == ',' || c == ':') {
			if (!depth)
				return;
			s->i++;
		} else {
			while (s->i < s->n && s->p[s->i] && !strchr(",:{}[]\" \t\r\n", s->p[s->i]))
				s->i++;
			if (s->i < s->n && !s->p[s->i])
				s->i++; /* a NUL is no JSON: go on anyway */
		}
	} while (depth);
}

/* From the start of an object to the start of the key's value; where = the key's own offset. */
static bool scan_member(struct scan *s, const char *key, size_t *where)
{
	for (s->i++; scan_peek(s) == '"';) {
		_cleanup_buf_ struct buf name = { 0 };
		size_t at = s->i;
		scan_string(s, &name);
		if (scan_peek(s) != ':')
			return false;
		s->i++;
		if (strcmp(buf_str(&name), key) == 0) {
			*where = at;
			return true;
		}
		scan_value(s);
		if (scan_peek(s) != ',')
			return false;
		s->i++;
	}
	return false;
}

static bool scan_element(struct scan *s, const char *index, size_t *where)
{
	uint64_t k;

	if (text_to_u64(index, UINT32_MAX, &k))
		return false;
	for (s->i++; scan_peek(s) != ']' && s->i < s->n; s->i++) {
		if (k-- == 0) {
			*where = s->i;
			return true;
		}
		scan_value(s);
		if (scan_peek(s) != ',')
			return false;
	}
	return false;
}

unsigned json_line(const char *text, size_t n, const char *const *path)
{
	struct scan s = { .p = text, .n = n };
	size_t where = 0;

	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		s.i = 3;
	scan_peek(&s);
	where = s.i;
	for (; *path; path++) {
		char c = scan_peek(&s);
		if (!(c == '{' ? scan_member(&s, *path, &where) : c == '[' && scan_element(&s, *path, &where)))
			return 0;
	}
	unsigned line = 1;
	for (size_t i = 0; i < where && i < n; i++)
		line += text[i] == '\n';
	return line;
}
