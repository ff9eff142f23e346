/* SPDX-License-Identifier: MIT */
#include "bundle/http.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "bundle/secret.h"
#include "formats/text.h"

enum {
	ANSWER_MAX = 1 << 20,
	CONNECT_S = 20,
};

struct http_client {
	const struct attach_profile *profile;
	const char *secret;
	char *sigv4; /* "aws:amz:<region>:s3" */
	CURL *easy;
};

struct http_client *http_client_new(const struct attach_profile *profile, const char *secret, struct err *err)
{
	if (dl_curl(err))
		return NULL;
	struct http_client *c = mem_alloc(sizeof(*c));
	curl_global_init(CURL_GLOBAL_DEFAULT);
	*c = (struct http_client){ .profile = profile, .secret = secret, .easy = curl_easy_init() };
	if (!c->easy)
		abort(); /* it fails for want of memory only */
	if (profile->auth == ATTACH_AUTH_KEYS)
		c->sigv4 = mem_printf("aws:amz:%s:s3", profile->region);
	return c;
}

void http_client_free(struct http_client *c)
{
	if (!c)
		return;
	curl_easy_cleanup(c->easy);
	curl_global_cleanup();
	free(c->sigv4);
	free(c);
}

void http_response_free(struct http_response *r)
{
	buf_free(&r->body);
	free(r->etag);
	free(r->location);
	*r = (struct http_response){ 0 };
}

