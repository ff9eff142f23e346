/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_EXECUTE_H
#define LIFECYCLE_EXECUTE_H

#include "lifecycle/journal.h"
#include "lifecycle/plan.h"

/* Carries plans out, and back. Both can be run again after a crash at any point: what holds already is left alone. */
struct executor {
	struct source *host;	 /* live */
	struct journal *journal; /* NULL: of a plan that is not taken back */
	const char *vault;	 /* directory of originals */
	/* Told after each step, for people and custody. result: "done", "already", "skipped", "failed: why". */
	void (*report)(void *ctx, const struct step *s, const char *result, bool failed);
	void *ctx;
};

/* Each step in order. Stops at the first that fails and is not optional: ERR_CHANGE, named. */
int plan_execute(const struct plan *p, struct executor *x, struct err *err);

/* Takes back, last first, every step that the journal shows begun. Goes on past failures, so that as
 * much as possible is put back; ERR_CHANGE names the first of them. */
int plan_undo(const struct plan *p, struct executor *x, struct err *err);

/* Reads every step's outcome back once more. 0: all hold; ERR_CHANGE names the first that does not. */
int plan_holds(const struct plan *p, struct executor *x, struct err *err);

#endif
