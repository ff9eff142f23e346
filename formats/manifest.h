/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_MANIFEST_H
#define FORMATS_MANIFEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/err.h"

/*
 * manifest.json: what a bundle consists of, in the order of its tarball, and what it lacks.
 * Format: docs/formats/bundle.md and manifest.schema.json there. The manifest names every file of
 * the bundle but itself and SHA256SUMS, which is made from it (manifest_add_sums).
 */
#define MANIFEST_SCHEMA "sourceos.agent-bundle.v1"
#define MANIFEST_NAME "manifest.json"
#define MANIFEST_SUMS "SHA256SUMS"
#define MANIFEST_MAX (8u << 20)	     /* bytes of a manifest that we read */
#define MANIFEST_ARTIFACTS_MAX 20000 /* files in a bundle */
#define MANIFEST_PATH_MAX 240	     /* bytes of a path; one component has at most 120 */

struct manifest_artifact {
	char *path;
	uint64_t bytes;
	uint8_t sha256[32];
	uint32_t mode; /* permission bits */
	char *key;     /* of the record it belongs to; NULL for a document */
};

/* What is critical or volatile and was not captured in full. */
struct manifest_gap {
	char *what;
	char *outcome; /* an outcome's name, "withheld" or "not-captured" */
	char *reason;
};

/* For which case it was captured, by whom, and why: what --case and --note said. NULL: not said. One line each. */
#define CASE_ID_MAX 64	      /* bytes */
#define CASE_REASON_MAX 1000
struct manifest_case {
	char *id;	/* "INC-1234": of letters, digits and ._:#/@+=-, so that it is a word anywhere */
	char *operator; /* set when one of the others is */
	char *reason;
};
void manifest_case_free(struct manifest_case *c); /* frees what it holds */
#define _cleanup_case_ CLEANUP(manifest_case_free)
bool manifest_case_id_ok(const char *id);
json_t *manifest_case_json(const struct manifest_case *c); /* {"id","operator","reason"}; NULL when nothing was said */
int manifest_case_parse(const json_t *j, struct manifest_case *ret, struct err *err); /* j NULL: nothing was said */

struct manifest_count {
	char *class;
	uint64_t count;
};

struct manifest {
	char *id; /* urn:srcos:diag-bundle:… */
	char *agent;
	char *purpose; /* "collect", "quarantine" */
	struct manifest_case about;
	char *tool;
	char *version;
	char *host_tag;
	char *platform; /* "linux", "darwin" */
	uint64_t created_us; /* the host's clock */
	bool raw_retained;   /* unredacted originals of what was moved stayed on the host */
	struct manifest_count *redactions;
	size_t n_redactions;
	struct manifest_artifact *artifacts;
	size_t n_artifacts;
	struct manifest_gap *gaps;
	size_t n_gaps;
};
void manifest_free(struct manifest *m);
#define _cleanup_manifest_ CLEANUP(manifest_free)

/* Copies their strings. */
void manifest_add_artifact(struct manifest *m, const char *path, uint64_t bytes, const uint8_t sha256[32], uint32_t mode,
	const char *key);
void manifest_add_gap(struct manifest *m, const char *what, const char *outcome, const char *reason);
void manifest_add_redaction(struct manifest *m, const char *class, uint64_t count);

/* NULL when there is none. */
const struct manifest_artifact *manifest_find(const struct manifest *m, const char *path);

/* A path that a bundle may hold: relative, of letters, digits and ._@+=:,~#- and '/', no component
 * empty, over-long, or beginning with a dot. So no "..", nothing absolute, nothing a terminal obeys. */
bool manifest_path_ok(const char *path);

/* Appends one component made safe by that rule from any name: other bytes become '_', and of a name
 * longer than max bytes the end is kept, which is what tells paths apart. */
void manifest_add_safe_name(struct buf *b, const char *name, size_t max);

void manifest_add_json(struct buf *b, const struct manifest *m);
/* Checks everything that the rules above say, and that no two paths are the same (letter case aside,
 * since a bundle is also extracted on file systems that ignore it). */
int manifest_parse(const char *p, size_t n, struct manifest *ret, struct err *err);

/* Appends what SHA256SUMS holds: the manifest first, then the artifacts, as sha256sum -c reads it. */
void manifest_add_sums(struct buf *b, const struct manifest *m, const uint8_t manifest_sha256[32]);

#endif
