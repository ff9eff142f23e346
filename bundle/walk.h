/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_WALK_H
#define BUNDLE_WALK_H

#include "bundle/hasher.h"
#include "bundle/report.h"
#include "bundle/sign.h"

/*
 * Goes through the members of a bundle, in order, without believing any of it. A visitor sees regular
 * files with fitting names only; everything else becomes a problem in the report. Walking stops, with
 * a negative code, when the archive is damaged, a limit is passed, or the visitor says so.
 */
struct visitor {
	/* A member begins; path is relative to the top directory, bytes is what its header declares. */
	int (*begin)(struct visitor *v, const char *path, uint64_t bytes, uint32_t mode);
	int (*data)(struct visitor *v, const void *p, size_t n);
	int (*end)(struct visitor *v);
};

struct walk_limits {
	uint64_t total_bytes; /* of all members, uncompressed */
	uint64_t members;
	uint64_t ratio;	     /* uncompressed to compressed… */
	uint64_t ratio_from; /* …once this many uncompressed bytes were seen */
};
/* For bundles of unknown origin, and for those with a trusted signature (whose logs may well repeat
 * one line a million times). */
extern const struct walk_limits walk_limits_strict;
extern const struct walk_limits walk_limits_trusted;

/* A tarball from fd, read with pread from its first byte, each byte once. ret_digest is BLAKE2b-512
 * of the whole file as it was read now: a caller that verified another one finds out. */
int walk_tar(int fd, const struct walk_limits *limits, struct hasher *h, struct visitor *v, struct bundle_report *report,
	uint8_t ret_digest[SIGN_DIGEST_BYTES]);

/* One regular file of an evidence directory, opened once and without following links. */
int walk_file(int dirfd, const char *path, struct visitor *v, struct bundle_report *report);

#endif
