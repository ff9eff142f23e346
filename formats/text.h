/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_TEXT_H
#define FORMATS_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"

/* C0, DEL, and (as bytes) nothing else: what must never reach a terminal from foreign text. */
static inline bool text_is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7f;
}

bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
bool text_eq(const char *a, const char *b); /* NULL equals only NULL */
size_t text_name_length(const char *s); /* how much of s may be a variable's name in a shell: letters, digits, "_" */
bool text_is_assignment(const char *word); /* NAME=…, as a shell has it */
const char *text_base_name(const char *path); /* what follows its last slash; borrowed */
/* Length of the UTF-8 sequence at p (n bytes, at least one) and its code point; 0 when the bytes are not UTF-8. */
size_t text_utf8(const unsigned char *p, size_t n, uint32_t *cp);

/* Appends s as a terminal may see it: control characters, C1 in UTF-8, bidirectional overrides and
 * bytes that are not UTF-8 become \xNN or \u{NNNN}; newline and tab are kept when `multiline`. */
void text_add_safe(struct buf *b, const char *s, size_t n, bool multiline);
char *text_safe(const char *s); /* the same for one line, as a string the caller frees */
size_t text_cut(const char *s, size_t max); /* how much of s to keep to have at most max bytes and no part of a UTF-8 character */

/* Appends s quoted for a POSIX shell when it needs to be; what people can paste. */
void text_add_shell(struct buf *b, const char *s);
char *text_shell_join(char *const *argv); /* caller frees */
/* A command to paste, from a format of %s, %u, %d and %% alone: what a %s brings is one word, whatever stands in it. Where it
 * holds what a terminal may not see, it is written as $'…', which the shells that people type into read as the same bytes. */
char *text_shell_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *text_shell_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* Whole-string unsigned decimal within [0, max]; -1 when it is not. */
int text_to_u64(const char *s, uint64_t max, uint64_t *ret);
/* Whole-string signed decimal. */
int text_to_i64(const char *s, int64_t *ret);
/* "64K", "2G", "0"; binary multiples. */
int text_to_size(const char *s, uint64_t *ret);

/* RFC 3339 in UTC with seconds ("2026-11-24T06:50:03Z"); buffer of at least 32 bytes. */
void text_time(char out[32], uint64_t us_since_epoch);
/* "20261124-065003", the stamp of quarantine directories. */
void text_stamp(char out[32], uint64_t us_since_epoch);
/* Parses RFC 3339 with optional fraction and zone; microseconds since the epoch. */
int text_parse_time(const char *s, uint64_t *ret_us);

void text_hex(char *out, const uint8_t *p, size_t n); /* writes 2n+1 bytes, lower case */
int text_unhex(uint8_t *out, size_t n, const char *hex);

#endif
