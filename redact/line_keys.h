/* SPDX-License-Identifier: MIT */
#ifndef REDACT_LINE_KEYS_H
#define REDACT_LINE_KEYS_H

#include "redact/engine.h"
#include "redact/scan.h"

/*
 * A private key that a log of JSON holds line by line, each in the message of an object of its own: none of the objects says so by itself.
 * The values of the member that a key's first or last line stands in are read as one text, whatever else stands beside them.
 */

/* Adds the spans of such keys in the lines of p; hits are those of all of p. */
void line_keys_find(struct redactor *r, const struct hits *hits, const char *p, size_t n, struct spans *out);

/* Of n bytes, those up to `cut`, where a line ends, are to be judged by themselves: where they have to end instead for no key to be torn. That
 * is before a beginning whose end is to come, or behind an end whose beginning is not there. */
size_t line_keys_cut(const char *p, size_t cut, size_t n);

#endif
