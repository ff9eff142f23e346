/* SPDX-License-Identifier: MIT */
#ifndef REDACT_DECODED_H
#define REDACT_DECODED_H

#include "redact/span.h"

/* A piece of a file with its quoting undone, which knows where each byte came from: spans found in
 * the text become spans of the file, and quotes and escapes around them stay as they were. */
struct decoded {
	size_t from, to; /* in the file */
	const char *data; /* never NULL after decoded_end or decoded_plain */
	size_t len;
	struct buf text; /* what data points to, unless that is the file itself; wiped by decoded_free */
	size_t *origin;	 /* for each byte of text, and one more, its place in the file; NULL: from + i */
	size_t cap;
};

void decoded_plain(struct decoded *d, const char *file, size_t from, size_t to); /* nothing to undo */
void decoded_add(struct decoded *d, const char *p, size_t n, size_t at); /* n bytes that stem from `at` */
void decoded_end(struct decoded *d, size_t at);				/* where the last byte's origin ends; no more may be added */
void decoded_free(struct decoded *d);
#define _cleanup_decoded_ CLEANUP(decoded_free)
static inline size_t decoded_origin(const struct decoded *d, size_t i)
{
	return d->origin ? d->origin[i] : d->from + i;
}
/* Adds spans of d's text to those of the file. */
void decoded_spans(const struct decoded *d, const struct spans *found, struct spans *out);

#endif
