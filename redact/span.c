/* SPDX-License-Identifier: MIT */
#include "redact/span.h"

#include <sodium.h>
#include <stdlib.h>

/* Like buf_add, but growth does not leave the old bytes behind in freed memory. */
static void values_add(struct buf *b, const void *p, size_t n)
{
	if (b->len + n + 1 > b->cap) {
		struct buf bigger = { 0 };
		buf_reserve(&bigger, (b->len + n) * 2 + 256);
		buf_add(&bigger, b->data, b->len);
		if (b->data)
			sodium_memzero(b->data, b->len);
		buf_free(b);
		*b = bigger;
	}
	buf_add(b, p, n);
}

struct span *spans_add(struct spans *s, size_t from, size_t to, enum secret_class class, enum span_rank rank,
	const void *value, size_t n)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 16;
		s->v = mem_array(s->v, s->cap, sizeof(*s->v));
	}
	struct span *sp = &s->v[s->n++];
	*sp = (struct span){ from, to, s->values.len, value ? n : 0, (unsigned char)class, (unsigned char)rank, OPEN_NO };
	if (value)
		values_add(&s->values, value, n);
	return sp;
}

static int span_order(const void *pa, const void *pb)
{
	const struct span *a = pa, *b = pb;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	if (a->to != b->to)
		return a->to > b->to ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank > b->rank ? -1 : 1;
	return a->value < b->value ? -1 : a->value > b->value;
}

void spans_merge(struct spans *s)
{
	size_t out = 0;

	if (s->n < 2)
		return;
	qsort(s->v, s->n, sizeof(*s->v), span_order);
	for (size_t i = 1; i < s->n; i++) {
		struct span *cur = &s->v[out], *next = &s->v[i];

		if (next->from >= cur->to) {
			s->v[++out] = *next;
			continue;
		}
		struct span joined = *cur;
		if (next->rank > cur->rank || (next->rank == cur->rank && next->to - next->from > cur->to - cur->from))
			joined = *next;
		joined.from = cur->from;
		if (next->to >= cur->to) {
			joined.to = next->to;
			joined.open = next->to > cur->to || next->open ? next->open : cur->open;
		} else {
			joined.to = cur->to;
			joined.open = cur->open;
		}
		*cur = joined;
	}
	s->n = out + 1;
}

void spans_clear(struct spans *s)
{
	s->n = 0;
	if (s->values.data)
		sodium_memzero(s->values.data, s->values.len);
	buf_clear(&s->values);
}

void spans_free(struct spans *s)
{
	spans_clear(s);
	buf_free(&s->values);
	free(s->v);
	*s = (struct spans){ 0 };
}
