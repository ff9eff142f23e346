/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_DURABLE_H
#define BUNDLE_DURABLE_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * Files that appear whole or not at all: written under a temporary name in the same directory,
 * fsynced, renamed, and the directory fsynced. Temporary names begin with DURABLE_TMP, so what a
 * crash left behind is known for what it is.
 */
#define DURABLE_TMP ".tmp-"

struct durable {
	int fd;	     /* to write to */
	int dirfd;   /* the caller's, which must stay open */
	char *name;  /* under dirfd, may hold slashes; for messages too */
	char *tmp;
};

/* Directories on the way to `name` are made with mode 0700. */
int durable_open(int dirfd, const char *name, mode_t mode, struct durable *ret, struct err *err);

enum durable_flag {
	DURABLE_NOSYNC = 1 << 0, /* rename only: the caller syncs many at once (durable_sync) */
	DURABLE_NEW = 1 << 1,	 /* refuse to replace: -ERR_BUSY when the name exists */
};
/* Gives the file its name, or another one that was decided since. On failure the temporary file is removed. Either way d is over. */
int durable_commit(struct durable *d, unsigned flags, struct err *err);
int durable_commit_as(struct durable *d, const char *name, unsigned flags, struct err *err);
/* Removes the temporary file. Safe on a struct that is over or { .fd = -1 }. */
void durable_abort(struct durable *d);
#define _cleanup_durable_ CLEANUP(durable_abort)

/* All of it at once, for bytes in memory. */
int durable_write(int dirfd, const char *name, mode_t mode, const void *p, size_t n, unsigned flags, struct err *err);

/* For files that were committed with DURABLE_NOSYNC: fsyncs all, and each directory that they are in once. */
int durable_sync(int dirfd, char *const *names, struct err *err);

/*
 * Which state of a file was seen. Whoever writes to it afterwards changes its ctime, which nobody can set: as long as
 * the mark fits, the bytes are those that were written. A mark of zeros fits nothing.
 */
struct file_mark {
	dev_t dev;
	ino_t ino;
	off_t bytes;
	struct timespec mtime, ctime;
};
/* Of a file that has just got its name; written is what fstat told when its last byte was in, since naming it changes the
 * ctime. Of zeros when the name is another file's by now, or somebody wrote to it meanwhile. */
struct file_mark file_mark_take(int dirfd, const char *name, const struct stat *written);
bool file_mark_fits(const struct file_mark *m, const struct stat *st);

/* write() until all is written; -1 and errno otherwise. */
int write_all(int fd, const void *p, size_t n);

/* mkdir -p (mode 0700) of everything before the last slash of path. -1 and errno. */
int dir_make_parents(int dirfd, const char *path);
/* Makes the directory (mode 0700, parents too when `parents`) unless it is there, and opens it
 * without following a symbolic link at its end. -1 and errno. */
int dir_open_make(int dirfd, const char *path, bool parents);

/* Opens a file below dirfd without following a symbolic link anywhere on the way; ".." is refused. -1 and errno. */
int open_beneath(int dirfd, const char *path, int flags);

/* Appends what a regular file holds from where fd stands, at most max bytes in out. `name` is for messages. */
struct buf;
int fd_read(int fd, const char *name, size_t max, struct buf *out, struct err *err);
/* The same of anything that can be read to an end, a pipe too. */
int fd_read_stream(int fd, const char *name, size_t max, struct buf *out, struct err *err);
/* fd_read by name, opened as open_beneath does; an absolute name, or AT_FDCWD, follows links but at its end. */
int file_read(int dirfd, const char *name, size_t max, struct buf *out, struct err *err);

#endif
