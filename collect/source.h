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
 *   host        {"platform":"linux|darwin","kernel":"Linux 6.1.0","release":"6.1.0","machine":"x86_64",
 *                "osRelease":"Debian GNU/Linux 12 (bookworm)","os":{"id","version","name","build"},"hostname",
 *                "machineTag","bootId","bootedAt","now","uid","euid","pid1","journalDenied":bool,
 *                "environment":{only the names in env.h}}
 *   user/NAME   {"name","uid","gid","home","shell","runtimeDir","linger":bool,"manager":bool,"bus":bool,"podmanPause":bool}; NAME may be a uid
 *   caller      the same and "sudo":bool: who invoked us; under sudo the user behind it
 * Below a root: host has what files tell (the image's kernel does not run), user/NAME is read from its
 * etc/passwd or directory service, caller is NOT_COLLECTED.
 *
 * HTTP: STREAM_ERR is the head of the response (status line and headers). PROBE_TAIL is for FILE only.
 *
 * A sink's end() may also call source_run or source_get: that waits for everything asked. Closing
 * kills what still runs and drops what was asked, without telling the sinks.
 * NULL when root cannot be opened. See live.h for how a signal stops it.
 */
struct source *source_live(const char *root, struct err *err);

/* Passes everything through and shows each probe's answer to `tap` as well: how a capture records.
 * tap->begin gives the sink that gets a copy of that probe's answer (NULL: not this one). inner
 * stays the caller's. */
struct tap {
	struct sink *(*begin)(struct tap *t, const struct probe *p);
};
struct source *source_tee(struct source *inner, struct tap *tap);

/* Asks one probe and waits. The payload is held (up to the probe's max_bytes). For simple callers. ret is
 * untouched on failure, which is only that of the source itself: outcomes are in ret->rec. */
struct answer {
	struct record rec;
	struct buf out;
	struct buf err;
	uint64_t dropped; /* bytes of out's beginning that a gathering did not keep */
};
int source_get(struct source *s, const struct probe *p, struct answer *ret, struct err *err);
bool source_has(struct source *s, const char *path); /* whether something is there, be it a link to nowhere; false: not, or not known */
void answer_free(struct answer *a);
#define _cleanup_answer_ CLEANUP(answer_free)

#endif
