/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_SEALKEY_H
#define BUNDLE_SEALKEY_H

#include "formats/age.h"

/*
 * The keys of an age file: how the file key is wrapped for each who may open it, and what is
 * derived from it. Callers have called sodium_init(). Secrets are the caller's to wipe.
 */

enum {
	SEAL_SCRYPT_LOG_N = 18,	    /* what is written: about a second and 256 MiB, as age itself */
	SEAL_SCRYPT_LOG_N_MAX = 20, /* what is accepted when reading: 1 GiB; a file may not ask for more */
};

/* Appends the stanza that wraps file_key. ERR_USAGE: a recipient that nobody can have the secret of (a low order point). */
int seal_wrap_x25519(struct age_header *h, const uint8_t file_key[AGE_FILE_KEY_BYTES],
	const uint8_t recipient[AGE_KEY_BYTES], struct err *err);
int seal_wrap_scrypt(struct age_header *h, const uint8_t file_key[AGE_FILE_KEY_BYTES], const char *passphrase,
	unsigned log_n, struct err *err);

/* Checks the shape of all stanzas that we know (arguments, lengths, a passphrase stands alone), before any secret is used on one. */
int seal_check_stanzas(const struct age_header *h, struct err *err);

/* Try one key on all stanzas of a checked header: 0 opened, 1 none is for this key, negative: a stanza that is malformed or asks too much. */
int seal_unwrap_x25519(const struct age_header *h, const uint8_t identity[AGE_KEY_BYTES],
	uint8_t file_key[AGE_FILE_KEY_BYTES], struct err *err);
int seal_unwrap_scrypt(const struct age_header *h, const char *passphrase, uint8_t file_key[AGE_FILE_KEY_BYTES],
	struct err *err);

/* The MAC of the header's first bytes, and the key of the payload. */
void seal_header_mac(const uint8_t file_key[AGE_FILE_KEY_BYTES], const void *text, size_t n, uint8_t mac[AGE_KEY_BYTES]);
void seal_payload_key(const uint8_t file_key[AGE_FILE_KEY_BYTES], const uint8_t nonce[AGE_NONCE_BYTES],
	uint8_t key[AGE_KEY_BYTES]);

/* The public half of an identity. */
void seal_recipient_of(const uint8_t identity[AGE_KEY_BYTES], uint8_t recipient[AGE_KEY_BYTES]);
void seal_identity_make(uint8_t identity[AGE_KEY_BYTES]);

#endif
