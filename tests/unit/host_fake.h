/* SPDX-License-Identifier: MIT */
/* A host for tests of what changes hosts: LINK and FILE probes are answered by the real file system,
 * commands by a table of answers that a test may change while it runs. */
#ifndef TESTS_HOST_FAKE_H
#define TESTS_HOST_FAKE_H

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/source.h"
#include "formats/text.h"

struct fake_command {
	const char *words; /* the command line, joined by blanks */
	int status;
	const char *out, *err; /* NULL: nothing */
	unsigned ran;
};
struct fake_host {
	struct source source;
	struct fake_command *commands; /* ends with words == NULL */
	struct {
		struct probe *probe;
		struct sink *sink;
	} asked[256];
	size_t n_asked;
	void (*on_run)(struct fake_host *h, const char *words);
	enum outcome http; /* of all that goes over sockets; 0: refused */
};

static void fake_answer_path(const struct probe *p, struct record *r)
{
	char target[1024];
	struct stat st;

	if (!p->path) { /* a fact: nobody knows */
		r->outcome = OUTCOME_ABSENT;
		return;
	}
	if (lstat(p->path, &st)) {
		r->outcome = errno == ENOENT || errno == ENOTDIR ? OUTCOME_ABSENT : OUTCOME_FAILED;
		return;
	}
	r->stat.known = true;
	r->stat.mode = st.st_mode;
	r->stat.uid = st.st_uid;
	ssize_t n = S_ISLNK(st.st_mode) ? readlink(p->path, target, sizeof(target) - 1) : -1;
	if (n >= 0) {
		target[n] = '\0';
		r->stat.link = mem_strdup(target);
	}
}

static void fake_answer_bytes(const struct probe *p, struct sink *sink)
{
	char chunk[4096];
	FILE *f = fopen(p->path, "rb");
	size_t n;

	while (f && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		sink->chunk(sink, STREAM_OUT, chunk, n);
	if (f)
		fclose(f);
}

static void fake_answer(struct fake_host *h, const struct probe *p, struct sink *sink)
{
	struct record r = { .key = mem_strdup(p->key), .outcome = OUTCOME_OK };

	if (p->kind == PROBE_CMD) {
		_cleanup_free_ char *words = probe_command(p);
		struct fake_command *c = h->commands;
		while (c && c->words && strcmp(c->words, words) != 0)
			c++;
		if (c && c->words) {
			c->ran++;
			r.status = c->status;
			if (c->out)
				sink->chunk(sink, STREAM_OUT, c->out, strlen(c->out));
			if (c->err)
				sink->chunk(sink, STREAM_ERR, c->err, strlen(c->err));
		} else {
			r.outcome = OUTCOME_ABSENT;
		}
		if (h->on_run)
			h->on_run(h, words);
	} else if (p->kind == PROBE_HTTP) {
		r.outcome = h->http ? h->http : OUTCOME_REFUSED;
	} else {
		fake_answer_path(p, &r);
		if (p->kind == PROBE_FILE && r.outcome == OUTCOME_OK)
			fake_answer_bytes(p, sink);
	}
	sink->end(sink, p, &r);
	record_free(&r);
}

static void fake_ask(struct source *s, const struct probe *p, struct sink *sink)
{
	struct fake_host *h = (struct fake_host *)(void *)s;

	h->asked[h->n_asked].probe = probe_copy(p);
	h->asked[h->n_asked++].sink = sink;
}

static int fake_run(struct source *s, struct err *err)
{
	struct fake_host *h = (struct fake_host *)(void *)s;

	/* last asked, first answered: nothing may depend on the order */
	while (h->n_asked) {
		struct probe *p = h->asked[--h->n_asked].probe;
		fake_answer(h, p, h->asked[h->n_asked].sink);
		probe_free(p);
	}
	return 0;
}

static uint64_t fake_now(struct source *s)
{
	return 1795476250000000u;
}

static void fake_close(struct source *s)
{
}

static const struct source_ops fake_ops = { fake_ask, fake_run, fake_now, fake_close };

#endif
