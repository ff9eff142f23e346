/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_DECLARATION_FIELD_H
#define FORMATS_DECLARATION_FIELD_H

#include "formats/declaration.h"

/* The keys of a declaration, a row each: for declaration_parse.c only. A new key is a row, a member of struct agent and its place in the schema. */

enum field_type {
	FIELD_STRING,
	FIELD_PATH,	 /* absolute, or in the home of the owner */
	FIELD_NAME,
	FIELD_LABEL,
	FIELD_CONTAINER,
	FIELD_IMAGE,
	FIELD_UNIT,	 /* path or bare name of a unit */
	FIELD_WORD,	 /* what goes into an argument of its own: no leading '-' */
	FIELD_BOOL,
	FIELD_UINT,
	FIELD_ENUM,
	FIELD_CHOICE,	 /* a string that must be one of words */
	FIELD_COMMAND,
	FIELD_CAPTURE,	 /* a bit of agent.quarantine */
	FIELD_VERSION,
};

enum { REGISTRY = 1 << SPELLING_REGISTRY, ATTRSET = 1 << SPELLING_ATTRSET, BOTH = REGISTRY | ATTRSET };

struct field {
	const char *path; /* dotted */
	enum field_type type;
	unsigned spellings;
	size_t offset;
	const char *words; /* ENUM, CHOICE: in the order of the enum, separated by '|' */
	uint32_t arg;	   /* UINT: the largest; CAPTURE: the bit */
};

/* The row of a dotted path in the spelling, NULL when there is none; *ret_inner: some row is below it. */
const struct field *field_find(const char *path, unsigned spelling, bool *ret_inner);
size_t field_index(const struct field *f); /* below 64 */
int field_word(const char *words, const char *s); /* index of s in "a|b|c"; -1 */
/* What a string must be instead, when the row refuses s ('|' between words); NULL when it is fine. */
const char *field_refuses(const struct field *f, const char *s);

#endif
