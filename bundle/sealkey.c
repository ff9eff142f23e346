/* SPDX-License-Identifier: MIT */
#include "bundle/sealkey.h"

#include <sodium.h>
#include <string.h>

#include "formats/base64.h"
#include "formats/text.h"

static const char x25519_label[] = "age-encryption.org/v1/X25519";
static const char scrypt_label[] = "age-encryption.org/v1/scrypt";
enum {
	SCRYPT_SALT_BYTES = 16,
	SCRYPT_SALT_DIGITS = 22,
	WRAPPED_BYTES = AGE_FILE_KEY_BYTES + AGE_TAG_BYTES,
	SHARE_DIGITS = 43,
};

/* HKDF-SHA256 (RFC 5869) for one block of output, which is all that age asks for. */
static void hkdf(uint8_t out[32], const uint8_t *ikm, size_t ikm_len, const uint8_t *salt, size_t salt_len, const char *info)
{
	static const uint8_t one = 1;
	crypto_auth_hmacsha256_state st;
	uint8_t prk[32];

	/* no salt is as many zeros as the hash is long; HMAC pads its key with zeros: the same */
	crypto_auth_hmacsha256_init(&st, salt, salt_len);
	crypto_auth_hmacsha256_update(&st, ikm, ikm_len);
	crypto_auth_hmacsha256_final(&st, prk);
	crypto_auth_hmacsha256_init(&st, prk, sizeof(prk));
	crypto_auth_hmacsha256_update(&st, (const uint8_t *)info, strlen(info));
	crypto_auth_hmacsha256_update(&st, &one, 1);
	crypto_auth_hmacsha256_final(&st, out);
	sodium_memzero(prk, sizeof(prk));
	sodium_memzero(&st, sizeof(st));
}

void seal_header_mac(const uint8_t file_key[AGE_FILE_KEY_BYTES], const void *text, size_t n, uint8_t mac[AGE_KEY_BYTES])
{
	crypto_auth_hmacsha256_state st;
	uint8_t key[32];

	hkdf(key, file_key, AGE_FILE_KEY_BYTES, (const uint8_t *)"", 0, "header");
	crypto_auth_hmacsha256_init(&st, key, sizeof(key));
	crypto_auth_hmacsha256_update(&st, text, n);
	crypto_auth_hmacsha256_final(&st, mac);
	sodium_memzero(key, sizeof(key));
	sodium_memzero(&st, sizeof(st));
}

void seal_payload_key(const uint8_t file_key[AGE_FILE_KEY_BYTES], const uint8_t nonce[AGE_NONCE_BYTES], uint8_t key[AGE_KEY_BYTES])
{
	hkdf(key, file_key, AGE_FILE_KEY_BYTES, nonce, AGE_NONCE_BYTES, "payload");
}

void seal_recipient_of(const uint8_t identity[AGE_KEY_BYTES], uint8_t recipient[AGE_KEY_BYTES])
{
	crypto_scalarmult_curve25519_base(recipient, identity);
}

void seal_identity_make(uint8_t identity[AGE_KEY_BYTES])
{
	randombytes_buf(identity, AGE_KEY_BYTES);
}

/* A wrap key is used once, so its nonce is zero. */
static const uint8_t zero_nonce[crypto_aead_chacha20poly1305_ietf_NPUBBYTES];

static void wrap(uint8_t out[WRAPPED_BYTES], const uint8_t file_key[AGE_FILE_KEY_BYTES], const uint8_t key[32])
{
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, file_key, AGE_FILE_KEY_BYTES, NULL, 0, NULL, zero_nonce, key);
}

static int unwrap(uint8_t file_key[AGE_FILE_KEY_BYTES], const uint8_t *body, const uint8_t key[32])
{
	return crypto_aead_chacha20poly1305_ietf_decrypt(file_key, NULL, NULL, body, WRAPPED_BYTES, NULL, 0, zero_nonce, key);
}

static void add_stanza(struct age_header *h, const char *type, const uint8_t *arg, size_t arg_len, const char *arg2,
	const uint8_t body[WRAPPED_BYTES])
{
	_cleanup_strv_ char **args = strv_add(NULL, type);
	_cleanup_buf_ struct buf b64 = { 0 };

	base64_add_bare(&b64, arg, arg_len);
	args = strv_add(args, buf_str(&b64));
	if (arg2)
		args = strv_add(args, arg2);
	age_header_add(h, args, body, WRAPPED_BYTES);
}

/* The wrap key from the shared point; -1 when the other side's point has low order, so that the "secret" is known to all. */
static int x25519_key(uint8_t key[32], const uint8_t scalar[32], const uint8_t point[32], const uint8_t share[32],
	const uint8_t recipient[32])
{
	uint8_t secret[32], salt[64];
	int r = crypto_scalarmult_curve25519(secret, scalar, point);

	if (!r) {
		memcpy(salt, share, 32);
		memcpy(salt + 32, recipient, 32);
		hkdf(key, secret, sizeof(secret), salt, sizeof(salt), x25519_label);
	}
	sodium_memzero(secret, sizeof(secret));
	return r;
}

int seal_wrap_x25519(struct age_header *h, const uint8_t file_key[AGE_FILE_KEY_BYTES],
	const uint8_t recipient[AGE_KEY_BYTES], struct err *err)
{
	uint8_t ephemeral[32], share[32], key[32], body[WRAPPED_BYTES];

	randombytes_buf(ephemeral, sizeof(ephemeral));
	crypto_scalarmult_curve25519_base(share, ephemeral);
	int r = x25519_key(key, ephemeral, recipient, share, recipient);
	sodium_memzero(ephemeral, sizeof(ephemeral));
	if (r)
		return err_set(err, ERR_USAGE, "a recipient is not a key that anybody can hold: refused");
	wrap(body, file_key, key);
	sodium_memzero(key, sizeof(key));
	add_stanza(h, "X25519", share, sizeof(share), NULL, body);
	return 0;
}

