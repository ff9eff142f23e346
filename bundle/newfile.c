/* SPDX-License-Identifier: MIT */
#include "bundle/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return mem_strdup(".");
	return slash == path ? mem_strdup("/") : mem_strndup(path, (size_t)(slash - path));
}

static char *temp_name(const char *path)
{
	_cleanup_free_ char *dir = parent_of(path);

	return mem_printf("%s/.sourceos-%08x%08x.tmp", dir, randombytes_random(), randombytes_random());
}

static int err_exists(struct err *err, const char *path)
{
	return err_set(err, ERR_USAGE, "%s: is already there; give another name or remove it", path);
}

int newfile_open(struct newfile *f, const char *path, unsigned mode, bool replace, struct err *err)
{
	_cleanup_free_ char *dir = parent_of(path);
	struct stat st;

	if (!replace && !lstat(path, &st)) /* said before the work, not only after it */
		return err_exists(err, path);
	*f = (struct newfile){ .fd = -1, .path = mem_strdup(path), .replace = replace };
#ifdef O_TMPFILE
	f->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
	if (f->fd < 0) {
		f->temp = temp_name(path);
		f->fd = open(f->temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	}
	if (f->fd < 0) {
		int e = errno;
		mem_freep(&f->temp); /* not ours to delete */
		newfile_discard(f);
		return err_errno(err, e, "%s: cannot write here", path);
	}
	/* EPERM: a file system without modes */
	if (fchmod(f->fd, mode) && errno != EPERM && errno != ENOTSUP) {
		int e = errno;
		newfile_discard(f);
		return err_errno(err, e, "%s: cannot set its mode", path);
	}
	return 0;
}

/* Gives the nameless file a name that is not taken; -1 with errno, EEXIST among others. */
static int link_to(const struct newfile *f, const char *path)
{
	char proc[64];

	snprintf(proc, sizeof(proc), "/proc/self/fd/%d", f->fd);
	return linkat(AT_FDCWD, proc, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

/* Renames the temporary file to a name that is not taken. No hard link: a USB stick's file system has none. */
static int claim(struct newfile *f)
{
	int fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return -1;
	close(fd);
	if (rename(f->temp, f->path)) {
		int e = errno;
		unlink(f->path);
		errno = e;
		return -1;
	}
	return 0;
}

static int name_it(struct newfile *f)
{
	if (!f->replace && !f->temp)
		return link_to(f, f->path);
	if (!f->temp) {
		char *temp = temp_name(f->path);
		if (link_to(f, temp)) {
			free(temp);
			return -1;
		}
		f->temp = temp;
	}
	if (f->replace ? rename(f->temp, f->path) : claim(f))
		return -1;
	mem_freep(&f->temp);
	return 0;
}

int newfile_commit(struct newfile *f, struct err *err)
{
	_cleanup_free_ char *dir = parent_of(f->path);

	if (fsync(f->fd))
		return err_errno(err, errno, "%s: cannot write", f->path);
	if (name_it(f)) {
		if (errno == EEXIST)
			return err_exists(err, f->path);
		return err_errno(err, errno, "%s: cannot create", f->path);
	}
	_cleanup_fd_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0)
		fsync(fd); /* some file systems cannot; the name is there all the same */
	newfile_discard(f);
	return 0;
}

void newfile_discard(struct newfile *f)
{
	if (f->temp)
		unlink(f->temp);
	fd_closep(&f->fd);
	f->fd = -1;
	mem_freep(&f->temp);
	mem_freep(&f->path);
}
