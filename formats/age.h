/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_AGE_H
#define FORMATS_AGE_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/err.h"

/*
 * The age v1 format (age-encryption.org/v1, C2SP specification): the text in front of the payload,
 * and the spelling of keys. Pure: bytes in, structs out; the cryptography is in bundle/seal*.
 *
 *	age-encryption.org/v1
 *	-> X25519 <argument>
 *	<body, base64 without padding in lines of 64, the last one shorter, maybe empty>
 *	--- <HMAC of all of this up to and with the dashes>
 *	<16 bytes of nonce, then the payload in chunks>
 */
enum {
	AGE_KEY_BYTES = 32,	 /* X25519 keys, wrap keys, the header's MAC */
	AGE_FILE_KEY_BYTES = 16,
	AGE_NONCE_BYTES = 16,
	AGE_CHUNK_BYTES = 64 * 1024, /* of plaintext; each is sealed with a 16 byte tag behind it */
	AGE_TAG_BYTES = 16,
	AGE_HEADER_MAX = 256 * 1024, /* ours: room for some 2000 recipients */
};

struct age_stanza {
	char **args; /* args[0] is the type; at least one */
	uint8_t *body;
	size_t body_len;
};

struct age_header {
	struct age_stanza *stanzas;
	size_t n;
	uint8_t mac[AGE_KEY_BYTES];
	size_t mac_covers; /* the first bytes of the file, which the MAC is of */
	size_t len;	   /* where the payload begins */
};

/* Appends a copy. */
void age_header_add(struct age_header *h, char *const *args, const uint8_t *body, size_t body_len);
void age_header_free(struct age_header *h);
#define _cleanup_age_header_ CLEANUP(age_header_free)

/*
 * Parses the header at the start of the n bytes (the payload may follow). 1: well-formed so far,
 * but it goes on past n. ERR_SYNTAX: not an age file, an armored one (said so), or one that does
 * not keep to the letter of the format; ERR_LIMIT: longer than AGE_HEADER_MAX. ret is set on 0 only.
 */
int age_header_parse(const void *data, size_t n, struct age_header *ret, struct err *err);

/* Appends the header up to and with the dashes (what the MAC is of), and what stands after them. */
void age_header_add_text(struct buf *out, const struct age_header *h);
void age_header_add_mac(struct buf *out, const uint8_t mac[AGE_KEY_BYTES]);

/*
 * Keys. Recipients ("age1…") are public, identities ("AGE-SECRET-KEY-1…") are not: a list wipes
 * its memory when it is freed.
 */
struct age_keys {
	uint8_t (*v)[AGE_KEY_BYTES];
	size_t n;
};
void age_keys_add(struct age_keys *k, const uint8_t key[AGE_KEY_BYTES]);
void age_keys_free(struct age_keys *k);
#define _cleanup_age_keys_ CLEANUP(age_keys_free)

/* One key. The message says what it is instead where that is known (an SSH key, an identity given as a recipient). */
int age_recipient_parse(const char *s, uint8_t ret[AGE_KEY_BYTES], struct err *err);
int age_identity_parse(const char *s, uint8_t ret[AGE_KEY_BYTES], struct err *err);
char *age_recipient_string(const uint8_t key[AGE_KEY_BYTES]); /* caller frees */

/* A file of them, a key a line; empty lines and lines that start with '#' are comments. Adds to ret.
 * Errors name `name` and the line, never what stands in it. A file without any key is an error. */
int age_recipients_parse(const char *name, const char *text, size_t n, struct age_keys *ret, struct err *err);
int age_identities_parse(const char *name, const char *text, size_t n, struct age_keys *ret, struct err *err);

#endif
