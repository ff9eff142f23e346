/* SPDX-License-Identifier: MIT */
/* HTTP PUT (RFC 9110) and WebDAV (RFC 4918): the name under a URL. See upload_driver.h. */
#include <string.h>

#include "bundle/upload_driver.h"
#include "formats/text.h"

static char *target_url(const struct upload *u)
{
	_cleanup_buf_ struct buf url = { 0 };

	buf_adds(&url, u->base);
	if (u->profile->type == ATTACH_PUT && !text_ends(u->base, "/"))
		return buf_take(&url); /* the URL is the file's own */
	if (u->profile->type == ATTACH_WEBDAV) {
		buf_addc(&url, '/');
		upload_add_prefix(u, &url);
	}
	http_add_segment(&url, u->name);
	return buf_take(&url);
}

static int dav_look(struct upload *u, struct upload_remote *ret, struct err *err)
{
	_cleanup_free_ char *url = target_url(u);
	struct http_request q = { .method = "HEAD", .url = url };
	_cleanup_response_ struct http_response a = { 0 };
	int r = http_ask(u->http, &q, &a, err);

	if (r)
		return r;
	if (a.status == 401)
		return http_status_error(u->http, &a, "looking whether it is there", err);
	if (a.status == 404 || a.status == 410)
		return 1;
	/* 403, 405, 501: a place where one may put and not look */
	if (a.status < 200 || a.status > 299)
		return a.status >= 500 && a.status != 501 ? http_status_error(u->http, &a, "looking whether it is there", err) : 2;
	ret->size = a.length;
	ret->content = TAKE_PTR(url);
	return 0;
}

/* The collections of the prefix, from the outside in; 405 says that one is there. */
static int make_collections(struct upload *u, struct err *err)
{
	_cleanup_buf_ struct buf all = { 0 }, url = { 0 };

	upload_add_prefix(u, &all);
	buf_addf(&url, "%s/", u->base);
	for (size_t at = 0; at < all.len;) {
		size_t n = strcspn(all.data + at, "/") + 1;
		buf_add(&url, all.data + at, n);
		at += n;
		struct http_request q = { .method = "MKCOL", .url = buf_str(&url) };
		_cleanup_response_ struct http_response a = { 0 };
		int r = http_ask(u->http, &q, &a, err);
		if (r)
			return r;
		if (a.status != 201 && a.status != 405 && a.status != 409)
			return http_status_error(u->http, &a, "making its folder", err);
	}
	return 0;
}

static int dav_send(struct upload *u, struct err *err)
{
	_cleanup_free_ char *url = target_url(u);
	struct http_body body = upload_body(u);
	struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
	_cleanup_response_ struct http_response a = { 0 };
	int r = u->profile->type == ATTACH_WEBDAV && u->profile->prefix ? make_collections(u, err) : 0;

	if (u->from) {
		_cleanup_free_ char *range = mem_printf("Content-Range: bytes %llu-%llu/%llu", (unsigned long long)u->from,
			(unsigned long long)u->size - 1, (unsigned long long)u->size);
		headers = curl_slist_append(headers, range);
	}
	struct http_request q = { .method = "PUT", .url = url, .headers = headers, .body = &body };
	if (!r)
		r = upload_ask(u, &q, &a, "putting the file", err);
	curl_slist_free_all(headers);
	return r;
}

const struct upload_driver upload_driver_dav = { .look = dav_look, .send = dav_send, .replaces = true };
