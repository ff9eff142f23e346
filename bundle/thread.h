/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_THREAD_H
#define BUNDLE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* A thread that gets no signals: those are for the one that waits for the host and must wake up. False when it cannot be
 * had; whoever asks then does the work himself. */
bool thread_start(pthread_t *ret, void *(*work)(void *data), void *data);

#endif
