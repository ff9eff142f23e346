/* SPDX-License-Identifier: MIT */
/* PP-02 and PP-11 on the loaded service. */
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

static void on_service(struct report *r, pattern_fn *pattern)
{
	struct view v;

	if (!need_installed(r))
		return;
	view_of_evidence(r->e, &v);
	pattern(&v, r);
}

static void run_pp02(struct report *r)
{
	on_service(r, pattern_02);
}

static void run_pp11(struct report *r)
{
	on_service(r, pattern_11);
}

const struct check checks_restart[] = {
	{
		.id = "PP-02",
		.title = "unbounded restart",
		.wants = WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS | CHECK_SCAN,
		.run = run_pp02,
		.why = "Restart=always or KeepAlive=true without a bound that works turns one lasting fault into thousands of starts.",
		.looks_at = "Restart=, RestartSec= and the start limit as the manager has loaded them; KeepAlive of a plist. Timers that revive it count.",
		.fix = "Restart=on-failure, and in [Unit] StartLimitIntervalSec=1h with StartLimitBurst=3.",
	},
	{
		.id = "PP-11",
		.title = "restart bound that does nothing",
		.wants = WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS | CHECK_SCAN,
		.run = run_pp11,
		.why = "A limit in a section where systemd ignores it, or one that RestartSec= outlasts, looks like a bound and is none.",
		.looks_at = "Where StartLimit…= stands, whether burst × RestartSec fits in the interval, what revives the service, and the starts an hour that follow.",
		.fix = "In [Unit]: StartLimitIntervalSec=1h, StartLimitBurst=3.",
	},
	{ .id = NULL },
};
