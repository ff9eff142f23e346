/* SPDX-License-Identifier: MIT */
#ifndef REDACT_CHARS_H
#define REDACT_CHARS_H

#include <stdbool.h>
#include <stdint.h>

/* What a byte may be part of. One table, because these are asked of every byte near a hit; and the
 * same in every locale. */
enum char_flag {
	CHAR_ALNUM = 1,
	CHAR_HEX = 2,
	CHAR_NAME = 4,	  /* of keys and variables: alphanumeric, _ - . */
	CHAR_BASE64 = 8,  /* of either alphabet, without padding */
	CHAR_RUN = 16,	  /* of tokens, base64 and percent-encoding together */
	CHAR_SPACE = 32,
	CHAR_PARAM = 64,  /* of ANSI sequences, between [ and the final letter */
	CHAR_URL_END = 128,
};
extern const uint8_t char_flags[256];

static inline bool char_is(char c, enum char_flag flags)
{
	return (char_flags[(unsigned char)c] & flags) != 0;
}

#endif
