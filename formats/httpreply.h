/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_HTTPREPLY_H
#define FORMATS_HTTPREPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"

/*
 * An HTTP/1.1 response to a GET, decoded as it comes (RFC 9112): head, then a body that is chunked,
 * as long as Content-Length says, or ends with the connection. What a local service's socket says, and no
 * more: no compression, no upgrade.
 *
 * Why not libcurl, which uploads go through: loading it and the thirty libraries behind it takes longer
 * than Podman takes to answer, at every `status` and `doctor`.
 *
 * Any cutting of the bytes into feeds gives the same result. Memory is fixed. A body that breaks off is an
 * error, never a short answer. `reply` is zeroed to begin with and owns nothing.
 */
enum { HTTPREPLY_HEAD_MAX = 64 << 10, HTTPREPLY_LINE_MAX = 256 };

struct httpreply {
	int status;    /* 0 until the status line is in */
	bool complete; /* nothing more belongs to this response */
	/* private */
	unsigned state;
	size_t head_bytes;
	uint64_t left;
	bool chunked, has_length;
	char line[HTTPREPLY_LINE_MAX]; /* a longer line keeps its beginning: nothing that matters is longer */
	size_t n_line;
};

/* Gets the head (status line, headers, trailers, as they came) and the body (decoded). */
struct httpreply_sink {
	void (*head)(void *arg, const char *p, size_t n);
	void (*body)(void *arg, const char *p, size_t n);
	void *arg;
};

/* What comes after a complete response is ignored. ERR_SYNTAX: this is no HTTP, or what it says of its length is contradictory;
 * ERR_LIMIT: its head is too long. */
int httpreply_feed(struct httpreply *reply, const char *p, size_t n, const struct httpreply_sink *sink, struct err *err);

/* The connection was closed. ERR_SYNTAX when something is missing. */
int httpreply_end(struct httpreply *reply, struct err *err);

#endif
