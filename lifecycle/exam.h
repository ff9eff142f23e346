/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_EXAM_H
#define LIFECYCLE_EXAM_H

#include "formats/finding.h"
#include "lifecycle/session.h"

/*
 * An examination: what doctor, preflight, status, logs and scan share. It looks at this host, or with
 * --from at a bundle or evidence directory, which is verified first and then answers the same questions.
 *
 *	open → target → gather → checks_run → print
 */
struct exam {
	const struct cli *cli;
	struct session session; /* its source is the bundle's with --from; agents then are the bundle's */
	char *from;		/* what --from named; NULL: this host */
	char *signer;		/* who signed the bundle; NULL: not verified (--insecure), or an evidence directory */
	bool verified;
	bool directory;		/* an evidence directory: not signed, but the caller's or root's alone to write */
	char *agent;		/* the bundle's; NULL */
	char *unit;		/* of the bundle's service; NULL when not known */
	char *owner;		/* user name whose service it is, in the bundle; NULL when not known */
	char **gaps;		/* of the bundle: what was not captured, fit for a terminal */
	bool many;		/* findings are about several agents: each names its own */
	bool files;		/* findings are about files, not about checks of one agent */
	struct bundle *bundle;	/* what the source answers from, which owns it; NULL: this host */
	bool quarantine;	/* the bundle is of a quarantine: it holds what was before */
	char *note;		/* what is said after the first line; NULL */
	char *public_key;	/* the signer's, as minisign -P takes it; NULL as signer is */
	char *key_id;		/* of the bundle's signature, trusted or not; NULL: there is none */
	struct findings findings;
};

/* Options of commands that examine, besides those of bundle_arg.h. */
#define OPTION_FROM { "from", 0, "BUNDLE|DIR", "examine a bundle or evidence directory instead of this host", false }
#define OPTION_INSECURE { "insecure", 0, NULL, "with --from: also a bundle that nobody trusted here signed", false }

int exam_open(const struct cli *cli, struct exam *ret, struct err *err);
/* The same for a bundle that another option or argument names; NULL: this host. */
int exam_open_from(const struct cli *cli, const char *from, struct exam *ret, struct err *err);
void exam_close(struct exam *x);
#define _cleanup_exam_ CLEANUP(exam_close)

/* The agent of that name, label, unit or path; from a bundle NULL is the bundle's own. */
int exam_target(const struct exam *x, const char *name, struct target *ret, struct err *err);
/* target is handed over. */
int exam_gather(const struct exam *x, struct target *target, unsigned want, struct evidence **ret, struct err *err);

/* Prints the findings (for people, --json or --sarif) and returns the exit code: 1 when a check fails (with --strict:
 * or warns), 3 when a verdict is unknown. what: the name for the first line, of people. */
int exam_print(const struct exam *x, const char *what);
int exam_exit(const struct exam *x); /* that exit code alone */

/* What is said of a bundle before anything else; nothing on this host. */
void exam_print_source(const struct exam *x, FILE *f);
/* The members of a document that name what was examined: "host", "from", "gaps". */
json_t *exam_to_json(const struct exam *x);

#endif
