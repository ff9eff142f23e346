/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_NEWFILE_H
#define BUNDLE_NEWFILE_H

#include <stdbool.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * A file that is there whole or not at all. It has no name while it is written (O_TMPFILE), so that
 * even a killed process leaves nothing behind; where the file system cannot do that it has a hidden
 * name beside the target. It gets its name in newfile_commit, after its bytes are on the disk.
 *
 *	_cleanup_newfile_ struct newfile f = { .fd = -1 };
 *	if ((r = newfile_open(&f, path, 0600, false, err)) || (r = fill(f.fd)) || (r = newfile_commit(&f, err)))
 *		return r;
 */
struct newfile {
	int fd;	     /* to write to; -1: none. Also readable */
	char *path;  /* the name it will have */
	char *temp;  /* the name it has meanwhile; NULL: none */
	bool replace;
};

/* The mode is made exact, whatever the umask. Without `replace` a file that exists, now or at the commit, is ERR_USAGE
 * and stays as it is. */
int newfile_open(struct newfile *f, const char *path, unsigned mode, bool replace, struct err *err);

/* fsync, name, fsync of the directory. */
int newfile_commit(struct newfile *f, struct err *err);

void newfile_discard(struct newfile *f); /* deletes what was not committed; safe to call always */
#define _cleanup_newfile_ CLEANUP(newfile_discard)

#endif
