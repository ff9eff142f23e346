/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_BASE64_H
#define FORMATS_BASE64_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"

/* RFC 4648 base64, standard alphabet, padded, one line. */
void base64_add(struct buf *b, const void *p, size_t n);

/* Decodes all of s[0..n) into out, at most max bytes. Strict: no white space, full padding, and the
 * unused bits zero, so that every value has exactly one spelling. -1 when it is anything else. */
int base64_decode(const char *s, size_t n, uint8_t *out, size_t max, size_t *ret_n);

/* The same without padding, as age writes it. */
void base64_add_bare(struct buf *b, const void *p, size_t n);
int base64_decode_bare(const char *s, size_t n, uint8_t *out, size_t max, size_t *ret_n);

#endif
