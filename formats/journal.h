/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_JOURNAL_H
#define FORMATS_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "formats/mem.h"

/*
 * One entry of `journalctl -o json`: one JSON object a line, values are strings, arrays of bytes (not
 * UTF-8), arrays of either (the field stands more than once; the first counts), or null (too long; --all prints them).
 * Source: journalctl(1), systemd.journal-fields(7), sd-messages.h.
 */
enum journal_event {
	JOURNAL_OTHER,
	JOURNAL_STARTING,	   /* 7d4958e842da4a758f6c1cdc7b36dcc5 */
	JOURNAL_STARTED,	   /* 39f53479d3a045ac8e11786248231fbf */
	JOURNAL_STOPPED,	   /* 9d1aaa27d60140bd96365438aad20286 */
	JOURNAL_FAILED,		   /* be02cf6855d2428ba40df7e9d022f03d, d9b373ed55a64feb8242e02dbe79a49c: entered the failed state, or the start job did */
	JOURNAL_RESTART_SCHEDULED, /* 5eb03494b6584870a536b337290809b3 */
};

struct journal_entry {
	uint64_t time_us; /* __REALTIME_TIMESTAMP; 0 unknown */
	enum journal_event event;
	const char *message; /* bytes, NUL replaced by U+FFFD; NULL when the journal withheld it */
	size_t message_len;
};

enum journal_detail {
	JOURNAL_WHOLE,
	JOURNAL_EVENTS, /* MESSAGE_ID and time, and whatever journalctl prints in any case */
};

/* The words of `journalctl`, up to what is to match, for the last `lines` entries as journal_each takes them. Caller frees. */
char **journal_argv(enum journal_detail d, unsigned lines);

/* Whole output: calls each() per entry, whose strings are valid until it returns; it returns non-zero to stop. Skips and counts the
 * lines that are no JSON object. Returns the count of these. */
size_t journal_each(const char *text, size_t n, int (*each)(const struct journal_entry *e, void *ctx), void *ctx);

#endif
