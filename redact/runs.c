/* SPDX-License-Identifier: MIT */
/* The search for runs of base64: whole aligned blocks of its characters, which text has few of. */
#include "redact/find.h"

typedef unsigned char block __attribute__((vector_size(16)));

/* True when all 16 bytes are base64 of either alphabet (or a comma or full stop, which saves two tests). */
static bool is_base64_block(const char *p)
{
	block v;
	unsigned long long half[2];

	__builtin_memcpy(&v, p, sizeof(v));
	/* most blocks of text hold a space, a quote or a bracket */
	block out = (block)(v < '+');
	__builtin_memcpy(half, &out, sizeof(half));
	if (half[0] | half[1])
		return false;
	block in = (block)((v | 0x20) - 'a' < 26) | (block)(v - '+' < 15) | (block)(v == '_');
	__builtin_memcpy(half, &in, sizeof(half));
	return (half[0] & half[1]) == ~0ull;
}

/* Base64 of text has capitals all over; paths, words and digests do not. */
static bool is_likely(const char *p, size_t n)
{
	size_t upper = 0;

	for (size_t i = 0; i < 16 && i < n; i++)
		upper += p[i] >= 'A' && p[i] <= 'Z';
	return upper >= 2;
}

void find_runs(struct finder *f, size_t from, size_t to, uint64_t base)
{
	/* blocks lie at multiples of 16 of the stream, so that the same ones are looked at however it is cut */
	size_t at = from + (size_t)(-(base + from) & 15);

	for (; at < to && at + 16 <= f->n; at += 16)
		if (is_base64_block(f->p + at) && at >= f->run_done && is_likely(f->p + at, 16))
			extract_run(f, at);
}
