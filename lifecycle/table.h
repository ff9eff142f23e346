/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_TABLE_H
#define LIFECYCLE_TABLE_H

#include "lifecycle/commands.h"

/*
 * A table for people that fits a width: columns are as wide as their widest cell, and where they do not fit together, the
 * widest of those that may be cut are, with "…" where something is missing. { 0 } has no rows.
 */
enum table_cut { TABLE_WHOLE, TABLE_CUT_END, TABLE_CUT_BEGIN, TABLE_CUT_LAST /* its end, once nothing else is left to cut */ };
struct table_column {
	const char *title;
	enum table_cut cut;
};
struct table_cell {
	char *text; /* owned; fit for a terminal */
	char style; /* of cli_style() */
};
struct table {
	const struct table_column *columns;
	size_t n_columns;
	struct table_cell *cells; /* row by row */
	size_t n;
};

/* The next cell, copied and made fit for a terminal; NULL: "-". */
void table_add(struct table *t, const char *text, char style);
/* The whole, titles first. */
void table_print(const struct table *t, const struct cli *cli, size_t width);
void table_free(struct table *t);
#define _cleanup_table_ CLEANUP(table_free)

/* The text in at most `width` columns; caller frees. */
char *table_fit(const char *text, size_t width, enum table_cut cut);

#endif
