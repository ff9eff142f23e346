/* SPDX-License-Identifier: MIT */
#include "collect/gather.h"

#include <search.h>
#include <string.h>

struct question {
	struct sink sink; /* first: a sink is its question */
	struct gather *g;
	struct probe *probe;
	struct answer answer;
	bool done;
	struct task **waiting;
	size_t n_waiting;
};

struct task {
	struct gather *g;
	void (*next)(struct task *t, void *ctx);
	void *ctx;
	size_t pending;
	bool stepping; /* inside its step: answers that come at once must not start the next one yet */
};

struct gather {
	struct source *source;
	struct question **questions; /* in the order asked */
	size_t n_questions;
	void *by_key; /* the same in a tsearch tree */
	bool running;
	size_t kept; /* of a streamed payload, its end */
	struct task **tasks;
	size_t n_tasks;
};

struct gather *gather_new(struct source *s)
{
	struct gather *g = mem_alloc(sizeof(*g));

	g->source = s;
	g->kept = STREAM_KEPT;
	return g;
}

void gather_keep(struct gather *g, size_t bytes)
{
	g->kept = bytes;
}

static int question_compare(const void *a, const void *b)
{
	const struct question *x = a, *y = b;

	return strcmp(x->probe->key, y->probe->key);
}

static struct question *question_find(struct gather *g, const char *key)
{
	struct probe p = { .key = mem_strdup(key) };
	struct question wanted = { .probe = &p };
	struct question **found = tfind(&wanted, &g->by_key, question_compare);

	free(p.key);
	return found ? *found : NULL;
}

/* Runs the task's steps for as long as nothing is pending. */
static void task_advance(struct task *t)
{
	while (!t->stepping && t->pending == 0 && t->next) {
		void (*step)(struct task *, void *) = t->next;
		t->next = NULL;
		t->stepping = true;
		step(t, t->ctx);
		t->stepping = false;
	}
}

static void keep_end(struct question *q)
{
	struct buf *out = &q->answer.out;

	q->answer.dropped += out->len - q->g->kept;
	buf_drop(out, out->len - q->g->kept);
}

static void question_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	struct question *q = (struct question *)(void *)s;

	buf_add(stream == STREAM_OUT ? &q->answer.out : &q->answer.err, p, n);
	/* drop in large steps, so that a long stream is not moved about for every chunk */
	if ((q->probe->flags & PROBE_STREAM) && q->answer.out.len > 2 * q->g->kept)
		keep_end(q);
}

static void question_end(struct sink *s, const struct probe *probe, const struct record *r)
{
	struct question *q = (struct question *)(void *)s;

	if ((q->probe->flags & PROBE_STREAM) && q->answer.out.len > q->g->kept)
		keep_end(q);
	record_copy(&q->answer.rec, r);
	q->done = true;
	for (size_t i = 0; i < q->n_waiting; i++) {
		struct task *t = q->waiting[i];
		t->pending--;
		task_advance(t);
	}
}

static struct question *question_new(struct gather *g, struct probe *p)
{
	struct question *q = mem_alloc(sizeof(*q));

	*q = (struct question){ .sink = { question_chunk, question_end }, .g = g, .probe = p };
	g->questions = mem_array(g->questions, g->n_questions + 1, sizeof(struct question *));
	g->questions[g->n_questions++] = q;
	if (!tsearch(q, &g->by_key, question_compare))
		abort(); /* out of memory, as mem_alloc does */
	return q;
}

void gather_start(struct gather *g, void (*first)(struct task *t, void *ctx), void *ctx)
{
	struct task *t = mem_alloc(sizeof(*t));

	*t = (struct task){ .g = g, .next = first, .ctx = ctx };
	g->tasks = mem_array(g->tasks, g->n_tasks + 1, sizeof(*g->tasks));
	g->tasks[g->n_tasks++] = t;
	if (g->running)
		task_advance(t);
}

void task_ask(struct task *t, struct probe *p)
{
	struct gather *g = t->g;
	struct question *q = question_find(g, p->key);
	bool fresh = !q;

	if (q && q->done) {
		probe_free(p);
		return;
	}
	if (fresh) {
		q = question_new(g, p);
	} else {
		probe_free(p);
	}
	q->waiting = mem_array(q->waiting, q->n_waiting + 1, sizeof(struct task *));
	q->waiting[q->n_waiting++] = t;
	t->pending++;
	if (fresh)
		source_ask(g->source, q->probe, &q->sink);
}

void task_then(struct task *t, void (*next)(struct task *t, void *ctx))
{
	t->next = next;
}

struct gather *task_gather(struct task *t)
{
	return t->g;
}

int gather_run(struct gather *g, struct err *err)
{
	g->running = true;
	/* by index: a step may start further tasks */
	for (size_t i = 0; i < g->n_tasks; i++)
		task_advance(g->tasks[i]);
	return source_run(g->source, err);
}

uint64_t gather_now_us(struct gather *g)
{
	return source_now_us(g->source);
}

const struct answer *gather_answer(struct gather *g, const char *key)
{
	struct question *q = question_find(g, key);

	return q && q->done ? &q->answer : NULL;
}

const struct probe *gather_probe(struct gather *g, const char *key)
{
	struct question *q = question_find(g, key);

	return q ? q->probe : NULL;
}

size_t gather_count(struct gather *g)
{
	return g->n_questions;
}

const struct answer *gather_nth(struct gather *g, size_t i, const struct probe **ret_probe)
{
	if (ret_probe)
		*ret_probe = g->questions[i]->probe;
	return &g->questions[i]->answer;
}

void gather_free(struct gather *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->n_questions; i++) {
		tdelete(g->questions[i], &g->by_key, question_compare);
		probe_free(g->questions[i]->probe);
		answer_free(&g->questions[i]->answer);
		free(g->questions[i]->waiting);
		free(g->questions[i]);
	}
	free(g->questions);
	for (size_t i = 0; i < g->n_tasks; i++)
		free(g->tasks[i]);
	free(g->tasks);
	free(g);
}

void gather_freep(struct gather **g)
{
	gather_free(*g);
	*g = NULL;
}
