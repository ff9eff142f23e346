/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_SHA256_H
#define BUNDLE_SHA256_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * SHA-256 of streams. libsodium's, but whole blocks go through the processor's SHA instructions
 * where it has them: libsodium 1.0.18 has portable C only, which would make it the slowest part of
 * verifying a large bundle (`make bench`: hash).
 */
#define SHA256_BYTES 32

struct sha256 {
	crypto_hash_sha256_state st;
	bool fast; /* asked once a stream: under a hypervisor CPUID is slow */
};

void sha256_init(struct sha256 *h);
void sha256_add(struct sha256 *h, const void *p, size_t n);
void sha256_end(struct sha256 *h, uint8_t out[SHA256_BYTES]);
void sha256_of(uint8_t out[SHA256_BYTES], const void *p, size_t n);
#define SHA256_HEX (2 * SHA256_BYTES + 1)
void sha256_hex_of(char out[SHA256_HEX], const void *p, size_t n); /* in lower-case digits */

#endif
