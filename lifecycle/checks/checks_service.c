/* SPDX-License-Identifier: MIT */
/* The service as its manager has it: state, overrides, duplicates, definition. */
#include <string.h>

#include "formats/shlint.h"
#include "formats/text.h"
#include "formats/unitlint.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/judge_launchd.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

/* ---- DR-01 ---- */

static void systemd_state(struct report *r)
{
	const struct evidence *e = r->e;
	const struct unit_props *p = need_service(r, false);

	if (!p)
		return;
	if (text_eq(p->load_state, "not-found")) {
		finding_cite_answer(report_skip(r, "%s is not installed", e->target.unit), e->service.unit.show);
		return;
	}
	_cleanup_free_ char *since = when_words(p->state_change_us);
	_cleanup_free_ char *words = mem_printf("%s (%s) since %s", p->active_state ? p->active_state : "unknown", p->sub_state ? p->sub_state : "?", since);
	struct finding *f;
	if (text_eq(p->load_state, "error") || text_eq(p->load_state, "bad-setting")) {
		f = report_fail(r, "systemd refuses the definition (%s)", p->load_error ? p->load_error : p->load_state);
		finding_at(f, p->fragment_path, 0);
	} else if (text_eq(p->active_state, "failed")) {
		f = report_fail(r, "the service has failed: %s", p->result ? p->result : "no reason given");
		remedy_systemctl(f, e, "status %s", e->target.unit);
	} else if (text_eq(p->sub_state, "auto-restart")) {
		f = report_fail(r, "the service died and waits to be started again");
		remedy_systemctl(f, e, "status %s", e->target.unit);
	} else if (text_eq(p->active_state, "activating")) {
		f = report_warn(r, "%s", words);
	} else {
		f = report_ok(r, "%s", words);
	}
	finding_cite_answer(f, e->service.unit.show);
}

static void run_state(struct report *r)
{
	on_darwin(r) ? launchd_state(r) : systemd_state(r);
}

/* ---- PF-15, PF-16, DR-02 ---- */

static void systemd_disabled(struct report *r)
{
	const struct unit_props *p = need_service(r, false);

	if (!p)
		return;
	enum enablement en = enablement_parse(p->unit_file_state);
	if (text_eq(p->load_state, "masked") || en == ENABLEMENT_MASKED || en == ENABLEMENT_MASKED_RUNTIME) {
		struct finding *f = report_fail(r, "%s is masked: nothing can start it", r->e->target.unit);
		remedy_systemctl(finding_cite_answer(f, r->e->service.unit.show), r->e, "unmask %s", r->e->target.unit);
	} else {
		finding_cite_answer(report_ok(r, "not disabled by an override (%s)", enablement_name(en)), r->e->service.unit.show);
	}
}

void judge_disabled(struct report *r)
{
	if (!on_darwin(r)) {
		systemd_disabled(r);
		return;
	}
	launchd_disabled(r);
	launchd_switched_off(r);
}

static bool path_is_there(const struct file_evidence *f)
{
	return f->link && f->link->rec.outcome == OUTCOME_OK && f->link->rec.stat.known;
}

/* /lib is a link to /usr/lib on many systems, and Debian's systemd names its units by it. */
static bool same_place(const char *a, const char *b)
{
	if (!a || !b)
		return false;
	return strcmp(text_starts(a, "/usr/lib/") ? a + strlen("/usr") : a, text_starts(b, "/usr/lib/") ? b + strlen("/usr") : b) == 0;
}

/* Is this path one where a unit of our name would be another's? */
static bool is_other_place(const struct evidence *e, const char *path)
{
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;
	size_t n = strlen(e->target.unit), len = strlen(path);
	bool quadlet = text_ends(path, ".container") && strstr(path, "/containers/systemd/");

	if (p && (same_place(p->fragment_path, path) || same_place(p->source_path, path)))
		return false;
	return quadlet || (len > n && strcmp(path + len - n, e->target.unit) == 0 && strstr(path, "/systemd/"));
}

