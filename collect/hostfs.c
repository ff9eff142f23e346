/* SPDX-License-Identifier: MIT */
#include "collect/hostfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "collect/platform.h"

struct hostfs_owner {
	uid_t uid;
	char *name;
};

int hostfs_open(struct hostfs *fs, const char *root, struct err *err)
{
	*fs = (struct hostfs){ .rootfd = -1 };
	if (!root)
		return 0;
	fs->rootfd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fs->rootfd < 0)
		return err_errno(err, errno, "root %s", root);
	return 0;
}

void hostfs_close(struct hostfs *fs)
{
	for (size_t i = 0; i < fs->n_owners; i++)
		free(fs->owners[i].name);
	free(fs->owners);
	fd_closep(&fs->rootfd);
	*fs = (struct hostfs){ .rootfd = -1 };
}

const char *hostfs_owner(struct hostfs *fs, uid_t uid)
{
	_cleanup_account_ struct account u = { 0 };

	for (size_t i = 0; i < fs->n_owners; i++)
		if (fs->owners[i].uid == uid)
			return fs->owners[i].name;
	hostfs_account_by_uid(fs, uid, &u);
	fs->owners = mem_array(fs->owners, fs->n_owners + 1, sizeof(*fs->owners));
	fs->owners[fs->n_owners] = (struct hostfs_owner){ .uid = uid, .name = TAKE_PTR(u.name) };
	return fs->owners[fs->n_owners++].name;
}

void hostfs_stat(struct hostfs *fs, const struct stat *st, struct file_stat *ret)
{
	ret->known = true;
	ret->mode = st->st_mode;
	ret->uid = st->st_uid;
	ret->gid = st->st_gid;
	ret->size = (uint64_t)st->st_size;
	ret->mtime_us = stat_mtime_us(st);
	mem_set(&ret->owner, hostfs_owner(fs, st->st_uid));
}

const char *hostfs_type(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "a regular file";
	case S_IFDIR:
		return "a directory";
	case S_IFLNK:
		return "a symbolic link";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFBLK:
		return "a block device";
	case S_IFCHR:
		return "a character device";
	default:
		return "of unknown type";
	}
}

int hostfs_read(const struct hostfs *fs, const char *path, size_t max, struct buf *ret)
{
	_cleanup_place_ struct place pl = { .dirfd = AT_FDCWD };
	struct stat st;
	char piece[4096];
	int e = place_find(fs, path, true, &pl);

	if (e)
		return e;
	if (fstatat(pl.dirfd, pl.name, &st, 0) < 0)
		return errno;
	if (!S_ISREG(st.st_mode))
		return ENXIO;
	_cleanup_fd_ int fd = openat(pl.dirfd, pl.name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));
		if (n < 0)
			return errno;
		if (n == 0)
			return 0;
		if (ret->len + (size_t)n > max)
			return EFBIG;
		buf_add(ret, piece, (size_t)n);
	}
}

bool hostfs_exists(const struct hostfs *fs, const char *path)
{
	_cleanup_place_ struct place pl = { .dirfd = AT_FDCWD };
	struct stat st;

	return place_find(fs, path, true, &pl) == 0 && fstatat(pl.dirfd, pl.name, &st, 0) == 0;
}
