/* SPDX-License-Identifier: MIT */
#include "bundle/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "bundle/durable.h"

#define SMALL (256u << 10)	 /* one payload in memory */
#define MEMORY_MAX (16u << 20)	 /* all of them together */

struct payload_store {
	char *tmpdir;
	int fd;
	uint64_t file_bytes;
	uint64_t memory_bytes;
	char **held; /* the memory of all payloads */
	size_t n_held;
	struct buf now; /* the one being added, while it is in memory */
	bool to_file;
	uint64_t start;
};

struct payload_store *payload_store_new(const char *tmpdir)
{
	struct payload_store *s = mem_alloc(sizeof(*s));

	s->tmpdir = mem_strdup(tmpdir ? tmpdir : "/var/tmp");
	s->fd = -1;
	return s;
}

void payload_store_free(struct payload_store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n_held; i++)
		free(s->held[i]);
	free(s->held);
	buf_free(&s->now);
	fd_closep(&s->fd);
	free(s->tmpdir);
	free(s);
}

void payload_begin(struct payload_store *s, uint64_t expected)
{
	buf_clear(&s->now);
	s->to_file = expected > SMALL || s->memory_bytes + expected > MEMORY_MAX;
	s->start = s->file_bytes;
}

static int open_file(struct payload_store *s, struct err *err)
{
	_cleanup_free_ char *path = mem_printf("%s/sourceos-agent-XXXXXX", s->tmpdir);

	s->fd = mkostemp(path, O_CLOEXEC);
	if (s->fd < 0)
		return err_errno(err, errno, "cannot make a temporary file in %s", s->tmpdir);
	unlink(path);
	return 0;
}

int payload_add(struct payload_store *s, const void *p, size_t n, struct err *err)
{
	if (!s->to_file) {
		buf_add(&s->now, p, n);
		return 0;
	}
	int r = s->fd < 0 ? open_file(s, err) : 0;
	if (r)
		return r;
	if (write_all(s->fd, p, n))
		return err_errno(err, errno, "cannot write the temporary file in %s", s->tmpdir);
	s->file_bytes += n;
	return 0;
}

void payload_end(struct payload_store *s, struct payload *ret)
{
	if (s->to_file) {
		*ret = (struct payload){ .bytes = s->file_bytes - s->start, .at = s->start };
		return;
	}
	*ret = (struct payload){ .bytes = s->now.len };
	ret->mem = buf_take(&s->now);
	s->memory_bytes += ret->bytes;
	s->held = mem_array(s->held, s->n_held + 1, sizeof(*s->held));
	s->held[s->n_held++] = ret->mem;
}

int payload_read(struct payload_store *s, const struct payload *p, int (*sink)(void *data, const void *p, size_t n), void *data,
	struct err *err)
{
	char chunk[65536];

	if (p->mem)
		return p->bytes ? sink(data, p->mem, (size_t)p->bytes) : 0;
	for (uint64_t done = 0; done < p->bytes;) {
		uint64_t left = p->bytes - done;
		ssize_t n = pread(s->fd, chunk, left < sizeof(chunk) ? (size_t)left : sizeof(chunk), (off_t)(p->at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_errno(err, n ? errno : EIO, "cannot read the temporary file in %s", s->tmpdir);
		int r = sink(data, chunk, (size_t)n);
		if (r)
			return r;
		done += (uint64_t)n;
	}
	return 0;
}

static int add_to_buf(void *data, const void *p, size_t n)
{
	buf_add(data, p, n);
	return 0;
}

int payload_get(struct payload_store *s, const struct payload *p, size_t max, struct buf *out, struct err *err)
{
	if (p->bytes > max)
		return err_set(err, ERR_LIMIT, "%" PRIu64 " bytes are more than the %zu that we read", p->bytes, max);
	return payload_read(s, p, add_to_buf, out, err);
}
