/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_CUSTODY_H
#define FORMATS_CUSTODY_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/err.h"

/*
 * custody.jsonl: who did what to the evidence and the host, one JSON object a line. Each line
 * carries the SHA-256 of the line before it (without its newline; the first carries zeros), so none
 * can be changed, dropped or moved alone. Format: docs/formats/custody.md.
 */
struct custody {
	uint64_t seq; /* 1, 2, 3… */
	uint64_t time_us;
	char *actor; /* user name */
	uint32_t uid;
	char *tool; /* "sourceos-agent 0.1.0" */
	char *action;
	char *detail; /* NULL when the action says all */
	char *case_id; /* NULL: the line says nothing of it */
	int exit;
	uint8_t prev[32];
};
void custody_free(struct custody *c);
#define _cleanup_custody_ CLEANUP(custody_free)

/* Appends the line with its newline. */
void custody_add(struct buf *b, const struct custody *c);
/* One line without its newline. */
int custody_parse(const char *p, size_t n, struct custody *ret, struct err *err);

/* Checks the chain of a whole file; sha256 is the caller's hash function. Returns the number of
 * lines in *ret_lines, and what the next line has to carry in ret_prev (either may be NULL). */
int custody_check(const char *p, size_t n, void (*sha256)(uint8_t out[32], const void *p, size_t n), uint64_t *ret_lines,
	uint8_t ret_prev[32], struct err *err);

#endif
