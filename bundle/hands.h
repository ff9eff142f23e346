/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_HANDS_H
#define BUNDLE_HANDS_H

#include "bundle/sign.h"
#include "bundle/trust.h"
#include "formats/hand.h"

/*
 * The detached chain of custody, FILE.custody.jsonl. A sealed FILE.age continues the chain of FILE: its custody
 * file begins as a copy of that one.
 */

struct hands_row {
	struct hand hand;
	const struct trust_key *signer; /* in the caller's trust; NULL: a key that is not trusted here */
	bool fits;			/* its signature holds */
	char *remark;			/* what a reader must be told (no trust, a mark, another file); NULL: nothing */
};
struct hands {
	struct hands_row *rows;
	size_t n;
	bool about_file; /* the last line that names this file names the bytes that it has */
	uint8_t last[32]; /* what the next line has to carry */
};
void hands_free(struct hands *h);
#define _cleanup_hands_ CLEANUP(hands_free)

char *hands_path(const char *file); /* FILE.custody.jsonl; caller frees */

/*
 * Reads and checks the chain. -ERR_ABSENT: there is none. -ERR_TRUST: a signature that does not hold, or a line
 * that does not follow the one before: which, is in err; ret then holds the rows up to and with the bad one.
 * Keys that are not trusted, or marked, are remarks. sha256 is of the file as it is now (NULL: do not compare).
 */
int hands_read(const char *path, const struct trust *t, const uint8_t sha256[32], struct hands *ret, struct err *err);

/* What the caller says of a new line; seq, prev, key and signature are made here. */
struct hands_entry {
	const char *action, *actor, *host, *case_id, *detail; /* the last three may be NULL */
	uint32_t uid;
	uint64_t time_us;
	const char *name;    /* the file's; directories are left out */
	uint64_t bytes;
	uint8_t sha256[32];
};

/*
 * Appends one signed line, durably, under a lock; a chain that is there is checked first (whoever its signers
 * are), and one that does not hold is -ERR_TRUST and gets no more lines. Never rewrites what is there.
 */
int hands_append(const char *path, const struct sign_key *k, const struct hands_entry *e, struct err *err);

/* Begins to's chain as a copy of from's; no error when from has none or to has one already. */
int hands_continue(const char *from_path, const char *to_path, struct err *err);

/* SHA-256 and size of a file, for entries. */
int hands_hash(const char *file, uint8_t sha256[32], uint64_t *ret_bytes, struct err *err);
int hands_hash_fd(int fd, uint8_t sha256[32], uint64_t *ret_bytes, struct err *err); /* from its first byte; its offset stays */

#endif
