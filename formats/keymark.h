/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_KEYMARK_H
#define FORMATS_KEYMARK_H

#include "formats/minisign.h"

/*
 * What is said against a key: one small JSON file a key (docs/formats/hands.md).
 *
 *	{"schema":"sourceos.key-mark.v1","key":"RW…","state":"leaked","since":"2026-11-24T00:00:00Z","note":"laptop stolen"}
 */
#define KEYMARK_SCHEMA "sourceos.key-mark.v1"
#define KEYMARK_MAX 4096

enum key_state {
	KEY_GOOD,
	KEY_REPLACED, /* rotated: its holder signs with another key since */
	KEY_LOST,     /* nobody holds it for certain */
	KEY_LEAKED,   /* others may hold it */
	KEY_STATES,
};
const char *key_state_name(enum key_state s); /* "good", "replaced", "lost", "leaked" */
int key_state_parse(const char *s, enum key_state *ret); /* -1 when unknown */

struct keymark {
	struct minisign_pub pub;
	enum key_state state;
	uint64_t since_us;
	char *note; /* NULL: none */
};
void keymark_free(struct keymark *m); /* frees what it holds */
#define _cleanup_keymark_ CLEANUP(keymark_free)

void keymark_add_json(struct buf *b, const struct keymark *m);
int keymark_parse(const char *p, size_t n, struct keymark *ret, struct err *err);

#endif
