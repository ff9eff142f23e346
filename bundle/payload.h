/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_PAYLOAD_H
#define BUNDLE_PAYLOAD_H

#include <stdint.h>

#include "formats/buf.h"
#include "formats/err.h"

/*
 * Keeps the payloads of a bundle after their hash was checked, so that nothing is read a second time
 * from a file that somebody could have changed: small ones in memory, the others in a temporary file
 * without a name.
 */
struct payload_store;
struct payload {
	uint64_t bytes;
	char *mem;   /* NULL: in the file */
	uint64_t at; /* where in the file */
};

struct payload_store *payload_store_new(const char *tmpdir); /* NULL: /var/tmp. Nothing is made until needed. */
void payload_store_free(struct payload_store *s);

/* One payload at a time: begin with the bytes that are expected, add, end. */
void payload_begin(struct payload_store *s, uint64_t expected);
int payload_add(struct payload_store *s, const void *p, size_t n, struct err *err);
void payload_end(struct payload_store *s, struct payload *ret); /* owned by the store */

/* Passes the bytes on in pieces; sink returns non-zero to stop, which is then returned. */
int payload_read(struct payload_store *s, const struct payload *p, int (*sink)(void *data, const void *p, size_t n), void *data,
	struct err *err);

/* All of it, for what is at most max bytes. */
int payload_get(struct payload_store *s, const struct payload *p, size_t max, struct buf *out, struct err *err);

#endif
