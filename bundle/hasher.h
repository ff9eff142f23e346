/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_HASHER_H
#define BUNDLE_HASHER_H

#include <stddef.h>

/*
 * Hashes on a second thread while the first one unpacks or redacts: of much data both take about as long.
 * Pieces are copied and hashed in the order in which they were added; memory is a few pieces.
 */
struct hasher;

struct hasher *hasher_new(void); /* the thread is started by the first large piece */
/* Waits for what is under way. Accepts NULL. */
void hasher_free(struct hasher *h);

/* Calls add(state, p', n) with a copy of the piece, now or later; small pieces go at once, on the
 * caller's thread, where starting another one would cost more. state must live until hasher_wait. */
void hasher_add(struct hasher *h, void (*add)(void *state, const void *p, size_t n), void *state, const void *p, size_t n);

/* Returns when everything that was added is hashed; to be called before a state is read. */
void hasher_wait(struct hasher *h);

#endif
