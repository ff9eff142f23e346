/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_GATHER_H
#define COLLECT_GATHER_H

#include "collect/source.h"

/*
 * Gatherers turn records into typed evidence. Each is a task: a chain of steps, where a step asks
 * probes and names the step that reads their answers. Tasks run side by side over one source: a
 * task goes on as soon as its own answers are in, whatever others still wait for, so that a whole
 * gathering takes about as long as its slowest chain of probes.
 *
 * The same chain over a bundle asks the same keys and gets what was recorded.
 */
struct gather;
struct task;

/* Called when everything that the step before asked has been answered. To end, ask nothing. */
struct gather *gather_new(struct source *s); /* s stays the caller's */
int gather_run(struct gather *g, struct err *err);
void gather_free(struct gather *g);
void gather_freep(struct gather **g);
uint64_t gather_now_us(struct gather *g);

/* Starts a task: first(task, ctx) is called from gather_run, or at once when that is under way. ctx stays the caller's. */
void gather_start(struct gather *g, void (*first)(struct task *t, void *ctx), void *ctx);

/* Asks p, which is handed over. A key that was asked before in this gathering is not asked again:
 * the task waits for, or already has, that answer. */
void task_ask(struct task *t, struct probe *p);
/* What to do once all that was asked is answered. Without a call after the step's asks the task ends there. */
void task_then(struct task *t, void (*next)(struct task *t, void *ctx));
struct gather *task_gather(struct task *t);

/* The answer to a key, NULL when nobody asked or it is still under way. Streamed payloads keep
 * only their last STREAM_KEPT bytes, or what gather_keep said. Valid until gather_free. */
#define STREAM_KEPT (64u << 10)
void gather_keep(struct gather *g, size_t bytes); /* before anything is asked; held is up to twice as much */
const struct answer *gather_answer(struct gather *g, const char *key);
const struct probe *gather_probe(struct gather *g, const char *key);

/* Every answer, in the order asked. */
size_t gather_count(struct gather *g);
const struct answer *gather_nth(struct gather *g, size_t i, const struct probe **ret_probe);

/* A file that somebody looked at. */
struct file_evidence {
	char *path;
	const struct answer *answer; /* NULL: not asked */
	const struct answer *link;   /* the LINK answer of the same path, where asked */
};
enum outcome file_outcome(const struct file_evidence *f); /* NOT_COLLECTED when there is no answer */
/* Something stands at the path: a file, readable or not, or a link, dangling or not. */
bool file_is_there(const struct file_evidence *f);
/* A PROBE_SCRIPT looked at it, and it is a program of another kind. */
bool file_is_no_script(const struct file_evidence *f);

#endif
