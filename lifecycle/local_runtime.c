/* SPDX-License-Identifier: MIT */
#include "lifecycle/local_runtime.h"

#include <string.h>

#include "formats/text.h"
#include "lifecycle/check.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/exam_many.h"
#include "lifecycle/undeclared.h"

/* What many agents share is asked once; what each needs of its own is little, while it is not installed. */
#define WANT_MANY (WANT_SERVICE | WANT_LISTS | WANT_PODMAN | WANT_AUTH | WANT_PATHS | WANT_NIX)

/* Of one that is, all that doctor asks, but the lists in place of its container and image. A bundle holds those, and not the lists. */
static unsigned wants_of_installed(const struct exam *x)
{
	unsigned want = checks_wants(CHECK_DOCTOR);

	return x->from ? want : (want & ~(WANT_CONTAINER | WANT_IMAGE)) | WANT_LISTS;
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

static int examine_one(const struct exam *x, struct target *t, struct evidence **ret, struct findings *findings, struct err *err)
{
	_cleanup_evidence_ struct evidence *e = NULL;
	unsigned question = x->from ? CHECK_DOCTOR : CHECK_LOCAL;
	int r = exam_gather(x, t, x->from ? wants_of_installed(x) : WANT_MANY, &e, err);

	if (r == 0 && question == CHECK_LOCAL && !known_not_installed(e)) {
		/* what was asked already is not asked again: see exam_many.h */
		struct target again = e->target;
		e->target = (struct target){ 0 };
		evidence_free(TAKE_PTR(e));
		question = CHECK_DOCTOR;
		r = exam_gather(x, &again, wants_of_installed(x), &e, err);
	}
	if (r)
		return r;
	checks_run(e, question, findings);
	*ret = TAKE_PTR(e);
	return 0;
}

static int examine_all(struct exam *x, struct exam_many *t, struct known_units *ret_known, struct err *err)
{
	for (size_t i = 0; i < t->n; i++) {
		_cleanup_evidence_ struct evidence *e = NULL;
		struct findings l = { 0 };
		int r = examine_one(x, &t->v[i], &e, &l, err);
		if (r)
			return r;
		merge(&x->findings, &l);
		known_units_add(ret_known, e);
	}
	return 0;
}

int local_runtime(struct cli *cli, struct err *err)
{
	_cleanup_exam_ struct exam x = { 0 };
	struct exam_many many = { 0 };
	_cleanup_known_units_ struct known_units known = { 0 };
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
		r = undeclared_find(&x, &known, &undeclared, err);
	size_t n = many.n;
	exam_many_end(&x, &many);
	if (r)
		return r;
	_cleanup_free_ char *what = mem_printf("%zu declared agent%s, %zu undeclared", n, n == 1 ? "" : "s", undeclared);
	return exam_print(&x, what);
}
