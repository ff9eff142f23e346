/* SPDX-License-Identifier: MIT */
#ifndef REDACT_FRAMES_H
#define REDACT_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Podman's log frames: a stream byte (0 to 2), three zero bytes, the length in big-endian, then so many
 * bytes of text. Start with { 0 }. What does not begin like a frame is text from there on (a
 * terminal's log has no frames). */
struct frames {
	uint8_t head[8];
	unsigned have;
	uint32_t left; /* of the frame's text */
	bool raw;
};
typedef void frames_text(void *context, const char *p, size_t n);
void frames_feed(struct frames *f, const char *p, size_t n, frames_text *text, void *context);
void frames_end(struct frames *f, frames_text *text, void *context);

#endif