/* Another definition that makes a container of the same name. */
static void same_container(struct report *r)
{
	const struct evidence *e = r->e;
	const char *name = e->podman.container_name;

	for (size_t i = 0; name && i < e->persistence.n; i++) {
		const struct definition *d = e->persistence.v[i];
		const char *said = d->start.run.argv ? argv_option(d->start.run.argv, "--name") : d->kind == DEFINITION_QUADLET
						? unitfile_value(&d->unit, "Container", "ContainerName") : NULL;
		if (!text_eq(said, name) || same_place(d->path, e->service.unit.fragment.path) || same_place(d->path, e->service.unit.source.path) ||
			text_eq(d->name, e->target.unit))
			continue;
		struct finding *f = report_fail(r, "another %s also makes the container %s", definition_kind_name(d->kind), name);
		const struct startup_line *line = startup_line(&d->start);
		finding_hint(finding_at(f, d->path, line ? line->line : 0), "keep one of the two: sourceos-agent quarantine takes the other away");
	}
}

static void systemd_duplicates(struct report *r)
{
	const struct evidence *e = r->e;

	if (!e->n_paths) {
		report_add(r, VERDICT_UNKNOWN, "other places of the definition were not looked at");
		return;
	}
	for (size_t i = 0; i < e->n_paths; i++) {
		const struct file_evidence *f = &e->paths[i];
		if (!path_is_there(f) || !is_other_place(e, f->path) || text_eq(f->link->rec.stat.link, "/dev/null"))
			continue;
		struct finding *x = report_fail(r, "another definition has the same name: %s", f->path);
		finding_cite_answer(finding_at(x, f->path, 0), f->link);
		finding_hint(x, "keep one of the two; the service manager reads one of them, and which one depends on where it lies");
	}
	same_container(r);
	if (r->verdict == VERDICT_NOT_APPLICABLE)
		report_ok(r, "no other definition has its name or its container");
}

void judge_duplicates(struct report *r)
{
	on_darwin(r) ? launchd_duplicates(r) : systemd_duplicates(r);
}

static void launchd_dr02(struct report *r)
{
	launchd_disabled(r);
	launchd_switched_off(r);
	launchd_stale(r);
	launchd_duplicates(r);
}

static void systemd_dr02(struct report *r)
{
	const struct evidence *e = r->e;
	const struct unit_props *p = need_service(r, false);

	if (!p)
		return;
	judge_disabled(r);
	if (text_eq(p->load_state, "not-found") && text_eq(p->active_state, "active"))
		finding_cite_answer(report_fail(r, "stale: the service runs and its definition is gone"), e->service.unit.show);
	else if (p->fragment_path && file_outcome(&e->service.unit.fragment) == OUTCOME_ABSENT)
		finding_cite_answer(report_fail(r, "stale: the loaded definition %s is gone from the disk", p->fragment_path), e->service.unit.show);
	judge_duplicates(r);
}

static void run_dr02(struct report *r)
{
	on_darwin(r) ? launchd_dr02(r) : systemd_dr02(r);
}

/* ---- DR-03, PF-17, PF-18 ---- */

static void lint_owner(struct report *r, const struct file_evidence *f)
{
	const struct file_stat *st = f->answer ? &f->answer->rec.stat : NULL;
	uint32_t owner = (uint32_t)r->e->target.owner.id.uid;

	if (!st || !st->known)
		return;
	if (st->mode & 0022)
		remedy_as_owner(finding_at(report_fail(r, "others than its owner may change %s (mode %04o)", f->path, st->mode & 07777), f->path, 0),
			r->e, "chmod go-w %s", f->path);
	else if (st->uid != 0 && st->uid != owner)
		finding_at(report_fail(r, "%s belongs to %s, who is neither root nor %s", f->path, st->owner ? st->owner : "an unknown user",
				   r->e->target.owner.id.name), f->path, 0);
}

