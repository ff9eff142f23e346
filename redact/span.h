/* SPDX-License-Identifier: MIT */
#ifndef REDACT_SPAN_H
#define REDACT_SPAN_H

#include <stdbool.h>

#include "formats/buf.h"
#include "redact/class.h"

/*
 * A span is a range of bytes that must go, and the secret that stands there with its quoting and
 * escapes undone: the token is made from the value, so that one secret gets one token however it is
 * written. Every recogniser, structural or textual, yields spans of the original bytes and nothing
 * else; what lies between spans is copied, which is why it survives byte for byte.
 */
enum span_rank { RANK_TEXT, RANK_STRUCTURE };
enum span_open {
	OPEN_NO,
	OPEN_RUN, /* the secret goes on beyond what was visible: to the end of its run of token characters */
	OPEN_PEM, /* or of the key's lines */
	OPEN_BYTES,  /* not open: the token is written as numbers with commas, as the array around it */
	OPEN_QUOTED, /* not open: the token is written with quotes, in place of a bare JSON number */
};

struct span {
	size_t from, to; /* [from, to) */
	size_t value, value_len; /* in spans.values */
	unsigned char class, rank, open;
};

struct spans {
	struct span *v;
	size_t n, cap;
	struct buf values; /* wiped when cleared */
};

/* Adds a span; a value of NULL takes no bytes (the token is that of an empty secret). */
struct span *spans_add(struct spans *s, size_t from, size_t to, enum secret_class class, enum span_rank rank,
	const void *value, size_t n);
/* Sorts, and joins what overlaps: the higher rank, then the longer, then the earlier gives the token. */
void spans_merge(struct spans *s);
void spans_clear(struct spans *s);
void spans_free(struct spans *s);
#define _cleanup_spans_ CLEANUP(spans_free)

#endif
