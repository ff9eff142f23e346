/* SPDX-License-Identifier: MIT */
#include "lifecycle/place.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/mem.h"

/* Effective ids only: we come back. The program has no other thread when it changes a host. */
static int rights_take(const struct identity *as)
{
	if (!as || geteuid() != 0 || as->uid == 0)
		return 0;
	if (setegid(as->gid) == 0 && setgroups(1, &as->gid) == 0 && seteuid(as->uid) == 0)
		return 0;
	return -1;
}

static void rights_give(const struct identity *as)
{
	int saved = errno;
	gid_t root = 0;

	/* not to get back is not to be survived: everything after would run with the wrong rights */
	if (as && getuid() == 0 && as->uid != 0 && (seteuid(0) || setegid(0) || setgroups(1, &root)))
		abort();
	errno = saved;
}

int place_open(const char *path, const struct identity *as, struct place *ret, struct err *err)
{
	const char *slash = strrchr(path, '/');

	if (path[0] != '/' || !slash[1] || strcmp(slash, "/..") == 0 || strcmp(slash, "/.") == 0)
		return err_set(err, ERR_USAGE, "%s: not an absolute path of a file", path);
	_cleanup_free_ char *dir = slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
	if (rights_take(as)) {
		int saved = errno;
		rights_give(as);
		return err_errno(err, saved, "cannot act as %s", as->name);
	}
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	rights_give(as);
	if (fd < 0)
		return err_errno(err, errno, "%s", dir);
	*ret = (struct place){ fd, mem_strdup(slash + 1), mem_strdup(path), as };
	return 0;
}

/* The directory of an absolute path, which is no place by itself: "/", or one whose parents are made first. */
static int parent_make(const char *path, const struct identity *as, struct err *err)
{
	_cleanup_place_ struct place p = { .dir = -1 };
	const char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return 0;
	_cleanup_free_ char *dir = mem_strndup(path, (size_t)(slash - path));
	int r = place_open_made(dir, as, &p, err);
	if (r)
		return r;
	mode_t before = umask(022); /* a service's own user has to get through, whatever umask root has */
	bool failed = place_mkdir(&p, 0755) && errno != EEXIST;
	umask(before);
	if (failed || place_sync(&p))
		return err_errno(err, errno, "cannot make %s", dir);
	return 0;
}

int place_open_made(const char *path, const struct identity *as, struct place *ret, struct err *err)
{
	int r = place_open(path, as, ret, err);

	if (r != -ERR_ABSENT)
		return r;
	r = parent_make(path, as, err);
	return r ? r : place_open(path, as, ret, err);
}

void place_close(struct place *p)
{
	fd_closep(&p->dir);
	free(p->name);
	free(p->path);
	p->name = p->path = NULL;
}

int place_read(const struct place *p)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	struct stat st;

	if (rights_take(p->as)) {
		rights_give(p->as);
		return -1;
	}
	int fd = openat(p->dir, p->name, flags);
	rights_give(p->as);
	/* root's file in the user's own directory: the directory is theirs by owner, so nothing was swapped for another's */
	if (fd < 0 && errno == EACCES && p->as && fstat(p->dir, &st) == 0 && st.st_uid == p->as->uid)
		fd = openat(p->dir, p->name, flags);
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

int place_create(const struct place *p, const char *name, uint32_t mode)
{
	int fd = -1;

	if (rights_take(p->as) == 0)
		fd = openat(p->dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, (mode_t)mode);
	rights_give(p->as);
	return fd;
}

int place_update(const struct place *p, uint32_t mode)
{
	struct stat st;
	int fd = -1;

	if (rights_take(p->as) == 0)
		fd = openat(p->dir, p->name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, (mode_t)mode);
	rights_give(p->as);
	if (fd >= 0 && (fstat(fd, &st) || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

int place_unlink(const struct place *p, const char *name)
{
	int r = -1;

	if (rights_take(p->as) == 0)
		r = unlinkat(p->dir, name ? name : p->name, 0);
	rights_give(p->as);
	return r;
}

int place_rename_new(const struct place *p, const char *from)
{
	int r = -1;

	/* link + unlink instead of rename: an existing file is never replaced, on every platform */
	if (rights_take(p->as) == 0) {
		r = linkat(p->dir, from, p->dir, p->name, 0);
		if (r == 0)
			r = unlinkat(p->dir, from, 0);
	}
	rights_give(p->as);
	return r;
}

int place_rename_over(const struct place *p, const char *from)
{
	int r = -1;

	if (rights_take(p->as) == 0)
		r = renameat(p->dir, from, p->dir, p->name);
	rights_give(p->as);
	return r;
}

int place_mkdir(const struct place *p, uint32_t mode)
{
	int r = -1;

	if (rights_take(p->as) == 0)
		r = mkdirat(p->dir, p->name, (mode_t)mode);
	rights_give(p->as);
	return r;
}

int place_rmdir(const struct place *p)
{
	struct stat st;
	int r = -1;

	if (rights_take(p->as) == 0)
		r = unlinkat(p->dir, p->name, AT_REMOVEDIR);
	/* what is read-only says so before it looks whether there is anything to remove */
	if (r && errno == EROFS && fstatat(p->dir, p->name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		errno = EROFS;
	rights_give(p->as);
	return r;
}

int place_symlink(const struct place *p, const char *target)
{
	int r = -1;

	if (rights_take(p->as) == 0)
		r = symlinkat(target, p->dir, p->name);
	rights_give(p->as);
	return r;
}

int place_sync(const struct place *p)
{
	return fsync(p->dir);
}
