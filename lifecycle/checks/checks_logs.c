/* SPDX-License-Identifier: MIT */
/* Where it logs: is the place there, may the owner write to it, does it last, is it what was declared. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/judge_launchd.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash != path ? mem_strndup(path, (size_t)(slash - path)) : mem_strdup("/");
}

static bool owner_may_write(const struct file_stat *st, const struct identity *id)
{
	if (id->uid == 0)
		return true;
	if (st->uid == id->uid)
		return st->mode & 0200;
	return (st->mode & 0002) || (st->gid == id->gid && (st->mode & 0020));
}

static bool below_home(const struct evidence *e, const char *dir)
{
	size_t n = strlen(e->target.owner.id.home);

	return strncmp(dir, e->target.owner.id.home, n) == 0 && dir[n] == '/';
}

static void judge_directory(struct report *r, const char *dir)
{
	const struct evidence *e = r->e;
	const struct file_evidence *f = evidence_path(e, dir);
	struct finding *x;

	if (!report_need(r, f ? f->link : NULL, "the directory of the logs"))
		return;
	if (f->link->rec.outcome == OUTCOME_ABSENT && (r->verbs & CHECK_INSTALL) && below_home(e, dir)) {
		finding_cite_answer(report_ok(r, "install makes the log directory %s", dir), f->link);
	} else if (f->link->rec.outcome == OUTCOME_ABSENT) {
		x = report_fail(r, "the log directory %s does not exist", dir);
		remedy_as_owner(finding_cite_answer(x, f->link), e, "mkdir -p %s", dir);
	} else if (f->link->rec.stat.known && !f->link->rec.stat.link && (f->link->rec.stat.mode & 0170000) != 0040000) {
		finding_cite_answer(report_fail(r, "%s is not a directory", dir), f->link);
	} else if (f->link->rec.stat.known && !f->link->rec.stat.link && !owner_may_write(&f->link->rec.stat, &e->target.owner.id)) {
		x = report_fail(r, "%s may not write to the log directory %s", e->target.owner.id.name, dir);
		finding_remedy(finding_cite_answer(x, f->link), "sudo chown %s %s", e->target.owner.id.name, dir);
	} else {
		finding_cite_answer(report_ok(r, "logs go to %s", dir), f->link);
	}
}

void judge_log_places(struct report *r)
{
	const struct agent *a = r->e->target.agent;
	_cleanup_strv_ char **paths = agent_log_paths(a), **dirs = NULL;

	if (a->logs.directory)
		dirs = strv_add(dirs, a->logs.directory);
	for (char **p = paths; p && *p; p++) {
		_cleanup_free_ char *dir = parent_of(*p);
		if (!strv_has(dirs, dir) && !(a->logs.directory && strcmp(*p, a->logs.directory) == 0))
			dirs = strv_add(dirs, dir);
	}
	for (char **d = dirs; d && *d; d++)
		judge_directory(r, *d);
	if (dirs)
		return;
	_cleanup_free_ char *out = evidence_unit_log(r->e, "StandardOutput"), *errors = evidence_unit_log(r->e, "StandardError");
	if (out || errors)
		report_ok(r, "no log files are declared: the definition logs to %s", out ? out : errors);
	else
		report_ok(r, "no log files are declared: the journal has them");
}

static void run_pf14(struct report *r)
{
	const struct agent *a = r->e->target.agent;
	_cleanup_strv_ char **paths = agent_log_paths(a);

	for (char **p = paths; p && *p; p++)
		if (path_is_temporary(*p)) {
			struct finding *f = report_fail(r, "the log %s is in a temporary directory", *p);
			finding_hint(finding_at(f, a->path, a->line), "declare a directory of the owner's, such as ~/.local/state");
		}
	if (r->verdict != VERDICT_FAIL)
		judge_log_places(r);
}

/* What is there now; the directories are judged where logs are declared. */
static void run_dr10(struct report *r)
{
	const struct evidence *e = r->e;
	struct finding *f;

	judge_log_places(r);
	for (size_t i = 0; i < e->n_logs; i++) {
		const struct file_evidence *l = &e->logs[i];
		switch (file_outcome(l)) {
		case OUTCOME_OK:
		case OUTCOME_CUT:
			f = report_ok(r, "%s has %llu bytes", l->path, (unsigned long long)l->answer->rec.stat.size);
			break;
		case OUTCOME_ABSENT:
			f = report_ok(r, "%s is not there yet", l->path);
			break;
		case OUTCOME_REFUSED:
			f = report_warn(r, "%s is no regular file", l->path);
			break;
		default:
			f = report_add(r, VERDICT_UNKNOWN, "%s could not be read: %s", l->path, outcome_name(file_outcome(l)));
		}
		finding_cite_answer(f, l->answer);
	}
}

static void run_pp03(struct report *r)
{
	struct view v;

	bool darwin = r->e->host.platform == PLATFORM_DARWIN;
	if (darwin ? !need_launchd(r, false) : !known_from_disk(r->e) && !need_service(r, false))
		return;
	view_of_evidence(r->e, &v);
	pattern_03(&v, r);
}

/* ---- LA-04 ---- */

/* Where a stream goes: a file, or (path NULL) the kind that the manager has loaded; all borrowed but the path. */
struct log_stream {
	char *path;
	const char *kind;
	const struct unit_entry *entry;
};

static struct log_stream stream_of(const struct evidence *e, const struct view *v, bool errors)
{
	const struct launchd_domain *d = launchd_loaded(&e->launchd);
	struct log_stream s = { 0 };

