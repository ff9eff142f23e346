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

/* The checks before anything is opened; true when it may be. *link says whether it is one. */
static bool admit(struct job *job, struct hostfs *fs, const struct place *pl)
{
	const struct probe *p = job->probe;
	struct stat st;

	if (fstatat(pl->dirfd, pl->name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		job_errno(job, errno, "%s", p->path);
		return false;
	}
	hostfs_stat(fs, &st, &job->rec.stat);
	if (S_ISLNK(st.st_mode)) {
		free(job->rec.stat.link);
		job->rec.stat.link = place_readlink(pl->dirfd, pl->name);
		if (!(p->flags & PROBE_FOLLOW)) {
			job_fail(job, OUTCOME_REFUSED, ELOOP, "%s: a symbolic link to %s, which is not followed", p->path,
				job->rec.stat.link ? job->rec.stat.link : "?");
			return false;
		}
		if (fstatat(pl->dirfd, pl->name, &st, 0) < 0) {
			job_errno(job, errno, "%s: a symbolic link to %s", p->path, job->rec.stat.link ? job->rec.stat.link : "?");
			return false;
		}
		hostfs_stat(fs, &st, &job->rec.stat);
	}
	if (!S_ISREG(st.st_mode)) {
		job_fail(job, OUTCOME_REFUSED, EINVAL, "%s: %s, not a regular file", p->path, hostfs_type(st.st_mode));
		return false;
	}
	return true;
}

/* Below a root, a final link is resolved by the walk; what it says is asked for apart. */
static void note_link(struct job *job, struct hostfs *fs)
{
	_cleanup_place_ struct place pl = { .dirfd = AT_FDCWD };

	if (fs->rootfd < 0 || !(job->probe->flags & PROBE_FOLLOW) || place_find(fs, job->probe->path, false, &pl))
		return;
	free(job->rec.stat.link);
	job->rec.stat.link = place_readlink(pl.dirfd, pl.name);
}

struct readfile *readfile_start(struct job *job, struct hostfs *fs)
{
	const struct probe *p = job->probe;
	_cleanup_place_ struct place pl = { .dirfd = AT_FDCWD };
	bool follow = p->flags & PROBE_FOLLOW;
	int e = place_find(fs, p->path, follow, &pl);
	struct stat st;

	if (e) {
		job_errno(job, e, "%s", p->path ? p->path : p->key);
		return NULL;
	}
	note_link(job, fs);
	if (!admit(job, fs, &pl))
		return NULL;
	int nofollow = follow && fs->rootfd < 0 ? 0 : O_NOFOLLOW;
	_cleanup_fd_ int fd = openat(pl.dirfd, pl.name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | nofollow);
	if (fd < 0 || fstat(fd, &st) < 0) {
		job_errno(job, errno, "%s", p->path);
		return NULL;
	}
	if (!S_ISREG(st.st_mode)) {
		job_fail(job, OUTCOME_REFUSED, EINVAL, "%s: became %s while it was opened", p->path, hostfs_type(st.st_mode));
		return NULL;
	}
	hostfs_stat(fs, &st, &job->rec.stat);
	struct readfile *r = mem_alloc(sizeof(*r));
	r->job = job;
	r->fd = TAKE_FD(fd);
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
