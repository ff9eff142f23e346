/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_READER_PRIVATE_H
#define BUNDLE_READER_PRIVATE_H

/* Shared by reader*.c and extract.c only. */
#include "bundle/check.h"
#include "bundle/reader.h"

struct bundle_file {
	char *path;
	struct payload payload;
};

struct bundle {
	struct bundle_report report;
	struct payload_store *store;
	struct bundle_file *files; /* sorted by path once the bundle is open */
	size_t n_files;
	struct bundle_record *records;
	size_t n_records;
};

/* Signature, then one pass. inner sees what holds. The report is filled also on failure. `thorough`:
 * go on after a signature that does not hold, to name what differs. */
int bundle_pass(const struct bundle_args *a, bool thorough, struct check_inner *inner, struct bundle_report *report, struct err *err);

/* Reads records.jsonl of a bundle whose files are all there. */
int bundle_index(struct bundle *b, struct err *err);

#endif
