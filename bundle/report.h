/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_REPORT_H
#define BUNDLE_REPORT_H

#include "formats/manifest.h"
#include "formats/minisign.h"

/* What checking a bundle found. */
enum signature_state {
	SIGNATURE_NONE,	   /* there is none */
	SIGNATURE_TRUSTED, /* it holds, by a key that is trusted */
	SIGNATURE_UNKNOWN, /* by a key that nobody here trusts: it proves nothing */
	SIGNATURE_BAD,	   /* it does not hold, or is not a signature */
};

enum problem_kind {
	PROBLEM_SIGNATURE,
	PROBLEM_DAMAGED, /* the archive cannot be read on */
	PROBLEM_LIMIT,	 /* larger than what we read */
	PROBLEM_MANIFEST,
	PROBLEM_NAME, /* a name that a bundle cannot hold */
	PROBLEM_TYPE, /* not a regular file */
	PROBLEM_ADDED,
	PROBLEM_MISSING,
	PROBLEM_ORDER,
	PROBLEM_DUPLICATE,
	PROBLEM_CHANGED,
	PROBLEM_SUMS,
	PROBLEM_CUSTODY,
};
const char *problem_name(enum problem_kind k); /* "signature", "damaged"… */

struct bundle_problem {
	enum problem_kind kind;
	char *text; /* names the member; fit for a terminal */
};

enum file_state { FILE_MISSING, FILE_CHANGED, FILE_OK };

#define REPORT_PROBLEMS_MAX 100 /* after that many, reading stops */

struct bundle_report {
	enum signature_state signature;
	char *public_key;  /* the trusted key's text, as minisign -P takes it; NULL unless TRUSTED */
	char *signer;	   /* the trusted key's name; NULL unless TRUSTED */
	char key_id[17];   /* as minisign prints it; "" without a signature */
	char *remark;	   /* what is to be said of the signer's key; NULL: nothing */
	char *comment;	   /* the trusted comment; only of a TRUSTED signature is it true */
	bool has_manifest; /* manifest and files are filled */
	struct manifest manifest;
	enum file_state *files; /* by the manifest's artifacts */
	char *top;		/* the directory all members are under */
	uint64_t bytes;		/* of all files read */
	uint64_t custody_lines;
	struct bundle_problem *problems;
	size_t n_problems;
};
void bundle_report_free(struct bundle_report *r);
#define _cleanup_bundle_report_ CLEANUP(bundle_report_free)

/* Adds a problem; returns -ERR_TRUST (LIMIT: -ERR_LIMIT) when reading should stop because there are too many. */
int report_problem(struct bundle_report *r, enum problem_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
