/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_EARLIER_H
#define LIFECYCLE_EARLIER_H

#include "lifecycle/journal.h"
#include "lifecycle/session.h"

/* An earlier quarantine of the same agent, as the journals in the evidence directories tell. */
enum earlier { EARLIER_NONE, EARLIER_OPEN, EARLIER_QUARANTINED };

/* Looks at every ROOT/<agent>-<stamp>; the newest one that is open or in force is *ret_dir (the caller frees it). */
enum earlier earlier_find(const char *root, const char *agent, char **ret_dir);

/* The journal of a quarantine in that directory; NULL when it is none. The caller closes it. */
struct journal *earlier_journal(const char *dir);

/* For whoever looks for the agent and does not find it: that it was quarantined from here, and what brings it back. NULL: it
 * was not, as far as the caller's own evidence tells. Caller frees. */
char *earlier_note(const struct cli *cli, const struct session *s, const char *agent);

#endif
