/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_CHECK_H
#define LIFECYCLE_CHECK_H

#include "collect/evidence.h"
#include "formats/finding.h"

/*
 * Checks are rows. Each judges evidence and nothing else, so it says the same of a host and of the
 * host's bundle. The engine runs them after their prerequisites; when one of those fails, a check is
 * `blocked` and names it: one cause, one failure.
 */
enum check_verb {
	CHECK_PREFLIGHT = 1 << 0,
	CHECK_DOCTOR = 1 << 1,
	CHECK_STATUS = 1 << 2, /* cheap ones, whose needs status gathers */
	CHECK_LOCAL = 1 << 4,  /* doctor's, of an agent among many that is not installed: those that need little of its own */
	CHECK_SCAN = 1 << 3,   /* also judges a bare file: see checks/pattern.h */
	CHECK_PATTERNS = 1 << 6, /* beside PREFLIGHT: what a person is told of the definition that is there already. Not what gates a
				  * change, which may be what mends it */
	CHECK_INSTALL = 1 << 5, /* beside PREFLIGHT: install asks, which makes what is only missing in the owner's home */
};
enum check_platform { ON_LINUX = 1 << 0, ON_DARWIN = 1 << 1, ON_ANY = ON_LINUX | ON_DARWIN };
#define RUNS(runtime) (1u << (runtime)) /* of enum agent_runtime */
#define RUNS_ANY (RUNS(RUNTIME_PODMAN) | RUNS(RUNTIME_NATIVE) | RUNS(RUNTIME_NIX_APP) | RUNS(RUNTIME_SYSTEMD))
#define RUNS_PODMAN RUNS(RUNTIME_PODMAN)

/* What a check writes with. */
struct report {
	const struct evidence *e;
	const struct check *check;
	unsigned verbs; /* which question is asked: enum check_verb */
	struct findings *out;
	enum verdict verdict; /* the worst so far of this check */
};

#define CHECK_REQUIRES_MAX 6
struct check {
	const char *id;
	const char *title;
	enum verdict severity; /* the worst that it says of what it could judge: FAIL or WARN */
	const char *requires[CHECK_REQUIRES_MAX]; /* ids; those that are not part of the same question do not count */
	unsigned wants;				  /* enum gather_want */
	unsigned platforms, runtimes, verbs;
	void (*run)(struct report *r); /* reports at least once */
	const char *why;	       /* why it matters */
	const char *looks_at;	       /* what it reads */
	const char *fix;	       /* what to do, with commands */
};

/* Every row: table after table. NULL past the last. */
const struct check *check_nth(size_t i);
const struct check *check_find(const char *id); /* letter case does not matter; NULL */
char *check_anchor(const struct check *c);	/* of its section in docs/checks.md, as GitHub makes it of the heading; caller frees */

/* What to gather for a question. */
unsigned checks_wants(unsigned verbs);

/* Appends the findings of every check of the question, in the order of the tables. */
bool check_asked(const struct check *c, unsigned verbs);
void checks_run(const struct evidence *e, unsigned verbs, struct findings *ret);

/* One finding. The text may be filled further through formats/finding.h. */
struct finding *report_add(struct report *r, enum verdict v, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
#define report_ok(r, ...) report_add(r, VERDICT_OK, __VA_ARGS__)
#define report_warn(r, ...) report_add(r, VERDICT_WARN, __VA_ARGS__)
#define report_fail(r, ...) report_add(r, VERDICT_FAIL, __VA_ARGS__)
#define report_skip(r, ...) report_add(r, VERDICT_NOT_APPLICABLE, __VA_ARGS__)

/* True when the answer can be judged: there is one, be it that the thing is absent. False after
 * reporting `unknown`, which says why. `what` names it for people: "the service's state". */
bool report_need(struct report *r, const struct answer *a, const char *what);
struct finding *finding_cite_answer(struct finding *f, const struct answer *a); /* NULL is left out */

#endif
