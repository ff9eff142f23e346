/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_SEAL_H
#define BUNDLE_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/age.h"

/*
 * Sealing: a file becomes an age v1 file (age-encryption.org/v1) that only its recipients can open,
 * here or with `age -d`. Both ways stream, in flat memory. Everything fails closed: the output has
 * no name until all of it is on the disk, so a failure leaves neither output nor plaintext.
 */

/* Who may open it: recipients, or a passphrase alone (age forbids both together). */
struct seal_to {
	struct age_keys recipients;
	const char *passphrase; /* NULL: none */
	unsigned log_n;		/* scrypt work factor; 0: the default */
};

/* What to open it with; any of them may fit. */
struct seal_with {
	struct age_keys identities;
	const char *passphrase;
};

/* What a sealed file says about itself before it is opened. Its recipients are anonymous: only their number shows. */
struct seal_info {
	size_t recipients; /* X25519 */
	size_t others;	   /* of types that we do not know (SSH keys, plugins) */
	bool passphrase;
	uint64_t payload_bytes; /* plaintext bytes; set by opening and sealing, not by seal_describe */
	uint64_t sealed_bytes;	/* all of the sealed file; the same */
	char *opened_by;	/* the age1… recipient whose secret opened it, "passphrase", or NULL */
};
void seal_info_free(struct seal_info *i); /* frees what it holds */
#define _cleanup_seal_info_ CLEANUP(seal_info_free)

/* Told from time to time how many bytes of `total` (0: unknown) were read; non-zero stops with ERR_IO. */
struct seal_progress {
	int (*step)(void *ctx, uint64_t bytes, uint64_t total);
	void *ctx;
};

/* True when the bytes begin as an age file does, binary or armored. */
bool seal_is_sealed(const void *data, size_t n);
bool seal_is_sealed_fd(int fd); /* a file, by its first bytes; its offset stays */

/* From descriptor to descriptor; name is for messages. ret and progress may be NULL; ret is set on success. */
int seal_fd(int in, int out, const char *name, const struct seal_to *to, const struct seal_progress *progress,
	struct seal_info *ret, struct err *err);
/* ERR_DENIED: nothing in `with` opens it; ERR_TRUST: damaged, cut or changed (out then holds a part: the caller deletes it). */
int seal_open_fd(int in, int out, const char *name, const struct seal_with *with, const struct seal_progress *progress,
	struct seal_info *ret, struct err *err);

/* From file to file, mode 0600. Without replace an existing out_path is an error and stays. */
int seal_file(const char *path, const char *out_path, bool replace, const struct seal_to *to,
	const struct seal_progress *progress, struct seal_info *ret, struct err *err);
int seal_open_file(const char *path, const char *out_path, bool replace, const struct seal_with *with,
	const struct seal_progress *progress, struct seal_info *ret, struct err *err);

/* Opens into a file without a name in the directory `dir`, for what reads a sealed bundle in place: *ret_fd is
 * at offset 0, and what it holds is gone when it is closed. */
int seal_open_nameless(const char *path, const char *dir, const struct seal_with *with,
	const struct seal_progress *progress, int *ret_fd, struct seal_info *ret, struct err *err);

/* The header alone, checked in form (nobody can check its MAC without a key). */
int seal_describe(const char *path, struct seal_info *ret, struct err *err);

/* Files of keys (see formats/age.h); add to keys. */
int seal_load_recipients(const char *path, struct age_keys *keys, struct err *err);
int seal_load_identities(const char *path, struct age_keys *keys, struct err *err);

#endif
