/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_SOURCE_H
#define COLLECT_SOURCE_H

#include "formats/record.h"

/*
 * A source answers probes: a live host, a bundle, a recorded host in a test. Gatherers and checks
 * see nothing else of the world, so what runs on one runs on all.
 *
 * Asking is asynchronous: source_ask queues, source_run answers until nothing is left. A sink's
 * end() may ask more, which joins what is under way; that is how gatherers that depend on an answer
 * go on while slower probes of others still run.
 */
struct source;

struct sink {
	/* A piece of the payload, in order within its stream. p is valid during the call. */
	void (*chunk)(struct sink *s, enum stream stream, const void *p, size_t n);
	/* The end: exactly once per probe asked. r is valid during the call; probe is the asked one. */
	void (*end)(struct sink *s, const struct probe *probe, const struct record *r);
};

struct source_ops {
	void (*ask)(struct source *s, const struct probe *probe, struct sink *sink); /* probe is copied */
	int (*run)(struct source *s, struct err *err); /* 0, or a negative code when the source itself broke */
	uint64_t (*now_us)(struct source *s);	       /* the host's wall clock: a bundle's is that of its making */
	void (*close)(struct source *s);
};
struct source {
	const struct source_ops *ops;
};

static inline void source_ask(struct source *s, const struct probe *p, struct sink *k)
{
	s->ops->ask(s, p, k);
}
static inline int source_run(struct source *s, struct err *err)
{
	return s->ops->run(s, err);
}
static inline uint64_t source_now_us(struct source *s)
{
	return s->ops->now_us(s);
}
static inline void source_close(struct source *s)
{
	if (s)
		s->ops->close(s);
}
static inline void source_closep(struct source **s)
{
	source_close(*s);
	*s = NULL;
}
#define _cleanup_source_ CLEANUP(source_closep)

/*
 * The host we run on. `root` (NULL for "/") is put before every FILE, DIR and LINK path: a mounted
 * disk image; with a root, CMD, HTTP and FACT answer NOT_COLLECTED but for what files tell.
 *
 * FACTs, each one JSON object:
 *   host        {"platform":"linux|darwin","kernel","release","osRelease","hostname","machineTag","bootId",
 *                "bootedAt","now","uid","euid","pid1","environment":{only the names in env.h}}
 *   caller      {"name","uid","gid","home","sudo":bool}: who invoked us; under sudo the user behind it
 *   user/NAME   {"name","uid","gid","home","shell","runtimeDir","linger":bool,"manager":bool}
 */
struct source *source_live(const char *root);

/* Passes everything through and shows each probe's answer to `tap` as well: how a capture records.
 * tap->begin gives the sink that gets a copy of that probe's answer (NULL: not this one). inner
 * stays the caller's. */
struct tap {
	struct sink *(*begin)(struct tap *t, const struct probe *p);
};
struct source *source_tee(struct source *inner, struct tap *tap);

/* Asks one probe and waits. The payload is held (up to the probe's max_bytes). For simple callers. */
struct answer {
	struct record rec;
	struct buf out;
	struct buf err;
};
int source_get(struct source *s, const struct probe *p, struct answer *ret, struct err *err);
void answer_free(struct answer *a);
#define _cleanup_answer_ CLEANUP(answer_free)

#endif
