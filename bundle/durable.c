/* SPDX-License-Identifier: MIT */
#include "bundle/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/platform.h"
#include "formats/buf.h"

int write_all(int fd, const void *p, size_t n)
{
	const char *c = p;

	while (n) {
		ssize_t w = write(fd, c, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return -1;
		c += w;
		n -= (size_t)w;
	}
	return 0;
}

static bool time_same(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static struct file_mark mark_of(const struct stat *st)
{
	return (struct file_mark){ st->st_dev, st->st_ino, st->st_size, { st->st_mtime, stat_mtime_nsec(st) }, { st->st_ctime, stat_ctime_nsec(st) } };
}

static bool mark_same_but_ctime(const struct file_mark *a, const struct file_mark *b)
{
	return a->dev == b->dev && a->ino == b->ino && a->bytes == b->bytes && time_same(&a->mtime, &b->mtime);
}

struct file_mark file_mark_take(int dirfd, const char *name, const struct stat *written)
{
	struct file_mark was = mark_of(written), is;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW))
		return (struct file_mark){ 0 };
	is = mark_of(&st);
	return mark_same_but_ctime(&was, &is) ? is : (struct file_mark){ 0 };
}

bool file_mark_fits(const struct file_mark *m, const struct stat *st)
{
	struct file_mark is = mark_of(st);

	return m->ino && mark_same_but_ctime(m, &is) && time_same(&m->ctime, &is.ctime);
}

int dir_make_parents(int dirfd, const char *path)
{
	_cleanup_free_ char *p = mem_strdup(path);

	for (char *s = p + (*p == '/'); (s = strchr(s, '/')); *s++ = '/') {
		*s = '\0';
		if (mkdirat(dirfd, p, 0700) && errno != EEXIST)
			return -1;
	}
	return 0;
}

