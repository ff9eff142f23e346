/* SPDX-License-Identifier: MIT */
#include "collect/source.h"

struct answer_sink {
	struct sink base;
	struct answer answer;
	bool ended;
};

static void answer_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	struct answer *a = &((struct answer_sink *)s)->answer;

	buf_add(stream == STREAM_OUT ? &a->out : &a->err, p, n);
}

static void answer_end(struct sink *s, const struct probe *probe, const struct record *r)
{
	struct answer_sink *a = (struct answer_sink *)s;

	record_copy(&a->answer.rec, r);
	a->ended = true;
}

void answer_free(struct answer *a)
{
	record_free(&a->rec);
	buf_free(&a->out);
	buf_free(&a->err);
}

int source_get(struct source *s, const struct probe *p, struct answer *ret, struct err *err)
{
	struct answer_sink a = { .base = { answer_chunk, answer_end } };

	source_ask(s, p, &a.base);
	int e = source_run(s, err);
	if (!e && !a.ended)
		e = err_set(err, ERR_IO, "%s: the source gave no answer", p->key);
	if (e) {
		answer_free(&a.answer);
		return e;
	}
	*ret = a.answer;
	return 0;
}

bool source_has(struct source *s, const char *path)
{
	_cleanup_probe_ struct probe *p = probe_link(path);
	_cleanup_answer_ struct answer a = { 0 };

	return source_get(s, p, &a, NULL) == 0 && record_answered(&a.rec);
}
