/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SARIF_H
#define FORMATS_SARIF_H

#include "formats/finding.h"

/*
 * Findings as SARIF 2.1.0 (OASIS), what code scanning services read. Warnings and failures become
 * results of kind "fail", unknown ones of kind "open"; what passed, is blocked or does not apply is left out.
 */
struct sarif_rule {
	const char *id, *title, *why, *fix;
	const char *anchor; /* of its section in docs/checks.md */
	bool warns;	    /* never worse */
};

struct sarif_run {
	const struct sarif_rule *rules; /* of every check that may be in the findings */
	size_t n_rules;
	const char *version;
	const char *root;    /* directory that files are told relative to; NULL tells them from / */
	char *const *gaps;   /* what was not captured of what was to be judged: notifications of the run; NULL none */
};
json_t *findings_to_sarif(const struct findings *l, const struct sarif_run *run);

#endif
