/* SPDX-License-Identifier: MIT */
/* The search for runs of base64: whole aligned blocks of its characters, which text has few of. */
#include "redact/find.h"

typedef unsigned char block __attribute__((vector_size(16)));

/* True when all 16 bytes are letters, digits, + / - or _. */
static bool is_base64_block(const char *p)
{
	block v, lower;
	unsigned long long half[2];

	__builtin_memcpy(&v, p, sizeof(v));
	lower = v | 0x20;
	block in = (block)(lower - 'a' < 26) | (block)(v - '0' < 10) | (block)(v == '+') | (block)(v == '/') |
		   (block)(v == '-') | (block)(v == '_');
	__builtin_memcpy(half, &in, sizeof(half));
	return (half[0] & half[1]) == ~0ull;
}

void find_runs(struct finder *f, size_t from, size_t to, uint64_t base)
{
	/* blocks lie at multiples of 16 of the stream, so that the same ones are looked at however it is cut */
	size_t at = from + (size_t)(-(base + from) & 15);

	for (; at < to && at + 16 <= f->n; at += 16)
		if (at >= f->run_done && is_base64_block(f->p + at))
			extract_run(f, at);
}
