/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_RECEIPT_H
#define LIFECYCLE_RECEIPT_H

#include "lifecycle/session.h"

/* A line in the history of a declared agent, by a command that changed it otherwise than through an operation. An agent
 * that nobody declared has no history. What cannot be written is said on stderr: the change itself is done. */
void receipt_note(const struct session *s, const struct cli *cli, const char *agent, const char *action, const char *detail, int exit);

#endif