void http_add_segment(struct buf *url, const char *segment)
{
	for (const unsigned char *p = (const unsigned char *)segment; *p; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') || strchr("-._~", *p))
			buf_addc(url, (char)*p);
		else
			buf_addf(url, "%%%02X", *p);
}

/* One exchange under way. */
struct exchange {
	const struct http_request *q;
	struct http_response *r;
	struct sha256 hash;
	uint64_t sent;
	bool too_long, stopped;
};

static size_t on_answer(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;

	n *= size;
	if (x->q->hash) {
		sha256_add(&x->hash, p, n);
		x->r->hashed += n;
		return n;
	}
	if (n > ANSWER_MAX - x->r->body.len) {
		x->too_long = true;
		return CURL_WRITEFUNC_ERROR;
	}
	buf_add(&x->r->body, p, n);
	return n;
}

/* The value of "Name: value" when the line has that name; caller frees. */
static char *header_value(const char *p, size_t n, const char *name)
{
	size_t len = strlen(name);

	if (n <= len || strncasecmp(p, name, len) != 0 || p[len] != ':')
		return NULL;
	for (p += len + 1, n -= len + 1; n && (*p == ' ' || *p == '\t'); p++)
		n--;
	while (n && (p[n - 1] == '\r' || p[n - 1] == '\n' || p[n - 1] == ' '))
		n--;
	return mem_strndup(p, n);
}

static void take(char **to, char *value)
{
	if (!value)
		return;
	free(*to);
	*to = value;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct http_response *r = ((struct exchange *)arg)->r;
	char *after = header_value(p, n * size, "Retry-After");
	uint64_t s;

	if (after && !text_to_u64(after, 3600, &s))
		r->retry_after_s = (unsigned)s;
	free(after);
	take(&r->etag, header_value(p, n * size, "ETag"));
	take(&r->location, header_value(p, n * size, "Location"));
	return n * size;
}

static size_t on_send(char *p, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	const struct http_body *b = x->q->body;
	uint64_t left = b->bytes - x->sent;

	n *= size;
	if (n > left)
		n = (size_t)left;
	ssize_t k = n ? pread(b->fd, p, n, (off_t)(b->offset + x->sent)) : 0;
	if (k < 0 || (n && !k))
		return CURL_READFUNC_ABORT; /* the file became shorter than it was: never pad */
	x->sent += (uint64_t)k;
	if (b->progress && b->progress(b->ctx, x->sent)) {
		x->stopped = true;
		return CURL_READFUNC_ABORT;
	}
	return (size_t)k;
}

/* libcurl rewinds to send again, when a connection that was kept turns out to be dead. */
static int on_seek(void *arg, curl_off_t offset, int origin)
{
	struct exchange *x = arg;

	if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > x->q->body->bytes)
		return CURL_SEEKFUNC_FAIL;
	x->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

static void set_policy(struct http_client *c)
{
	CURL *e = c->easy;
	bool plain = !strncasecmp(c->profile->url, "http://", 7); /* to this machine: attach_url_check saw to it */

	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
	if (plain)
		curl_easy_setopt(e, CURLOPT_PROXY, ""); /* through one named by the environment it would leave this machine */
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(e, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (c->profile->ca_file) {
		curl_easy_setopt(e, CURLOPT_CAINFO, c->profile->ca_file);
		curl_easy_setopt(e, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, (long)c->profile->stall_s);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "sourceos-agent/" VERSION);
}

/* S3 wants each body's hash in a header, that of nothing too; libcurl signs it but does not make it. Of a file's
 * piece the caller, who reads it anyway, gives it. */
static struct curl_slist *add_body_hash(const struct http_client *c, const struct http_request *q, struct curl_slist *headers)
{
	const char *text = q->text ? q->text : "";
	char hex[SHA256_HEX];

	if (c->profile->auth != ATTACH_AUTH_KEYS || q->body)
		return headers;
	sha256_hex_of(hex, text, strlen(text));
	_cleanup_free_ char *line = mem_printf("x-amz-content-sha256: %s", hex);
	return curl_slist_append(headers, line);
}

/* Adds the headers that carry a secret; they are the caller's to wipe. */
static struct curl_slist *set_auth(struct http_client *c)
{
	const struct attach_profile *p = c->profile;
	CURL *e = c->easy;

	if (p->auth == ATTACH_AUTH_BASIC || p->auth == ATTACH_AUTH_KEYS) {
		curl_easy_setopt(e, CURLOPT_USERNAME, p->user);
		curl_easy_setopt(e, CURLOPT_PASSWORD, c->secret);
		if (p->auth == ATTACH_AUTH_KEYS)
			curl_easy_setopt(e, CURLOPT_AWS_SIGV4, c->sigv4);
		else
			curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		return NULL;
	}
	if (p->auth == ATTACH_AUTH_NONE)
		return NULL;
	const char *name = p->auth == ATTACH_AUTH_HEADER ? p->user : p->auth == ATTACH_AUTH_TOKEN ? "Authorization: token" : "Authorization: Bearer";
	_cleanup_secret_ char *line = secret_join(name, p->auth == ATTACH_AUTH_HEADER ? ": " : " ", c->secret);
	return curl_slist_append(NULL, line);
}

static void wipe_headers(struct curl_slist *l)
{
	for (struct curl_slist *i = l; i; i = i->next)
		sodium_memzero(i->data, strlen(i->data));
	curl_slist_free_all(l);
}

static curl_mime *make_form(struct http_client *c, struct exchange *x)
{
	const struct http_request *q = x->q;
	curl_mime *form = curl_mime_init(c->easy);
	curl_mimepart *part;

	if (q->text) {
		part = curl_mime_addpart(form);
		curl_mime_name(part, q->text_field);
		curl_mime_type(part, "application/json");
		curl_mime_data(part, q->text, CURL_ZERO_TERMINATED);
	}
	part = curl_mime_addpart(form);
	curl_mime_name(part, q->file_field);
	curl_mime_filename(part, q->file_name);
	curl_mime_type(part, "application/octet-stream");
	curl_mime_data_cb(part, (curl_off_t)q->body->bytes, on_send, on_seek, NULL, x);
	return form;
}

static void set_body(struct http_client *c, struct exchange *x, curl_mime *form)
{
	const struct http_request *q = x->q;
	CURL *e = c->easy;

	if (form) {
		curl_easy_setopt(e, CURLOPT_MIMEPOST, form);
	} else if (q->body) {
		curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)q->body->bytes);
		curl_easy_setopt(e, CURLOPT_READFUNCTION, on_send);
		curl_easy_setopt(e, CURLOPT_READDATA, x);
		curl_easy_setopt(e, CURLOPT_SEEKFUNCTION, on_seek);
		curl_easy_setopt(e, CURLOPT_SEEKDATA, x);
	} else if (q->text) {
		curl_easy_setopt(e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(q->text));
		curl_easy_setopt(e, CURLOPT_POSTFIELDS, q->text);
	} else if (text_eq(q->method, "HEAD")) {
		curl_easy_setopt(e, CURLOPT_NOBODY, 1L);
	}
	curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, q->method);
}

static int transport_error(struct http_client *c, const struct exchange *x, CURLcode code, const char *detail, struct err *err)
{
	_cleanup_free_ char *said = text_safe(*detail ? detail : curl_easy_strerror(code));
	const char *url = c->profile->url;

	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_ISSUER_ERROR:
		return err_set(err, ERR_TRUST, "%s: its certificate does not hold, nothing was sent: %s", url, said);
	case CURLE_SSL_CACERT_BADFILE:
		return err_set(err, ERR_USAGE, "%s: the certificates to check it with cannot be read: %s", url, said);
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return err_set(err, ERR_ABSENT, "%s: %s", url, said);
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(err, ERR_TIMEOUT, "%s: %s", url, said);
	default:
		if (x->stopped)
			return err_set(err, ERR_IO, "%s: stopped", url);
		if (x->too_long)
			return err_set(err, ERR_LIMIT, "%s: answers with more than %d bytes", url, ANSWER_MAX);
		return err_set(err, ERR_IO, "%s: %s", url, said);
	}
}

