/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_TEXTDIFF_H
#define LIFECYCLE_TEXTDIFF_H

#include "formats/buf.h"

/* The lines in which b differs from a, for people: "- of a", "+ of b", in order, each safe for a terminal. Small texts:
 * beyond TEXTDIFF_LINES lines it only says so. */
#define TEXTDIFF_LINES 2000
void textdiff(const char *a, const char *b, struct buf *out);

#endif
