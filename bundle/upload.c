/* SPDX-License-Identifier: MIT */
#include "bundle/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bundle/hands.h"
#include "bundle/upload_driver.h"
#include "formats/text.h"

enum { WAIT_MAX_S = 120 };

static const struct upload_driver *const drivers[ATTACH_TYPES] = {
	[ATTACH_PUT] = &upload_driver_dav,
	[ATTACH_WEBDAV] = &upload_driver_dav,
	[ATTACH_S3] = &upload_driver_s3,
	[ATTACH_RT] = &upload_driver_rt,
	[ATTACH_JIRA] = &upload_driver_jira,
	[ATTACH_REDMINE] = &upload_driver_redmine,
};

void upload_result_free(struct upload_result *r)
{
	mem_freep(&r->where);
}

void upload_note(const struct upload *u, const char *what)
{
	if (u->options->note)
		u->options->note(u->options->ctx, what);
}

static int on_progress(void *ctx, uint64_t sent)
{
	const struct upload *u = ctx;

	return u->options->progress ? u->options->progress(u->options->ctx, u->from + sent, u->size) : 0;
}

struct http_body upload_body(struct upload *u)
{
	return (struct http_body){ .fd = u->fd, .offset = u->from, .bytes = u->size - u->from, .progress = on_progress, .ctx = u };
}

int upload_ask(struct upload *u, const struct http_request *q, struct http_response *ret, const char *what, struct err *err)
{
	int r = http_ask(u->http, q, ret, err);

	u->transient = ret->transient;
	if (r)
		return r;
	return ret->status >= 200 && ret->status < 300 ? 0 : http_status_error(u->http, ret, what, err);
}

int upload_get_json(struct upload *u, const char *url, json_t **ret, const char *what, struct err *err)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
	struct http_request q = { .method = "GET", .url = url, .headers = headers };
	_cleanup_response_ struct http_response a = { 0 };
	int r = upload_ask(u, &q, &a, what, err);

	curl_slist_free_all(headers);
	if (a.status == 404)
		return 1;
	if (r)
		return r;
	json_error_t where;
	json_t *j = json_loadb(buf_str(&a.body), a.body.len, 0, &where);
	if (!json_is_object(j)) {
		json_decref(j);
		return err_set(err, ERR_SYNTAX, "%s: %s: the answer is not JSON; is this the right URL?", u->profile->url, what);
	}
	*ret = j;
	return 0;
}

void upload_add_prefix(const struct upload *u, struct buf *url)
{
	for (const char *p = u->profile->prefix ? u->profile->prefix : ""; *p;) {
		size_t n = strcspn(p, "/");
		_cleanup_free_ char *segment = mem_strndup(p, n);
		_cleanup_buf_ struct buf full = { 0 };
		const char *at = strstr(segment, "{ticket}");
		if (at)
			buf_add(&full, segment, (size_t)(at - segment));
		buf_adds(&full, at ? u->options->ticket : segment);
		if (at)
			buf_adds(&full, at + strlen("{ticket}"));
		if (full.len) {
			http_add_segment(url, buf_str(&full));
			buf_addc(url, '/');
		}
		p += n + (p[n] == '/');
	}
}

/* Tickets become part of URLs: letters, digits and a few more, no dots, so that none is a path of its own. */
static int check_ticket(const struct attach_profile *p, const struct upload_driver *d, const char *ticket, struct err *err)
{
	bool used = d->needs_ticket || (p->prefix && strstr(p->prefix, "{ticket}"));
	const char *fine = p->type == ATTACH_RT || p->type == ATTACH_REDMINE
				   ? "0123456789"
				   : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	if (used && (!ticket || !*ticket))
		return err_set(err, ERR_USAGE, "this target attaches to tickets: say which, with --ticket");
	if (used && (strspn(ticket, fine) != strlen(ticket) || strlen(ticket) > 64))
		return err_set(err, ERR_USAGE, "not a ticket of type %s: \"%.64s\"", attach_type_name(p->type), ticket);
	return 0;
}

