/* SPDX-License-Identifier: MIT */
#ifndef REDACT_SCAN_H
#define REDACT_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"

/*
 * The search for triggers: one streaming database over all rules, without start offsets. It is
 * serialized when the program is built; where this machine's library refuses those bytes it is
 * compiled anew (about 10 ms).
 */
struct hit {
	uint64_t end; /* just past the trigger, from the start of the stream */
	uint32_t rule;
};
struct hits {
	struct hit *v; /* in order of end */
	size_t n, cap;
};
void hits_free(struct hits *h);

struct scanner;
int scanner_new(struct scanner **ret, struct err *err);
void scanner_free(struct scanner *s);

/* All hits in n bytes, offsets from p; appended to out. */
void scan_bytes(struct scanner *s, const void *p, size_t n, struct hits *out);

/* A stream in pieces. The scanner outlives it. */
struct scan_stream;
struct scan_stream *scan_open(struct scanner *s);
void scan_feed(struct scan_stream *t, const void *p, size_t n, struct hits *out);
void scan_close(struct scan_stream *t);

/* For the build: the database's bytes for any processor of this kind; caller frees. */
int scan_serialize(char **ret, size_t *ret_len, struct err *err);

#endif
