/* SPDX-License-Identifier: MIT */
#include "collect/unixhttp.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "collect/dl_curl.h"
#include "formats/text.h"

/* Beyond the cap, how much more is read and dropped so that a connection can be used again. */
enum { OVERREAD_MAX = 64 << 10 };

struct request {
	struct request *next;
	struct job *job;
	CURL *easy;
	uint64_t dropped;
	char error[CURL_ERROR_SIZE];
};

struct unixhttp {
	CURLM *multi;
	struct request *requests;
	size_t active;
};

struct unixhttp *unixhttp_new(struct err *err)
{
	if (dl_curl(err))
		return NULL;
	struct unixhttp *h = mem_alloc(sizeof(*h));
	curl_global_init(CURL_GLOBAL_DEFAULT);
	h->multi = curl_multi_init();
	if (!h->multi)
		abort(); /* it fails for want of memory only */
	return h;
}

void unixhttp_free(struct unixhttp *h)
{
	if (!h)
		return;
	curl_multi_cleanup(h->multi);
	curl_global_cleanup();
	free(h);
}

size_t unixhttp_active(const struct unixhttp *h)
{
	return h ? h->active : 0;
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct request *r = arg;

	n *= size;
	r->dropped += job_chunk(r->job, STREAM_OUT, p, n, r->job->probe->limits.max_bytes);
	return r->dropped > OVERREAD_MAX ? CURL_WRITEFUNC_ERROR : n;
}

static size_t on_head(char *p, size_t size, size_t n, void *arg)
{
	struct request *r = arg;

	job_chunk(r->job, STREAM_ERR, p, n * size, HTTP_HEAD_MAX);
	return n * size;
}

static CURL *easy_new(struct request *r)
{
	const struct probe *p = r->job->probe;
	_cleanup_free_ char *url = mem_printf("http://d%s", p->target);
	CURL *c = curl_easy_init();
	long timeout = (long)p->limits.timeout_ms;

	if (!c)
		abort();
	curl_easy_setopt(c, CURLOPT_PRIVATE, r);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, p->path);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(c, CURLOPT_HTTP09_ALLOWED, 0L);
	curl_easy_setopt(c, CURLOPT_PROXY, "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "sourceos-agent/" VERSION);
	/* 0 would mean "no limit" to libcurl */
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, timeout ? timeout : 1L);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, timeout && timeout < HTTP_CONNECT_MS ? timeout : (long)HTTP_CONNECT_MS);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_head);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, r);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, r->error);
	return c;
}

static bool target_is_safe(const char *t)
{
	if (!t || *t != '/')
		return false;
	for (; *t; t++)
		if (text_is_control((unsigned char)*t) || *t == ' ' || *t == '#')
			return false;
	return true;
}

/* What libcurl would say less clearly, or not at all. */
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
	return true;
}

bool unixhttp_start(struct unixhttp *h, struct job *job)
{
	if (!admit(job))
		return false;
	struct request *r = mem_alloc(sizeof(*r));
	r->job = job;
	r->easy = easy_new(r);
	r->next = h->requests;
	h->requests = r;
	h->active++;
	curl_multi_add_handle(h->multi, r->easy);
	return true;
}

void unixhttp_wait(struct unixhttp *h, struct pollfd *fds, size_t n, int timeout_ms)
{
	struct curl_waitfd *extra = mem_array(NULL, n, sizeof(*extra));

	/* nobody reads revents: whoever has a descriptor here reads it without blocking */
	for (size_t i = 0; i < n; i++)
		extra[i] = (struct curl_waitfd){ .fd = fds[i].fd, .events = CURL_WAIT_POLLIN };
	curl_multi_poll(h->multi, extra, (unsigned)n, timeout_ms, NULL);
	free(extra);
}

static void conclude(struct request *r, CURLcode result)
{
	struct job *job = r->job;
	const struct probe *p = job->probe;
	const char *why = *r->error ? r->error : curl_easy_strerror(result);
	long code = 0, errnum = 0;

	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(r->easy, CURLINFO_OS_ERRNO, &errnum);
	job->rec.cut_bytes = r->dropped;
	if (r->dropped)
		job_fail(job, OUTCOME_CUT, (int)code, "%" PRIu64 " bytes or more beyond the limit of %" PRIu64 " left out", r->dropped,
			p->limits.max_bytes);
	else if (result == CURLE_OK)
		job->rec.status = (int)code;
	else if (result == CURLE_OPERATION_TIMEDOUT)
		job_fail(job, OUTCOME_TIMEOUT, (int)code, "%s: no %sanswer within %" PRIu32 " ms", p->path, code ? "full " : "",
			p->limits.timeout_ms);
	else if (result == CURLE_COULDNT_CONNECT && errnum)
		job_errno(job, (int)errnum, "%s", p->path);
	else if (result == CURLE_COULDNT_CONNECT)
		/* libcurl took EAGAIN for "in progress", and then found no connection and no error */
		job_fail(job, OUTCOME_REFUSED, EAGAIN, "%s: accepts no more clients, its queue is full", p->path);
	else
		job_fail(job, OUTCOME_FAILED, (int)code, "%s: %s", p->path, why);
}

static struct job *request_remove(struct unixhttp *h, struct request *r)
{
	struct job *job = r->job;

	for (struct request **p = &h->requests; *p; p = &(*p)->next)
		if (*p == r) {
			*p = r->next;
			break;
		}
	h->active--;
	curl_multi_remove_handle(h->multi, r->easy);
	curl_easy_cleanup(r->easy);
	free(r);
	return job;
}

struct job *unixhttp_turn(struct unixhttp *h)
{
	struct job *done = NULL;
	int n;

	curl_multi_perform(h->multi, &n);
	for (CURLMsg *m; (m = curl_multi_info_read(h->multi, &n));) {
		struct request *r = NULL;
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&r);
		conclude(r, m->data.result);
		struct job *job = request_remove(h, r);
		job->next = done;
		done = job;
	}
	return done;
}

struct job *unixhttp_abort(struct unixhttp *h)
{
	struct job *all = NULL;

	while (h && h->requests) {
		struct job *job = request_remove(h, h->requests);
		job->next = all;
		all = job;
	}
	return all;
}
