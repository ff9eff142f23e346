/* SPDX-License-Identifier: MIT */
#include "formats/json_plain.h"

#include <string.h>

#define DIGITS_MAX 18 /* of any number of so many an int64 */

struct json_plain json_plain_of(const char *text, size_t n)
{
	/* without an object there is no member, and no end to be read to */
	return n && *text == '{' ? (struct json_plain){ .p = text, .end = text + n } : (struct json_plain){ 0 };
}

static bool take(struct json_plain *j, char c)
{
	if (j->p == j->end || *j->p != c)
		return false;
	j->p++;
	return true;
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

bool json_is_plain(const char *s, size_t n)
{
	while (n && is_plain(*s)) {
		s++;
		n--;
	}
	return n == 0;
}

static bool take_string(struct json_plain *j, const char **ret, size_t *ret_n)
{
	if (!take(j, '"'))
		return false;
	const char *s = j->p;
	while (j->p < j->end && is_plain(*j->p))
		j->p++;
	*ret = s;
	*ret_n = (size_t)(j->p - s);
	return take(j, '"');
}

static bool take_number(struct json_plain *j, const char **ret, size_t *ret_n)
{
	const char *s = j->p, *first = s + (s < j->end && *s == '-');

	for (j->p = first; j->p < j->end && *j->p >= '0' && *j->p <= '9';)
		j->p++;
	size_t digits = (size_t)(j->p - first);
	*ret = s;
	*ret_n = (size_t)(j->p - s);
	return digits && digits <= DIGITS_MAX && (*first != '0' || *ret_n == 1);
}

/* At the brace, or at the comma behind the last member. */
static bool take_member(struct json_plain *j, struct json_plain_member *ret)
{
	j->p++;
	if (!take_string(j, &ret->name, &ret->name_len) || !take(j, ':') || j->p == j->end)
		return false;
	ret->is_string = *j->p == '"';
	if (ret->is_string ? !take_string(j, &ret->value, &ret->value_len) : !take_number(j, &ret->value, &ret->value_len))
		return false;
	return j->p < j->end && (*j->p == ',' || *j->p == '}');
}

bool json_plain_next(struct json_plain *j, struct json_plain_member *ret)
{
	if (j->p == j->end)
		return false;
	bool taken = take_member(j, ret), last = taken && *j->p == '}';

	j->whole = last && j->p + 1 == j->end;
	if (!taken || last)
		j->p = j->end;
	return taken;
}

bool json_plain_is(const struct json_plain_member *m, const char *name)
{
	size_t n = strlen(name);

	return m->name_len == n && memcmp(m->name, name, n) == 0;
}
