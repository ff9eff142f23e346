/* SPDX-License-Identifier: MIT */
/* The host, its service manager, and what the agent runs on. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/judge_launchd.h"
#include "lifecycle/checks/tables.h"

static void run_platform(struct report *r)
{
	const struct host *h = &r->e->host;
	const struct answer *a = gather_answer(r->e->gather, "fact/host");

	if (!report_need(r, a, "what host this is"))
		return;
	if (h->platform == PLATFORM_UNKNOWN)
		finding_cite_answer(report_fail(r, "neither Linux with systemd nor macOS"), a);
	else if (h->platform == PLATFORM_LINUX && h->pid1 && strcmp(h->pid1, "systemd") != 0)
		finding_hint(finding_cite_answer(report_fail(r, "process 1 is %s, not systemd", h->pid1), a),
			"run this on the host itself, not inside a container");
	else
		finding_cite_answer(report_ok(r, "%s%s%s", h->os_release ? h->os_release : platform_name(h->platform), h->kernel ? ", " : "",
					    h->kernel ? h->kernel : ""), a);
}

static bool is_enabled(const struct evidence *e)
{
	return e->service.unit.n_props && enablement_parse(e->service.unit.props->unit_file_state) == ENABLEMENT_ENABLED;
}

static void systemd_backend(struct report *r)
{
	const struct evidence *e = r->e;
	const struct answer *show = e->service.unit.show;
	const char *name = e->target.owner.id.name;

	if (!manager_is_user(e)) {
		if (need_service(r, false))
			finding_cite_answer(report_ok(r, "the system's service manager answers"), show);
		return;
	}
	if (!report_need(r, e->owner_answer, "the owner's account"))
		return;
	/* of a mounted image nobody can say whether it runs */
	if (show && show->rec.outcome == OUTCOME_NOT_COLLECTED) {
		need_service(r, false);
		return;
	}
	if (!e->owner.manager) {
		struct finding *f = report_fail(r, "no service manager runs for %s", name);
		finding_remedy(finding_cite_answer(f, e->owner_answer), "sudo loginctl enable-linger %s", name);
		return;
	}
	if (!need_service(r, false))
		return;
	if (!e->owner.linger) {
		/* what is not enabled yet shall not be: no boot would start it */
		bool persists = (r->verbs & CHECK_PREFLIGHT) && e->target.agent->lifecycle.run_at_load && !is_enabled(e);
		struct finding *f = report_add(r, persists ? VERDICT_FAIL : VERDICT_WARN, "%s does not linger: the agent stops when %s logs out, and does not start at boot", name, name);
		finding_remedy(finding_cite_answer(f, e->owner_answer), "sudo loginctl enable-linger %s", name);
		return;
	}
	finding_cite_answer(report_ok(r, "the service manager of %s answers, and lingers", name), show);
}

static void run_backend(struct report *r)
{
	on_darwin(r) ? launchd_backend(r) : systemd_backend(r);
}

static void command_there(struct report *r, const char *command)
{
	const struct file_evidence *f = command[0] == '/' ? evidence_path(r->e, command) : NULL;

	if (command[0] != '/') {
		report_warn(r, "the command %s is not written from /, so what runs depends on PATH", command);
		return;
	}
	if (!report_need(r, f ? f->link : NULL, "the command"))
		return;
	const struct file_stat *st = &f->link->rec.stat;
	if (f->link->rec.outcome == OUTCOME_ABSENT)
		finding_cite_answer(report_fail(r, "%s does not exist", command), f->link);
	else if (st->known && !st->link && !(st->mode & 0111))
		finding_remedy(finding_cite_answer(report_fail(r, "%s is not executable", command), f->link), "chmod +x %s", command);
	else
		finding_cite_answer(report_ok(r, "%s", command), f->link);
}

static void run_runtime(struct report *r)
{
	const struct agent *a = r->e->target.agent;

	switch (a->runtime) {
	case RUNTIME_PODMAN:
		report_ok(r, "podman: see PF-04");
		return;
	case RUNTIME_NATIVE:
	case RUNTIME_NIX_APP:
		if (a->command && a->command[0])
			command_there(r, a->command[0]);
		else
			finding_at(report_fail(r, "no command is declared"), a->path, a->line);
		return;
	case RUNTIME_SYSTEMD:
		if (need_service(r, false))
			report_ok(r, "systemd");
		return;
	}
}

static void run_declaration(struct report *r)
{
	const struct agent *a = r->e->target.agent;

	if (!r->e->target.declared) {
		report_skip(r, "nobody declared it");
		return;
	}
	for (size_t i = 0; i < a->unknown.n; i++)
		finding_hint(finding_at(report_warn(r, "%s", a->unknown.v[i].said), a->path, a->unknown.v[i].line),
			"correct the key; docs/formats/declaration.md lists them all");
	if (!a->unknown.n)
		finding_at(report_ok(r, "declared"), a->path, a->line);
}

const struct check checks_host[] = {
	{
		.id = "DE-01",
		.title = "declaration",
		.severity = VERDICT_FAIL,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_PREFLIGHT | CHECK_SCAN,
		.run = run_declaration,
		.why = "What is not declared as it is meant is not judged as it is meant: a misspelt key is a key that is not there.",
		.looks_at = "The declaration: types, values, unknown keys, by file, line and key.",
		.fix = "Correct the key that is named; docs/formats/declaration.md lists them all.",
	},
	{
		.id = "PF-01",
		.title = "platform",
		.severity = VERDICT_FAIL,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_PREFLIGHT,
		.run = run_platform,
		.why = "Services of agents are systemd units or launchd jobs; on anything else nothing that follows means anything.",
		.looks_at = "The kernel, the release of the operating system, and the name of process 1.",
		.fix = "Run on Linux with systemd, or on macOS; inside a container, run on its host instead.",
	},
	{
		.id = "PF-02",
		.title = "service manager",
		.severity = VERDICT_FAIL,
		.requires = { "PF-01" },
		.wants = WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_PREFLIGHT,
		.run = run_backend,
		.why = "A user's agent needs a service manager of that user. Without lingering it ends with the last session and no boot starts it: that is a failure before it is enabled, a warning after.",
		.looks_at = "Whether the owner's manager (or the system's) answers systemctl show, and loginctl's linger flag.",
		.fix = "sudo loginctl enable-linger USER",
	},
	{
		.id = "PF-03",
		.title = "runtime",
		.severity = VERDICT_FAIL,
		.requires = { "PF-01" },
		.wants = WANT_PATHS,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_PREFLIGHT,
		.run = run_runtime,
		.why = "An agent whose program is not there restarts for nothing.",
		.looks_at = "For native and nix-app agents, whether the declared command exists and may be executed.",
		.fix = "Install the program, or correct `command` in the declaration.",
	},
	{ .id = NULL },
};
