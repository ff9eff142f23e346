/* SPDX-License-Identifier: MIT */
/* How its last run ended, how often it came back, and how often it may. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/judge_launchd.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

/* ---- what was seen: DR-11, DR-12, PP-10 ---- */

static void systemd_exit(struct report *r)
{
	const struct unit_props *p = need_service(r, true);

	if (!p)
		return;
	_cleanup_free_ char *words = unit_exit_words(p);
	bool bad = p->exec_main_code && (p->exec_main_code != 1 || p->exec_main_status != 0);
	bool up = text_eq(p->active_state, "active");
	/* stopped by the manager's own signal is no accident */
	bool terminated = p->exec_main_code == 2 && (p->exec_main_status == 15 || p->exec_main_status == 2) && text_eq(p->result, "success");
	struct finding *f = bad && !up && !terminated ? report_warn(r, "the last run %s", words) : report_ok(r, "the last run: %s", words);
	finding_cite_answer(f, r->e->service.unit.show);
	if (p->result && strcmp(p->result, "success") != 0)
		finding_detail(f, "result: %s", p->result);
	if (bad && p->exec_main_status == 125)
		finding_detail(f, "125 is Podman's own failure: the container was not started");
	else if (bad && p->exec_main_status == 78)
		finding_detail(f, "78 is the launcher's refusal: the configuration is not right");
}

static void run_exit(struct report *r)
{
	on_darwin(r) ? launchd_exit(r) : systemd_exit(r);
}

#define HOUR (3600ull * 1000000ull)

/* The most starts that any hour of the journal saw. */
static uint64_t starts_in_worst_hour(const struct events *j)
{
	size_t from = 0, most = 0;

	for (size_t i = 0; i < j->n_starts; i++) {
		while (j->start_times[i] - j->start_times[from] > HOUR)
			from++;
		if (i - from + 1 > most)
			most = i - from + 1;
	}
	return most;
}

/* Why the journal tells nothing, where it was asked; NULL: it tells, or the verb asks for the manager's counter only. */
static const char *journal_silent(const struct evidence *e)
{
	const struct events *j = &e->service.events;

	if (!j->answer)
		return NULL;
	/* whose entries are not there for who may not read them */
	bool hidden = e->target.agent->scope == SCOPE_SYSTEM && e->host.journal_denied && !j->entries;
	bool failed = record_answered(&j->answer->rec) && j->answer->rec.status != 0;
	if (hidden || (failed && e->host.journal_denied))
		return "the caller may not read the system's journal: ask as root";
	return failed || !record_answered(&j->answer->rec) ? "the journal was not read" : NULL;
}

static void systemd_counts(struct report *r)
{
	const struct evidence *e = r->e;
	const struct events *j = &e->service.events;
	const struct unit_props *p = need_service(r, true);

	if (!p)
		return;
	const char *silent = journal_silent(e);
	uint64_t worst = starts_in_worst_hour(j), declared = e->target.agent->lifecycle.max_restarts_per_hour;
	bool suspicious = p->n_restarts > 0 || (declared && worst > declared + 1);
	struct finding *f;
	if (suspicious && !p->n_restarts)
		f = report_warn(r, "started up to %llu times in one hour, by hand or by something else than its manager", (unsigned long long)worst);
	else
		f = report_add(r, suspicious ? VERDICT_WARN : silent ? VERDICT_UNKNOWN : VERDICT_OK, "started again %llu times since it was last started by hand",
			(unsigned long long)p->n_restarts);
	finding_cite_answer(finding_cite_answer(f, e->service.unit.show), j->answer);
	if (silent || !j->answer) {
		finding_detail(f, "%s", silent ? silent : "the journal was not read");
	} else {
		finding_detail(f, "journal: %llu starts, at most %llu in one hour, %llu failures", (unsigned long long)j->n_starts, (unsigned long long)worst,
			(unsigned long long)j->failures);
		if (!j->entries && p->exec_main_start_us)
			finding_detail(f, "it does not reach back to its last start");
	}
	if (j->entries >= GATHER_EVENTS || (j->answer && j->answer->rec.outcome == OUTCOME_CUT))
		finding_detail(f, "counted in the last %llu entries about it: there may be more", (unsigned long long)j->entries);
}

static void run_counts(struct report *r)
{
	on_darwin(r) ? launchd_counts(r) : systemd_counts(r);
}

