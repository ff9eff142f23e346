/* SPDX-License-Identifier: MIT */
#ifndef REDACT_WHOLE_H
#define REDACT_WHOLE_H

#include "redact/engine.h"

/* Is a payload of this class held in memory and judged whole? The others stream. */
bool class_is_whole(enum payload_class class);

/* Appends the clean form of a payload that is there whole. Returns true when it was withheld: out then
 * got one line with a token instead. class may be any but FRAMES. */
bool clean_whole(struct redactor *r, struct tally *tally, enum payload_class class, const char *p, size_t n, struct buf *out);

/* One line in place of what may not leave; the token is made from the bytes. */
void withhold(struct redactor *r, struct tally *tally, const char *p, size_t n, struct buf *out);

#endif
