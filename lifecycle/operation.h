/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_OPERATION_H
#define LIFECYCLE_OPERATION_H

#include "lifecycle/journal.h"
#include "lifecycle/lock.h"
#include "lifecycle/service.h"
#include "lifecycle/session.h"

/*
 * A change to one installed agent, as stage, install, start, stop, restart and uninstall make it:
 *
 *	open (as its owner, locked; a change that was interrupted is taken back) → plan → run → close
 *
 * A plan that can be taken back is in the journal of DIR/change before its first step, and a step that fails takes
 * back those before it. What was done is a receipt in the agent's history.
 */
struct operation {
	struct cli *cli;
	const char *verb;
	struct session session;
	char *actor; /* who asked, before we became the owner */
	uid_t actor_uid;
	struct target target;
	struct evidence *evidence; /* holds the target, once it was gathered */
	struct agent *agent;	   /* of the target */
	const struct identity *owner;
	struct install_paths paths;
	struct recipe recipe;
	struct installed installed;
	struct service service;
	char *domain;
	struct lock lock;
	struct plan *plan;
	struct journal *journal;
	char *vault;
	json_t *actions; /* [{"action","result","ok"}] */
	bool dry_run;
};

/* quadlet: the form that is asked for; otherwise the installed one, or the declared one. */
int operation_open(struct cli *cli, const char *verb, bool quadlet, struct operation *ret, struct err *err);
void operation_close(struct operation *o);
#define _cleanup_operation_ CLEANUP(operation_close)

/* ERR_USAGE when it is not installed. */
int operation_need_installed(const struct operation *o, struct err *err);

/* Gathers and judges: 0 when every check passes. Otherwise EXIT_FINDINGS or EXIT_INCOMPLETE, after having said which do not. */
int operation_preflight(struct operation *o, struct err *err);

/* Carries o->plan out. A step that fails: with roll_back what was done is taken back, read back and said; ERR_CHANGE.
 * Without it nothing is journaled. */
int operation_run(struct operation *o, bool roll_back, struct err *err);

/* After a run that succeeded: its receipt, and DIR/change goes. A receipt that cannot be written undoes nothing: it is said. */
int operation_end(struct operation *o, const char *detail, struct err *err);

/* Prints the plan and touches nothing. */
int operation_dry_run(const struct operation *o);

/* The end of the story: `outcome` for --json ("installed", "unchanged"), the sentence for people. */
void operation_report(const struct operation *o, const char *outcome, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* A line in the agent's history. */
int operation_receipt(const struct operation *o, const char *detail, int exit, struct err *err);

/* What its log, or the journal, said last; for people, secrets taken out. Caller frees; NULL when there is nothing. */
char *operation_log_tail(const struct operation *o);

/* Removes a directory with all that is in it; links are removed, not followed. Absent is fine. */
int tree_remove(const char *path, struct err *err);

/* What the verbs' rows list. */
#define OPTION_OWNER_OF { "owner", 0, "USER", "whose agent it is, for root without sudo", false }

#endif
