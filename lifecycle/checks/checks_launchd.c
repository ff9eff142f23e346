/* SPDX-License-Identifier: MIT */
/* What only macOS has. */
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/tables.h"

static void run_not_collected(struct report *r)
{
	report_need(r, NULL, "launchd's part of it");
}

const struct check checks_launchd[] = {
	{
		.id = "DR-13",
		.title = "device management",
		.platforms = ON_DARWIN,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_not_collected,
		.why = "A managed Mac may have its agents put there, and put back, by a profile.",
		.looks_at = "profiles status -type enrollment.",
		.fix = "Ask whoever manages the Mac to remove the profile.",
	},
	{
		.id = "PP-01",
		.title = "agent for every user",
		.platforms = ON_DARWIN,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_SCAN,
		.run = run_not_collected,
		.why = "A file in /Library/LaunchAgents is loaded into the session of every user, who did not ask for it and may not remove it.",
		.looks_at = "Agents in /Library/LaunchAgents that are not Apple's.",
		.fix = "sourceos-agent quarantine LABEL, then install it for its user.",
	},
	{ .id = NULL },
};