static int scrypt_key(uint8_t key[32], const char *passphrase, const uint8_t salt[SCRYPT_SALT_BYTES], unsigned log_n, struct err *err)
{
	uint8_t full[sizeof(scrypt_label) - 1 + SCRYPT_SALT_BYTES];

	memcpy(full, scrypt_label, sizeof(scrypt_label) - 1);
	memcpy(full + sizeof(scrypt_label) - 1, salt, SCRYPT_SALT_BYTES);
	if (crypto_pwhash_scryptsalsa208sha256_ll((const uint8_t *)passphrase, strlen(passphrase), full, sizeof(full),
		    1ull << log_n, 8, 1, key, 32))
		return err_set(err, ERR_LIMIT, "a passphrase of work factor %u needs %u MiB of memory, which there is not",
			log_n, log_n > 10 ? 1u << (log_n - 10) : 1);
	return 0;
}

int seal_wrap_scrypt(struct age_header *h, const uint8_t file_key[AGE_FILE_KEY_BYTES], const char *passphrase,
	unsigned log_n, struct err *err)
{
	uint8_t salt[SCRYPT_SALT_BYTES], key[32], body[WRAPPED_BYTES];
	char factor[16];

	if (!*passphrase)
		return err_set(err, ERR_USAGE, "the passphrase is empty");
	randombytes_buf(salt, sizeof(salt));
	int r = scrypt_key(key, passphrase, salt, log_n, err);
	if (r)
		return r;
	wrap(body, file_key, key);
	sodium_memzero(key, sizeof(key));
	snprintf(factor, sizeof(factor), "%u", log_n);
	add_stanza(h, "scrypt", salt, sizeof(salt), factor, body);
	return 0;
}

/* A stanza of `args` arguments after the type, the first of which is `digits` of base64; its (at most 32) bytes go to arg. */
static bool stanza_shape(const struct age_stanza *s, size_t args, size_t digits, uint8_t arg[AGE_KEY_BYTES])
{
	size_t n;

	/* the body's length is checked before any key is tried: a longer one could be made to open under many keys */
	return strv_len(s->args) == args + 1 && s->body_len == WRAPPED_BYTES && strlen(s->args[1]) == digits &&
	       !base64_decode_bare(s->args[1], digits, arg, AGE_KEY_BYTES, &n);
}

int seal_check_stanzas(const struct age_header *h, struct err *err)
{
	uint8_t arg[32];
	uint64_t log_n;

	for (size_t i = 0; i < h->n; i++) {
		const struct age_stanza *s = &h->stanzas[i];
		if (text_eq(s->args[0], "X25519")) {
			if (!stanza_shape(s, 1, SHARE_DIGITS, arg))
				return err_set(err, ERR_SYNTAX, "age header: recipient %zu: bad X25519 entry", i + 1);
		} else if (text_eq(s->args[0], "scrypt")) {
			if (h->n != 1)
				return err_set(err, ERR_SYNTAX, "age header: a passphrase beside other recipients; age forbids it");
			if (!stanza_shape(s, 2, SCRYPT_SALT_DIGITS, arg) || s->args[2][0] < '1' || s->args[2][0] > '9' ||
				text_to_u64(s->args[2], 999, &log_n))
				return err_set(err, ERR_SYNTAX, "age header: bad passphrase entry");
			if (log_n > SEAL_SCRYPT_LOG_N_MAX)
				return err_set(err, ERR_LIMIT, "age header: asks for scrypt work factor %u; at most %d is accepted",
					(unsigned)log_n, SEAL_SCRYPT_LOG_N_MAX);
		}
	}
	return 0;
}

int seal_unwrap_x25519(const struct age_header *h, const uint8_t identity[AGE_KEY_BYTES],
	uint8_t file_key[AGE_FILE_KEY_BYTES], struct err *err)
{
	uint8_t recipient[32], share[32], key[32];
	int r = 1;

	seal_recipient_of(identity, recipient);
	for (size_t i = 0; r == 1 && i < h->n; i++) {
		const struct age_stanza *s = &h->stanzas[i];
		if (!text_eq(s->args[0], "X25519") || !stanza_shape(s, 1, SHARE_DIGITS, share))
			continue;
		if (x25519_key(key, identity, share, share, recipient))
			r = err_set(err, ERR_SYNTAX, "age header: recipient %zu: not a usable key exchange", i + 1);
		else if (!unwrap(file_key, s->body, key))
			r = 0;
	}
	sodium_memzero(key, sizeof(key));
	return r;
}

int seal_unwrap_scrypt(const struct age_header *h, const char *passphrase, uint8_t file_key[AGE_FILE_KEY_BYTES], struct err *err)
{
	uint8_t salt[AGE_KEY_BYTES], key[32];
	uint64_t log_n;

	if (h->n != 1 || !text_eq(h->stanzas[0].args[0], "scrypt") ||
		!stanza_shape(&h->stanzas[0], 2, SCRYPT_SALT_DIGITS, salt) ||
		text_to_u64(h->stanzas[0].args[2], SEAL_SCRYPT_LOG_N_MAX, &log_n))
		return 1;
	int r = scrypt_key(key, passphrase, salt, (unsigned)log_n, err);
	if (!r)
		r = unwrap(file_key, h->stanzas[0].body, key) ? 1 : 0;
	sodium_memzero(key, sizeof(key));
	return r;
}
