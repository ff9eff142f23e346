/* SPDX-License-Identifier: MIT */
#include "bundle/reader_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/tree.h"

struct extractor {
	struct check_inner inner;
	int dirfd;
	int fd; /* of the file being written */
	char **made;
	struct err err;
};

static int extract_begin(struct check_inner *i, const char *path, uint64_t bytes, uint32_t mode)
{
	struct extractor *x = (struct extractor *)i;

	if (dir_make_parents(x->dirfd, path))
		return err_errno(&x->err, errno, "cannot make the directories of %s", path);
	x->fd = openat(x->dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode & 0600);
	if (x->fd < 0)
		return err_errno(&x->err, errno, "cannot create %s", path);
	x->made = strv_add(x->made, path);
	return 0;
}

static int extract_data(struct check_inner *i, const void *p, size_t n)
{
	struct extractor *x = (struct extractor *)i;

	return write_all(x->fd, p, n) ? err_errno(&x->err, errno, "cannot write %s", x->made[strv_len(x->made) - 1]) : 0;
}

static int extract_end(struct check_inner *i)
{
	struct extractor *x = (struct extractor *)i;
	int fd = TAKE_FD(x->fd);

	return close(fd) ? err_errno(&x->err, errno, "cannot write %s", x->made[strv_len(x->made) - 1]) : 0;
}

static void extract_drop(struct check_inner *i)
{
	fd_closep(&((struct extractor *)i)->fd);
}

/* A directory of our own, or one that is there and empty. */
static int open_target(const char *dir, bool *made, struct err *err)
{
	_cleanup_strv_ char **files = NULL;

	*made = mkdir(dir, 0700) == 0;
	if (!*made && errno != EEXIST)
		return err_errno(err, errno, "cannot make %s", dir);
	_cleanup_fd_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, errno, "cannot open %s", dir);
	int r = *made ? 0 : tree_list(fd, NULL, 1, &files, err);
	if (r == -ERR_LIMIT || files)
		return err_set(err, ERR_USAGE, "%s is not empty: extract into a directory that is not there yet", dir);
	return r ? r : TAKE_FD(fd);
}

/* Files first, then the directories that they left empty, deepest first because longest. */
static void remove_made(const struct extractor *x)
{
	for (char **p = x->made; p && *p; p++)
		unlinkat(x->dirfd, *p, 0);
	for (char **p = x->made; p && *p; p++) {
		_cleanup_free_ char *dir = mem_strdup(*p);
		for (char *s; (s = strrchr(dir, '/'));) {
			*s = '\0';
			unlinkat(x->dirfd, dir, AT_REMOVEDIR);
		}
	}
}

int bundle_extract(const struct bundle_args *a, const char *dir, struct bundle_report *ret_report, struct err *err)
{
	_cleanup_bundle_report_ struct bundle_report second = { 0 };
	bool made = false;
	int r;

	/* nothing is written before everything was seen to hold */
	*ret_report = (struct bundle_report){ 0 };
	r = bundle_pass(a, false, NULL, ret_report, err);
	if (r)
		return r;
	int dirfd = open_target(dir, &made, err);
	if (dirfd < 0)
		return dirfd;
	struct extractor x = { .inner = { extract_begin, extract_data, extract_end, extract_drop }, .dirfd = dirfd, .fd = -1 };
	r = bundle_pass(a, false, &x.inner, &second, err);
	fd_closep(&x.fd);
	if (x.err.code)
		r = err_set(err, (enum err_code)x.err.code, "%s", x.err.msg);
	if (r) {
		remove_made(&x);
		if (made)
			rmdir(dir);
	}
	strv_free(x.made);
	close(dirfd);
	return r;
}
