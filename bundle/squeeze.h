/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_SQUEEZE_H
#define BUNDLE_SQUEEZE_H

#include <stddef.h>

#include "formats/err.h"

/*
 * Compresses a stream on two threads. It is cut into segments of SQUEEZE_SEGMENT bytes, and each becomes a zstd frame of
 * its own; frames one after the other are one zstd stream to every reader. The second thread starts with the second segment;
 * while it is busy and all slots are full, the caller's thread compresses as well. Where it cannot be started the caller's
 * does all of it: the cuts and the settings are the same, so the same bytes always give the same stream.
 *
 * The first frame is of level 3, so that a bundle of the usual size is as small as ever. The others are of level 1: what is
 * longer than a segment is logs, on which it takes a third less time (and makes 240 MB of a log of 1 GiB, level 3 makes 261).
 *
 * Memory: SQUEEZE_SLOTS segments and their frames.
 */
#define SQUEEZE_SEGMENT (1u << 20)
#define SQUEEZE_SLOTS 4

/* Gets the stream in order, on the caller's thread, during squeeze_add and squeeze_end. Negative stops, with err set. */
typedef int squeeze_out(void *data, const void *p, size_t n, struct err *err);

struct squeeze;
int squeeze_new(squeeze_out *out, void *data, struct squeeze **ret, struct err *err); /* -ERR_ABSENT: no libarchive */
/* Waits for what is under way, passes nothing more on. Accepts NULL. */
void squeeze_free(struct squeeze *s);

/* After a failure, which comes back from every later call too, only freeing is left. */
int squeeze_add(struct squeeze *s, const void *p, size_t n, struct err *err);
/* Passes on all that is left. A stream without bytes is one empty frame. */
int squeeze_end(struct squeeze *s, struct err *err);

#endif
