/* SPDX-License-Identifier: MIT */
#include "collect/readfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct readfile {
	struct job *job;
	int fd;
	uint64_t at;	   /* offset of the next byte to read */
	uint64_t head_end; /* the first part ends here */
	uint64_t tail;	   /* the second part begins here; 0: there is none */
	uint64_t end;	   /* of all; UINT64_MAX: to the end of the file */
	uint64_t spent_us; /* in reading alone: what our readers take is not the host's fault */
};

/* The offset after the last newline in [from, to), or `from` when there is none. */
static uint64_t line_end_before(int fd, uint64_t from, uint64_t to)
{
	char piece[16384];

	while (to > from) {
		size_t n = to - from < sizeof(piece) ? (size_t)(to - from) : sizeof(piece);
		ssize_t got = pread(fd, piece, n, (off_t)(to - n));
		if (got != (ssize_t)n)
			return from;
		for (; n > 0; n--, to--)
			if (piece[n - 1] == '\n')
				return to;
	}
	return from;
}

/* The offset after the first newline in [from, to), or `to` when there is none. */
static uint64_t line_start_after(int fd, uint64_t from, uint64_t to)
{
	char piece[16384];

	while (from < to) {
		size_t n = to - from < sizeof(piece) ? (size_t)(to - from) : sizeof(piece);
		ssize_t got = pread(fd, piece, n, (off_t)from);
		if (got <= 0)
			return to;
		const char *nl = memchr(piece, '\n', (size_t)got);
		if (nl)
			return from + (uint64_t)(nl - piece) + 1;
		from += (uint64_t)got;
	}
	return to;
}

static void cut(struct readfile *r, uint64_t bytes)
{
	r->job->rec.cut_bytes = bytes;
	job_fail(r->job, OUTCOME_CUT, 0, "%" PRIu64 " bytes beyond the limit of %" PRIu64 " left out", bytes,
		r->job->probe->limits.max_bytes);
}

/* Decides which parts of a file of `size` bytes are read. */
static void plan(struct readfile *r, uint64_t size)
{
	uint64_t max = r->job->probe->limits.max_bytes;

	r->end = size ? size : UINT64_MAX;
	r->head_end = r->end;
	if (size <= max)
		return;
	if (r->job->probe->flags & PROBE_END) {
		r->at = line_start_after(r->fd, size - max - 1, size);
		cut(r, r->at);
		return;
	}
	if (!(r->job->probe->flags & PROBE_TAIL)) {
		r->end = r->head_end = max;
		cut(r, size - max);
		return;
	}
	r->head_end = line_end_before(r->fd, 0, max / 4);
	/* one byte before: so a line that begins just there is whole, and kept */
	r->tail = line_start_after(r->fd, size - (max - max / 4) - 1, size);
	cut(r, r->tail - r->head_end);
}

static bool user_may_read(uid_t uid, gid_t gid, const struct stat *st)
{
	mode_t bit = st->st_uid == uid ? S_IRUSR : st->st_gid == gid ? S_IRGRP : S_IROTH;

	return uid == 0 || (st->st_mode & bit);
}

/* On whose behalf root reads: with `as` that user's, and through a link its owner's. */
static bool lawful(struct job *job, const struct hostfs *fs, const struct stat *link, const struct stat *st)
{
	const struct identity *as = job->probe->as;

	if (geteuid() != 0)
		return true;
	if (as && !user_may_read(as->uid, as->gid, st)) {
		job_fail(job, OUTCOME_DENIED, EACCES, "%s: root could read it, but %s, for whom it is asked, may not", job->probe->path,
			as->name);
		return false;
	}
	if (link && link->st_uid != 0) {
		_cleanup_account_ struct account owner = { 0 };
		/* without a name there is no primary group to know */
		gid_t gid = hostfs_account_by_uid(fs, link->st_uid, &owner) ? link->st_gid : owner.gid;
		if (!user_may_read(link->st_uid, gid, st)) {
			job_fail(job, OUTCOME_DENIED, EACCES, "%s: a link to a file that the link's owner may not read", job->probe->path);
			return false;
		}
	}
	return true;
}

/* What stands between asking for a path and reading what is there. */
struct look {
	struct place at;
	bool linked; /* the path itself is a symbolic link, which `link` describes */
	struct stat link;
	struct stat st; /* of what is to be read */
};

/* Describes a link at the path itself (below a root the walk for reading has already resolved it). */
static int look_for_link(struct job *job, struct hostfs *fs, struct look *l)
{
	_cleanup_place_ struct place pl = { .dirfd = AT_FDCWD };
	int e = place_find(fs, job->probe->path, false, &pl);

	if (e)
		return e;
	if (fstatat(pl.dirfd, pl.name, &l->link, AT_SYMLINK_NOFOLLOW) < 0)
		return errno;
	hostfs_stat(fs, &l->link, &job->rec.stat);
	l->linked = S_ISLNK(l->link.st_mode);
	if (l->linked)
		job->rec.stat.link = place_readlink(pl.dirfd, pl.name);
	return 0;
}

