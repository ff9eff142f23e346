/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_UPLOAD_H
#define BUNDLE_UPLOAD_H

#include <stdbool.h>

#include "formats/attachprofile.h"

/*
 * Attaching a file to a ticket, or putting it where one points to. Whether the file may leave the host
 * at all (verified, gated) is for the caller to have made sure.
 *
 * The order: is the ticket there and the file not too large for it; is the file there already (then
 * that is fine, or, with other bytes, an error); send, and again after failures that may pass; read back
 * size and hash, as far as the service lets us.
 */
struct upload_options {
	const char *ticket;  /* needed by rt, jira, redmine; others use it in "prefix" */
	const char *comment; /* goes with the attachment where the service has a place for it; NULL: none */
	bool dry_run;	     /* ask everything, send nothing */
	unsigned backoff_ms; /* before the first retry, doubled for each; 0: a second */
	size_t part_bytes;   /* what is larger goes to S3 in parts of at least so many; 0: 16 MiB */
	int (*progress)(void *ctx, uint64_t sent, uint64_t total); /* NULL: nobody. Non-zero stops */
	void (*note)(void *ctx, const char *what); /* what is going on, a line for people; NULL: nobody */
	void *ctx;
};

struct upload_result {
	char *where;	       /* URL of what was attached, as far as known */
	bool already;	       /* it was there with these bytes; nothing was sent */
	unsigned attempts;
	uint64_t resumed_from; /* the last attempt, or an earlier run, had come so far; 0: it began at the start */
	enum attach_readback readback; /* what was compared after the upload */
};
void upload_result_free(struct upload_result *r);
#define _cleanup_upload_result_ CLEANUP(upload_result_free)

/*
 * path is read through one descriptor; its SHA-256 must be `sha256` (of what the caller verified): another
 * hash is ERR_TRUST before anything is sent. name: what it is called there.
 *
 * Errors: ERR_LIMIT larger than the profile, the service or the server takes; ERR_ABSENT no such ticket, host or
 * folder; ERR_DENIED; ERR_BUSY the name is taken by other bytes; ERR_TRUST a certificate, a redirect, or what
 * was read back is not what was sent; ERR_TIMEOUT, ERR_IO.
 */
int upload_file(const struct attach_profile *profile, const char *secret, const char *path, const char *name,
	const uint8_t sha256[32], const struct upload_options *options, struct upload_result *ret, struct err *err);

#endif
