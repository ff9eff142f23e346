/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_JSON_H
#define FORMATS_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * Reading JSON that others wrote: bounded, and forgiving about what is missing. The getters answer a
 * default when the key is absent or of another type, so that a Podman of tomorrow costs a field and
 * not the whole report; who must insist on types (declarations, auth files) asks jansson itself.
 */
enum json_read_flag {
	JSON_READ_UNIQUE = 1 << 0, /* a key that stands twice in one object is an error */
	JSON_READ_NUL = 1 << 1,	   /* strings may hold \u0000 (the getters then answer up to it) */
};

#define JSON_READ_MAX ((size_t)64 << 20)

/* `what` names the text in messages ("~/.docker/config.json", "podman inspect"). ERR_SYNTAX carries
 * the line; ERR_LIMIT above JSON_READ_MAX. The text's bytes never appear in a message: they may be secret. */
int json_read(const char *what, const char *text, size_t n, unsigned flags, json_t **ret, struct err *err);

/* Borrowed from j; NULL when absent, not a string, or j is NULL. */
const char *json_get(const json_t *j, const char *key);
char *json_dup(const json_t *j, const char *key); /* a copy; "" and absent both give NULL */
int64_t json_int(const json_t *j, const char *key, int64_t otherwise);
bool json_bool(const json_t *j, const char *key, bool otherwise);
/* The strings of an array; a plain string is a list of one; other members are left out. NULL when empty. */
char **json_strv(const json_t *j, const char *key);
/* An RFC 3339 string or an integer of seconds, as microseconds; 0 when absent or before 1970 (Go's zero time). */
uint64_t json_time(const json_t *j, const char *key);

/*
 * The line of the key (or array member) at a path, for messages: jansson remembers none. `path` is a
 * list of object keys and array indexes in decimal, NULL-terminated. 1-based; 0 when it is not there.
 */
unsigned json_line(const char *text, size_t n, const char *const *path);

static inline void json_freep(json_t **j)
{
	json_decref(*j);
	*j = NULL;
}
#define _cleanup_json_ CLEANUP(json_freep)

#endif
