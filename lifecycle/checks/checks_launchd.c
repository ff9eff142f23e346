/* SPDX-License-Identifier: MIT */
/* What only macOS has. */
#include "formats/text.h"
#include "lifecycle/checks/judge_launchd.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

static void run_dr13(struct report *r)
{
	const struct launchd_evidence *l = &r->e->launchd;
	const struct macos_enrollment *m = &l->enrollment;

	if (!report_need(r, l->enrollment_answer, "the state of device management"))
		return;
	if (!l->has_enrollment) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "profiles status could not be read"), l->enrollment_answer);
		return;
	}
	if (!m->mdm) {
		finding_cite_answer(report_ok(r, "not managed"), l->enrollment_answer);
		return;
	}
	struct finding *f = report_warn(r, "the Mac is managed%s: a profile may put services there, and put them back",
		m->user_approved ? ", with its user's approval" : "");
	finding_cite_answer(f, l->enrollment_answer);
	if (m->server)
		finding_detail(f, "server %s", m->server);
	finding_hint(f, "before a quarantine, ask whoever manages the Mac whether the service is theirs");
}

static void run_pp01(struct report *r)
{
	struct view v;

	if (!need_launchd(r, true))
		return;
	view_of_evidence(r->e, &v);
	pattern_01(&v, r);
}

const struct check checks_launchd[] = {
	{
		.id = "DR-13",
		.title = "device management",
		.severity = VERDICT_WARN,
		.wants = WANT_SERVICE,
		.platforms = ON_DARWIN,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_dr13,
		.why = "A managed Mac may have its agents put there, and put back, by a profile.",
		.looks_at = "profiles status -type enrollment.",
		.fix = "Ask whoever manages the Mac to remove the profile.",
	},
	{
		.id = "PP-01",
		.title = "agent for every user",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		.wants = WANT_SERVICE,
		.platforms = ON_DARWIN,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS | CHECK_SCAN | CHECK_PATTERNS,
		.run = run_pp01,
		.why = "A file in /Library/LaunchAgents is loaded into the session of every user, who did not ask for it and may not remove it.",
		.looks_at = "Agents in /Library/LaunchAgents that are not Apple's.",
		.fix = "sourceos-agent quarantine LABEL, then install it for its user.",
	},
	{ .id = NULL },
};
