/* SPDX-License-Identifier: MIT */
#include "collect/source.h"

struct tee {
	struct source base;
	struct source *inner;
	struct tap *tap;
};

/* Stands between one probe's answer and its two readers; freed at its end. */
struct tee_sink {
	struct sink base;
	struct sink *to;
	struct sink *copy;
};

static void tee_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	struct tee_sink *t = (struct tee_sink *)s;

	t->copy->chunk(t->copy, stream, p, n);
	t->to->chunk(t->to, stream, p, n);
}

static void tee_end(struct sink *s, const struct probe *probe, const struct record *r)
{
	struct tee_sink t = *(struct tee_sink *)s;

	free(s);
	/* the recorder first: what the asker does next may ask more, and stands after this in a record */
	t.copy->end(t.copy, probe, r);
	t.to->end(t.to, probe, r);
}

static void tee_ask(struct source *s, const struct probe *probe, struct sink *sink)
{
	struct tee *t = (struct tee *)s;
	struct sink *copy = t->tap->begin(t->tap, probe);

	if (copy) {
		struct tee_sink *between = mem_alloc(sizeof(*between));
		*between = (struct tee_sink){ .base = { tee_chunk, tee_end }, .to = sink, .copy = copy };
		sink = &between->base;
	}
	source_ask(t->inner, probe, sink);
}

static int tee_run(struct source *s, struct err *err)
{
	return source_run(((struct tee *)s)->inner, err);
}

static uint64_t tee_now_us(struct source *s)
{
	return source_now_us(((struct tee *)s)->inner);
}

static void tee_close(struct source *s)
{
	free(s);
}

static const struct source_ops tee_ops = { tee_ask, tee_run, tee_now_us, tee_close };

struct source *source_tee(struct source *inner, struct tap *tap)
{
	struct tee *t = mem_alloc(sizeof(*t));

	*t = (struct tee){ .base = { &tee_ops }, .inner = inner, .tap = tap };
	return &t->base;
}
