/* SPDX-License-Identifier: MIT */
#ifndef REDACT_UTF16_H
#define REDACT_UTF16_H

#include <stdbool.h>

#include "formats/buf.h"

/*
 * UTF-16 to UTF-8 and back, in pieces and without loss: surrogates without a partner travel as three
 * bytes of their own, so that what is not redacted comes back as the same bytes. Start with { 0 } but
 * for `big`.
 */
struct utf16 {
	bool big; /* the high byte first */
	unsigned char odd;
	bool has_odd;
	unsigned high; /* a surrogate that waits for its partner; 0 none */
};
void utf16_decode(struct utf16 *u, const char *p, size_t n, struct buf *out);
void utf16_decode_end(struct utf16 *u, struct buf *out);

struct utf16_back {
	bool big;
	unsigned char have[4];
	unsigned n;
};
void utf16_encode(struct utf16_back *u, const char *p, size_t n, struct buf *out);

/* Do these first bytes begin a text in UTF-16? 0 no, 1 little-endian, 2 big-endian. */
int utf16_sniff(const char *p, size_t n);

#endif