static void report_lints(struct report *r, const struct lints *l, char **files, const char *what)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct lint *x = &l->v[i];
		/* PP-11 is about that one, with what follows from it */
		if (strcmp(x->id, "unit.wrong-section") == 0 && strstr(x->text, "StartLimitIntervalSec"))
			continue;
		struct finding *f = report_add(r, x->level == LINT_ERROR ? VERDICT_FAIL : VERDICT_WARN, "%s", x->text);
		finding_at(f, files && x->file < strv_len(files) ? files[x->file] : what, (unsigned)x->line);
		finding_detail(f, "%s", x->id);
	}
}

static void systemd_unit_lint(struct report *r)
{
	const struct evidence *e = r->e;
	const struct unit_evidence *u = &e->service.unit;
	_cleanup_lints_ struct lints l = { 0 };

	if (!known_from_disk(e)) {
		const struct unit_props *p = need_service(r, true);
		if (!p)
			return;
		if (!p->fragment_path || text_eq(p->unit_file_state, "transient")) {
			report_skip(r, "no definition file");
			return;
		}
	}
	if (!report_need(r, u->fragment.answer, "the definition"))
		return;
	if (u->fragment.answer->rec.outcome == OUTCOME_ABSENT) {
		report_add(r, VERDICT_UNKNOWN, "the definition is gone from the disk");
		return;
	}
	if (u->fragment.answer->rec.outcome == OUTCOME_CUT)
		finding_at(report_warn(r, "the definition is larger than is read (%llu bytes)", (unsigned long long)u->fragment.answer->rec.stat.size),
			u->fragment.path, 0);
	unitfile_lint(&u->definition, e->target.unit, &l);
	report_lints(r, &l, u->definition.files, u->fragment.path);
	lint_owner(r, &u->fragment);
	for (size_t i = 0; i < u->n_drop_ins; i++)
		lint_owner(r, &u->drop_ins[i]);
	if (r->verdict == VERDICT_NOT_APPLICABLE)
		finding_at(finding_cite_answer(report_ok(r, "the definition is well-formed"), u->fragment.answer), u->fragment.path, 0);
}

void judge_unit_lint(struct report *r)
{
	on_darwin(r) ? launchd_lint(r) : systemd_unit_lint(r);
}

void judge_wrapper_lint(struct report *r)
{
	const struct file_evidence *f = &r->e->service.program;
	_cleanup_lints_ struct lints l = { 0 };

	if (!f->path) {
		report_skip(r, "no wrapper script");
		return;
	}
	if (file_is_no_script(f)) {
		finding_cite_answer(report_skip(r, "the program is not a script"), f->answer);
		return;
	}
	if (!report_need(r, f->answer, "the wrapper"))
		return;
	const struct buf *b = &f->answer->out;
	if (f->answer->rec.outcome == OUTCOME_ABSENT && (r->verbs & CHECK_INSTALL)) {
		finding_cite_answer(report_ok(r, "%s does not exist; install brings what it starts", f->path), f->answer);
		return;
	}
	if (f->answer->rec.outcome == OUTCOME_ABSENT) {
		struct finding *x = report_fail(r, "the program %s does not exist", f->path);
		finding_cite_answer(finding_at(x, f->path, 0), f->answer);
		return;
	}
	if (b->len < 2 || memcmp(b->data, "#!", 2) != 0) {
		report_skip(r, "the program is not a script");
		return;
	}
	sh_lint(b->data, b->len, &l);
	report_lints(r, &l, NULL, f->path);
	if (r->verdict == VERDICT_NOT_APPLICABLE)
		finding_at(report_ok(r, "the wrapper is plain POSIX sh"), f->path, 0);
}

static void run_dr03(struct report *r)
{
	judge_unit_lint(r);
	const struct file_evidence *f = &r->e->service.program;
	/* a target in the store is DR-04's */
	if (f->path && file_outcome(f) == OUTCOME_ABSENT && !r->e->nix.path)
		finding_cite_answer(finding_at(report_fail(r, "the program %s does not exist", f->path), f->path, 0), f->answer);
}

