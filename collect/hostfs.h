/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_HOSTFS_H
#define COLLECT_HOSTFS_H

#include <pwd.h>
#include <sys/stat.h>

#include "collect/job.h"

/*
 * The host's files and users: those of "/", or of a root directory (a mounted disk image), out of
 * which no symbolic link and no ".." leads. Below a root the users are those of its etc/passwd, and
 * of a Mac's directory service, one property list each.
 */
struct hostfs {
	int rootfd; /* -1: no root */
	struct hostfs_owner *owners; /* uid → name, remembered */
	size_t n_owners;
};

int hostfs_open(struct hostfs *fs, const char *root, struct err *err); /* root NULL: "/" */
void hostfs_close(struct hostfs *fs);

/* Where a path is: arguments for the *at functions. The final component is not followed, unless
 * `follow`: then below a root it has been resolved, and without one the caller's call follows. */
struct place {
	int dirfd; /* owned, unless AT_FDCWD */
	char *name;
};
int place_find(const struct hostfs *fs, const char *path, bool follow, struct place *ret); /* 0 or an errno */
void place_free(struct place *pl);
#define _cleanup_place_ CLEANUP(place_free)

/* readlinkat into a string of its own, NULL with errno. Caller frees. */
char *place_readlink(int dirfd, const char *name);

const char *hostfs_owner(struct hostfs *fs, uid_t uid); /* NULL when it has no name; valid until hostfs_close */
void hostfs_stat(struct hostfs *fs, const struct stat *st, struct file_stat *ret); /* all but link */
const char *hostfs_type(mode_t mode); /* "a regular file", "a FIFO"… */

/* The whole of a small regular file, symbolic links followed; 0 or an errno (EFBIG beyond max). */
int hostfs_read(const struct hostfs *fs, const char *path, size_t max, struct buf *ret);
bool hostfs_exists(const struct hostfs *fs, const char *path);

/* One line of the user database. */
struct account {
	char *name;
	uid_t uid;
	gid_t gid;
	char *home;
	char *shell;
};
int hostfs_account(const struct hostfs *fs, const char *name, struct account *ret); /* 0, ENOENT or another errno */
int hostfs_account_by_uid(const struct hostfs *fs, uid_t uid, struct account *ret);
/* The next whole line of a passwd(5) text, which is taken apart: the account is the text's, and not to be freed. False at the end. */
bool accounts_next(char **rest, struct account *ret);
/* The same in the text of a passwd(5) file, which is taken apart (NULL: empty): by name, or by uid when name is NULL. */
int accounts_search(char *passwd, const char *name, uid_t uid, struct account *ret);
void account_free(struct account *u);
#define _cleanup_account_ CLEANUP(account_free)

#endif
