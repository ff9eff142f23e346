/* SPDX-License-Identifier: MIT */
#ifndef REDACT_VALUE_H
#define REDACT_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "redact/keyname.h"

/* REDACTED_<letters>_<8 hex>: the length of the token that s starts with, 0 if none. */
size_t value_token(const char *s, size_t n);
/* Never a secret whatever its key: empty, true, null, ${VAR}, ****, a placeholder; or judged before, since
 * a token of ours is in it. */
bool value_is_empty(const char *s, size_t n);
bool value_is_path(const char *s, size_t n);
bool value_is_number(const char *s, size_t n);
/* A digest, UUID or the like: by shape an identifier, unless a key says otherwise. */
bool value_is_id(const char *s, size_t n);
/* Looks made by a machine: long, of letters and digits, of no shape that identifiers have. */
bool value_is_random(const char *s, size_t n);
/* Enough out of the ordinary to search a whole bundle for: "postgres" would be found everywhere. */
bool value_is_distinct(const char *s, size_t n);

enum value_place {
	PLACE_FIELD, /* the value of a field or variable: it was set to be that */
	PLACE_QUOTED, /* quoted, in text */
	PLACE_BARE,  /* after = in text */
	PLACE_PROSE, /* after ": " in text: may be a sentence */
};
/* Is the value of a key of this kind secret? */
bool value_is_secret(enum key_kind kind, enum value_place place, const char *s, size_t n);

#endif
