/* SPDX-License-Identifier: MIT */
#include "redact/text.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "redact/find.h"
#include "redact/settle.h"

#define WINDOW (256u << 10)

struct text_stage {
	struct redactor *r;
	struct tally *tally;
	struct sink_bytes to;
	struct scan_stream *scan;
	struct extra_stream *extra; /* NULL: nothing beside the table */
	struct extra_hits more;
	struct hits hits; /* offsets of the stream */
	size_t hit;	  /* the next of them to look at */
	char *win;	  /* up to WINDOW bytes of the stream */
	size_t len, cap;
	uint64_t base;	  /* where in the stream win begins */
	size_t scanned, left, runs; /* how far it was searched, has left, was looked through for base64 */
	struct spans spans; /* offsets of win */
	struct finder finder;
	enum span_open open; /* what was left last goes on at `left` */
	bool settling;	     /* a round of another's */
	char token[TOKEN_MAX]; /* for the lines of an open key */
};

struct text_stage *text_stage_new(struct redactor *r, struct tally *tally, struct sink_bytes to)
{
	struct text_stage *t = mem_alloc(sizeof(*t));

	t->r = r;
	t->tally = tally;
	t->to = to;
	t->scan = scan_open(r->scanner);
	t->extra = extra_open(r->extra);
	t->finder = (struct finder){ .r = r, .out = &t->spans };
	return t;
}

static void emit(struct text_stage *t, const char *p, size_t n)
{
	if (n)
		t->to.write(t->to.context, p, n);
}

/* Follows an open secret from `left` as far as the bytes go. */
static void follow(struct text_stage *t, bool final)
{
	bool open = true;

	if (t->open == OPEN_RUN)
		t->left += find_continue(OPEN_RUN, t->win + t->left, t->len - t->left, final, &open);
	while (t->open == OPEN_PEM && open) {
		size_t from, to, next;
		if (!find_key_line(t->win + t->left, t->len - t->left, final, &from, &to, &next, &open))
			break;
		emit(t, t->win + t->left, from);
		/* at the start of a line: what is before is the rest of one that has its token */
		if (to > from && (t->left == 0 || t->win[t->left - 1] == '\n'))
			emit(t, t->token, strlen(t->token));
		emit(t, t->win + t->left + to, next - to);
		t->left += next;
	}
	if (!open)
		t->open = OPEN_NO;
}

/* One span leaves, and the clean bytes before it. */
static void leave(struct text_stage *t, const struct span *s, bool final)
{
	size_t from = s->from > t->left ? s->from : t->left;
	struct spans one = { .v = (struct span[]){ *s }, .n = 1, .values = t->spans.values };
	struct buf out = { 0 };

	if (s->to <= t->left)
		return; /* the open secret before it took it along */
	emit(t, t->win + t->left, from - t->left);
	one.v[0].from = 0;
	one.v[0].to = s->to - from;
	spans_apply(t->r, t->tally, &one, t->win + from, s->to - from, &out);
	emit(t, out.data, out.len);
	t->left = s->to;
	if (s->open == OPEN_RUN || s->open == OPEN_PEM) {
		t->open = s->open;
		snprintf(t->token, sizeof(t->token), "%.*s", (int)out.len, out.data);
		follow(t, final);
	}
	buf_free(&out);
}

/* Spans from `keep` on stay for the next window; their values move to memory of their own. */
static void spans_keep(struct spans *s, size_t keep, size_t left, size_t shift)
{
	struct spans rest = { 0 };

	for (size_t i = keep; i < s->n; i++) {
		const struct span *o = &s->v[i];
		if (o->to <= left)
			continue; /* went with an open one */
		struct span *n = spans_add(&rest, (o->from > left ? o->from : left) - shift, o->to - shift, o->class, o->rank,
			o->value_len ? s->values.data + o->value : NULL, o->value_len);
		n->open = o->open;
	}
	spans_free(s);
	*s = rest;
}

static size_t less(size_t a, size_t b)
{
	return a > b ? a - b : 0;
}

