/* SPDX-License-Identifier: MIT */
#include "lifecycle/check.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lifecycle/checks/tables.h"

const struct check *check_nth(size_t i)
{
	for (const struct check *const *t = check_tables; *t; t++)
		for (const struct check *c = *t; c->id; c++)
			if (i-- == 0)
				return c;
	return NULL;
}

const struct check *check_find(const char *id)
{
	const struct check *c;

	for (size_t i = 0; (c = check_nth(i)); i++)
		if (strcasecmp(c->id, id) == 0)
			return c;
	return NULL;
}

char *check_anchor(const struct check *c)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s-", c->id);
	for (const char *p = c->title; *p; p++)
		if (isalnum((unsigned char)*p) || *p == ' ' || *p == '-')
			buf_addc(&b, *p == ' ' ? '-' : *p);
	for (size_t i = 0; i < b.len; i++)
		b.data[i] = (char)tolower((unsigned char)b.data[i]);
	return buf_take(&b);
}

/* Not over many agents that are not installed: each would cost a journal, an inspect, or a walk through all definitions. */
#define NOT_LOCAL (WANT_EVENTS | WANT_LOGS | WANT_PERSISTENCE | WANT_INFO)

bool check_asked(const struct check *c, unsigned verbs)
{
	if (c->verbs & verbs)
		return true;
	return (verbs & CHECK_LOCAL) && (c->verbs & CHECK_DOCTOR) && (!(c->wants & NOT_LOCAL) || (c->verbs & CHECK_STATUS));
}

unsigned checks_wants(unsigned verbs)
{
	const struct check *c;
	unsigned want = 0;

	for (size_t i = 0; (c = check_nth(i)); i++)
		if (check_asked(c, verbs))
			want |= c->wants;
	return want;
}

/* ---- reporting ---- */

struct finding *report_add(struct report *r, enum verdict v, const char *fmt, ...)
{
	struct finding *f = findings_add(r->out, r->check->id, v);
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort(); /* out of memory */
	va_end(ap);
	finding_say(f, "%s", text);
	free(text);
	f->title = mem_strdup(r->check->title);
	f->subject = mem_strdup(r->e ? r->e->target.agent->name : NULL);
	r->verdict = verdict_worse(v, r->verdict);
	return f;
}

struct finding *finding_cite_answer(struct finding *f, const struct answer *a)
{
	return a ? finding_cite(f, a->rec.key) : f;
}

bool report_need(struct report *r, const struct answer *a, const char *what)
{
	if (!a || a->rec.outcome == OUTCOME_NOT_COLLECTED) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "%s was not collected", what), a);
		return false;
	}
	switch (a->rec.outcome) {
	case OUTCOME_OK:
	case OUTCOME_CUT:
	case OUTCOME_ABSENT:
		return true;
	default:
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "%s could not be read: %s", what,
					    a->rec.reason ? a->rec.reason : outcome_name(a->rec.outcome)), a);
		return false;
	}
}

/* ---- the engine ---- */

struct state {
	const struct check *check;
	bool done, running;
	enum verdict verdict;
	const char *root; /* id of the check that failed first, of a failed or blocked one */
};

struct checking {
	const struct evidence *e;
	unsigned verbs;
	struct findings *out;
	struct state *v;
	size_t n;
};

static unsigned platform_bit(enum platform p)
{
	return p == PLATFORM_LINUX ? ON_LINUX : p == PLATFORM_DARWIN ? ON_DARWIN : 0;
}

static struct state *state_of(struct checking *g, const char *id)
{
	for (size_t i = 0; i < g->n; i++)
		if (strcmp(g->v[i].check->id, id) == 0)
			return &g->v[i];
	return NULL;
}

static void judge(struct checking *g, struct state *s);

/* The prerequisite that failed, NULL when none did. */
static const char *blocker(struct checking *g, const struct check *c)
{
	for (size_t i = 0; i < CHECK_REQUIRES_MAX && c->requires[i]; i++) {
		struct state *p = state_of(g, c->requires[i]);
		if (!p)
			continue;
		judge(g, p);
		if (p->root)
			return p->root;
	}
	return NULL;
}

static void judge(struct checking *g, struct state *s)
{
	const struct check *c = s->check;
	struct report r = { .e = g->e, .check = c, .verbs = g->verbs, .out = g->out, .verdict = VERDICT_NOT_APPLICABLE };

	if (s->done || s->running)
		return;
	s->running = true;
	unsigned bit = platform_bit(g->e->host.platform);
	/* without a platform everything is asked: the checks say unknown themselves */
	if (bit && !(c->platforms & bit)) {
		report_skip(&r, "not on %s", platform_name(g->e->host.platform));
	} else if (!(c->runtimes & RUNS(g->e->target.agent->runtime))) {
		report_skip(&r, "not for runtime %s", agent_runtime_name(g->e->target.agent->runtime));
	} else {
		const char *root = blocker(g, c);
		if (root) {
			report_add(&r, VERDICT_BLOCKED, "not judged while %s fails", root)->blocked_by = mem_strdup(root);
			s->root = root;
		} else {
			c->run(&r);
			s->root = r.verdict == VERDICT_FAIL ? c->id : NULL;
		}
	}
	s->verdict = r.verdict;
	s->done = true;
}

static int table_rank(const char *id)
{
	const struct check *c;

	for (size_t i = 0; (c = check_nth(i)); i++)
		if (strcmp(c->id, id) == 0)
			return (int)i;
	return -1;
}

static int by_table(const void *a, const void *b)
{
	const struct finding *const *x = a, *const *y = b;

	return table_rank((*x)->check) - table_rank((*y)->check);
}

void checks_run(const struct evidence *e, unsigned verbs, struct findings *ret)
{
	struct findings out = { 0 };
	struct checking g = { .e = e, .verbs = verbs, .out = &out };
	const struct check *c;

	for (size_t i = 0; (c = check_nth(i)); i++)
		if (check_asked(c, verbs)) {
			g.v = mem_array(g.v, g.n + 1, sizeof(*g.v));
			g.v[g.n++] = (struct state){ .check = c };
		}
	for (size_t i = 0; i < g.n; i++)
		judge(&g, &g.v[i]);
	free(g.v);
	/* prerequisites ran out of turn; within a check the order stays */
	for (size_t i = 1; i < out.n; i++)
		for (size_t k = i; k > 0 && by_table(&out.v[k - 1], &out.v[k]) > 0; k--) {
			struct finding *f = out.v[k];
			out.v[k] = out.v[k - 1];
			out.v[k - 1] = f;
		}
	for (size_t i = 0; i < out.n; i++) {
		ret->v = mem_array(ret->v, ret->n + 1, sizeof(struct finding *));
		ret->v[ret->n++] = out.v[i];
	}
	free(out.v);
}
