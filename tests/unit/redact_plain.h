/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_REDACT_PLAIN_H
#define TESTS_UNIT_REDACT_PLAIN_H

/* The redactor's interface with no redactor behind it: bytes pass as they are, an auth payload that
 * does not begin with '{' is withheld, and the gate stops at "hunter2". */
#include <stdlib.h>
#include <string.h>

#include "redact/redact.h"

struct redactor {
	struct redact_count count;
};
struct clean_record {
	struct probe *probe;
	struct record rec;
	struct redact_count count;
	bool withheld;
};
struct redact_job {
	struct probe *probe;
	struct spool *spool;
	void *handle[STREAMS];
	struct buf held;
	bool failed;
};
struct redact_gate {
	struct buf seen;
};

struct redactor *redactor_new(const uint8_t key[REDACT_KEY_BYTES], struct err *err)
{
	struct redactor *r = mem_alloc(sizeof(*r));

	r->count.class = "keyedSecret";
	return r;
}
void redactor_free(struct redactor *r)
{
	free(r);
}
struct redact_job *redact_begin(struct redactor *r, const struct probe *p, struct spool *spool)
{
	struct redact_job *j = mem_alloc(sizeof(*j));

	j->probe = probe_copy(p);
	j->spool = spool;
	return j;
}
static void pass(struct redact_job *j, enum stream s, const void *p, size_t n)
{
	if (!j->handle[s])
		j->handle[s] = j->spool->open(j->spool, j->probe, s);
	if (!j->handle[s] || j->spool->write(j->spool, j->handle[s], p, n))
		j->failed = true;
}
void redact_chunk(struct redact_job *j, enum stream s, const void *p, size_t n)
{
	if (j->probe->payload == PAYLOAD_AUTH && s == STREAM_OUT)
		buf_add(&j->held, p, n);
	else
		pass(j, s, p, n);
}
struct clean_record *redact_end(struct redact_job *j, const struct record *rec)
{
	struct clean_record *c = mem_alloc(sizeof(*c));

	record_copy(&c->rec, rec);
	c->count = (struct redact_count){ "keyedSecret", 1 };
	if (j->held.len && j->held.data[0] == '{')
		pass(j, STREAM_OUT, j->held.data, j->held.len);
	else
		c->withheld = j->held.len > 0;
	for (int s = 0; s < STREAMS; s++)
		if (j->handle[s] && j->spool->close(j->spool, j->handle[s], NULL))
			j->failed = true;
	c->probe = j->probe;
	buf_free(&j->held);
	free(j);
	return c;
}
const struct probe *clean_probe(const struct clean_record *c)
{
	return c->probe;
}
const struct record *clean_rec(const struct clean_record *c)
{
	return &c->rec;
}
const struct redact_count *clean_counts(const struct clean_record *c, size_t *n)
{
	*n = 1;
	return &c->count;
}
bool clean_withheld(const struct clean_record *c)
{
	return c->withheld;
}
void clean_record_free(struct clean_record *c)
{
	probe_free(c->probe);
	record_free(&c->rec);
	free(c);
}
void redact_bytes(struct redactor *r, enum payload_class class, const void *p, size_t n, struct buf *out)
{
	buf_add(out, p, n);
	r->count.count++;
}
const struct redact_count *redactor_totals(const struct redactor *r, size_t *n)
{
	*n = 1;
	return &r->count;
}
struct redact_gate *redact_gate_new(struct redactor *r)
{
	return mem_alloc(sizeof(struct redact_gate));
}
int redact_gate_feed(struct redact_gate *g, const void *p, size_t n, const char **ret_class, uint64_t *ret_offset)
{
	buf_add(&g->seen, p, n);
	const char *hit = memmem(g->seen.data, g->seen.len, "hunter2", 7);
	if (hit) {
		*ret_class = "keyedSecret";
		*ret_offset = (uint64_t)(hit - g->seen.data);
	}
	return hit != NULL;
}
void redact_gate_reset(struct redact_gate *g)
{
	buf_clear(&g->seen);
}
void redact_gate_free(struct redact_gate *g)
{
	buf_free(&g->seen);
	free(g);
}

#endif
