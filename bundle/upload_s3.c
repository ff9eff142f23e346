/* SPDX-License-Identifier: MIT */
/*
 * S3 and what speaks it: one PUT, or for large files parts that are sent again singly, also by a later run. libcurl signs
 * (SigV4); the hash of each body is given to it, so that a body changed under way is refused there.
 * See upload_driver.h.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bundle/upload_state.h"
#include "formats/text.h"

enum {
	PART_MIN = 16 << 20, /* S3 takes parts from 5 MiB */
	PARTS_MAX = 9000,    /* S3 takes 10000 */
};

static char *object_url(const struct upload *u)
{
	_cleanup_buf_ struct buf url = { 0 };

	buf_addf(&url, "%s/", u->base);
	http_add_segment(&url, u->profile->bucket);
	buf_addc(&url, '/');
	upload_add_prefix(u, &url);
	http_add_segment(&url, u->name);
	return buf_take(&url);
}

static int s3_look(struct upload *u, struct upload_remote *ret, struct err *err)
{
	_cleanup_free_ char *url = object_url(u);
	struct http_request q = { .method = "HEAD", .url = url };
	_cleanup_response_ struct http_response a = { 0 };
	int r = http_ask(u->http, &q, &a, err);

	if (r)
		return r;
	if (a.status == 404)
		return 1;
	/* without leave to list the bucket S3 says 403 for what is not there; a wrong key is found out by the PUT */
	if (a.status == 403)
		return 2;
	if (a.status != 200)
		return http_status_error(u->http, &a, "looking whether it is there", err);
	ret->size = a.length;
	ret->content = TAKE_PTR(url);
	return 0;
}

/* The SHA-256 of a piece, as the header that SigV4 signs. */
static int hash_header(const struct upload *u, uint64_t from, uint64_t bytes, struct curl_slist **headers, struct err *err)
{
	_cleanup_free_ uint8_t *chunk = mem_alloc(256u << 10);
	uint8_t sum[SHA256_BYTES];
	char hex[65];
	struct sha256 h;

	sha256_init(&h);
	while (bytes) {
		ssize_t n = pread(u->fd, chunk, bytes < (256u << 10) ? (size_t)bytes : 256u << 10, (off_t)from);
		if (n <= 0)
			return n ? err_errno(err, errno, "cannot read the file to be sent")
				 : err_set(err, ERR_TRUST, "the file became shorter while it was sent");
		sha256_add(&h, chunk, (size_t)n);
		from += (uint64_t)n;
		bytes -= (uint64_t)n;
	}
	sha256_end(&h, sum);
	text_hex(hex, sum, sizeof(sum));
	_cleanup_free_ char *line = mem_printf("x-amz-content-sha256: %s", hex);
	*headers = curl_slist_append(*headers, line);
	return 0;
}

/* The text of the first <tag> in an answer; caller frees, NULL when there is none. */
static char *xml_text(const struct buf *b, const char *tag)
{
	_cleanup_free_ char *open = mem_printf("<%s>", tag);
	const char *start = strstr(buf_str(b), open);
	const char *end = start ? strchr(start + strlen(open), '<') : NULL;

	return end ? mem_strndup(start + strlen(open), (size_t)(end - start) - strlen(open)) : NULL;
}

static int put_piece(struct upload *u, const char *url, uint64_t from, uint64_t bytes, char **ret_etag, struct err *err)
{
	struct http_body body = upload_body(u);
	struct curl_slist *headers = NULL;
	_cleanup_response_ struct http_response a = { 0 };
	int r = hash_header(u, from, bytes, &headers, err);

	body.offset = from;
	body.bytes = bytes;
	struct http_request q = { .method = "PUT", .url = url, .headers = headers, .body = &body };
	if (!r)
		r = upload_ask(u, &q, &a, "putting the file", err);
	curl_slist_free_all(headers);
	if (!r && ret_etag)
		*ret_etag = TAKE_PTR(a.etag);
	return r;
}

static int post(struct upload *u, const char *url, const char *text, const char *what, struct buf *answer, struct err *err)
{
	struct http_request q = { .method = "POST", .url = url, .text = text };
	_cleanup_response_ struct http_response a = { 0 };
	int r = upload_ask(u, &q, &a, what, err);

	if (r)
		return r;
	buf_free(answer);
	*answer = a.body;
	a.body = (struct buf){ 0 };
	return 0;
}

static void abort_parts(struct upload *u, const char *url, const char *id)
{
	_cleanup_free_ char *full = mem_printf("%s?uploadId=%s", url, id);
	struct http_request q = { .method = "DELETE", .url = full };
	_cleanup_response_ struct http_response a = { 0 };

	http_ask(u->http, &q, &a, NULL);
}