static void systemd_excess(struct report *r)
{
	const struct evidence *e = r->e;
	const struct events *j = &e->service.events;
	const struct unit_props *p = need_service(r, true);
	uint64_t declared = e->target.agent->lifecycle.max_restarts_per_hour, bound = declared ? declared : 3;

	if (!p)
		return;
	const char *silent = journal_silent(e);
	uint64_t worst = starts_in_worst_hour(j);
	/* the counter has no hours: beside a journal it tells a storm only when it is out of all proportion */
	uint64_t counter_bound = j->answer && !silent ? bound * 2 + 100 : bound * 2;
	if (p->n_restarts > counter_bound || worst > bound * 2 + 1) {
		_cleanup_free_ char *seen = worst ? mem_printf(", up to %llu starts in one hour", (unsigned long long)worst) : mem_strdup("");
		struct finding *f = report_fail(r, "it storms: %llu restarts%s; %llu an hour are %s", (unsigned long long)p->n_restarts, seen,
			(unsigned long long)bound, declared ? "declared" : "usual");
		finding_cite_answer(finding_cite_answer(f, e->service.unit.show), j->answer);
		finding_remedy(f, "sourceos-agent quarantine %s", e->target.agent->name);
	} else if (silent) {
		struct finding *f = report_add(r, VERDICT_UNKNOWN, "no more restarts by its manager than are to be expected; %s", silent);
		finding_cite_answer(finding_cite_answer(f, e->service.unit.show), j->answer);
	} else if (!j->answer) {
		/* the counter knows nothing of starts by others: no storm of its own is not yet well */
		finding_cite_answer(report_skip(r, "no more restarts by its manager than are to be expected; starts by others were not asked for"),
			e->service.unit.show);
	} else {
		finding_cite_answer(report_ok(r, "no more starts than are to be expected"), e->service.unit.show);
	}
}

static void run_excess(struct report *r)
{
	on_darwin(r) ? launchd_excess(r) : systemd_excess(r);
}

/* ---- what is allowed: PP-02, PP-11 ---- */

static void run_pp02(struct report *r)
{
	pattern_on_service(r, pattern_02);
}

static void run_pp11(struct report *r)
{
	pattern_on_service(r, pattern_11);
}

const struct check checks_restart[] = {
	{
		.id = "DR-11",
		.title = "last exit",
		.severity = VERDICT_WARN,
		.wants = WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS,
		.run = run_exit,
		.why = "How the last run ended tells apart a crash, a refusal, a stop by hand, and Podman that could not start at all (125).",
		.looks_at = "ExecMainCode, ExecMainStatus and Result of the unit.",
		.fix = "sourceos-agent logs NAME shows what it said before.",
	},
	{
		.id = "DR-12",
		.title = "restarts",
		.severity = VERDICT_WARN,
		.wants = WANT_SERVICE | WANT_EVENTS,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_counts,
		.why = "How often it really came back, whatever its definition promises.",
		.looks_at = "NRestarts of the unit, and the starts in the journal, counted in every hour of it.",
		.fix = "sourceos-agent logs NAME shows why; see PP-10.",
	},
	{
		.id = "PP-10",
		.title = "restart storm",
		.severity = VERDICT_FAIL,
		.wants = WANT_SERVICE | WANT_EVENTS,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS,
		.run = run_excess,
		.why = "A service that is started thousands of times looks like malware, fills logs, and asks registries for credentials each time.",
		.looks_at = "NRestarts and the busiest hour of the journal, against maxRestartsPerHour of the declaration (3 when it says nothing). Of many agents NRestarts alone, which can accuse and not acquit.",
		.fix = "sourceos-agent quarantine NAME stops it and keeps what it did.",
	},
	{
		.id = "PP-02",
		.title = "unbounded restart",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		.wants = WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS | CHECK_SCAN | CHECK_PATTERNS,
		.run = run_pp02,
		.why = "Restart=always or KeepAlive=true without a bound that works turns one lasting fault into thousands of starts.",
		.looks_at = "Restart=, RestartSec= and the start limit as the manager has loaded them; KeepAlive of a plist. Timers that revive it count.",
		.fix = "Restart=on-failure, and in [Unit] StartLimitIntervalSec=1h with StartLimitBurst=3.",
	},
	{
		.id = "PP-11",
		.title = "restart bound that does nothing",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		.wants = WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS | CHECK_SCAN | CHECK_PATTERNS,
		.run = run_pp11,
		.why = "A limit in a section where systemd ignores it, or one that RestartSec= outlasts, looks like a bound and is none.",
		.looks_at = "Where StartLimit…= stands, whether burst × RestartSec fits in the interval, what revives the service, and the starts an hour that follow.",
		.fix = "In [Unit]: StartLimitIntervalSec=1h, StartLimitBurst=3.",
	},
	{ .id = NULL },
};
