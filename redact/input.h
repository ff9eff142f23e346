/* SPDX-License-Identifier: MIT */
#ifndef REDACT_INPUT_H
#define REDACT_INPUT_H

#include "redact/text.h"

/*
 * The text stage behind what text comes wrapped in. The first bytes decide: UTF-16 is cleaned as UTF-8
 * and leaves as UTF-16; what gzip, zstd, xz or bzip2 packed is unpacked, cleaned, and packed again (or
 * leaves as it came, when nothing in it was secret). Packed data is held, up to REDACT_WHOLE_MAX, and
 * withheld beyond.
 */
struct text_input;
struct text_input *text_input_new(struct redactor *r, struct tally *tally, struct sink_bytes to);
void text_input_feed(struct text_input *t, const char *p, size_t n);
bool text_input_end(struct text_input *t); /* frees it; true when the payload was withheld */

/* Unpacks p whole through fn; returns 0, -1 when it is not packed after all, -2 when it is too large. */
typedef void unpack_chunk(void *context, const char *p, size_t n);
int unpack(const char *p, size_t n, uint64_t max, unpack_chunk *fn, void *context);

#endif
