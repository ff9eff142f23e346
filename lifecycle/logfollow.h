/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_LOGFOLLOW_H
#define LIFECYCLE_LOGFOLLOW_H

#include "lifecycle/loglines.h"

/*
 * Following logs: two looks at them, one after the other, and what is new in the second. Each look sees but the end of a
 * stream, which moves on. Lines are told by the sequence of their texts (and times, where the journal or Podman has them),
 * never by a time that was made up for them.
 *
 * Returns how many lines of now's stream were in `before` already. ret_gap: what `before` ended with is not there any more,
 * so all is taken as new, and lines between may be missing.
 */
size_t log_follow_known(const struct log_lines *before, const struct log_lines *now, size_t stream, bool *ret_gap);

/* Moves the streams of `before` that did not answer this time into now, so that they are known when they do. */
void log_follow_carry(struct log_lines *before, struct log_lines *now);

#endif
