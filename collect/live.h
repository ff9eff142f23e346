/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_LIVE_H
#define COLLECT_LIVE_H

#include "collect/source.h"

/*
 * What a source from source_live() can do besides.
 *
 * source_live_stop may be called from a signal handler: the run that is under way kills what it
 * started, answers everything that was asked with FAILED "interrupted", and returns -ERR_IO; so
 * does every later run. (Children have sessions of their own: a Ctrl-C at the terminal does not
 * reach them, and without this they would live on to their own end.)
 */
void source_live_stop(struct source *live);
bool source_live_stopped(const struct source *live);

/* How many of a kind are under way at once; more wait for their turn. */
enum { LIVE_COMMANDS = 32, LIVE_FILES = 8, LIVE_REQUESTS = 16 };

#endif
