/* SPDX-License-Identifier: MIT */
#include "lifecycle/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/buf.h"
#include "formats/text.h"

#define JOURNAL_MAX (16u << 20)

struct journal {
	int fd;
	char *path;
	json_t *events;
};

void journal_close(struct journal *j)
{
	if (!j)
		return;
	fd_closep(&j->fd);
	free(j->path);
	json_decref(j->events);
	free(j);
}

void journal_closep(struct journal **j)
{
	journal_close(*j);
	*j = NULL;
}

static int read_whole(struct journal *j, struct buf *b, struct err *err)
{
	char chunk[1 << 14];

	for (;;) {
		ssize_t n = read(j->fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, errno, "%s", j->path);
		if (n == 0)
			return 0;
		buf_add(b, chunk, (size_t)n);
		if (b->len > JOURNAL_MAX)
			return err_set(err, ERR_LIMIT, "%s: larger than a journal can be", j->path);
	}
}

/* Whole lines become events; what follows the last newline was cut short by a crash, or is being written, and never counted. */
static int parse_lines(struct journal *j, const struct buf *b, off_t *ret_whole, struct err *err)
{
	const char *line = buf_str(b), *end;
	size_t lineno = 0;

	for (; (end = memchr(line, '\n', b->len - (size_t)(line - buf_str(b)))); line = end + 1) {
		json_t *e = json_loadb(line, (size_t)(end - line), 0, NULL);
		lineno++;
		if (!json_is_string(json_object_get(e, "event"))) {
			json_decref(e);
			return err_set(err, ERR_SYNTAX, "%s:%zu: damaged", j->path, lineno);
		}
		json_array_append_new(j->events, e);
	}
	*ret_whole = (off_t)(line - buf_str(b));
	return 0;
}

static int sync_parent(const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = slash ? mem_strndup(path, (size_t)(slash - path)) : mem_strdup(".");
	_cleanup_fd_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

static int load(const char *path, int flags, struct journal *j, off_t *ret_whole, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };

	j->fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC, 0600);
	j->path = mem_strdup(path);
	j->events = json_array();
	if (j->fd < 0)
		return err_errno(err, errno, "%s", path);
	int r = read_whole(j, &b, err);
	return r ? r : parse_lines(j, &b, ret_whole, err);
}

int journal_open(const char *path, struct journal **ret, struct err *err)
{
	_cleanup_journal_ struct journal *j = mem_alloc(sizeof(*j));
	off_t whole = 0;
	int r = load(path, O_RDWR | O_CREAT, j, &whole, err);

	if (r)
		return r;
	if (sync_parent(path) || ftruncate(j->fd, whole) || lseek(j->fd, whole, SEEK_SET) < 0)
		return err_errno(err, errno, "%s", path);
	*ret = TAKE_PTR(j);
	return 0;
}

int journal_read(const char *path, struct journal **ret, struct err *err)
{
	_cleanup_journal_ struct journal *j = mem_alloc(sizeof(*j));
	off_t whole = 0;
	int r = load(path, O_RDONLY, j, &whole, err);

	if (r == 0)
		*ret = TAKE_PTR(j);
	return r;
}

int journal_event(struct journal *j, uint64_t now_us, const char *event, const char *step, const char *detail_key, json_t *detail,
	struct err *err)
{
	json_t *e = json_object();
	char when[32];

	text_time(when, now_us);
	json_object_set_new(e, "seq", json_integer((json_int_t)json_array_size(j->events) + 1));
	json_object_set_new(e, "at", json_string(when));
	json_object_set_new(e, "event", json_string(event));
	if (step)
		json_object_set_new(e, "step", json_string(step));
	if (detail_key)
		json_object_set_new(e, detail_key, detail);
	_cleanup_free_ char *line = json_dumps(e, JSON_COMPACT);
	size_t n = line ? strlen(line) : 0;
	if (!line) {
		json_decref(e);
		return err_set(err, ERR_SYNTAX, "%s: a name in the plan is not UTF-8", j->path);
	}
	line[n] = '\n';
	/* one write: a crash leaves at most one torn line. A short write is a full disk. */
	off_t before = lseek(j->fd, 0, SEEK_CUR);
	ssize_t w = write(j->fd, line, n + 1);
	if (w != (ssize_t)n + 1 || fsync(j->fd)) {
		int saved = w >= 0 && w != (ssize_t)n + 1 ? ENOSPC : errno;
		json_decref(e);
		if (before >= 0 && ftruncate(j->fd, before) == 0)
			lseek(j->fd, before, SEEK_SET);
		return err_errno(err, saved, "%s", j->path);
	}
	json_array_append_new(j->events, e);
	return 0;
}

const json_t *journal_events(const struct journal *j)
{
	return j->events;
}

const json_t *journal_last(const struct journal *j, const char *event, const char *step)
{
	for (size_t i = json_array_size(j->events); i > 0; i--) {
		const json_t *e = json_array_get(j->events, i - 1);
		const char *of = json_string_value(json_object_get(e, "step"));
		if (strcmp(json_string_value(json_object_get(e, "event")), event) == 0 && (!step || text_eq(of, step)))
			return e;
	}
	return NULL;
}
