/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_SIGN_H
#define BUNDLE_SIGN_H

#include <stdbool.h>

#include "formats/minisign.h"

/*
 * Signatures that stock minisign accepts, and the other way round: Ed25519 over BLAKE2b-512 of the
 * file, a second one over that and the trusted comment.
 */
#define SIGN_DIGEST_BYTES 64
#define SIGN_LEGACY_MAX (64u << 20) /* a legacy ('Ed') signature needs the whole file in memory */

/* A signing key; the secret lives in guarded memory that is wiped when freed. */
struct sign_key;
void sign_key_free(struct sign_key *k);
void sign_key_freep(struct sign_key **k);
#define _cleanup_sign_key_ CLEANUP(sign_key_freep)
const struct minisign_pub *sign_key_pub(const struct sign_key *k);

/* Reads a secret key file of minisign (one without a password). The file must be a regular file of
 * ours or of root that nobody else can read, else ERR_TRUST. */
int sign_key_load(const char *path, struct sign_key **ret, struct err *err);

/* Makes a key pair: dir/name.key (0600) and dir/name.pub (0644); dir (0700) is made as well.
 * -ERR_BUSY when the key file exists: a key is never overwritten. */
int sign_key_generate(const char *dir, const char *name, struct sign_key **ret, struct err *err);

/* The host's key, dir/host.key, made on first use (*ret_made, which may be NULL). dir/host.pub is
 * written again from it when it is missing. */
int sign_key_host(const char *dir, struct sign_key **ret, bool *ret_made, struct err *err);

/* BLAKE2b-512 of a whole file, from its first byte, wherever its offset stands. */
int sign_digest_fd(int fd, uint8_t digest[SIGN_DIGEST_BYTES], uint64_t *ret_size, struct err *err);

/* Appends the signature file. */
void sign_make(const struct sign_key *k, const uint8_t digest[SIGN_DIGEST_BYTES], const char *trusted, const char *untrusted,
	struct buf *out);

/* 0 when s, its trusted comment included, is pub's signature of what the digest is of. fd is read
 * only for a legacy signature. -ERR_TRUST otherwise. */
int sign_verify(const struct minisign_sig *s, const struct minisign_pub *pub, const uint8_t digest[SIGN_DIGEST_BYTES], int fd,
	struct err *err);

/* A bare Ed25519 signature of a few bytes. `domain` says what they are, so that a signature of one kind of thing never
 * passes for one of another, or for minisign's. */
void sign_bytes(const struct sign_key *k, const char *domain, const void *p, size_t n, uint8_t sig[MINISIGN_SIG_BYTES]);
bool sign_bytes_hold(const struct minisign_pub *pub, const char *domain, const void *p, size_t n,
	const uint8_t sig[MINISIGN_SIG_BYTES]);

#endif
