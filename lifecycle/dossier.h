/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_DOSSIER_H
#define LIFECYCLE_DOSSIER_H

#include "bundle/hands.h"
#include "formats/casefile.h"
#include "lifecycle/exam.h"

/* All that a verified bundle says, for the verbs that tell it: summary, report, diff, index. */
struct dossier {
	struct exam exam; /* with its findings */
	struct evidence *evidence;
	struct casefile file;
};
/* ERR_TRUST, ERR_LIMIT… as verify says; ERR_USAGE for a sealed bundle. */
int dossier_open(const struct cli *cli, const char *path, struct dossier *ret, struct err *err);
void dossier_close(struct dossier *d);
#define _cleanup_dossier_ CLEANUP(dossier_close)

/* What the evidence says, as facts, in layers from the host to the logs. */
void facts_of_evidence(const struct evidence *e, struct facts *ret);
/* The start times that the journal tells; for the rate and the chart. */
void casefile_of_evidence(const struct evidence *e, struct casefile *c);
/* The lines of a custody.jsonl, as acts "in the bundle". Lines that do not parse are left out: verify says so. */
void casefile_add_custody(struct casefile *c, const char *text, size_t n);

#endif