/* Forgets what has left, but for the bytes that later hits may look back at. */
static void slide(struct text_stage *t, size_t keep)
{
	size_t drop = less(t->left, FIND_BEHIND_END) & ~(size_t)15;

	spans_keep(&t->spans, keep, t->left, drop);
	memmove(t->win, t->win + drop, t->len - drop);
	t->len -= drop;
	t->base += drop;
	t->scanned -= drop;
	t->left -= drop;
	t->runs = less(t->runs, drop);
	t->finder.key_done = less(t->finder.key_done, drop);
	t->finder.word_done = less(t->finder.word_done, drop);
	t->finder.run_done = less(t->finder.run_done, drop);
	t->finder.ansi_done = less(t->finder.ansi_done, drop);
	t->finder.command_done = less(t->finder.command_done, drop);
	if (t->hit)
		memmove(t->hits.v, t->hits.v + t->hit, (t->hits.n - t->hit) * sizeof(*t->hits.v));
	t->hits.n -= t->hit;
	t->hit = 0;
}

static void process(struct text_stage *t, bool final)
{
	size_t limit = final ? t->len : t->len - FIND_AHEAD;
	size_t cut = final ? t->len : limit - FIND_BEHIND_END, i = 0;

	scan_feed(t->scan, t->win + t->scanned, t->len - t->scanned, &t->hits);
	if (t->extra)
		extra_feed(t->extra, t->win + t->scanned, t->len - t->scanned, &t->more);
	if (t->extra && final)
		extra_close(TAKE_PTR(t->extra), &t->more);
	t->scanned = t->len;
	t->finder.n = t->len;
	for (; t->hit < t->hits.n && t->hits.v[t->hit].end <= t->base + limit; t->hit++)
		find_hit(&t->finder, &rules[t->hits.v[t->hit].rule], (size_t)(t->hits.v[t->hit].end - t->base));
	find_extra(&t->finder, &t->more, limit, t->base);
	find_runs(&t->finder, t->runs, limit, t->base);
	t->runs = limit;
	if (t->open)
		follow(t, final);
	spans_merge(&t->spans);
	for (; i < t->spans.n && t->spans.v[i].from < cut; i++)
		leave(t, &t->spans.v[i], final);
	if (t->left < cut) {
		emit(t, t->win + t->left, cut - t->left);
		t->left = cut;
	}
	if (!final)
		slide(t, i);
}

/* Most payloads are small. */
static void window_room(struct text_stage *t, size_t need)
{
	size_t cap = t->cap ? t->cap : 4096;

	if (need <= t->cap)
		return;
	while (cap < need)
		cap *= 2;
	char *bigger = mem_realloc(NULL, cap);
	if (t->win) {
		memcpy(bigger, t->win, t->len);
		sodium_memzero(t->win, t->len);
		free(t->win);
	}
	t->win = bigger;
	t->cap = cap;
	t->finder.p = bigger;
}

void text_stage_feed(struct text_stage *t, const char *p, size_t n)
{
	while (n) {
		size_t k = WINDOW - t->len < n ? WINDOW - t->len : n;
		window_room(t, t->len + k);
		memcpy(t->win + t->len, p, k);
		t->len += k;
		p += k;
		n -= k;
		if (t->len == WINDOW)
			process(t, false);
	}
}

static void keep(void *context, const char *p, size_t n)
{
	buf_add(context, p, n);
}

static void settle_once(void *ctx, const char *p, size_t n, struct buf *out)
{
	const struct text_stage *t = ctx;
	struct text_stage *next = text_stage_new(t->r, t->tally, (struct sink_bytes){ keep, out });

	next->settling = true;
	text_stage_feed(next, p, n);
	text_stage_end(next);
}

/* One window held it all. */
static void end_small(struct text_stage *t)
{
	struct sink_bytes to = t->to;
	struct buf clean = { 0 };

	t->to = (struct sink_bytes){ keep, &clean };
	process(t, true);
	if (clean.len != t->len || memcmp(buf_str(&clean), t->win, t->len) != 0)
		settle(&clean, settle_once, t);
	t->to = to;
	emit(t, clean.data, clean.len);
	buf_wipe(&clean);
}

void text_stage_end(struct text_stage *t)
{
	if (t->win && !t->scanned && !t->settling)
		end_small(t);
	else if (t->win)
		process(t, true);
	scan_close(t->scan);
	hits_free(&t->hits);
	extra_hits_free(&t->more);
	if (t->extra)
		extra_close(t->extra, &(struct extra_hits){ 0 });
	spans_free(&t->spans);
	if (t->win)
		sodium_memzero(t->win, t->cap);
	free(t->win);
	free(t);
}
