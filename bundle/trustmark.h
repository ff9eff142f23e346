/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_TRUSTMARK_H
#define BUNDLE_TRUSTMARK_H

#include "bundle/trust.h"

/* A key as people compare it, over the telephone if need be: the first half of the SHA-256 of its 32 bytes. */
enum { TRUST_PRINT_BYTES = 16, TRUST_PRINT_TEXT = 40 };
void trust_fingerprint(char out[TRUST_PRINT_TEXT], const struct minisign_pub *pub); /* "3F2A 91BC …", eight groups of four */

/* What is said against a key; NULL: nothing. */
const struct keymark *trust_mark_of(const struct trust *t, const struct minisign_pub *pub);

/*
 * Whether a signature that holds, by this key, made at signed_us by its own account (0: it does not
 * say), still counts. 0: yes, and *ret_remark is NULL or what a reader must be told (caller frees).
 * -ERR_TRUST: signed after the date of the mark.
 *
 * A time in a signature is what its maker claims. Before the date a key that leaked is remarked on, not
 * refused: that a bundle is from before is for its custody and for people to say.
 */
int trust_judge(const struct trust *t, const struct minisign_pub *pub, uint64_t signed_us, char **ret_remark, struct err *err);

/* Writes the mark, replacing an older one of that key. */
int trust_mark_write(const char *dir, const struct keymark *m, struct err *err);
/* Takes it back; -ERR_ABSENT when there is none. */
int trust_mark_remove(const char *dir, const struct minisign_pub *pub, struct err *err);

/* Removes dir/trusted.d/NAME.pub; -ERR_ABSENT when there is no such name. Marks stay. */
int trust_remove(const char *dir, const char *name, struct err *err);

/* A key by its name in t, its id, its fingerprint, or its base64 text. -ERR_ABSENT, or -ERR_USAGE when several fit. */
int trust_find(const struct trust *t, const char *given, struct minisign_pub *ret, struct err *err);

/*
 * Makes a new host key in the place of the old one, whose secret half is wiped. The old public key
 * stays trusted as trusted.d/host-YYYYMMDD-HHMMSS.pub, marked replaced as of now_us. The new one is
 * signed with the old one (dir/host.pub.minisig): who trusts the old key can tell that its holder named the new one.
 */
int trust_rotate_host(const char *dir, uint64_t now_us, struct err *err);

/* For trust.c. Reads dir/marked.d into t; a mark that cannot be read counts as leaked since ever. */
int trust_load_marks(struct trust *t, int dirfd, const char *dir, struct err *err);
/* A file that others may write is whatever they want it to be: -ERR_TRUST. */
int trust_check_writers(int dirfd, const char *name, struct err *err);

#endif
