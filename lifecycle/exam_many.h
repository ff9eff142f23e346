/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_EXAM_MANY_H
#define LIFECYCLE_EXAM_MANY_H

#include "lifecycle/exam.h"

/*
 * Looking at every declared agent: what they share is asked once, and one systemctl tells of all the
 * units of a manager, so that one agent more costs little. Between begin and end the exam's source is
 * that of the sharing.
 */
struct exam_many {
	struct target *v; /* each may be handed over to exam_gather */
	size_t n;
	struct source *inner, *cache;
};
int exam_many_begin(struct exam *x, struct exam_many *ret, struct err *err);
void exam_many_end(struct exam *x, struct exam_many *m); /* also after a failed begin */

#endif
