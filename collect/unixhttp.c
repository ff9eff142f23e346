/* SPDX-License-Identifier: MIT */
#include "collect/unixhttp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "formats/httpreply.h"
#include "formats/text.h"

#define READS_A_TURN 8 /* then others get theirs */

struct unixhttp {
	struct job *job;
	int fd;
	uint64_t due_us;
	struct buf request;
	size_t sent;
	struct httpreply reply;
	uint64_t dropped;
};

static bool target_is_safe(const char *t)
{
	if (!t || *t != '/')
		return false;
	for (; *t; t++)
		if (text_is_control((unsigned char)*t) || *t == ' ' || *t == '#')
			return false;
	return true;
}

/* Root may connect anywhere, and asks for somebody. Which further groups he is in is not known here: their sockets pass. */
static bool may_connect(const struct identity *as, const struct stat *st)
{
	if (!as || geteuid() != 0 || as->uid == 0)
		return true;
	if (st->st_uid == as->uid)
		return st->st_mode & S_IWUSR;
	return st->st_mode & (S_IWGRP | S_IWOTH);
}

static bool admit(struct job *job)
{
	const struct probe *p = job->probe;
	struct sockaddr_un sa;
	struct stat st;

	if (!p->path || *p->path != '/' || !target_is_safe(p->target)) {
		job_fail(job, OUTCOME_FAILED, EINVAL, "%s: not a socket's path and a request's target", p->key);
		return false;
	}
	if (strlen(p->path) >= sizeof(sa.sun_path)) {
		job_fail(job, OUTCOME_FAILED, ENAMETOOLONG, "%s: longer than a socket's path may be (%zu bytes)", p->path,
			sizeof(sa.sun_path) - 1);
		return false;
	}
	if (stat(p->path, &st) < 0) {
		job_errno(job, errno, "%s", p->path);
		return false;
	}
	if (!S_ISSOCK(st.st_mode)) {
		job_fail(job, OUTCOME_REFUSED, ENOTSOCK, "%s: not a socket", p->path);
		return false;
	}
	if (!may_connect(p->as, &st)) {
		job_fail(job, OUTCOME_DENIED, EACCES, "%s: root could connect to it, but %s, for whom it is asked, may not", p->path, p->as->name);
		return false;
	}
	return true;
}

/* A Unix socket connects at once or not at all. */
static int connect_to(struct job *job)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0) {
		job_errno(job, errno, "a socket");
		return -1;
	}
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	memcpy(sa.sun_path, job->probe->path, strlen(job->probe->path) + 1);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	if (errno == EAGAIN)
		job_fail(job, OUTCOME_REFUSED, EAGAIN, "%s: accepts no more clients, its queue is full", job->probe->path);
	else
		job_errno(job, errno, "%s", job->probe->path);
	close(fd);
	return -1;
}

/* A server that answers before it has read everything may have closed: what it said is still read. */
static void send_some(struct unixhttp *h)
{
	while (h->sent < h->request.len) {
		ssize_t n = send(h->fd, h->request.data + h->sent, h->request.len - h->sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		h->sent += (size_t)n;
	}
}

struct unixhttp *unixhttp_start(struct job *job)
{
	int fd = admit(job) ? connect_to(job) : -1;

	if (fd < 0)
		return NULL;
	struct unixhttp *h = mem_alloc(sizeof(*h));
	h->job = job;
	h->fd = fd;
	h->due_us = job->start_us + (uint64_t)job->probe->limits.timeout_ms * 1000;
	buf_addf(&h->request, "GET %s HTTP/1.1\r\nHost: d\r\nUser-Agent: sourceos-agent/" VERSION "\r\nAccept: */*\r\nConnection: close\r\n\r\n",
		job->probe->target);
	send_some(h); /* now: it is answered while we start what else there is to ask */
	return h;
}

struct pollfd unixhttp_fd(const struct unixhttp *h)
{
	return (struct pollfd){ .fd = h->fd, .events = h->sent < h->request.len ? POLLIN | POLLOUT : POLLIN };
}

uint64_t unixhttp_due_us(const struct unixhttp *h)
{
	return h->due_us;
}

static void put_head(void *arg, const char *p, size_t n)
{
	struct unixhttp *h = arg;

	job_chunk(h->job, STREAM_ERR, p, n, HTTPREPLY_HEAD_MAX);
}

static void put_body(void *arg, const char *p, size_t n)
{
	struct unixhttp *h = arg;

	h->dropped += job_chunk(h->job, STREAM_OUT, p, n, h->job->probe->limits.max_bytes);
}

static bool conclude(struct unixhttp *h, const struct err *why)
{
	struct job *job = h->job;
	const struct probe *p = job->probe;

	job->rec.cut_bytes = h->dropped;
	if (h->dropped)
		job_fail(job, OUTCOME_CUT, h->reply.status, "%" PRIu64 " bytes or more beyond the limit of %" PRIu64 " left out", h->dropped,
			p->limits.max_bytes);
	else if (why)
		job_fail(job, OUTCOME_FAILED, h->reply.status, "%s: %s", p->path, why->msg);
	else
		job->rec.status = h->reply.status;
	return true;
}

static bool read_some(struct unixhttp *h, char *scratch, size_t size)
{
	const struct httpreply_sink sink = { put_head, put_body, h };
	struct err why;

	for (int i = 0; i < READS_A_TURN; i++) {
		ssize_t n = read(h->fd, scratch, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0 && errno != ECONNRESET) {
			err_errno(&why, errno, "reading the answer");
			return conclude(h, &why);
		}
		if (n <= 0)
			return conclude(h, httpreply_end(&h->reply, &why) ? &why : NULL);
		if (httpreply_feed(&h->reply, scratch, (size_t)n, &sink, &why))
			return conclude(h, &why);
		if (h->reply.complete || h->dropped)
			return conclude(h, NULL);
	}
	return false;
}

bool unixhttp_turn(struct unixhttp *h, uint64_t now_us, char *scratch, size_t n)
{
	send_some(h);
	if (read_some(h, scratch, n))
		return true;
	if (now_us < h->due_us)
		return false;
	job_fail(h->job, OUTCOME_TIMEOUT, h->reply.status, "%s: no %sanswer within %" PRIu32 " ms", h->job->probe->path,
		h->reply.status ? "full " : "", h->job->probe->limits.timeout_ms);
	return true;
}

struct job *unixhttp_job(const struct unixhttp *h)
{
	return h->job;
}

void unixhttp_free(struct unixhttp *h)
{
	close(h->fd);
	buf_free(&h->request);
	free(h);
}
