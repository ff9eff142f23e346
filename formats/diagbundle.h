/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_DIAGBUNDLE_H
#define FORMATS_DIAGBUNDLE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * diagnostics-bundle.json, valid against SourceOS's DiagnosticsBundle schema (docs/formats/sourceos/).
 * Made from the lines of records.jsonl, so a capture that was resumed writes the same document.
 */
struct diag_meta {
	const char *id; /* urn:srcos:diag-bundle:… */
	const char *tool;
	const char *version;
	const char *host_tag;
	const char *boot;	/* "-0"; NULL: that */
	const char *since;	/* "24 hours ago"; NULL: "all retained" */
	const char *os_release; /* NULL: not recorded */
	const char *kernel;
	uint64_t now_us;
	bool raw_retained;
};

/* A document without probes; the caller adds them and owns it. */
json_t *diagbundle_new(const struct diag_meta *m);
/* Adds the probe record of one line of records.jsonl, and counts it in summary and tiersEnabled.
 * `name` is unique within the document. */
void diagbundle_add(json_t *doc, const char *name, const json_t *record);

#endif
