/* SPDX-License-Identifier: MIT */
#ifndef REDACT_LOCKED_H
#define REDACT_LOCKED_H

#include <stddef.h>
#include <stdint.h>

/* Memory for secrets: locked where the system lets us, left out of core dumps, wiped when freed.
 * Start with { 0 }. */
struct locked {
	uint8_t **blocks;
	size_t nblocks, used; /* used of the last */
};
#define LOCKED_BLOCK (64u << 10)
/* A copy of n bytes (at most LOCKED_BLOCK) that stays where it is; NULL when max_bytes are used up. */
const uint8_t *locked_copy(struct locked *l, const void *p, size_t n, size_t max_bytes);
void locked_free(struct locked *l);

#endif
