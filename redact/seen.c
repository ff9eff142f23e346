/* SPDX-License-Identifier: MIT */
/* What the gate knows, sealed for a later run of the same capture. */
#include <sodium.h>
#include <string.h>

#include "redact/engine.h"

static const char magic[] = "sourceos seen 1\n";
#define HEAD (sizeof(magic) - 1 + crypto_secretbox_NONCEBYTES)
#define ENTRY 5 /* the class, and the length in four bytes */

_Static_assert(REDACT_KEY_BYTES == crypto_secretbox_KEYBYTES, "one key, one size");

void redactor_seal_seen(const struct redactor *r, const uint8_t key[REDACT_KEY_BYTES], struct buf *out)
{
	size_t n, len = 0, at = 0;
	const struct vault_entry *e = vault_entries(r->vault, &n);

	for (size_t i = 0; i < n; i++)
		len += ENTRY + e[i].n;
	uint8_t *plain = sodium_malloc(len + 1);
	if (!plain)
		abort(); /* out of memory: see mem.h */
	for (size_t i = 0; i < n; i++) {
		plain[at] = (uint8_t)e[i].class;
		memcpy(plain + at + 1, &e[i].n, 4);
		memcpy(plain + at + ENTRY, e[i].p, e[i].n);
		at += ENTRY + e[i].n;
	}
	size_t before = out->len;
	buf_reserve(out, HEAD + crypto_secretbox_MACBYTES + len + 1);
	uint8_t *to = (uint8_t *)out->data + before, *nonce = to + sizeof(magic) - 1;
	memcpy(to, magic, sizeof(magic) - 1);
	randombytes_buf(nonce, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(to + HEAD, plain, len, nonce, key);
	out->len += HEAD + crypto_secretbox_MACBYTES + len;
	sodium_free(plain);
}

int redactor_open_seen(struct redactor *r, const uint8_t key[REDACT_KEY_BYTES], const void *p, size_t n, struct err *err)
{
	const uint8_t *s = p;

	if (n < HEAD + crypto_secretbox_MACBYTES || memcmp(p, magic, sizeof(magic) - 1) != 0)
		return err_set(err, ERR_SYNTAX, "not a list of values that were seen");
	size_t len = n - HEAD - crypto_secretbox_MACBYTES;
	uint8_t *plain = sodium_malloc(len + 1);
	if (!plain)
		abort();
	if (crypto_secretbox_open_easy(plain, s + HEAD, n - HEAD, s + sizeof(magic) - 1, key)) {
		sodium_free(plain);
		return err_set(err, ERR_TRUST, "the values that were seen are sealed with another key, or damaged");
	}
	for (size_t at = 0; at + ENTRY <= len;) {
		enum secret_class class = (enum secret_class)plain[at];
		uint32_t k;
		memcpy(&k, plain + at + 1, 4);
		if (k > len - at - ENTRY)
			break;
		/* the operator's classes are numbered by their rules, which may be others now */
		secret_remember(r, class >= CLASS_OPERATOR ? CLASS_WORD : class, plain + at + ENTRY, k);
		at += ENTRY + k;
	}
	sodium_free(plain);
	return 0;
}
