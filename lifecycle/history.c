/* SPDX-License-Identifier: MIT */
#include "lifecycle/history.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/sha256.h"
#include "formats/text.h"
#include "lifecycle/place.h"

#define HISTORY_MAX (16u << 20)

/* The directories on the way, each made with the owner's rights. */
static int make_dirs(const char *path, const struct identity *as, struct err *err)
{
	for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		_cleanup_free_ char *dir = mem_strndup(path, (size_t)(slash - path));
		_cleanup_place_ struct place p = { .dir = -1 };
		struct stat st;
		if (stat(dir, &st) == 0)
			continue;
		int r = place_open(dir, as, &p, err);
		if (r)
			return r;
		if (place_mkdir(&p, 0700) && errno != EEXIST)
			return err_errno(err, errno, "%s", dir);
	}
	return 0;
}

/* What of the file is whole lines; the rest a crash cut short. */
static size_t whole(const struct buf *b)
{
	size_t n = b->len;

	while (n && b->data[n - 1] != '\n')
		n--;
	return n;
}

static int append(int fd, const char *path, const struct receipt *r, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 }, line = { 0 };
	struct custody c = { .time_us = r->time_us, .actor = mem_strdup(r->actor ? r->actor : "unknown"), .uid = r->uid,
		.tool = mem_strdup("sourceos-agent " VERSION), .action = mem_strdup(r->action), .detail = mem_strdup(r->detail), .exit = r->exit };
	int bad = fd_read(fd, path, HISTORY_MAX, &b, err);
	size_t n = whole(&b);

	if (bad == 0)
		bad = custody_check(buf_str(&b), n, sha256_of, &c.seq, c.prev, err) ? err_prefix(err, "%s", path) : 0;
	if (bad == 0) {
		c.seq++;
		custody_add(&line, &c);
		if ((n != b.len && ftruncate(fd, (off_t)n)) || pwrite(fd, line.data, line.len, (off_t)n) != (ssize_t)line.len || fsync(fd))
			bad = err_errno(err, errno, "%s", path);
	}
	custody_free(&c);
	return bad;
}

int history_append(const struct install_paths *p, const struct identity *as, const struct receipt *r, struct err *err)
{
	_cleanup_place_ struct place at = { .dir = -1 };
	int bad = make_dirs(p->history, as, err);

	if (bad == 0)
		bad = place_open(p->history, as, &at, err);
	if (bad)
		return bad;
	_cleanup_fd_ int fd = place_update(&at, 0600);
	if (fd < 0)
		return err_errno(err, errno, "%s", p->history);
	bad = append(fd, p->history, r, err);
	place_sync(&at);
	return bad;
}
