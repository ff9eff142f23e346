/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_MINISIGN_H
#define FORMATS_MINISIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/err.h"

/*
 * The three files of minisign, as bytes only: nothing is hashed, signed or verified here.
 * Source: minisign's README ("Signature format", "Public key format", "Secret key format") and what
 * minisign 0.11 writes. Each is a comment line and a base64 line; a signature has two more lines.
 */
#define MINISIGN_ID_BYTES 8
#define MINISIGN_PK_BYTES 32
#define MINISIGN_SK_BYTES 64
#define MINISIGN_SIG_BYTES 64
#define MINISIGN_FILE_MAX 10240u /* no file of these is larger: minisign's own bounds on comments, rounded up */
#define MINISIGN_COMMENT_MAX 8000u

struct minisign_pub {
	uint8_t id[MINISIGN_ID_BYTES];
	uint8_t pk[MINISIGN_PK_BYTES];
};

struct minisign_sec {
	uint8_t id[MINISIGN_ID_BYTES];
	uint8_t sk[MINISIGN_SK_BYTES]; /* seed, then public key; the caller wipes it */
};

struct minisign_sig {
	bool prehashed; /* 'ED': over BLAKE2b-512 of the file; 'Ed': over the file itself */
	uint8_t id[MINISIGN_ID_BYTES];
	uint8_t sig[MINISIGN_SIG_BYTES];
	uint8_t global[MINISIGN_SIG_BYTES]; /* over sig and the trusted comment */
	char *comment;			    /* the trusted comment, without its prefix; printable */
};

/* Parsers take the file's bytes. Line ends may be LF or CRLF; anything after the lines is refused. */
int minisign_parse_pub(const char *p, size_t n, struct minisign_pub *ret, struct err *err);
/* A secret key with a password is refused with ERR_USAGE and says what to do. */
int minisign_parse_sec(const char *p, size_t n, struct minisign_sec *ret, struct err *err);
int minisign_parse_sig(const char *p, size_t n, struct minisign_sig *ret, struct err *err);
void minisign_sig_free(struct minisign_sig *s);

/* The base64 line alone, as `minisign -P` takes it. */
int minisign_parse_pub_text(const char *s, struct minisign_pub *ret, struct err *err);

/* Writers append the whole file. Comments hold no control characters, else they are cut there. */
void minisign_add_pub(struct buf *b, const struct minisign_pub *k);
void minisign_add_pub_text(struct buf *b, const struct minisign_pub *k);
void minisign_add_sec(struct buf *b, const struct minisign_sec *k);
void minisign_add_sig(struct buf *b, const struct minisign_sig *s, const char *untrusted);

/* The key id as minisign prints it: the 8 bytes as a little-endian number, upper-case hex, no leading zeros. */
void minisign_id_text(char out[17], const uint8_t id[MINISIGN_ID_BYTES]);

#endif
