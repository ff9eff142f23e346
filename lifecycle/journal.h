/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_JOURNAL_H
#define LIFECYCLE_JOURNAL_H

#include <jansson.h>
#include <stdint.h>

#include "formats/err.h"

/*
 * The write-ahead journal of a change: JSON lines, each with a sequence number, the time and an event:
 *
 *	{"seq":1,"at":"…","event":"plan","plan":{…}}	the whole plan, before anything is done
 *	{"seq":2,"at":"…","event":"intent","step":"stop"}
 *	{"seq":3,"at":"…","event":"done","step":"stop","result":"exit 0"}
 *	{"seq":9,"at":"…","event":"end","outcome":"quarantined"}
 *
 * Every line is on the disk before what it announces is done. A line that a crash cut short is dropped on opening.
 */
struct journal;

/* Opens or makes the file. All whole lines are read; a torn tail is cut off: only for who holds the agent's lock (lock.h), since the
 * tail may be what another process is about to finish. */
int journal_open(const char *path, struct journal **ret, struct err *err);
/* The same for who only looks, with or without the lock: nothing is made, cut or touched, and nothing can be appended. */
int journal_read(const char *path, struct journal **ret, struct err *err);
void journal_close(struct journal *j);
void journal_closep(struct journal **j);
#define _cleanup_journal_ CLEANUP(journal_closep)

/* Appends and syncs. step, detail_key and detail may be NULL; now_us is the time that it says. */
int journal_event(struct journal *j, uint64_t now_us, const char *event, const char *step, const char *detail_key, json_t *detail,
	struct err *err); /* detail is stolen */

/* The events as read and appended, a JSON array; borrowed. */
const json_t *journal_events(const struct journal *j);
/* The last event of that name, for that step when step is not NULL; NULL when none. Borrowed. */
const json_t *journal_last(const struct journal *j, const char *event, const char *step);

#endif
