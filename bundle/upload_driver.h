/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_UPLOAD_DRIVER_H
#define BUNDLE_UPLOAD_DRIVER_H

#include <jansson.h>

#include "bundle/http.h"
#include "bundle/upload.h"

/* Private to bundle/upload*.c: one upload, and what differs between services. */
struct upload {
	const struct attach_profile *profile;
	const struct upload_options *options;
	struct http_client *http;
	const char *path;
	const char *name;
	int fd;
	uint64_t size;
	char sha256_hex[65];
	char *base;   /* the profile's URL without a slash at its end */
	uint64_t cap; /* 0: none known */
	uint64_t from; /* resume here */
	uint64_t resumed; /* the driver itself went on from there, in parts */
	uint64_t kept; /* after a failed send: so much is kept there for the next run */
	bool transient; /* after a failed send: trying again may help */
};

/* What is there, under the name. */
struct upload_remote {
	int64_t size; /* -1: not said */
	char *content; /* URL its bytes can be had from; NULL: none */
};

struct upload_driver {
	bool needs_ticket;
	/* Is the ticket there; may lower u->cap. NULL: nothing to ask. */
	int (*prepare)(struct upload *u, struct err *err);
	/* 0: it is there, ret is filled. 1: it is not. 2: the service does not say. Negative: error. */
	int (*look)(struct upload *u, struct upload_remote *ret, struct err *err);
	/* One attempt. A negative code with u->transient set is tried again. */
	int (*send)(struct upload *u, struct err *err);
	/* True when `look` finding other bytes under the name means that a send would replace them. */
	bool replaces;
};
extern const struct upload_driver upload_driver_dav; /* PUT and WebDAV */
extern const struct upload_driver upload_driver_s3;
extern const struct upload_driver upload_driver_rt;
extern const struct upload_driver upload_driver_jira;
extern const struct upload_driver upload_driver_redmine;

/* The file from u->from to its end, with progress, as a body. */
struct http_body upload_body(struct upload *u);
void upload_note(const struct upload *u, const char *what);

/* http_ask, with u->transient set from the answer; a status outside 200…299 is made an error saying `what`. */
int upload_ask(struct upload *u, const struct http_request *q, struct http_response *ret, const char *what, struct err *err);

/* GET of JSON; *ret is the caller's to json_decref. 1: the answer was 404. */
int upload_get_json(struct upload *u, const char *url, json_t **ret, const char *what, struct err *err);

/* profile->prefix with {ticket} put in, each segment encoded, with a slash at its end; "" without one. */
void upload_add_prefix(const struct upload *u, struct buf *url);

#endif
