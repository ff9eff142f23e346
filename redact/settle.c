/* SPDX-License-Identifier: MIT */
#include "redact/settle.h"

#include <string.h>

void settle(struct buf *clean, settle_fn *once, void *ctx)
{
	struct buf again = { 0 };

	for (int i = 0; i < SETTLE_ROUNDS; i++) {
		buf_clear(&again);
		once(ctx, buf_str(clean), clean->len, &again);
		if (again.len == clean->len && memcmp(buf_str(&again), buf_str(clean), again.len) == 0)
			break;
		struct buf swap = *clean;
		*clean = again;
		again = swap;
	}
	buf_wipe(&again);
}
