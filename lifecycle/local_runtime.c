/* SPDX-License-Identifier: MIT */
#include "lifecycle/local_runtime.h"

#include <string.h>

#include "collect/cache.h"
#include "formats/text.h"
#include "lifecycle/check.h"
#include "lifecycle/exam.h"
#include "lifecycle/undeclared.h"

/* What many agents share is asked once; what each needs of its own is little. */
#define WANT_MANY (WANT_SERVICE | WANT_LISTS | WANT_PODMAN | WANT_AUTH | WANT_PATHS | WANT_NIX)

/* ---- one systemctl for the units of one manager ---- */

struct batch {
	const char *owner_key;
	const struct identity *as; /* NULL: the system's manager */
	char **units;
};

static char **show_argv(const struct batch *b)
{
	_cleanup_free_ char *names = sdshow_property_arg();
	char **v = strv_add(NULL, "systemctl");

	if (b->as)
		v = strv_add(v, "--user");
	v = strv_add(v, "--no-pager");
	v = strv_add(v, "--timestamp=us+utc");
	v = strv_take(v, mem_printf("--property=%s", names));
	v = strv_add(v, "show");
	for (char **u = b->units; *u; u++)
		v = strv_add(v, *u);
	return v;
}

/* Blocks come in the order of the arguments, a blank line between. */
static void put_blocks(struct source *cache, const struct batch *b, const struct answer *a)
{
	const char *p = buf_str(&a->out), *end = p + a->out.len;

	for (char **u = b->units; *u && p < end; u++) {
		const char *next = memmem(p, (size_t)(end - p), "\n\n", 2);
		size_t n = next ? (size_t)(next - p) + 1 : (size_t)(end - p);
		_cleanup_free_ char *key = mem_printf("systemd/%s/show/%s", b->owner_key, *u);
		source_cache_put(cache, key, &a->rec, p, n);
		p = next ? next + 2 : end;
	}
}

static int ask_batch(struct source *cache, const struct batch *b, struct err *err)
{
	_cleanup_strv_ char **argv = show_argv(b);
	_cleanup_probe_ struct probe *p = probe_cmd("systemd/batch", argv, b->as, PAYLOAD_SHOW);
	_cleanup_answer_ struct answer a = { 0 };
	int r = source_get(cache, p, &a, err);

	if (r == 0 && a.rec.outcome == OUTCOME_OK && a.rec.status == 0)
		put_blocks(cache, b, &a);
	return r;
}

#define BATCH 100 /* units a command: its line stays short, and one slow unit delays few */

/* Of one manager's units, BATCH at a time. A manager that does not answer is asked again for each unit, and then says why. */
static int prefetch(struct source *cache, const struct target *t, size_t n, const char *owner_key, struct err *err)
{
	struct batch b = { .owner_key = owner_key };
	int r = 0;

	for (size_t i = 0; r == 0 && i <= n; i++) {
		bool ours = i < n && text_eq(t[i].owner_key, owner_key);
		if (ours) {
			b.units = strv_add(b.units, t[i].unit);
			b.as = t[i].agent->scope == SCOPE_USER ? &t[i].owner.id : NULL;
		}
		if (b.units && (i == n || strv_len(b.units) == BATCH)) {
			r = ask_batch(cache, &b, err);
			strv_free(b.units);
			b.units = NULL;
		}
	}
	strv_free(b.units);
	return r;
}

static int prefetch_all(struct source *cache, const struct target *t, size_t n, struct err *err)
{
	_cleanup_strv_ char **owners = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (strv_has(owners, t[i].owner_key))
			continue;
		owners = strv_add(owners, t[i].owner_key);
		r = prefetch(cache, t, n, t[i].owner_key, err);
	}
	return r;
}

/* ---- one cause, one failure: what several agents suffer from is told once ---- */

static bool same_finding(const struct finding *a, const struct finding *b)
{
	return a->verdict == b->verdict && text_eq(a->check, b->check) && text_eq(a->message, b->message) && text_eq(a->file, b->file) &&
	       a->line == b->line;
}

static bool worth_merging(const struct finding *f)
{
	return f->verdict == VERDICT_FAIL || f->verdict == VERDICT_WARN || f->verdict == VERDICT_UNKNOWN;
}

static void merge(struct findings *all, struct findings *more)
{
	size_t before = all->n;

	for (size_t i = 0; i < more->n; i++) {
		struct finding *f = more->v[i], *known = NULL;
		for (size_t k = 0; k < before && worth_merging(f) && !known; k++)
			known = same_finding(all->v[k], f) ? all->v[k] : NULL;
		if (!known) {
			all->v = mem_array(all->v, all->n + 1, sizeof(struct finding *));
			all->v[all->n++] = f;
			more->v[i] = NULL;
			continue;
		}
		char *both = mem_printf("%s, %s", known->subject, f->subject);
		free(known->subject);
		known->subject = both;
	}
	size_t kept = 0;
	for (size_t i = 0; i < more->n; i++)
		if (more->v[i])
			more->v[kept++] = more->v[i];
	more->n = kept;
	findings_free(more);
}

/* ---- the whole ---- */

struct targets {
	struct target *v;
	size_t n;
};

static int find_targets(const struct exam *x, struct targets *t, struct err *err)
{
	int r = 0;

	for (struct agent **a = x->session.agents.list; a && *a && r == 0; a++) {
		t->v = mem_array(t->v, t->n + 1, sizeof(*t->v));
		t->v[t->n] = (struct target){ 0 };
		r = exam_target(x, (*a)->name, &t->v[t->n], err);
		t->n += r == 0;
	}
	return r;
}

static int examine_all(struct exam *x, struct targets *t, char ***ret_known, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < t->n; i++) {
		_cleanup_evidence_ struct evidence *e = NULL;
		struct findings l = { 0 };
		r = exam_gather(x, &t->v[i], WANT_MANY, &e, err);
		if (r)
			break;
		checks_run(e, CHECK_LOCAL, &l);
		merge(&x->findings, &l);
		*ret_known = strv_add(*ret_known, e->target.unit);
		for (size_t k = 0; k < e->service.n_triggers; k++)
			*ret_known = strv_add(*ret_known, e->service.triggers[k].name);
	}
	return r;
}

static int examine_host(struct exam *x, size_t *ret_agents, size_t *ret_undeclared, struct err *err)
{
	struct source *inner = x->session.source;
	struct source *cache = source_cache(inner);
	struct targets t = { 0 };
	_cleanup_strv_ char **known = NULL;

	x->session.source = cache;
	int r = find_targets(x, &t, err);
	if (r == 0 && x->session.host.platform == PLATFORM_LINUX)
		r = prefetch_all(cache, t.v, t.n, err);
	*ret_agents = t.n;
	if (r == 0)
		r = examine_all(x, &t, &known, err);
	if (r == 0)
		r = undeclared_find(x, known, ret_undeclared, err);
	for (size_t i = 0; i < t.n; i++)
		target_free(&t.v[i]);
	free(t.v);
	x->session.source = inner;
	source_close(cache);
	return r;
}

int local_runtime(struct cli *cli, struct err *err)
{
	_cleanup_exam_ struct exam x = { 0 };
	size_t agents = 0, undeclared = 0;
	int r = exam_open(cli, &x, err);

	if (r)
		return r;
	session_warn(&x.session, cli);
	x.many = true;
	r = examine_host(&x, &agents, &undeclared, err);
	if (r)
		return r;
	_cleanup_free_ char *what = mem_printf("%zu declared agent%s, %zu undeclared", agents, agents == 1 ? "" : "s", undeclared);
	return exam_print(&x, what);
}
