/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_CACHE_H
#define COLLECT_CACHE_H

#include "collect/source.h"

/*
 * A source that asks another one only once for each key, and command or socket: for looking at many agents, which share most
 * questions. Streams pass through. Answers can be put in beforehand, so that one command that tells of
 * many units answers the question of each. inner stays the caller's.
 */
struct source *source_cache(struct source *inner);
void source_cache_put(struct source *cache, const char *key, const struct record *rec, const void *out, size_t n);

#endif