static int open_file(struct upload *u, const char *path, const uint8_t sha256[32], struct err *err)
{
	uint8_t now[SHA256_BYTES];
	struct stat st;

	u->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (u->fd < 0 || fstat(u->fd, &st))
		return err_errno(err, errno, "%s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "%s: not a regular file", path);
	int r = hands_hash_fd(u->fd, now, &u->size, err);
	if (r)
		return r;
	if (memcmp(now, sha256, sizeof(now)) != 0)
		return err_set(err, ERR_TRUST, "%s: it changed since it was verified; nothing was sent", path);
	text_hex(u->sha256_hex, sha256, 32);
	return 0;
}

static int check_cap(const struct upload *u, struct err *err)
{
	if (u->cap && u->size > u->cap)
		return err_set(err, ERR_LIMIT, "%s has %llu bytes and %s takes at most %llu; nothing was sent", u->name,
			(unsigned long long)u->size, u->profile->url, (unsigned long long)u->cap);
	return 0;
}

static void remote_free(struct upload_remote *r)
{
	mem_freep(&r->content);
}

/* Fetches what is there and compares its hash. 0 the same, 1 it cannot be fetched, -ERR_TRUST it is something else. */
static int compare_hash(struct upload *u, const struct upload_remote *there, struct err *err)
{
	struct http_request q = { .method = "GET", .url = there->content, .hash = true };
	_cleanup_response_ struct http_response a = { 0 };
	char hex[65];
	int r = http_ask(u->http, &q, &a, err);

	if (r == -ERR_TRUST && a.status >= 300 && a.status < 400)
		return 1; /* content served from elsewhere: not followed, so not seen */
	if (r)
		return r;
	if (a.status < 200 || a.status > 299)
		return 1;
	text_hex(hex, a.sha256, sizeof(a.sha256));
	if (!text_eq(hex, u->sha256_hex))
		return err_set(err, ERR_TRUST, "%s: what is there now is not what was sent: its SHA-256 is %s", u->profile->url, hex);
	return 0;
}

/* Size, then hash, as far as they can be had and the profile asks. */
static int read_back(struct upload *u, const struct upload_remote *there, enum attach_readback *ret, struct err *err)
{
	*ret = READBACK_NONE;
	if (u->profile->readback == READBACK_NONE)
		return 0;
	if (there->size >= 0 && (uint64_t)there->size != u->size)
		return err_set(err, ERR_TRUST, "%s: of %llu bytes sent, %lld are there", u->profile->url, (unsigned long long)u->size,
			(long long)there->size);
	if (there->size >= 0)
		*ret = READBACK_SIZE;
	if (u->profile->readback == READBACK_SIZE || !there->content)
		return 0;
	int r = compare_hash(u, there, err);
	if (r < 0)
		return r;
	if (!r)
		*ret = READBACK_HASH;
	return 0;
}

/* Before sending: 0 go on, 1 it is there already with these bytes. */
static int find_earlier(struct upload *u, const struct upload_driver *d, struct upload_result *res, struct err *err)
{
	CLEANUP(remote_free) struct upload_remote there = { .size = -1 };
	int r = d->look(u, &there, err);

	if (r)
		return r > 0 ? 0 : r;
	if (there.size >= 0 && (uint64_t)there.size == u->size && there.content) {
		struct err e = { 0 };
		r = compare_hash(u, &there, &e);
		if (!r) {
			res->where = TAKE_PTR(there.content);
			res->readback = READBACK_HASH;
			return 1;
		}
	}
	if (!d->replaces)
		return 0;
	if (u->profile->resume && there.size >= 0 && (uint64_t)there.size < u->size) {
		u->from = (uint64_t)there.size;
		return 0;
	}
	return err_set(err, ERR_BUSY, "%s: %s is there already, with other bytes; it is not replaced", u->profile->url, u->name);
}

static void wait_before(const struct upload *u, unsigned attempt)
{
	uint64_t ms = (uint64_t)(u->options->backoff_ms ? u->options->backoff_ms : 1000) << (attempt > 10 ? 10 : attempt);

	if (ms > WAIT_MAX_S * 1000)
		ms = WAIT_MAX_S * 1000;
	struct timespec t = { (time_t)(ms / 1000), (long)(ms % 1000) * 1000000 };
	nanosleep(&t, NULL);
}

/* After a failed attempt: did it arrive after all, or how much of it? 1: all of it. */
static int after_failure(struct upload *u, const struct upload_driver *d)
{
	CLEANUP(remote_free) struct upload_remote there = { .size = -1 };
	struct err e = { 0 };

	u->from = 0;
	if (d->look(u, &there, &e) || there.size < 0)
		return 0;
	if ((uint64_t)there.size == u->size)
		return there.content && compare_hash(u, &there, &e) < 0 ? 0 : 1;
	if (u->profile->resume && (uint64_t)there.size < u->size)
		u->from = (uint64_t)there.size;
	return 0;
}

static int send_with_retries(struct upload *u, const struct upload_driver *d, struct upload_result *res, struct err *err)
{
	for (unsigned attempt = 0;; attempt++) {
		res->attempts = attempt + 1;
		res->resumed_from = u->from;
		u->transient = false;
		int r = d->send(u, err);
		if (u->resumed)
			res->resumed_from = u->resumed;
		if (r && u->kept && attempt >= u->profile->retries)
			return err_prefix(err, "%llu of %llu bytes are kept there, the same command goes on from them", (unsigned long long)u->kept,
				(unsigned long long)u->size);
		if (!r || !u->transient || attempt >= u->profile->retries)
			return r;
		_cleanup_free_ char *note = mem_printf("attempt %u of %u failed: %s", attempt + 1, u->profile->retries + 1, err ? err->msg : "");
		upload_note(u, note);
		wait_before(u, attempt);
		if (after_failure(u, d))
			return 0;
	}
}

static int run(struct upload *u, const struct upload_driver *d, struct upload_result *res, struct err *err)
{
	CLEANUP(remote_free) struct upload_remote there = { .size = -1 };
	int r;

	/* the profile's cap first: it is known without asking anybody */
	if ((r = check_cap(u, err)) || (d->prepare && (r = d->prepare(u, err))) || (r = check_cap(u, err)))
		return r;
	if ((r = find_earlier(u, d, res, err))) {
		res->already = r == 1;
		return r == 1 ? 0 : r;
	}
	if (u->options->dry_run)
		return 0;
	if ((r = send_with_retries(u, d, res, err)))
		return r;
	r = d->look(u, &there, err);
	if (r < 0)
		return err_prefix(err, "it was sent, but what is there could not be read back");
	if (r == 1)
		return err_set(err, ERR_TRUST, "%s: took it, but does not show it with its %llu bytes: larger than what it keeps?",
			u->profile->url, (unsigned long long)u->size);
	if (r == 0 && (r = read_back(u, &there, &res->readback, err)))
		return r;
	res->where = TAKE_PTR(there.content);
	return 0;
}

int upload_file(const struct attach_profile *profile, const char *secret, const char *path, const char *name,
	const uint8_t sha256[32], const struct upload_options *options, struct upload_result *ret, struct err *err)
{
	const struct upload_driver *d = drivers[profile->type];
	_cleanup_upload_result_ struct upload_result res = { .readback = READBACK_NONE };
	struct upload u = { .profile = profile, .options = options, .path = path, .name = name, .fd = -1, .cap = profile->max_bytes };
	int r;

	if ((r = attach_url_check(profile->url, err)) || (r = check_ticket(profile, d, options->ticket, err)))
		return r;
	if (sodium_init() < 0)
		return err_set(err, ERR_IO, "no random numbers on this host");
	_cleanup_http_ struct http_client *http = http_client_new(profile, secret, err);
	_cleanup_free_ char *base = mem_strdup(profile->url);
	if (!http)
		return err ? -err->code : -ERR_ABSENT;
	u.http = http;
	u.base = base;
	if (profile->type != ATTACH_PUT) /* there a slash at the end says "into" */
		for (size_t n = strlen(base); n && base[n - 1] == '/'; n--)
			base[n - 1] = 0;
	r = open_file(&u, path, sha256, err);
	if (!r)
		r = run(&u, d, &res, err);
	fd_closep(&u.fd);
	if (r)
		return r;
	*ret = res;
	res = (struct upload_result){ 0 };
	return 0;
}
