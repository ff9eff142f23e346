/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_SEALSTREAM_H
#define BUNDLE_SEALSTREAM_H

#include <stdbool.h>

#include "formats/age.h"

/*
 * The payload of an age file: STREAM in chunks of 64 KiB, each sealed by itself with
 * ChaCha20-Poly1305, its place and whether it is the last one being in its nonce.
 *
 * From one descriptor to another, in flat memory (a few MiB), on as many threads as the machine
 * has processors, up to four. Chunks come out in order, and only authentic ones.
 */
struct seal_stream {
	const uint8_t *key; /* AGE_KEY_BYTES */
	int in, out;
	bool open;	    /* decrypt; else encrypt */
	const void *head;   /* what was already read from in; comes before what is read now */
	size_t head_len;
	/* Told the bytes read so far, from the calling thread; NULL: nobody. Non-zero stops: ERR_IO. */
	int (*progress)(void *ctx, uint64_t bytes);
	void *ctx;
	const char *in_name; /* for messages */
	const char *out_name;
};

/* ERR_TRUST: a chunk that does not hold, or an end that is missing; ERR_IO: read, write. What came out before is the caller's to delete. */
int seal_stream_run(const struct seal_stream *s, uint64_t *ret_out_bytes, struct err *err);

#endif
