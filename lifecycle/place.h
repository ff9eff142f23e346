/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_PLACE_H
#define LIFECYCLE_PLACE_H

#include "formats/err.h"
#include "formats/probe.h"

/*
 * A place is one name in one directory that is held open, for changing files in directories that
 * belong to somebody else. When we are root and the directory is a user's, the names in it are
 * resolved and changed with that user's rights: a user who swaps a directory for a symbolic link
 * gets no more done by root than they could do themselves. Owner and mode are then set on
 * descriptors that we made.
 */
struct place {
	int dir;
	char *name;
	char *path;		   /* for messages */
	const struct identity *as; /* NULL: our own rights */
};

/* Opens the directory of an absolute path. as: whose directory it is meant to be, NULL for ours; kept by reference. */
int place_open(const char *path, const struct identity *as, struct place *ret, struct err *err);
/* The same, and where directories are missing they are made, with the same rights and mode 0755. */
int place_open_made(const char *path, const struct identity *as, struct place *ret, struct err *err);
void place_close(struct place *p);
#define _cleanup_place_ CLEANUP(place_close)

/* Reads a regular file by descriptor; -1 with errno. Root may read what the directory's owner may not. */
int place_read(const struct place *p);
/* Makes a new file (never an existing one, never through a link); -1 with errno. */
int place_create(const struct place *p, const char *name, uint32_t mode);
/* Opens p->name for reading and writing, made with that mode when it is not there; a regular file, never through a link. */
int place_update(const struct place *p, uint32_t mode);
/* As the *at calls of these names, on p->name (NULL name) or another name in the directory; 0, or -1 with errno. */
int place_unlink(const struct place *p, const char *name);
int place_rename_new(const struct place *p, const char *from); /* from -> p->name; EEXIST when that exists */
int place_rename_over(const struct place *p, const char *from); /* from -> p->name, at once, whatever is there */
int place_mkdir(const struct place *p, uint32_t mode);
int place_rmdir(const struct place *p);
int place_symlink(const struct place *p, const char *target);
int place_sync(const struct place *p);

#endif
