/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_BECH32_H
#define FORMATS_BECH32_H

#include <stddef.h>
#include <stdint.h>

/*
 * Bech32 (BIP 173: the checksum with constant 1, not Bech32m), as age keys are spelled:
 * <human-readable part>1<data in 5-bit digits><6 digits of checksum>. Lengths are the caller's
 * matter; BIP 173's limit of 90 characters holds here.
 */
enum { BECH32_MAX = 90 };

/* Writes the lower-case string of n bytes. hrp is lower case; out has BECH32_MAX + 1 bytes. -1 when it would not fit. */
int bech32_encode(char out[BECH32_MAX + 1], const char *hrp, const uint8_t *p, size_t n);

/* Reads exactly n bytes under exactly this hrp (lower case; s may be all upper or all lower case). -1 when it is not that. */
int bech32_decode(uint8_t *out, size_t n, const char *hrp, const char *s);

#endif
