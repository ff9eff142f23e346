/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_ATTACHPROFILE_H
#define FORMATS_ATTACHPROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * Where and how bundles are attached: one JSON file a target. Format: docs/formats/attach-profile.schema.json.
 * Secrets are never in it: "secret" names where one is ("env:NAME", "file:PATH").
 */
enum attach_type { ATTACH_PUT, ATTACH_WEBDAV, ATTACH_S3, ATTACH_RT, ATTACH_JIRA, ATTACH_REDMINE, ATTACH_TYPES };
enum attach_auth { ATTACH_AUTH_NONE, ATTACH_AUTH_BASIC, ATTACH_AUTH_BEARER, ATTACH_AUTH_TOKEN, ATTACH_AUTH_HEADER, ATTACH_AUTH_KEYS };
enum attach_readback { READBACK_HASH, READBACK_SIZE, READBACK_NONE };

struct attach_profile {
	enum attach_type type;
	char *url;    /* base: https, or http to this machine alone; no user, query or fragment in it */
	char *bucket; /* S3 */
	char *region; /* S3; "us-east-1" */
	char *prefix; /* S3, WebDAV: put before the name, "{ticket}" stands for the ticket; NULL: none */
	enum attach_auth auth;
	char *user;   /* BASIC: the user; KEYS: the access key id; HEADER: the header's name */
	char *secret; /* where the secret is; NULL with ATTACH_AUTH_NONE */
	char *ca_file; /* trusted instead of the system's authorities; NULL: the system's */
	uint64_t max_bytes; /* larger files are refused before anything is sent; 0: no cap of ours */
	unsigned retries;   /* after the first attempt */
	unsigned stall_s;   /* no byte for so long ends an attempt */
	bool resume;	    /* PUT, WebDAV: the server takes Content-Range (most do not) */
	enum attach_readback readback; /* the most that is asked for after the upload */
};
void attach_profile_free(struct attach_profile *p); /* frees what it holds */
#define _cleanup_attach_profile_ CLEANUP(attach_profile_free)

const char *attach_type_name(enum attach_type t); /* "put", "webdav", "s3", "rt", "jira", "redmine" */

/* name is for messages. Unknown keys are errors: a misspelt "caFile" must not pass for none. */
int attach_profile_parse(const char *name, const char *p, size_t n, struct attach_profile *ret, struct err *err);

/* A profile for a bare URL: PUT without authentication, into it when it ends in a slash. */
int attach_profile_from_url(const char *url, struct attach_profile *ret, struct err *err);

/* The rule for URLs, checked by both: ERR_USAGE. */
int attach_url_check(const char *url, struct err *err);

#endif
