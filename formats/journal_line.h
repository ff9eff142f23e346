/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_JOURNAL_LINE_H
#define FORMATS_JOURNAL_LINE_H

#include "formats/buf.h"

/*
 * One entry of the journal as `journalctl --output=json --all` writes it: a JSON object on a line, a member for each field.
 * A value is a string; an array of its bytes when it is not UTF-8 or holds control characters other than tab and newline; an
 * array of these when the field stands more than once. journalctl's members come in the order of a hash that differs from run
 * to run, ours by name. Source: journalctl(1), update_json_data() of systemd 252.
 */
struct journal_field {
	size_t at, name_len, len; /* "NAME=value" in bytes */
	const char *text;	  /* there, once all are in */
};

struct journal_line {
	struct buf bytes;
	struct journal_field *v;
	size_t n, cap;
};

void journal_line_add(struct journal_line *l, const void *field, size_t n); /* "NAME=value"; what has no '=' is no field, and left out */
void journal_line_put(struct journal_line *l, struct buf *out);		    /* appends the line, and empties l for the next one */
void journal_line_free(struct journal_line *l);

#endif
