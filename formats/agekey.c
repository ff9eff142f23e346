/* SPDX-License-Identifier: MIT */
/* age keys: see age.h. */
#include <string.h>
#include <strings.h>

#include "formats/age.h"
#include "formats/bech32.h"
#include "formats/text.h"

static const char recipient_hrp[] = "age";
static const char identity_hrp[] = "age-secret-key-";

void age_keys_add(struct age_keys *k, const uint8_t key[AGE_KEY_BYTES])
{
	/* not realloc: it would leave a copy of secret keys behind in freed memory */
	uint8_t(*v)[AGE_KEY_BYTES] = mem_array(NULL, k->n + 1, AGE_KEY_BYTES);
	size_t n = k->n;

	if (n)
		memcpy(v, k->v, n * AGE_KEY_BYTES);
	memcpy(v[n], key, AGE_KEY_BYTES);
	age_keys_free(k);
	*k = (struct age_keys){ .v = v, .n = n + 1 };
}

void age_keys_free(struct age_keys *k)
{
	if (k->v)
		mem_wipe(k->v, k->n * AGE_KEY_BYTES);
	free(k->v);
	*k = (struct age_keys){ 0 };
}

static bool starts_any_case(const char *s, const char *prefix)
{
	return strncasecmp(s, prefix, strlen(prefix)) == 0;
}

int age_recipient_parse(const char *s, uint8_t ret[AGE_KEY_BYTES], struct err *err)
{
	uint8_t key[AGE_KEY_BYTES];

	if (!bech32_decode(key, sizeof(key), recipient_hrp, s)) {
		memcpy(ret, key, sizeof(key));
		return 0;
	}
	if (starts_any_case(s, identity_hrp))
		return err_set(err, ERR_USAGE, "that is a secret key: give its public key, the one that begins with age1");
	if (text_starts(s, "ssh-"))
		return err_set(err, ERR_USAGE, "SSH keys are not accepted as recipients: ask for an age1… key (age-keygen makes one)");
	if (starts_any_case(s, "age1"))
		return err_set(err, ERR_USAGE, "not a valid age1… recipient (of X25519): a character is wrong or missing");
	return err_set(err, ERR_USAGE, "not a recipient: an age1… public key is expected");
}

int age_identity_parse(const char *s, uint8_t ret[AGE_KEY_BYTES], struct err *err)
{
	uint8_t key[AGE_KEY_BYTES];
	int r = bech32_decode(key, sizeof(key), identity_hrp, s);

	if (!r)
		memcpy(ret, key, sizeof(key));
	mem_wipe(key, sizeof(key));
	if (!r)
		return 0;
	/* never what stands there: it may be all of a secret but one character */
	if (starts_any_case(s, "age1"))
		return err_set(err, ERR_USAGE, "that is a public key: opening needs the AGE-SECRET-KEY-1… one");
	if (text_starts(s, "-----BEGIN AGE") || text_starts(s, "age-encryption.org/"))
		return err_set(err, ERR_USAGE, "identities under a passphrase are not read: decrypt the file with age -d first");
	if (text_starts(s, "-----BEGIN"))
		return err_set(err, ERR_USAGE, "SSH keys are not accepted as identities: AGE-SECRET-KEY-1… is expected");
	return err_set(err, ERR_USAGE, "not an identity: AGE-SECRET-KEY-1… is expected");
}

char *age_recipient_string(const uint8_t key[AGE_KEY_BYTES])
{
	char out[BECH32_MAX + 1] = "";

	bech32_encode(out, recipient_hrp, key, AGE_KEY_BYTES);
	return mem_strdup(out);
}

static int parse_lines(const char *name, const char *text, size_t n, struct age_keys *ret,
	int (*parse)(const char *, uint8_t *, struct err *), struct err *err)
{
	size_t line = 0, found = 0;

	for (size_t at = 0; at < n;) {
		char word[BECH32_MAX * 2];
		uint8_t key[AGE_KEY_BYTES];
		const char *start = text + at;
		const char *end = memchr(start, '\n', n - at);
		size_t len = end ? (size_t)(end - start) : n - at;

		at += len + 1;
		line++;
		while (len && (start[len - 1] == '\r' || start[len - 1] == ' ' || start[len - 1] == '\t'))
			len--;
		if (!len || start[0] == '#')
			continue;
		if (len >= sizeof(word))
			len = sizeof(word) - 1; /* longer than any key: too long is as wrong as cut */
		memcpy(word, start, len);
		word[len] = 0;
		int r = memchr(word, 0, len) ? err_set(err, ERR_USAGE, "holds a NUL byte") : parse(word, key, err);
		mem_wipe(word, sizeof(word));
		if (r)
			return err_prefix(err, "%s:%zu", name, line);
		age_keys_add(ret, key);
		mem_wipe(key, sizeof(key));
		found++;
	}
	return found ? 0 : err_set(err, ERR_USAGE, "%s: no key in it", name);
}

int age_recipients_parse(const char *name, const char *text, size_t n, struct age_keys *ret, struct err *err)
{
	return parse_lines(name, text, n, ret, age_recipient_parse, err);
}

int age_identities_parse(const char *name, const char *text, size_t n, struct age_keys *ret, struct err *err)
{
	return parse_lines(name, text, n, ret, age_identity_parse, err);
}
