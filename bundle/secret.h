/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_SECRET_H
#define BUNDLE_SECRET_H

#include <stddef.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * Passphrases, passwords and tokens: from a file or the environment, never from argv, where every
 * user of the host could read them. Kept in locked memory that is wiped when freed.
 */
enum { SECRET_MAX = 1024 * 1024 };

/* All of a (small) file, also a pipe; NUL-terminated behind *ret_len bytes. Free with secret_free. */
char *secret_read_file(const char *path, size_t *ret_len, struct err *err);

/*
 * spec is "env:NAME" or "file:PATH" (the first line of it, without its newline). NULL with err:
 * the spec is neither (ERR_USAGE), or it is not set, empty, or not readable. The value is in no message.
 * env answers for the environment: getenv, or another in a test.
 */
char *secret_load(const char *spec, char *(*env)(const char *name), struct err *err);

/* Such memory for n bytes and a NUL behind them, zeroed. */
char *secret_new(size_t n);

/* "user:password" and the like, in the same memory. Parts may be NULL. */
char *secret_join(const char *a, const char *b, const char *c);

void secret_free(char *s);
static inline void secret_freep(char **s)
{
	secret_free(*s);
	*s = NULL;
}
#define _cleanup_secret_ CLEANUP(secret_freep)

#endif
