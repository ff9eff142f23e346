/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_BECOME_H
#define LIFECYCLE_BECOME_H

#include "formats/err.h"
#include "formats/probe.h"

/*
 * Root that is asked to change a user's agent becomes that user, for good: everything that is written,
 * locked and run from there on is theirs, with no more rights than they have. 0 also when we are that
 * user already; ERR_DENIED when we are another and not root.
 */
int become_owner(const struct identity *id, struct err *err);

#endif