#define SERVICE_ROW .platforms = ON_ANY, .runtimes = RUNS_ANY

const struct check checks_service[] = {
	{
		.id = "PF-15",
		.title = "not disabled",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		.wants = WANT_SERVICE,
		SERVICE_ROW,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_disabled,
		.why = "A masked unit is installed and enabled without an error, and never starts.",
		.looks_at = "LoadState and UnitFileState of the unit; on macOS the disabled-override database, and as root Login Items (sfltool dumpbtm).",
		.fix = "systemctl --user unmask UNIT; on macOS: launchctl enable gui/UID/LABEL",
	},
	{
		.id = "PF-16",
		.title = "label is free",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		.wants = WANT_SERVICE | WANT_PATHS | WANT_PERSISTENCE,
		SERVICE_ROW,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_duplicates,
		.why = "Two definitions of one name, or two that make one container, undo each other's work; a legacy system-wide one comes back.",
		.looks_at = "The same name in every directory that a service manager reads, Quadlets, and containers of the same name in other definitions.",
		.fix = "sourceos-agent quarantine NAME takes the other one away.",
	},
	{
		.id = "PF-17",
		.title = "definition lints",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		.wants = WANT_SERVICE,
		SERVICE_ROW,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_unit_lint,
		.why = "systemd ignores what it does not understand with one line in the journal: a limit in the wrong section is no limit.",
		.looks_at = "Sections, keys, values, command lines, owner and mode of the unit and its drop-ins.",
		.fix = "Correct the lines that are named; systemd-analyze verify FILE tells of more.",
	},
	{
		.id = "PF-18",
		.title = "wrapper lints",
		.severity = VERDICT_FAIL,
		.wants = WANT_SERVICE,
		SERVICE_ROW,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_wrapper_lint,
		.why = "A wrapper with bash or GNU syntax works on the desk and fails under dash or on macOS, and a failing wrapper is restarted.",
		.looks_at = "The script that the service starts: POSIX sh, no options that only GNU tools have.",
		.fix = "Rewrite the lines that are named in POSIX sh; dash -n FILE checks the syntax.",
	},
	{
		.id = "DR-01",
		.title = "state",
		.severity = VERDICT_FAIL,
		.wants = WANT_SERVICE,
		SERVICE_ROW,
		.verbs = CHECK_DOCTOR | CHECK_STATUS,
		.run = run_state,
		.why = "Whether it runs, has failed, or is being started again right now.",
		.looks_at = "systemctl show of the unit.",
		.fix = "systemctl --user status UNIT, and what the other checks name.",
	},
	{
		.id = "DR-02",
		.title = "overrides and duplicates",
		.severity = VERDICT_FAIL,
		.wants = WANT_SERVICE | WANT_PATHS | WANT_PERSISTENCE,
		SERVICE_ROW,
		.verbs = CHECK_DOCTOR,
		.run = run_dr02,
		.why = "A masked, stale or doubled label does not do what its file says.",
		.looks_at = "LoadState, UnitFileState, the file behind the loaded unit, the same name in other directories; on macOS launchctl "
			    "print-disabled, and as root Login Items (sfltool dumpbtm).",
		.fix = "systemctl --user unmask UNIT, launchctl enable, or System Settings; keep one definition of a name.",
	},
	{
		.id = "DR-03",
		.title = "definition",
		.severity = VERDICT_FAIL,
		.wants = WANT_SERVICE | WANT_NIX,
		SERVICE_ROW,
		.verbs = CHECK_DOCTOR,
		.run = run_dr03,
		.why = "systemd ignores what it does not understand; a definition that others may write is a way in.",
		.looks_at = "Sections, keys, values, command lines, owner and mode of the unit and its drop-ins; whether its program is there.",
		.fix = "Correct the lines that are named; chmod go-w FILE.",
	},
	{ .id = NULL },
};
