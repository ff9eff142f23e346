/* SPDX-License-Identifier: MIT */
#include "lifecycle/local_runtime.h"

#include <string.h>

#include "formats/text.h"
#include "lifecycle/check.h"
#include "lifecycle/exam_many.h"
#include "lifecycle/undeclared.h"

/* What many agents share is asked once; what each needs of its own is little. */
#define WANT_MANY (WANT_SERVICE | WANT_LISTS | WANT_PODMAN | WANT_AUTH | WANT_PATHS | WANT_NIX)

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

static int examine_all(struct exam *x, struct exam_many *t, char ***ret_known, struct err *err)
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
		for (size_t k = 0; k < e->launchd.n_definitions; k++)
			*ret_known = strv_add(*ret_known, e->launchd.definitions[k].file.path);
		for (size_t k = 0; k < e->service.n_triggers; k++)
			*ret_known = strv_add(*ret_known, e->service.triggers[k].name);
	}
	return r;
}

int local_runtime(struct cli *cli, struct err *err)
{
	_cleanup_exam_ struct exam x = { 0 };
	struct exam_many many = { 0 };
	_cleanup_strv_ char **known = NULL;
	size_t undeclared = 0;
	int r = exam_open(cli, &x, err);

	if (r)
		return r;
	session_warn(&x.session, cli);
	x.many = true;
	r = exam_many_begin(&x, &many, err);
	if (r == 0)
		r = examine_all(&x, &many, &known, err);
	if (r == 0)
		r = undeclared_find(&x, known, &undeclared, err);
	size_t n = many.n;
	exam_many_end(&x, &many);
	if (r)
		return r;
	_cleanup_free_ char *what = mem_printf("%zu declared agent%s, %zu undeclared", n, n == 1 ? "" : "s", undeclared);
	return exam_print(&x, what);
}
