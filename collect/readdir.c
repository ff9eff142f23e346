/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "collect/platform.h"
#include "collect/readfile.h"
#include "formats/json_plain.h"
#include "formats/text.h"

static const char *type_letter(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "f";
	case S_IFDIR:
		return "d";
	case S_IFLNK:
		return "l";
	case S_IFIFO:
		return "p";
	case S_IFSOCK:
		return "s";
	case S_IFBLK:
		return "b";
	default:
		return "c";
	}
}

/* What is not plain, as jansson writes it. */
static void add_text(struct buf *row, const char *text)
{
	if (json_is_plain(text, strlen(text))) {
		buf_addf(row, "\"%s\"", text);
		return;
	}
	json_t *j = job_json_text(text);
	char *quoted = json_dumps(j, JSON_ENCODE_ANY);
	buf_adds(row, quoted);
	free(quoted);
	json_decref(j);
}

static void pass_entry(struct job *job, struct hostfs *fs, int dirfd, const char *name)
{
	_cleanup_buf_ struct buf row = { 0 };
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return; /* gone since it was listed */
	buf_adds(&row, "{\"name\":");
	add_text(&row, name);
	buf_addf(&row, ",\"type\":\"%s\",\"mode\":%u,\"uid\":%u,\"gid\":%u", type_letter(st.st_mode), (unsigned)(st.st_mode & 07777),
		(unsigned)st.st_uid, (unsigned)st.st_gid);
	const char *owner = hostfs_owner(fs, st.st_uid);
	if (owner) {
		buf_adds(&row, ",\"owner\":");
		add_text(&row, owner);
	}
	buf_addf(&row, ",\"size\":%lld,\"mtimeUs\":%lld", (long long)st.st_size, (long long)stat_mtime_us(&st));
	_cleanup_free_ char *link = S_ISLNK(st.st_mode) ? place_readlink(dirfd, name) : NULL;
	if (link) {
		buf_adds(&row, ",\"link\":");
		add_text(&row, link);
	}
	buf_adds(&row, "}\n");
	/* a line is passed whole or not at all */
	uint64_t cap = job->probe->limits.max_bytes;
	if (job->rec.bytes[STREAM_OUT] + row.len > cap)
		job->rec.cut_bytes += row.len;
	else
		job_chunk(job, STREAM_OUT, row.data, row.len, cap);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(struct job *job, struct hostfs *fs, DIR *dir)
{
	char **names = NULL;
	size_t n = 0, room = 0;
	bool more = false;

	for (const struct dirent *d; (d = readdir(dir));) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0 ||
			((job->probe->flags & PROBE_NO_SCOPES) && text_ends(d->d_name, ".scope")))
			continue;
		if (n == DIR_ENTRIES_MAX) {
			more = true;
			break;
		}
		if (n == room)
			names = mem_array(names, room = room ? room * 2 : 64, sizeof(*names));
		names[n++] = mem_strdup(d->d_name);
	}
	if (n)
		qsort(names, n, sizeof(*names), by_bytes);
	for (size_t i = 0; i < n; i++) {
		pass_entry(job, fs, dirfd(dir), names[i]);
		free(names[i]);
	}
	free(names);
	if (more)
		job_fail(job, OUTCOME_CUT, 0, "%s: more than %d entries, the rest is left out", job->probe->path, DIR_ENTRIES_MAX);
	else if (job->rec.cut_bytes)
		job_fail(job, OUTCOME_CUT, 0, "%s: the list is longer than its limit, the rest is left out", job->probe->path);
}

/* lstat, and the text of a link; false when the record has the failure. */
static bool look(struct job *job, struct hostfs *fs, struct stat *st)
{
	_cleanup_place_ struct place pl = { .dirfd = AT_FDCWD };
	const char *path = job->probe->path;
	int e = place_find(fs, path, false, &pl);

	if (!e && fstatat(pl.dirfd, pl.name, st, AT_SYMLINK_NOFOLLOW) < 0)
		e = errno;
	if (e) {
		job_errno(job, e, "%s", path ? path : job->probe->key);
		return false;
	}
	hostfs_stat(fs, st, &job->rec.stat);
	if (S_ISLNK(st->st_mode))
		job->rec.stat.link = place_readlink(pl.dirfd, pl.name);
	return true;
}

void readlink_answer(struct job *job, struct hostfs *fs)
{
	struct stat st;

	look(job, fs, &st);
}

void readdir_answer(struct job *job, struct hostfs *fs)
{
	_cleanup_place_ struct place pl = { .dirfd = AT_FDCWD };
	const char *path = job->probe->path;
	bool follow = job->probe->flags & PROBE_FOLLOW;
	struct stat st;

	if (!look(job, fs, &st))
		return;
	if (!S_ISDIR(st.st_mode) && !(S_ISLNK(st.st_mode) && follow)) {
		job_fail(job, OUTCOME_REFUSED, ENOTDIR, "%s: %s, not a directory", path, hostfs_type(st.st_mode));
		return;
	}
	int e = place_find(fs, path, follow, &pl);
	int nofollow = follow && fs->rootfd < 0 ? 0 : O_NOFOLLOW;
	_cleanup_fd_ int fd = e ? -1 : openat(pl.dirfd, pl.name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC | nofollow);
	if (fd < 0 || fstat(fd, &st) < 0) {
		job_errno(job, e ? e : errno, "%s", path);
		return;
	}
	hostfs_stat(fs, &st, &job->rec.stat);
	DIR *dir = fdopendir(fd);
	if (!dir) {
		job_errno(job, errno, "%s", path);
		return;
	}
	fd = -1;
	list(job, fs, dir);
	closedir(dir);
}
