/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SDSHOW_VALUE_H
#define FORMATS_SDSHOW_VALUE_H

#include "formats/sdshow.h"

/* How systemctl writes the values of properties: read for sdshow.c, written for who asks the manager without systemctl. */

bool show_unset(const char *s);				/* "", "[not set]", "n/a", "(null)" */
void show_add_words(char ***list, const char *s);	/* appends the words of a list property */
void show_add_exec(struct exec_status **list, size_t *n, const char *block); /* appends one "{ path=… }" */

/* A time as --timestamp=us+utc prints it, of 0 and UINT64_MAX `never`; false beyond what a calendar can tell. */
struct buf;
bool sdshow_add_time(struct buf *b, uint64_t us, const char *never);
void sdshow_add_span(struct buf *b, uint64_t us); /* UINT64_MAX: infinity */
/* One word of a list, in double quotes when a shell would not take it as it is; false, and nothing added, when it is not plain ASCII. */
bool sdshow_add_word(struct buf *b, const char *word);

#endif
