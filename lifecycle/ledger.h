/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_LEDGER_H
#define LIFECYCLE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/err.h"

/*
 * The launcher's ledger: one line a start, appended and synced before the start happens, so that a crash
 * may count a start that did not happen and never forgets one that did:
 *
 *	1795503003000000 start
 *	1795503004000000 refused
 *
 * Microseconds since the epoch. A torn or foreign line is passed over.
 */
#define LEDGER_HOUR_US (3600ull * 1000000)

struct ledger_count {
	uint32_t starts;       /* within the hour before now */
	uint64_t oldest_us;    /* of those; 0: none */
	bool refused_already;  /* the last line is a refusal within that hour: who reads the log has been told */
};
/* Pure. Times more than a minute ahead of now come from a clock that was wrong, and do not count. */
struct ledger_count ledger_count(const char *text, size_t n, uint64_t now_us);

struct ledger_verdict {
	bool allowed;
	struct ledger_count count; /* before this start */
};
/* Counts a start when fewer than `limit` were counted within the last hour, under a lock of the file; notes a refusal
 * else. The file is made when it is not there. */
int ledger_start(const char *path, uint64_t now_us, uint32_t limit, struct ledger_verdict *ret, struct err *err);

/* Forgets all: a person asked for the start. Absent is fine. */
int ledger_reset(const char *path, struct err *err);

#endif