	if (e->host.platform == PLATFORM_DARWIN) {
		const char *loaded = !d || !d->service ? NULL : errors ? d->service->stderr_path : d->service->stdout_path;
		const char *defined = !v->plist ? NULL : errors ? v->plist->stderr_path : v->plist->stdout_path;
		s.path = loaded ? mem_strdup(loaded) : defined ? path_expand(defined, v->home) : NULL;
		s.kind = "nowhere";
		return s;
	}
	s.entry = v->unit ? unitfile_get(v->unit, "Service", errors ? "StandardError" : "StandardOutput") : NULL;
	s.kind = !v->loaded ? NULL : errors ? v->loaded->standard_error : v->loaded->standard_output;
	s.kind = s.kind ? s.kind : "journal";
	/* the manager tells the kind, only the file tells the path */
	bool to_file = text_eq(s.kind, "file") || text_eq(s.kind, "append") || text_eq(s.kind, "truncate");
	s.path = to_file || !v->loaded ? evidence_unit_log(e, errors ? "StandardError" : "StandardOutput") : NULL;
	return s;
}

/* What is installed from the declaration: the file of the stream, else the agent's log. */
static const char *declared_path(const struct agent *a, bool errors)
{
	return errors && a->logs.stderr_path ? a->logs.stderr_path : a->logs.stdout_path ? a->logs.stdout_path : a->logs.app;
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = dir ? strlen(dir) : 0;

	return n && strncmp(path, dir, n) == 0 && (path[n] == '/' || path[n - 1] == '/');
}

static void judge_stream(struct report *r, const struct view *v, bool errors)
{
	const struct agent *a = r->e->target.agent;
	const char *declared = declared_path(a, errors), *name = errors ? "errors" : "output";
	bool demanded = errors ? a->logs.stderr_path : a->logs.stdout_path; /* an application may write its own log by itself */
	struct log_stream s = stream_of(r->e, v, errors);
	struct finding *f = NULL;

	if (!s.path && demanded && s.entry && strchr(s.entry->value, '%'))
		f = report_add(r, VERDICT_UNKNOWN, "where its %s go%s is only known to the service manager", name, errors ? "" : "es");
	else if (s.path && declared && strcmp(s.path, declared) != 0)
		f = report_warn(r, "its %s go%s to another file than is declared", name, errors ? "" : "es");
	else if (s.path && !declared && !is_below(s.path, a->logs.directory))
		f = report_warn(r, "its %s go%s to a file that is not declared", name, errors ? "" : "es");
	else if (!s.path && demanded && strcmp(s.kind, "inherit") != 0)
		f = report_warn(r, "its %s do%s not go to the file that is declared", name, errors ? "" : "es");
	if (f) {
		finding_detail(f, "declared  %s", declared ? declared : a->logs.directory ? a->logs.directory : "no file");
		finding_detail(f, "service   %s", s.path ? s.path : s.kind);
		finding_at(f, s.entry ? v->unit->files[s.entry->file] : v->path, s.entry ? s.entry->line : 0);
		finding_hint(finding_cite(f, v->evidence), "correct the declaration, or install the agent again from it");
	}
	free(s.path);
}

static void run_log_layer(struct report *r)
{
	struct view v;

	if (!need_installed(r))
		return;
	if (!r->e->target.declared) {
		report_skip(r, "nobody declared it");
		return;
	}
	view_of_evidence(r->e, &v);
	judge_stream(r, &v, false);
	judge_stream(r, &v, true);
	if (r->verdict == VERDICT_NOT_APPLICABLE)
		finding_cite(report_ok(r, "it logs to where is declared"), v.evidence);
}

const struct check checks_logs[] = {
	{
		.id = "PF-14",
		.title = "log directory",
		.severity = VERDICT_FAIL,
		.wants = WANT_PATHS,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_PREFLIGHT,
		.run = run_pf14,
		.why = "A log that cannot be opened makes the start fail before the program runs; one in /tmp is lost, and anybody can plant a file there.",
		.looks_at = "The declared log paths: whether their directories exist, belong to the owner and may be written, and are not temporary.",
		.fix = "mkdir -p DIR, as the owner.",
	},
	{
		.id = "DR-10",
		.title = "logs",
		.severity = VERDICT_FAIL,
		.wants = WANT_PATHS | WANT_LOGS | WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_dr10,
		.why = "Without its log nobody can say what it did.",
		.looks_at = "Every log file that is declared or that the service names, and their directories.",
		.fix = "mkdir -p DIR, as the owner.",
	},
	{
		.id = "LA-04",
		.title = "declared and written logs agree",
		.severity = VERDICT_WARN,
		.wants = WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_log_layer,
		.why = "Who looks for the log where it is declared, and finds none, believes that nothing happened.",
		.looks_at = "The declared log files, beside StandardOutput= and StandardError= as the manager has loaded them, or the job's paths.",
		.fix = "Correct the declaration, or install the agent again from it.",
	},
	{
		.id = "PP-03",
		.title = "logs in a temporary directory",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		.wants = WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS | CHECK_SCAN | CHECK_PATTERNS,
		.run = run_pp03,
		.why = "/tmp is emptied, so the evidence is gone; it is everybody's, so the log may be a link that somebody planted.",
		.looks_at = "StandardOutput= and StandardError=, StandardOutPath, redirections in wrapper scripts, and the declared logs.",
		.fix = "Log to the journal, or to a directory of the owner's.",
	},
	{ .id = NULL },
};
