/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_UNIXHTTP_H
#define COLLECT_UNIXHTTP_H

#include <poll.h>

#include "collect/job.h"

/*
 * HTTP probes: GET over a Unix socket through libcurl's multi interface, any number at once, in
 * somebody's poll loop. HTTP/1.1 only; no proxy, no redirect, no decoding. Connections are reused.
 *
 * The body is STREAM_OUT; the response's head (status line and headers, at most HTTP_HEAD_MAX
 * bytes) is STREAM_ERR: Podman names its version there. Any status code is an answer (OK). The
 * rest: ABSENT no socket, REFUSED nobody listens, the queue is full, or it is no socket, DENIED, TIMEOUT, CUT,
 * FAILED what answers does not speak HTTP.
 *
 * A probe's `as` changes nothing: the socket's permissions decide, and root may ask anybody's.
 */
enum { HTTP_HEAD_MAX = 64 << 10, HTTP_CONNECT_MS = 2000 };

struct unixhttp;

struct unixhttp *unixhttp_new(struct err *err); /* NULL when libcurl cannot be loaded */
void unixhttp_free(struct unixhttp *h); /* nothing may be under way */

bool unixhttp_start(struct unixhttp *h, struct job *job); /* false: ended, see the record */
size_t unixhttp_active(const struct unixhttp *h);

/* Waits for its sockets, for fds, or for timeout_ms (less when a transfer needs a turn before). */
void unixhttp_wait(struct unixhttp *h, struct pollfd *fds, size_t n, int timeout_ms);

/* Moves everything on; returns the jobs whose records are complete, chained by next. */
struct job *unixhttp_turn(struct unixhttp *h);

/* Drops all transfers and returns their jobs; their records are untouched. */
struct job *unixhttp_abort(struct unixhttp *h);

#endif
