/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_UNIXHTTP_H
#define COLLECT_UNIXHTTP_H

#include <poll.h>

#include "collect/job.h"

/*
 * One HTTP probe: a GET over a Unix socket, driven by turns of somebody's poll loop. HTTP/1.1, one
 * request a connection; no proxy, no redirect, no decoding but of chunks.
 *
 * The body is STREAM_OUT; the response's head (status line and headers, bounded by
 * formats/httpreply.h) is STREAM_ERR: Podman names its version there. Any status code is an answer (OK).
 * The rest: ABSENT no socket, REFUSED nobody listens, the queue is full, or it is no socket, DENIED,
 * TIMEOUT, CUT, FAILED what answers does not speak HTTP or breaks off.
 *
 * A probe's `as` changes nothing: the socket's permissions decide, and root may ask anybody's.
 */
struct unixhttp;

/* NULL when it ended already: the job's record says how. The job stays the caller's. */
struct unixhttp *unixhttp_start(struct job *job);

struct pollfd unixhttp_fd(const struct unixhttp *h);
uint64_t unixhttp_due_us(const struct unixhttp *h); /* monotonic: when it needs a turn in any case */

/* Moves it on; true when the record is complete. scratch is any memory. */
bool unixhttp_turn(struct unixhttp *h, uint64_t now_us, char *scratch, size_t n);

struct job *unixhttp_job(const struct unixhttp *h);
void unixhttp_free(struct unixhttp *h); /* one under way is dropped */

#endif
