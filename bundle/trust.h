/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_TRUST_H
#define BUNDLE_TRUST_H

#include "formats/mem.h"
#include "formats/keymark.h"

/*
 * The public keys whose signatures count: the host's own (dir/host.pub), those that a person
 * trusted (dir/trusted.d/NAME.pub), and those given with -p. What is said against a key lies in
 * dir/marked.d, by the key and not by its name: it holds under every name, and also once the key
 * is no longer trusted. See trustmark.h.
 */
struct trust_key {
	char *name; /* "this host", NAME, or what was given */
	char *path; /* the file it came from; NULL for a key given as text */
	struct minisign_pub pub;
};
struct trust {
	struct trust_key *keys;
	size_t n;
	struct keymark *marks;
	size_t n_marks;
	char **problems; /* files that were passed over, and why: for a warning */
};
void trust_free(struct trust *t);
#define _cleanup_trust_ CLEANUP(trust_free)

/* Adds the keys of a key directory. What is not there is no error; a file that does not parse, or
 * that others than its owner and root may write, is passed over and named in problems. */
int trust_load(struct trust *t, const char *dir, struct err *err);

/* Adds what -p was given: the base64 text of a key, or the name of a public key file. */
int trust_add(struct trust *t, const char *given, struct err *err);

/* Keys with this id, one after the other: *at starts at 0. An id is a hint that anyone can copy, so all must be tried. */
const struct trust_key *trust_next(const struct trust *t, const uint8_t id[MINISIGN_ID_BYTES], size_t *at);

/* Writes dir/trusted.d/NAME.pub. NAME is letters, digits, '.', '_', '-', '@', not starting with '.'.
 * -ERR_BUSY when NAME is there with another key; the same key again is fine. */
int trust_install(const char *dir, const char *name, const struct minisign_pub *pub, struct err *err);

#endif
