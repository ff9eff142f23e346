/* SPDX-License-Identifier: MIT */
#ifndef REDACT_TEXT_H
#define REDACT_TEXT_H

#include "redact/engine.h"

/*
 * The text stage as a stream, in bounded memory: bytes in, clean bytes out, and the same bytes out
 * however those in were cut. It works on windows at fixed places of the stream; a hit is looked at
 * when FIND_AHEAD bytes after it are there, and bytes leave when no later hit can reach back to them. What fits
 * into one window is settled, see settle.h.
 */
struct sink_bytes {
	void (*write)(void *context, const char *p, size_t n);
	void *context;
};

struct text_stage;
struct text_stage *text_stage_new(struct redactor *r, struct tally *tally, struct sink_bytes to);
void text_stage_feed(struct text_stage *t, const char *p, size_t n);
void text_stage_end(struct text_stage *t); /* the rest leaves; the stage is freed */

#endif