static int put_part(struct upload *u, const char *url, const struct upload_state *s, size_t n, char **ret_etag, struct err *err)
{
	_cleanup_free_ char *part_url = mem_printf("%s?partNumber=%zu&uploadId=%s", url, n + 1, s->id);
	uint64_t at = n * s->part, bytes = u->size - at < s->part ? u->size - at : s->part;
	int r;

	u->from = at; /* for progress */
	for (unsigned attempt = 0; (r = put_piece(u, part_url, at, bytes, ret_etag, err)); attempt++)
		if (!u->transient || attempt >= u->profile->retries)
			return r;
	return *ret_etag ? 0 : err_set(err, ERR_SYNTAX, "%s: part %zu has no ETag", u->profile->url, n + 1);
}

/* Those that have not arrived yet; each is written down when it has. */
static int put_parts(struct upload *u, const char *url, struct upload_state *s, struct err *err)
{
	size_t all = (size_t)((u->size + s->part - 1) / s->part);

	for (size_t n = strv_len(s->etags); n < all; n++) {
		_cleanup_free_ char *etag = NULL;
		int r = put_part(u, url, s, n, &etag, err);
		if (r)
			return r;
		s->etags = strv_add(s->etags, etag);
		upload_state_save(u, url, s);
	}
	return 0;
}

static uint64_t part_min(const struct upload *u)
{
	return u->options->part_bytes ? u->options->part_bytes : PART_MIN;
}

static int begin_parts(struct upload *u, const char *url, struct upload_state *s, struct err *err)
{
	_cleanup_free_ char *begin = mem_printf("%s?uploads=", url);
	_cleanup_buf_ struct buf answer = { 0 }, id = { 0 };
	int r = post(u, begin, "", "beginning an upload in parts", &answer, err);

	if (r)
		return r;
	_cleanup_free_ char *given = xml_text(&answer, "UploadId");
	if (!given)
		return err_set(err, ERR_SYNTAX, "%s: no upload id in the answer; is this S3?", u->profile->url);
	http_add_segment(&id, given);
	upload_state_free(s);
	s->id = buf_take(&id);
	s->part = u->size / PARTS_MAX > part_min(u) ? u->size / PARTS_MAX + 1 : part_min(u);
	return 0;
}

static int complete(struct upload *u, const char *url, const struct upload_state *s, struct err *err)
{
	_cleanup_free_ char *end = mem_printf("%s?uploadId=%s", url, s->id);
	_cleanup_buf_ struct buf answer = { 0 }, list = { 0 };
	size_t number = 0;

	buf_adds(&list, "<CompleteMultipartUpload>");
	for (char **e = s->etags; e && *e; e++)
		buf_addf(&list, "<Part><PartNumber>%zu</PartNumber><ETag>%s</ETag></Part>", ++number, *e);
	buf_adds(&list, "</CompleteMultipartUpload>");
	int r = post(u, end, buf_str(&list), "completing the upload", &answer, err);
	/* S3 may answer 200 and then fail */
	return !r && strstr(buf_str(&answer), "<Error>") ? err_set(err, ERR_IO, "%s: the upload could not be completed", u->profile->url) : r;
}

/* What failed for the moment is kept there, for the next attempt or the next run; else nothing is left behind. */
static int send_parts(struct upload *u, const char *url, struct err *err)
{
	_cleanup_upload_state_ struct upload_state s = { 0 };
	int r;

	u->kept = 0;
	upload_state_load(u, url, &s);
	u->resumed = strv_len(s.etags) * s.part;
	r = s.id ? put_parts(u, url, &s, err) : 1;
	if (s.id && !r)
		r = complete(u, url, &s, err);
	if (r == 1 || r == -ERR_ABSENT) { /* the server does not know it any more: servers clear such uploads away */
		u->resumed = 0;
		if ((r = begin_parts(u, url, &s, err)))
			return r;
		if (!(r = put_parts(u, url, &s, err)))
			r = complete(u, url, &s, err);
	}
	bool again = u->transient;
	u->kept = r && again ? strv_len(s.etags) * s.part : 0;
	if (!u->kept)
		upload_state_drop(u);
	if (r && !u->kept)
		abort_parts(u, url, s.id);
	u->transient = again;
	u->from = 0;
	return r;
}

static int s3_send(struct upload *u, struct err *err)
{
	_cleanup_free_ char *url = object_url(u);

	if (u->size > part_min(u))
		return send_parts(u, url, err);
	u->from = 0;
	return put_piece(u, url, 0, u->size, NULL, err);
}

const struct upload_driver upload_driver_s3 = { .look = s3_look, .send = s3_send, .replaces = true };
