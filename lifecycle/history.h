/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_HISTORY_H
#define LIFECYCLE_HISTORY_H

#include "formats/custody.h"
#include "lifecycle/install_paths.h"

/*
 * The receipts of an agent: history.jsonl in its directory, a line for every change that was made to it, by
 * whichever command. Lines are those of custody.jsonl (formats/custody.h): each carries the hash of the
 * one before, so that none can be changed, dropped or moved alone.
 */
struct receipt {
	uint64_t time_us;
	const char *actor; /* who asked */
	uint32_t uid;
	const char *action; /* "install" */
	const char *detail; /* NULL: none */
	int exit;
};

/* Appends and syncs. as: the owner, when we are root and the directory is theirs (see place.h); NULL: our own. The
 * directory is made. A torn last line, of a crash, is cut off first; a chain that does not hold is ERR_TRUST and stays. */
int history_append(const struct install_paths *p, const struct identity *as, const struct receipt *r, struct err *err);

#endif
