/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_HAND_H
#define FORMATS_HAND_H

#include "formats/minisign.h"

/*
 * FILE.custody.jsonl: the hands that a bundle went through once it was made, beside it and not in it
 * (what is in it is signed and over). One JSON object a line; docs/formats/hands.md.
 *
 *	{"schema":"sourceos.hand.v1","seq":1,"time":"…","timeUs":…,"actor":"alice","uid":1000,"host":"desk","tool":"…",
 *	 "action":"sealed","case":"INC-1234","detail":"…","file":{"name":"x.tar.zst.age","bytes":…,"sha256":"…"},
 *	 "key":"RW…","prev":"<SHA-256 of the line before, without its newline; zeros in the first>","sig":"…"}
 *
 * "sig" is the last member: an Ed25519 signature, by "key", of HAND_DOMAIN, a NUL, and the line's bytes
 * up to and without `,"sig":"`. So every line says by itself who stands for it, and in the chain none
 * can be changed, dropped or moved without its writer's and all later writers' keys.
 */
#define HAND_SCHEMA "sourceos.hand.v1"
#define HAND_DOMAIN "sourceos hand v1"
#define HAND_LINE_MAX (16u << 10)
#define HAND_LINES_MAX 10000u

struct hand {
	uint64_t seq;
	uint64_t time_us;
	char *actor;
	uint32_t uid;
	char *host;   /* NULL: not said */
	char *tool;
	char *action; /* "collected", "sealed", "attached", "received", "opened", "note" */
	char *case_id; /* NULL: none */
	char *detail; /* NULL: none */
	char *file;   /* name without directories */
	uint64_t bytes;
	uint8_t sha256[32];
	struct minisign_pub key;
	uint8_t prev[32];
	uint8_t sig[MINISIGN_SIG_BYTES];
};
void hand_free(struct hand *h); /* frees what it holds */
#define _cleanup_hand_ CLEANUP(hand_free)

bool hand_action_known(const char *action);

/* Appends what is signed (an object without its end); then hand_add_sig appends the rest of the line and its newline. */
void hand_add_text(struct buf *b, const struct hand *h);
void hand_add_sig(struct buf *b, const uint8_t sig[MINISIGN_SIG_BYTES]);

/* One line without its newline; *ret_signed is how many of its bytes the signature is of. */
int hand_parse(const char *p, size_t n, struct hand *ret, size_t *ret_signed, struct err *err);

#endif