static bool is_transient(CURLcode code, const struct exchange *x)
{
	switch (code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_SSL_CONNECT_ERROR:
		return !x->stopped && !x->too_long;
	default:
		return false;
	}
}

static void read_info(struct http_client *c, struct exchange *x)
{
	curl_off_t length = -1;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &x->r->status);
	curl_easy_getinfo(c->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	x->r->length = length;
	if (x->q->hash)
		sha256_end(&x->hash, x->r->sha256);
	long s = x->r->status;
	x->r->transient = s == 408 || s == 425 || s == 429 || (s >= 500 && s != 501 && s != 505 && s != 507);
}

int http_ask(struct http_client *c, const struct http_request *q, struct http_response *ret, struct err *err)
{
	struct exchange x = { .q = q, .r = ret };
	char detail[CURL_ERROR_SIZE] = "";

	http_response_free(ret); /* of the try before */
	*ret = (struct http_response){ .length = -1 };
	if (q->hash)
		sha256_init(&x.hash);
	curl_easy_reset(c->easy); /* options go, the connection stays */
	set_policy(c);
	struct curl_slist *secret = set_auth(c), *all = NULL;
	for (const struct curl_slist *l = q->headers; l; l = l->next)
		all = curl_slist_append(all, l->data);
	for (const struct curl_slist *l = secret; l; l = l->next)
		all = curl_slist_append(all, l->data);
	all = add_body_hash(c, q, all);
	curl_mime *form = q->file_field ? make_form(c, &x) : NULL;
	set_body(c, &x, form);
	curl_easy_setopt(c->easy, CURLOPT_URL, q->url);
	curl_easy_setopt(c->easy, CURLOPT_HTTPHEADER, all);
	curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(c->easy, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(c->easy, CURLOPT_WRITEDATA, &x);
	curl_easy_setopt(c->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c->easy, CURLOPT_HEADERDATA, &x);
	CURLcode code = curl_easy_perform(c->easy);
	read_info(c, &x);
	curl_easy_reset(c->easy); /* nothing of ours is pointed to from now on */
	wipe_headers(secret);
	wipe_headers(all);
	curl_mime_free(form);
	/* a server that refuses before all is sent may close on us: its answer counts more than how it hung up */
	bool refused = ret->status >= 400 && (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR);
	if (code && !refused) {
		ret->transient = is_transient(code, &x);
		return transport_error(c, &x, code, detail, err);
	}
	if (ret->status >= 300 && ret->status < 400 && ret->status != 304) {
		_cleanup_free_ char *to = text_safe(ret->location ? ret->location : "(it does not say where)");
		return err_set(err, ERR_TRUST, "%s: sends us elsewhere, to %.200s: not followed; if that is right, it belongs in the profile",
			c->profile->url, to);
	}
	return 0;
}

/* A hostile or careless server may say back what it was given. */
static void blot_secret(const struct http_client *c, char *text)
{
	size_t n = c->secret ? strlen(c->secret) : 0;

	for (char *p = text; n && (p = strstr(p, c->secret)); p += n)
		memset(p, '*', n);
}

int http_status_error(struct http_client *c, const struct http_response *r, const char *what, struct err *err)
{
	_cleanup_free_ char *body = mem_strdup(buf_str(&r->body));
	enum err_code code = ERR_IO;
	const char *meaning = "";

	switch (r->status) {
	case 401: code = ERR_DENIED, meaning = " (who we are was not accepted)"; break;
	case 403: code = ERR_DENIED, meaning = " (not allowed)"; break;
	case 404:
	case 410: code = ERR_ABSENT, meaning = " (not there, or not for us to see)"; break;
	case 409: meaning = " (conflict: does the folder exist?)"; break;
	case 413: code = ERR_LIMIT, meaning = " (larger than the server takes)"; break;
	case 429: meaning = " (too many requests)"; break;
	case 507: code = ERR_LIMIT, meaning = " (the server has no space left)"; break;
	default: break;
	}
	blot_secret(c, body);
	/* a page of HTML says nothing in a line */
	const char *start = body + strspn(body, " \t\r\n");
	if (*start == '<' || !*start)
		return err_set(err, code, "%s: %s: HTTP %ld%s", c->profile->url, what, r->status, meaning);
	_cleanup_free_ char *safe = text_safe(start);
	return err_set(err, code, "%s: %s: HTTP %ld%s: %.160s", c->profile->url, what, r->status, meaning, safe);
}
