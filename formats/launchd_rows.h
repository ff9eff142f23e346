/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_LAUNCHD_ROWS_H
#define FORMATS_LAUNCHD_ROWS_H

#include "formats/plist.h"

/* The keys of launchd.plist(5), for the reader and the writer of struct launchd_plist. */

/* How a key's value becomes a field, and the other way. */
enum launchd_kind {
	KIND_STRING,
	KIND_STRINGS,
	KIND_STRING_OR_STRINGS,
	KIND_INTEGER,
	KIND_BOOLEAN,
	KIND_UMASK,    /* an integer, or a string in octal */
	KIND_PAIRS,    /* dictionary of strings */
	KIND_NAMES,    /* the keys of a dictionary; its values stay in root */
	KIND_CALENDAR, /* a dictionary or an array of them, counted; stays in root */
	KIND_KEEPALIVE,
	KIND_OTHER,    /* launchd knows it, we have no field for it; stays in root */
};
struct launchd_row {
	const char *key;
	enum launchd_kind kind;
	size_t offset;
};
extern const struct launchd_row launchd_rows[];
extern const size_t launchd_rows_n;
const struct launchd_row *launchd_row_find(const char *key); /* NULL: not a key of launchd's */

/* Calls back for each pair of a dictionary; key is valid during the call. */
void plist_each_pair(plist_t dict, void (*call)(void *ctx, const char *key, plist_t value), void *ctx);

#endif
