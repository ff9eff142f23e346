/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_CHECK_H
#define BUNDLE_CHECK_H

#include "bundle/sha256.h"
#include "bundle/walk.h"

/*
 * The visitor that holds what comes against the manifest: which must come first, and then every file
 * once, in order, with its size and hash, and SHA256SUMS last. An inner visitor (may be NULL) sees
 * the files that the manifest names, the manifest itself included; its end() is called only when the
 * hash holds, its drop() when not: what it was given meanwhile is then worth nothing.
 */
struct check_inner {
	int (*begin)(struct check_inner *i, const char *path, uint64_t bytes, uint32_t mode);
	int (*data)(struct check_inner *i, const void *p, size_t n);
	int (*end)(struct check_inner *i);
	void (*drop)(struct check_inner *i);
};

struct check {
	struct visitor visitor;
	struct bundle_report *report;
	struct check_inner *inner;
	const uint8_t *want_manifest; /* its SHA-256 as the trusted comment says; NULL: it says nothing */
	uint8_t manifest_sha256[32];
	size_t next; /* index of the artifact that should come; n_artifacts: SHA256SUMS */
	bool sums_seen;
	struct hasher *hasher;
	struct sha256 hash;
	uint64_t bytes;
	struct buf held; /* manifest, sums, custody: read whole */
	enum check_what { CHECK_SKIP, CHECK_MANIFEST, CHECK_ARTIFACT, CHECK_SUMS } what;
	size_t index; /* of the artifact being read */
	bool hold;
	bool inner_on; /* the inner visitor follows this one */
};

void check_init(struct check *c, struct hasher *h, struct bundle_report *report, const uint8_t *want_manifest, struct check_inner *inner);
/* After the walk: what never came. */
int check_finish(struct check *c);
void check_free(struct check *c);

#endif
