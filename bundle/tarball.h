/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_TARBALL_H
#define BUNDLE_TARBALL_H

#include <stdbool.h>
#include <sys/stat.h>

#include "bundle/sign.h"
#include "formats/manifest.h"
#include "redact/redact.h"

/*
 * Writes a pax+zstd tarball of files that a manifest names. The same files, order and time give the
 * same bytes: owner and group are 0 and nameless, every time is `time_us` in seconds.
 */
struct tarball {
	int fd;		 /* to write to */
	int dirfd;	 /* the files' directory */
	const char *top; /* the one directory that all members lie under */
	uint64_t time_us;
	struct redact_gate *gate;		   /* sees every byte; NULL: none */
	const struct manifest_artifact *members;   /* in this order */
	size_t n_members;
	/* The file is known to have the bytes of the manifest, and is not hashed again; NULL: none is. */
	bool (*known)(void *ctx, const struct manifest_artifact *m, const struct stat *st);
	void *ctx;
};

struct tarball_result {
	uint8_t digest[SIGN_DIGEST_BYTES]; /* BLAKE2b-512 of the tarball */
	uint64_t bytes;
	char **hits; /* members that the gate stopped at; the tarball is then not to be used */
	char *hit;   /* what and where the first one was, for people */
};
void tarball_result_free(struct tarball_result *r);
#define _cleanup_tarball_result_ CLEANUP(tarball_result_free)

/* Streams; no file is held in memory. A file whose bytes are not as the manifest says is -ERR_TRUST.
 * Gate hits are no failure of this function: all members are searched, and hits lists them. */
int tarball_write(const struct tarball *t, struct tarball_result *ret, struct err *err);

#endif
