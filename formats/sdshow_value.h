/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SDSHOW_VALUE_H
#define FORMATS_SDSHOW_VALUE_H

#include "formats/sdshow.h"

/* How systemctl writes the values of properties: for sdshow.c only. */

bool show_unset(const char *s);				/* "", "[not set]", "n/a", "(null)" */
void show_add_words(char ***list, const char *s);	/* appends the words of a list property */
void show_add_exec(struct exec_status **list, size_t *n, const char *block); /* appends one "{ path=… }" */

#endif
