/* SPDX-License-Identifier: MIT */
/* Whatever is logged, the line is one JSON object, each name stands in it once, and every value is had back from it as it was. */
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "formats/journal_line.h"
#include "tests/fuzz/must.h"

/* A string is its bytes; an array of numbers are bytes that are no text. */
static bool is_value(const json_t *v, const char *p, size_t n)
{
	if (json_is_string(v))
		return json_string_length(v) == n && memcmp(json_string_value(v), p, n) == 0;
	if (!json_is_array(v) || json_array_size(v) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!json_is_integer(json_array_get(v, i)) || json_integer_value(json_array_get(v, i)) != (unsigned char)p[i])
			return false;
	return true;
}

/* Among the values of its name. */
static bool is_told(const json_t *j, const char *field, size_t n)
{
	const char *equals = memchr(field, '=', n);
	const json_t *v = json_object_getn(j, field, (size_t)(equals - field));
	size_t len = n - (size_t)(equals + 1 - field);
	bool told = is_value(v, equals + 1, len);

	for (size_t i = 0; !told && i < json_array_size(v); i++)
		told = is_value(json_array_get(v, i), equals + 1, len);
	return told;
}

/* Names as journald takes them: what is beyond is not told in JSON as it was. */
static bool is_field(const char *p, size_t n)
{
	const char *equals = memchr(p, '=', n);

	for (const char *c = p; equals && c < equals; c++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *c) || !*c)
			return false;
	return equals && equals > p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct journal_line l = { 0 };
	struct buf line = { 0 };
	const char *text = (const char *)data + 1, *end = (const char *)data + size;

	if (size < 1)
		return 0;
	for (int told = 0; told < 2; told++) {
		json_t *j = NULL;
		if (told) {
			journal_line_put(&l, &line);
			must(memchr(line.data, '\n', line.len) == line.data + line.len - 1);
			j = json_loadb(line.data, line.len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
			must(json_is_object(j));
		}
		for (const char *p = text, *next; p < end; p = next + 1) {
			next = memchr(p, data[0], (size_t)(end - p));
			next = next ? next : end;
			if (!is_field(p, (size_t)(next - p)))
				continue;
			if (told)
				must(is_told(j, p, (size_t)(next - p)));
			else
				journal_line_add(&l, p, (size_t)(next - p));
		}
		json_decref(j);
	}
	journal_line_free(&l);
	buf_free(&line);
	return 0;
}
