/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_CLEANING_H
#define LIFECYCLE_CLEANING_H

#include <jansson.h>

#include "lifecycle/pseudonyms.h"
#include "lifecycle/session.h"
#include "redact/redact.h"

/*
 * Files and folders through the redactor, for `redact`. What kind of file it is, its name and first bytes say. No name of a
 * file goes anywhere but through the redactor: it may hold a secret too.
 */
struct cleaning {
	const struct cli *cli;
	struct redactor *redactor;
	json_t *files;	/* {"path", "replaced": {class: n}, "withheld"} of those with something secret */
	json_t *totals; /* class → n */
	char **left_out; /* neither file, folder nor link, or not readable: paths, fit for a terminal */
	size_t seen;
	bool check; /* only look */
};
void cleaning_free(struct cleaning *c);

/* From one descriptor to another (-1: nowhere). name says what it is and may be NULL; shown is what the report calls it. */
int clean_fd(struct cleaning *c, int in, const char *name, const char *shown, int out, struct err *err);

/* The folder `in` into the empty folder `out` (-1: nowhere), with its tree, names, modes and times; links stay links. */
int clean_tree(struct cleaning *c, int in, int out, struct err *err);

#endif