/* The checks before anything is opened; true when it may be. */
static bool admit(struct job *job, struct hostfs *fs, struct look *l)
{
	const struct probe *p = job->probe;
	int e = look_for_link(job, fs, l);
	const char *target = job->rec.stat.link ? job->rec.stat.link : "?";

	if (e) {
		job_errno(job, e, "%s", p->path ? p->path : p->key);
		return false;
	}
	if (l->linked && !(p->flags & PROBE_FOLLOW)) {
		job_fail(job, OUTCOME_REFUSED, ELOOP, "%s: a symbolic link to %s, which is not followed", p->path, target);
		return false;
	}
	e = place_find(fs, p->path, l->linked, &l->at);
	if (!e && fstatat(l->at.dirfd, l->at.name, &l->st, 0) < 0)
		e = errno;
	if (e && l->linked)
		job_errno(job, e, "%s: a symbolic link to %s", p->path, target);
	else if (e)
		job_errno(job, e, "%s", p->path);
	if (e)
		return false;
	hostfs_stat(fs, &l->st, &job->rec.stat);
	if (!S_ISREG(l->st.st_mode)) {
		job_fail(job, OUTCOME_REFUSED, EINVAL, "%s: %s, not a regular file", p->path, hostfs_type(l->st.st_mode));
		return false;
	}
	return lawful(job, fs, l->linked ? &l->link : NULL, &l->st);
}

/* Opens what was admitted, and sees to it that it still is that file; -1 when the record says why not. */
static int open_admitted(struct job *job, const struct hostfs *fs, const struct look *l)
{
	const char *path = job->probe->path;
	int nofollow = l->linked && fs->rootfd < 0 ? 0 : O_NOFOLLOW;
	_cleanup_fd_ int fd = openat(l->at.dirfd, l->at.name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | nofollow);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		job_errno(job, errno, "%s", path);
		return -1;
	}
	if (st.st_dev == l->st.st_dev && st.st_ino == l->st.st_ino)
		return TAKE_FD(fd);
	/* a log that was rotated just now is as good; anything else that took its place is not */
	if (!S_ISREG(st.st_mode)) {
		job_fail(job, OUTCOME_REFUSED, EINVAL, "%s: became %s while it was opened", path, hostfs_type(st.st_mode));
		return -1;
	}
	return lawful(job, fs, l->linked ? &l->link : NULL, &st) ? TAKE_FD(fd) : -1;
}

static bool is_script(int fd)
{
	char head[2];

	return pread(fd, head, sizeof(head), 0) == sizeof(head) && head[0] == '#' && head[1] == '!';
}

struct readfile *readfile_start(struct job *job, struct hostfs *fs)
{
	struct look l = { .at.dirfd = AT_FDCWD };
	struct stat st;
	int fd = admit(job, fs, &l) ? open_admitted(job, fs, &l) : -1;

	place_free(&l.at);
	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	hostfs_stat(fs, &st, &job->rec.stat);
	if ((job->probe->flags & PROBE_SCRIPT) && !is_script(fd)) {
		job_fail(job, OUTCOME_REFUSED, ENOEXEC, "%s: not a script", job->probe->path);
		close(fd);
		return NULL;
	}
	struct readfile *r = mem_alloc(sizeof(*r));
	r->job = job;
	r->fd = fd;
	plan(r, (uint64_t)st.st_size);
	return r;
}

/* The file ended before it should: fine for files that do not know their size (sysfs), not for one that was truncated. */
static void ended_early(struct readfile *r)
{
	struct stat st;

	if (r->end != UINT64_MAX && fstat(r->fd, &st) == 0 && (uint64_t)st.st_size < r->end) {
		r->job->rec.cut_bytes += r->end - r->at;
		job_fail(r->job, OUTCOME_CUT, 0, "%s: it shrank while it was read", r->job->probe->path);
	}
}

static void pass_marker(struct readfile *r)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "[... %" PRIu64 " bytes cut ...]\n", r->tail - r->head_end);

	job_chunk(r->job, STREAM_OUT, line, (size_t)n, UINT64_MAX);
	r->at = r->tail;
	r->head_end = r->end;
	r->tail = 0;
}

bool readfile_turn(struct readfile *r, char *scratch, size_t n)
{
	const struct probe *p = r->job->probe;
	uint64_t cap = r->end == UINT64_MAX ? p->limits.max_bytes : UINT64_MAX;

	if (r->tail && r->at == r->head_end)
		pass_marker(r);
	uint64_t left = r->head_end - r->at;
	if (left == 0)
		return true;
	if (r->spent_us > (uint64_t)p->limits.timeout_ms * 1000) {
		job_fail(r->job, OUTCOME_TIMEOUT, ETIMEDOUT, "%s: not read within %" PRIu32 " ms", p->path, p->limits.timeout_ms);
		return true;
	}
	uint64_t before = clock_mono_us();
	ssize_t got = pread(r->fd, scratch, left < n ? (size_t)left : n, (off_t)r->at);
	int e = errno;
	r->spent_us += clock_mono_us() - before;
	if (got < 0 && e == EINTR)
		return false;
	if (got < 0) {
		job_errno(r->job, e, "%s: reading", p->path);
		return true;
	}
	if (got == 0) {
		ended_early(r);
		return true;
	}
	r->at += (uint64_t)got;
	uint64_t over = job_chunk(r->job, STREAM_OUT, scratch, (size_t)got, cap);
	if (over) {
		cut(r, over);
		return true;
	}
	return false;
}

struct job *readfile_job(const struct readfile *r)
{
	return r->job;
}

void readfile_free(struct readfile *r)
{
	if (!r)
		return;
	fd_closep(&r->fd);
	free(r);
}
