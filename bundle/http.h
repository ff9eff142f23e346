/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_HTTP_H
#define BUNDLE_HTTP_H

#include "bundle/dl_curl.h"

#include "bundle/sha256.h"
#include "formats/attachprofile.h"
#include "formats/buf.h"

/*
 * One HTTP exchange with an attach target, through libcurl, under one policy that no caller can
 * loosen: certificates and names are checked, TLS 1.2 or later, no redirect is followed, no cookies,
 * no .netrc, answers are bounded, and a transfer that stands still ends.
 */
struct http_client; /* keeps the connection between exchanges */
void http_client_free(struct http_client *c);
static inline void http_client_freep(struct http_client **c)
{
	http_client_free(*c);
	*c = NULL;
}
#define _cleanup_http_ CLEANUP(http_client_freep)

/* secret: what profile->secret names, loaded; NULL with ATTACH_AUTH_NONE. Both are the caller's and outlive the client. */
struct http_client *http_client_new(const struct attach_profile *profile, const char *secret, struct err *err);

/* A piece of a file, as a request's body. */
struct http_body {
	int fd;		 /* -1: none */
	uint64_t offset; /* in the file */
	uint64_t bytes;
	/* Told how many bytes of the piece were sent; NULL: nobody. Non-zero stops. */
	int (*progress)(void *ctx, uint64_t sent);
	void *ctx;
};

struct http_request {
	const char *method;
	const char *url;
	struct curl_slist *headers; /* the caller's; NULL: none */
	const char *text;	    /* a body in memory; NULL: none */
	const struct http_body *body; /* a body from a file; NULL: none */
	/* The file as a field of a form instead of as the body; NULL: no. With `text` it goes before as field text_field (JSON). */
	const char *file_field, *file_name, *text_field;
	bool hash; /* hash the answer's body (of any size) instead of keeping it */
};

struct http_response {
	long status; /* 0: there was no answer */
	struct buf body; /* at most 1 MiB is kept */
	int64_t length; /* Content-Length, or of HEAD; -1: not said */
	char *etag;	/* NULL: none */
	char *location;
	unsigned retry_after_s; /* 0: not said */
	uint8_t sha256[SHA256_BYTES]; /* with `hash` */
	uint64_t hashed;
	bool transient; /* trying again may help */
};
void http_response_free(struct http_response *r); /* frees what it holds */
#define _cleanup_response_ CLEANUP(http_response_free)

/*
 * 0: there was an answer, of whatever status but a redirect. ERR_TRUST: the certificate does not hold, or the
 * server sends us elsewhere (where, is in the message; nothing was sent there). ERR_IO, ERR_TIMEOUT, ERR_ABSENT (no such
 * host): no answer; ret->transient says whether to try again. ret is filled in any case; free it.
 */
int http_ask(struct http_client *c, const struct http_request *q, struct http_response *ret, struct err *err);

/* An error for a status that is not what was wanted: "<what>: <status> <meaning>: <what the server says>". */
int http_status_error(struct http_client *c, const struct http_response *r, const char *what, struct err *err);

/* Appends a path segment, percent-encoded. */
void http_add_segment(struct buf *url, const char *segment);

#endif