int dir_open_make(int dirfd, const char *path, bool parents)
{
	if (parents && dir_make_parents(dirfd, path))
		return -1;
	if (mkdirat(dirfd, path, 0700) && errno != EEXIST)
		return -1;
	return openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int durable_open(int dirfd, const char *name, mode_t mode, struct durable *ret, struct err *err)
{
	const char *base = strrchr(name, '/');
	uint8_t noise[8];
	char hex[2 * sizeof(noise) + 1];

	randombytes_buf(noise, sizeof(noise));
	sodium_bin2hex(hex, sizeof(hex), noise, sizeof(noise));
	_cleanup_free_ char *tmp =
		mem_printf("%.*s" DURABLE_TMP "%s", base ? (int)(base + 1 - name) : 0, name, hex);
	if (base && dir_make_parents(dirfd, name))
		return err_errno(err, errno, "cannot make the directories of %s", name);
	int fd = openat(dirfd, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return err_errno(err, errno, "cannot create %s", name);
	/* the mode that was asked for, whatever the umask */
	if (fchmod(fd, mode)) {
		int e = errno;
		close(fd);
		unlinkat(dirfd, tmp, 0);
		return err_errno(err, e, "cannot set the mode of %s", name);
	}
	*ret = (struct durable){ fd, dirfd, mem_strdup(name), TAKE_PTR(tmp) };
	return 0;
}

static void durable_over(struct durable *d)
{
	fd_closep(&d->fd);
	d->fd = -1;
	mem_freep(&d->name);
	mem_freep(&d->tmp);
}

void durable_abort(struct durable *d)
{
	if (d->tmp)
		unlinkat(d->dirfd, d->tmp, 0);
	durable_over(d);
}

/* The directory that holds `name`; caller frees. */
static char *parent_of(const char *name)
{
	const char *base = strrchr(name, '/');

	return base ? mem_strndup(name, base == name ? 1 : (size_t)(base - name)) : mem_strdup(".");
}

static int sync_at(int dirfd, const char *name)
{
	_cleanup_fd_ int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

static int sync_parent(int dirfd, const char *name)
{
	_cleanup_free_ char *dir = parent_of(name);

	return sync_at(dirfd, dir);
}

int durable_commit(struct durable *d, unsigned flags, struct err *err)
{
	bool sync = !(flags & DURABLE_NOSYNC);
	int r = 0;

	if (sync && fsync(d->fd))
		r = err_errno(err, errno, "cannot write %s to disk", d->name);
	else if (flags & DURABLE_NEW) {
		/* link fails where the name exists, as rename would not; then the temporary name goes */
		if (linkat(d->dirfd, d->tmp, d->dirfd, d->name, 0))
			r = errno == EEXIST ? err_set(err, ERR_BUSY, "%s is there already", d->name)
					    : err_errno(err, errno, "cannot create %s", d->name);
		unlinkat(d->dirfd, d->tmp, 0);
		mem_freep(&d->tmp);
	} else if (renameat(d->dirfd, d->tmp, d->dirfd, d->name))
		r = err_errno(err, errno, "cannot rename to %s", d->name);
	else
		mem_freep(&d->tmp);
	if (!r && sync && sync_parent(d->dirfd, d->name))
		r = err_errno(err, errno, "cannot write the directory of %s to disk", d->name);
	durable_abort(d);
	return r;
}

int durable_write(int dirfd, const char *name, mode_t mode, const void *p, size_t n, unsigned flags, struct err *err)
{
	struct durable d;
	int r = durable_open(dirfd, name, mode, &d, err);

	if (r)
		return r;
	if (write_all(d.fd, p, n)) {
		r = err_errno(err, errno, "cannot write %s", name);
		durable_abort(&d);
		return r;
	}
	return durable_commit(&d, flags, err);
}

int durable_commit_as(struct durable *d, const char *name, unsigned flags, struct err *err)
{
	mem_set(&d->name, name);
	if (dir_make_parents(d->dirfd, name)) {
		int r = err_errno(err, errno, "cannot make the directories of %s", name);
		durable_abort(d);
		return r;
	}
	return durable_commit(d, flags, err);
}

int durable_sync(int dirfd, char *const *names, struct err *err)
{
	_cleanup_strv_ char **dirs = NULL;

	for (size_t i = 0; names && names[i]; i++) {
		_cleanup_free_ char *dir = parent_of(names[i]);
		if (sync_at(dirfd, names[i]))
			return err_errno(err, errno, "cannot write %s to disk", names[i]);
		if (!strv_has(dirs, dir))
			dirs = strv_take(dirs, TAKE_PTR(dir));
	}
	for (size_t i = 0; dirs && dirs[i]; i++)
		if (sync_at(dirfd, dirs[i]))
			return err_errno(err, errno, "cannot write the directory %s to disk", dirs[i]);
	return 0;
}

int open_beneath(int dirfd, const char *path, int flags)
{
	_cleanup_free_ char *copy = mem_strdup(path);
	_cleanup_fd_ int dir = -1;
	char *name = copy;

	for (char *slash; (slash = strchr(name, '/')); name = slash + 1) {
		*slash = '\0';
		if (!*name || strcmp(name, "..") == 0) {
			errno = EINVAL;
			return -1;
		}
		int next = openat(dir < 0 ? dirfd : dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next < 0)
			return -1;
		fd_closep(&dir);
		dir = next;
	}
	return openat(dir < 0 ? dirfd : dir, name, flags | O_NOFOLLOW | O_CLOEXEC);
}

int fd_read(int fd, const char *name, size_t max, struct buf *out, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_errno(err, errno, "cannot stat %s", name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_SYNTAX, "%s is not a regular file", name);
	return fd_read_stream(fd, name, max, out, err);
}

int fd_read_stream(int fd, const char *name, size_t max, struct buf *out, struct err *err)
{
	char chunk[16384];

	for (;;) {
		ssize_t n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, errno, "cannot read %s", name);
		if (!n)
			return 0;
		if (out->len > max || (size_t)n > max - out->len)
			return err_set(err, ERR_LIMIT, "%s is larger than %zu bytes", name, max);
		buf_add(out, chunk, (size_t)n);
	}
}

int file_read(int dirfd, const char *name, size_t max, struct buf *out, struct err *err)
{
	bool beneath = dirfd != AT_FDCWD && *name != '/';
	_cleanup_fd_ int fd = beneath ? open_beneath(dirfd, name, O_RDONLY | O_NONBLOCK)
				      : openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? err_errno(err, errno, "cannot open %s", name) : fd_read(fd, name, max, out, err);
}
