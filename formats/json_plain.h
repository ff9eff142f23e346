/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_JSON_PLAIN_H
#define FORMATS_JSON_PLAIN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A JSON object as programs write most of theirs, read in place: no blanks, members that are strings of printable ASCII without
 * escapes or whole numbers of at most 18 digits. It takes a tenth of the time of a parse, which counts where there are thousands, a
 * line each. What has anything else in it is for jansson to read, and the two never tell different things of a text:
 *
 *	struct json_plain j = json_plain_of(line, n);
 *	while (json_plain_next(&j, &m))
 *		…
 *	if (!j.whole)
 *		… nothing of it counts: have it parsed …
 */
struct json_plain {
	const char *p, *end;
	bool whole; /* it was read to its end */
};

struct json_plain_member {
	const char *name, *value; /* inside the text, not terminated */
	size_t name_len, value_len;
	bool is_string; /* else a number */
};

struct json_plain json_plain_of(const char *text, size_t n);
bool json_plain_next(struct json_plain *j, struct json_plain_member *ret);
bool json_plain_is(const struct json_plain_member *m, const char *name);

/* Printable ASCII of which nothing is escaped: quotes around it make it a string. */
bool json_is_plain(const char *s, size_t n);

#endif
