/* SPDX-License-Identifier: MIT */
/* How it persists: what is started, through what, and what else on the host does the same. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

static void run_pp05(struct report *r)
{
	pattern_on_service(r, pattern_05);
}

static void run_pp06(struct report *r)
{
	pattern_on_service(r, pattern_06);
}

static void run_pp07(struct report *r)
{
	pattern_on_service(r, pattern_07);
}

static void run_pp08(struct report *r)
{
	pattern_on_service(r, pattern_08);
}

/* ---- PP-09 ---- */

static void run_pp09(struct report *r)
{
	const struct agent *a = r->e->target.agent;

	if (!need_installed(r))
		return;
	if (!r->e->target.declared) {
		struct finding *f = report_fail(r, "nobody declared it: nothing says how to take it away, or whose it is");
		finding_at(f, r->e->service.unit.fragment.path, 0);
		finding_remedy(f, "sourceos-agent quarantine %s", r->e->target.unit);
	} else if (!a->quarantine) {
		finding_at(report_warn(r, "the declaration captures nothing on quarantine"), a->path, a->line);
	} else {
		report_ok(r, "declared: sourceos-agent quarantine %s takes it away", a->name);
	}
}

/* ---- DR-14 ---- */

/* Does it start the same container, image or wrapper? */
static const char *related(const struct evidence *e, const struct definition *d)
{
	const char *name = d->start.run.argv ? argv_option(d->start.run.argv, "--name") : NULL;

	if (text_eq(d->name, e->target.unit) && !text_eq(d->path, e->service.unit.fragment.path))
		return "has its name";
	if (name && text_eq(name, e->podman.container_name))
		return "makes its container";
	if (d->start.run.image && text_eq(d->start.run.image, e->service.run.image))
		return "runs its image";
	if (d->start.program.path && text_eq(d->start.program.path, e->service.program.path))
		return "starts its wrapper";
	return NULL;
}

static bool is_trigger(const struct evidence *e, const char *name)
{
	for (size_t i = 0; i < e->service.n_triggers; i++)
		if (text_eq(e->service.triggers[i].name, name))
			return true;
	return false;
}

static bool is_itself(const struct evidence *e, const struct definition *d)
{
	const struct launchd_definition *plist = e->launchd.n_definitions ? e->launchd.definitions : NULL;

	if (plist && text_eq(d->path, plist->file.path))
		return true;
	return text_eq(d->path, e->service.unit.fragment.path) || text_eq(d->path, e->service.unit.source.path) || is_trigger(e, d->name);
}

/* What could not be listed may hold anything. */
static void tell_unread(struct report *r)
{
	const struct persistence *p = &r->e->persistence;
	struct finding *f = NULL;
	size_t unread = 0;

	for (size_t i = 0; i < p->n_dirs; i++) {
		const struct answer *a = p->dirs[i].answer;
		enum outcome o = a ? a->rec.outcome : OUTCOME_NOT_COLLECTED;
		if (o != OUTCOME_NOT_COLLECTED && (o != OUTCOME_DENIED || persistence_is_roots(p->dirs[i].path)))
			continue;
		unread++;
		f = f ? f : report_add(r, VERDICT_UNKNOWN, "directories of definitions could not be read");
		finding_detail(f, "%s: %s", p->dirs[i].path, outcome_name(o));
	}
	if (f)
		finding_say(f, "%zu of %zu directories of definitions could not be read", unread, p->n_dirs);
}

static void run_dr14(struct report *r)
{
	const struct evidence *e = r->e;

	if (!e->persistence.n_dirs) {
		report_need(r, NULL, "what else starts by itself");
		return;
	}
	for (size_t i = 0; i < e->persistence.n; i++) {
		const struct definition *d = e->persistence.v[i];
		const char *why = is_itself(e, d) ? NULL : related(e, d);
		if (!why)
			continue;
		struct finding *f = report_fail(r, "another %s %s: %s", definition_kind_name(d->kind), why, d->path);
		finding_at(f, d->path, startup_line(&d->start) ? startup_line(&d->start)->line : 0);
		finding_hint(f, "it brings the agent back after a quarantine: quarantine it too");
	}
	for (size_t i = 0; i < e->service.n_triggers; i++) {
		struct finding *f = report_warn(r, "%s also starts it", e->service.triggers[i].name);
		finding_cite_answer(finding_at(f, e->service.triggers[i].fragment.path, 0), e->service.triggers[i].show);
	}
	tell_unread(r);
	if (r->verdict == VERDICT_NOT_APPLICABLE)
		report_ok(r, "nothing else starts it");
}

#define PATTERN_ROW .wants = WANT_SERVICE, .platforms = ON_ANY, .runtimes = RUNS_ANY, .verbs = CHECK_DOCTOR | CHECK_STATUS | CHECK_SCAN | CHECK_PATTERNS

const struct check checks_persistence[] = {
	{
		.id = "PP-05",
		.title = "registry image",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		PATTERN_ROW,
		.run = run_pp05,
		.why = "A service that runs a registry's image depends on the network, on credentials, and on whoever can push the tag.",
		.looks_at = "The image of the podman run that the service comes down to, or Image= of a Quadlet.",
		.fix = "podman tag IMAGE localhost/NAME, and run that.",
	},
	{
		.id = "PP-06",
		.title = "raw podman run",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02", "DR-04" }, /* what was collected can be neither read nor named twice */
		PATTERN_ROW,
		.run = run_pp06,
		.why = "A bare podman run or docker run has no preflight, no bound, no isolation of credentials, and no owner.",
		.looks_at = "All commands of the service, and the container commands in the scripts that they start, in turn too, as of Nix wrappers.",
		.fix = "Declare the agent: sourceos-agent install NAME; or write a Quadlet.",
	},
	{
		.id = "PP-07",
		.title = "shell command line",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		PATTERN_ROW,
		.run = run_pp07,
		.why = "What sh -c runs is hidden from every tool that lists programs, and quoting faults in it are silent.",
		.looks_at = "ExecStart= or ProgramArguments. nix-darwin's wait for the store is recognised.",
		.fix = "Name the program and its arguments, or a script file.",
	},
	{
		.id = "PP-08",
		.title = "only a store path is visible",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02", "DR-04" }, /* what was collected can be neither read nor named twice */
		PATTERN_ROW,
		.run = run_pp08,
		.why = "A store path says nothing about what it does, and it may be collected.",
		.looks_at = "ExecStart= or ProgramArguments, and the script behind the path where it can be read.",
		.fix = "Say in the declaration what it runs, with command or image.",
	},
	{
		.id = "PP-09",
		.title = "no way to take it away",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		.wants = WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_PATTERNS,
		.run = run_pp09,
		.why = "In an incident somebody must stop it at once, who has never heard of it.",
		.looks_at = "Whether the service is declared, and what its declaration captures on quarantine.",
		.fix = "Declare it, or quarantine it: sourceos-agent quarantine UNIT.",
	},
	{
		.id = "DR-14",
		.title = "other persistence",
		.severity = VERDICT_FAIL,
		.wants = WANT_SERVICE | WANT_PERSISTENCE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_dr14,
		.why = "A timer, a second unit, a crontab or an autostart entry brings back what was taken away.",
		.looks_at = "Units, timers, Quadlets, autostart entries and crontabs of the owner and of the system: same name, container, image or wrapper.",
		.fix = "sourceos-agent quarantine UNIT, for each.",
	},
	{ .id = NULL },
};
