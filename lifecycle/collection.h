/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_COLLECTION_H
#define LIFECYCLE_COLLECTION_H

#include "bundle/capture.h"
#include "lifecycle/collection_redaction.h"
#include "lifecycle/journal.h"
#include "lifecycle/session.h"

/*
 * Evidence on its way into a directory and a bundle: what collect and quarantine share.
 *
 *	open → gather → (quarantine: change the host) → finish → report
 */
struct collection {
	const struct cli *cli;
	struct session *session;
	char *agent;	/* name */
	char *purpose;	/* "collect", "quarantine" */
	char *dir;	/* ROOT/<agent>-<stamp> */
	char *stamp;	/* YYYYmmdd-HHMMSS */
	bool fresh;	/* the directory was made by this run, and nothing was changed on the host yet */
	struct capture *capture;
	struct collection_redaction redaction;
	struct source *tee; /* the live source, recorded */
	struct evidence *evidence;
	struct manifest_case said;  /* --case and --note, as given; open reads them */
	struct manifest_case about; /* the same, clean: what the bundle says */
	struct capture_result made;
	json_t *actions; /* for --json: {"action","result","ok"} */
};

/* The directory that --output says, or the state directory's evidence/. Made when it is not there. Caller frees. */
char *collection_root(const struct cli *cli, const struct session *s, struct err *err);

/* Opens dir, or with NULL a new one for the agent. */
int collection_open(const struct cli *cli, struct session *s, const char *agent, const char *purpose, const char *dir,
	struct collection *ret, struct err *err);
/* Gathers everything about the target, which is handed over, into the directory. */
int collection_gather(struct collection *c, struct target *target, struct err *err);
/* ERR_INCOMPLETE names the first critical thing that could not be captured (a plan must not go on then). */
int collection_critical(const struct collection *c, struct err *err);
/* Into custody and the manifest, what was said of the case; gather does it. Nothing happens when nothing was said. */
int collection_case(struct collection *c, struct err *err);
/* Before the host is changed: what this run knows and a later one must, should this one be cut short. */
int collection_keep(struct collection *c, struct err *err);
/* One act, into custody.jsonl and the list of actions. */
int collection_act(struct collection *c, const char *action, const char *detail, int exit, struct err *err);
/* Writes manifest, bundle and signature. journal: path of the journal that goes in; NULL: none. */
int collection_finish(struct collection *c, const char *journal, struct err *err);
/* Prints what was made: for people, or as the --json document. */
void collection_report(const struct collection *c);
/* Ends. With failed, a directory that is fresh is removed: nothing half-written stays under a final name. */
void collection_close(struct collection *c, bool failed);

#endif
