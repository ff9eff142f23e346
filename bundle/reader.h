/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_READER_H
#define BUNDLE_READER_H

#include "bundle/payload.h"
#include "bundle/report.h"
#include "bundle/trust.h"
#include "collect/source.h"

/*
 * Bundles of other hosts, which may be anything. The order is always: the signature over the
 * compressed bytes; then one pass of unpacking, the manifest first, every file held against it as it
 * comes; only when all of it holds, the records. Everything is read from the one descriptor; the pass
 * hashes the compressed bytes again, so a file that was changed since the signature was checked is noticed.
 */
enum bundle_flag {
	/* Do not ask for a signature that is trusted here. One that does not hold is refused nevertheless. */
	BUNDLE_ANYONE = 1 << 0,
};

struct bundle_args {
	int fd;	   /* the tarball, or an evidence directory; stays the caller's */
	int sigfd; /* its signature; -1: there is none. An evidence directory has none and needs none. */
	const struct trust *trust;
	unsigned flags;
	const char *tmpdir; /* where payloads too large for memory go while the bundle is open; NULL: /var/tmp */
	const char *only;   /* keep this file alone, besides records and manifest; NULL: all */
};

/* Checks everything and says in the report what there is and what does not hold. To name the files
 * that differ, it unpacks also what no trusted signature covers, within strict limits. 0 only when all holds;
 * -ERR_TRUST, -ERR_LIMIT otherwise, err being the first problem. Other errors: the file cannot be read at all. */
int bundle_verify(const struct bundle_args *a, struct bundle_report *ret, struct err *err);

/* The signature alone, of any file (a sealed bundle). Sets what the report has of it; 0 only when it is TRUSTED. */
int bundle_signature(const struct bundle_args *a, struct bundle_report *ret, struct err *err);
/* The value of "name=…" in a trusted comment; caller frees, NULL when it is not there. */
char *bundle_comment_field(const char *comment, const char *name);

/* Opens a bundle in which everything holds; fails as bundle_verify does otherwise. */
struct bundle;
int bundle_open(const struct bundle_args *a, struct bundle **ret, struct err *err);
void bundle_close(struct bundle *b);
void bundle_closep(struct bundle **b);
#define _cleanup_bundle_ CLEANUP(bundle_closep)

const struct bundle_report *bundle_report(const struct bundle *b);

/* A file of the bundle by its path, to bundle_read it; -ERR_ABSENT. */
int bundle_find(struct bundle *b, const char *path, struct payload *ret, struct err *err);
/* Passes its bytes on; see payload_read. */
int bundle_read(struct bundle *b, const struct payload *p, int (*sink)(void *data, const void *p, size_t n), void *data, struct err *err);

/* Checks the bundle and then writes its files below dir, which is made, or is empty. Never follows a
 * link, never overwrites. On failure the files written are removed. ret_report as in bundle_verify (freed by the caller). */
int bundle_extract(const struct bundle_args *a, const char *dir, struct bundle_report *ret_report, struct err *err);

/* A source that answers from the bundle, which it takes over. Of several answers to a key it gives
 * the first that was OK or CUT. What is not in the bundle is NOT_COLLECTED. Its clock is the capture's. */
struct source *source_bundle(struct bundle *b);

/* One record, for listing. */
struct bundle_record {
	struct record rec;
	struct payload payload[STREAMS];
	bool has_payload[STREAMS];
	bool withheld;
};
/* Valid until bundle_close. */
const struct bundle_record *bundle_records(const struct bundle *b, size_t *n);
const struct bundle_record *bundle_answer(const struct bundle *b, const char *key);

#endif
