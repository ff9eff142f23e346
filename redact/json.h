/* SPDX-License-Identifier: MIT */
#ifndef REDACT_JSON_H
#define REDACT_JSON_H

#include <stdbool.h>

#include "redact/decoded.h"

/*
 * A JSON scanner that keeps its place in the original bytes: redaction replaces ranges of them, so
 * that numbers, order, duplicates and layout come through as they were. Lenient where a value may
 * still be told from its key (bytes that are not UTF-8, control characters in strings), strict in
 * structure.
 */
struct json_scan {
	const char *p;
	size_t at, n;
};

void json_skip_space(struct json_scan *s);
/* At a quote. False when it is not closed or has a bad escape; ret is then empty. */
bool json_read_string(struct json_scan *s, struct decoded *ret);
/* A number, true, false or null. */
bool json_read_scalar(struct json_scan *s, size_t *ret_from, size_t *ret_to);

#endif
