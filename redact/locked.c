/* SPDX-License-Identifier: MIT */
#include "redact/locked.h"

#include <sodium.h>
#include <string.h>

#include "formats/mem.h"

const uint8_t *locked_copy(struct locked *l, const void *p, size_t n, size_t max_bytes)
{
	if (n > LOCKED_BLOCK)
		return NULL;
	if (!l->nblocks || l->used + n > LOCKED_BLOCK) {
		if ((l->nblocks + 1) * (size_t)LOCKED_BLOCK > max_bytes)
			return NULL;
		/* refuses only for want of address space: where locking is not allowed it goes on without */
		uint8_t *block = sodium_malloc(LOCKED_BLOCK);
		if (!block)
			return NULL;
		l->blocks = mem_array(l->blocks, l->nblocks + 1, sizeof(*l->blocks));
		l->blocks[l->nblocks++] = block;
		l->used = 0;
	}
	uint8_t *to = l->blocks[l->nblocks - 1] + l->used;
	memcpy(to, p, n);
	l->used += n;
	return to;
}

void locked_free(struct locked *l)
{
	for (size_t i = 0; i < l->nblocks; i++)
		sodium_free(l->blocks[i]);
	free(l->blocks);
	*l = (struct locked){ 0 };
}
