/* SPDX-License-Identifier: MIT */
#include "lifecycle/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/text.h"

#define LEDGER_MAX (1u << 20)	/* beyond this it is not ours */
#define LEDGER_COMPACT (32u << 10) /* and beyond this only the last hour is kept */
#define MINUTE_US (60ull * 1000000)

/* One line: 0 and its parts; -1 when it is none of ours. */
static int line_parse(const char *p, size_t n, uint64_t *ret_us, bool *ret_start)
{
	_cleanup_free_ char *line = mem_strndup(p, n);
	char *blank = strchr(line, ' ');

	if (!blank)
		return -1;
	*blank = '\0';
	*ret_start = strcmp(blank + 1, "start") == 0;
	return (*ret_start || strcmp(blank + 1, "refused") == 0) ? text_to_u64(line, UINT64_MAX, ret_us) : -1;
}

static bool within_hour(uint64_t at, uint64_t now)
{
	return at <= now + MINUTE_US && at + LEDGER_HOUR_US > now;
}

struct ledger_count ledger_count(const char *text, size_t n, uint64_t now_us)
{
	struct ledger_count c = { 0 };

	for (const char *nl; n && (nl = memchr(text, '\n', n)); n -= (size_t)(nl + 1 - text), text = nl + 1) {
		uint64_t at;
		bool start;
		if (line_parse(text, (size_t)(nl - text), &at, &start) || !within_hour(at, now_us))
			continue;
		c.refused_already = !start;
		if (!start)
			continue;
		c.starts++;
		if (!c.oldest_us || at < c.oldest_us)
			c.oldest_us = at;
	}
	return c;
}

static int read_all(int fd, struct buf *b)
{
	char chunk[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, chunk, sizeof(chunk), at)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		buf_add(b, chunk, (size_t)n);
		at += n;
		if (b->len > LEDGER_MAX) {
			errno = EFBIG;
			return -1;
		}
	}
	return 0;
}

/* The lines of the last hour, when the file has grown long: in place, under the lock. A crash in between
 * leaves some of them twice, which counts too many for an hour and never too few. */
static int compact(int fd, const struct buf *all, uint64_t now_us)
{
	_cleanup_buf_ struct buf kept = { 0 };
	const char *text = all->data;
	size_t n = all->len;

	for (const char *nl; n && (nl = memchr(text, '\n', n)); n -= (size_t)(nl + 1 - text), text = nl + 1) {
		uint64_t at;
		bool start;
		if (line_parse(text, (size_t)(nl - text), &at, &start) == 0 && within_hour(at, now_us))
			buf_add(&kept, text, (size_t)(nl + 1 - text));
	}
	if (kept.len >= all->len)
		return 0;
	if (pwrite(fd, buf_str(&kept), kept.len, 0) != (ssize_t)kept.len || ftruncate(fd, (off_t)kept.len))
		return -1;
	return 0;
}

static int append(int fd, const struct buf *all, uint64_t now_us, bool start)
{
	bool torn = all->len && all->data[all->len - 1] != '\n';
	_cleanup_free_ char *line = mem_printf("%s%" PRIu64 " %s\n", torn ? "\n" : "", now_us, start ? "start" : "refused");
	size_t n = strlen(line);
	ssize_t w = lseek(fd, 0, SEEK_END) < 0 ? -1 : write(fd, line, n);

	if (w >= 0 && w != (ssize_t)n) {
		errno = ENOSPC;
		return -1;
	}
	return w < 0 || fsync(fd) ? -1 : 0;
}

int ledger_start(const char *path, uint64_t now_us, uint32_t limit, struct ledger_verdict *ret, struct err *err)
{
	_cleanup_fd_ int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	_cleanup_buf_ struct buf all = { 0 };
	struct ledger_verdict v = { 0 };
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return err_errno(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "%s is not a regular file", path);
	if (flock(fd, LOCK_EX) || read_all(fd, &all))
		return err_errno(err, errno, "%s", path);
	v.count = ledger_count(buf_str(&all), all.len, now_us);
	v.allowed = v.count.starts < limit;
	if (all.len > LEDGER_COMPACT && v.allowed && compact(fd, &all, now_us))
		return err_errno(err, errno, "%s", path);
	/* one refusal is noted, not one a second */
	if ((v.allowed || !v.count.refused_already) && append(fd, &all, now_us, v.allowed))
		return err_errno(err, errno, "%s", path);
	*ret = v;
	return 0;
}

int ledger_reset(const char *path, struct err *err)
{
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT ? 0 : err_errno(err, errno, "%s", path);
	if (flock(fd, LOCK_EX) || ftruncate(fd, 0) || fsync(fd))
		return err_errno(err, errno, "%s", path);
	return 0;
}
