/* SPDX-License-Identifier: MIT */
#include "redact/frames.h"

#include <string.h>

static bool is_head(const uint8_t *h, unsigned n)
{
	return (n < 1 || h[0] <= 2) && (n < 2 || h[1] == 0) && (n < 3 || h[2] == 0) && (n < 4 || h[3] == 0);
}

void frames_feed(struct frames *f, const char *p, size_t n, frames_text *text, void *context)
{
	while (n) {
		if (f->raw) {
			text(context, p, n);
			return;
		}
		if (f->left) {
			size_t k = f->left < n ? f->left : n;
			text(context, p, k);
			f->left -= (uint32_t)k;
			p += k;
			n -= k;
			continue;
		}
		f->head[f->have++] = (uint8_t)*p++;
		n--;
		if (!is_head(f->head, f->have)) {
			text(context, (const char *)f->head, f->have);
			f->have = 0;
			f->raw = true;
		} else if (f->have == 8) {
			f->left = (uint32_t)f->head[4] << 24 | (uint32_t)f->head[5] << 16 | (uint32_t)f->head[6] << 8 | f->head[7];
			f->have = 0;
		}
	}
}

void frames_end(struct frames *f, frames_text *text, void *context)
{
	/* a head that was cut off holds no text, unless it was none */
	if (f->have && f->have < 4)
		text(context, (const char *)f->head, f->have);
	f->have = 0;
}
