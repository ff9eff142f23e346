/* SPDX-License-Identifier: MIT */
/* Which credentials Podman would use for the image, told without running anything. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

/* The question and its answer, with what the sources are made of. */
struct auth_view {
	struct auth_source *sources;
	size_t n;
	struct auth_answer answer;
	bool complete; /* every file was asked */
};

static void auth_view_free(struct auth_view *v)
{
	free(v->sources);
	auth_answer_free(&v->answer);
}

static const char *pull_of(const struct evidence *e)
{
	static const char *const words[] = { [PULL_NEVER] = "never", [PULL_EXPLICIT] = "missing", [PULL_ALWAYS] = "always" };
	const char *said = e->service.run.argv ? argv_option(e->service.run.argv, "--pull") : NULL;

	if (said)
		return said;
	return e->service.run.program ? NULL : words[e->target.agent->podman.pull];
}

/* As the service is now: its own command when one was found, else what the declaration asks of the launcher. */
static void auth_ask(const struct evidence *e, struct auth_view *ret)
{
	const struct engine *g = wanted_engine(e);
	const struct shell_command *run = &e->service.run;
	const char *image = run->image && !strchr(run->image, '$') ? run->image : e->target.agent->image;
	bool same = text_eq(image, e->podman.image_ref);
	struct auth_question q = { .image = image, .client = evidence_is_remote(e) ? PODMAN_REMOTE : PODMAN_LOCAL, .pull = pull_of(e),
		.command = text_eq(run->verb, "start") ? PODMAN_START : PODMAN_RUN,
		.creds = run->argv && argv_option(run->argv, "--creds"), .image_is_local = same && engine_image(e, g), .podman = e->podman.version };

	static char untold[] = "a file that is named only when it runs";

	*ret = (struct auth_view){ .complete = true };
	ret->sources = mem_alloc((e->auth.n_files + AUTH_PLACES) * sizeof(*ret->sources));
	for (unsigned place = 0; place < AUTH_PLACES; place++)
		if (e->auth.only_a_run_tells & 1u << place)
			ret->sources[ret->n++] = (struct auth_source){ .place = place, .path = untold, .unreadable = true };
	for (size_t i = 0; i < e->auth.n_files; i++) {
		const struct auth_evidence_file *f = &e->auth.files[i];
		enum outcome o = file_outcome(&f->file);
		/* the declared authfile counts for the command only when the command names it */
		if (f->place == AUTH_PLACE_AUTHFILE && !f->commanded && run->program)
			continue;
		ret->complete = ret->complete && o != OUTCOME_NOT_COLLECTED;
		bool there = o != OUTCOME_ABSENT;
		ret->sources[ret->n++] = (struct auth_source){ .place = f->place, .path = f->file.path, .file = f->parsed,
			.unreadable = there && o != OUTCOME_OK && o != OUTCOME_CUT, .broken = (o == OUTCOME_OK || o == OUTCOME_CUT) && !f->parsed };
	}
	auth_resolve(&q, ret->sources, ret->n, &ret->answer);
}

static const struct auth_evidence_file *declared_file(const struct evidence *e)
{
	for (size_t i = 0; i < e->auth.n_files; i++)
		if (e->auth.files[i].declared)
			return &e->auth.files[i];
	return NULL;
}

/* The launcher gives --authfile, DOCKER_CONFIG at an empty config and --pull=never. */
static struct authfile *launcher_ask(const struct evidence *e, struct auth_view *ret)
{
	static const char empty_text[] = "{\"auths\":{}}";
	static char config[] = "(an empty directory of the launcher's)";
	static char made[] = "(an empty file of the launcher's)";
	const struct auth_evidence_file *declared = declared_file(e);
	struct authfile *empty = NULL;
	struct auth_question q = { .image = e->target.agent->image, .client = wants_machine(e) ? PODMAN_REMOTE : PODMAN_LOCAL, .pull = "never",
		.command = PODMAN_RUN, .image_is_local = true, .podman = e->podman.version };

	*ret = (struct auth_view){ .complete = true, .sources = mem_alloc((e->auth.n_files + 2) * sizeof(*ret->sources)) };
	authfile_parse("empty", empty_text, strlen(empty_text), &empty, NULL);
	/* what the declared file really holds is PF-11's */
	ret->sources[ret->n++] = (struct auth_source){ .place = AUTH_PLACE_AUTHFILE, .path = declared ? declared->file.path : made,
		.file = declared && declared->parsed ? declared->parsed : empty };
	ret->sources[ret->n++] = (struct auth_source){ .place = AUTH_PLACE_DOCKER_ENV, .path = config, .file = empty };
	for (size_t i = 0; i < e->auth.n_files; i++) {
		const struct auth_evidence_file *f = &e->auth.files[i];
		if (f->place == AUTH_PLACE_AUTHFILE || f->place == AUTH_PLACE_REGISTRY_ENV || f->place == AUTH_PLACE_DOCKER_ENV)
			continue;
		ret->complete = ret->complete && file_outcome(&f->file) != OUTCOME_NOT_COLLECTED;
		ret->sources[ret->n++] = (struct auth_source){ .place = f->place, .path = f->file.path, .file = f->parsed };
	}
	auth_resolve(&q, ret->sources, ret->n, &ret->answer);
	return empty;
}

static void tell_order(struct finding *f, const struct evidence *e, const struct auth_view *v)
{
	for (size_t i = 0; i < v->answer.n_steps; i++) {
		const struct auth_step *s = &v->answer.steps[i];
		const struct auth_source *src = &v->sources[s->source];
		finding_detail(f, "%zu. %s %s: %s", i + 1, auth_place_name(src->place), src->path, s->why ? s->why : s->consulted ? "read" : "not read");
	}
	for (size_t i = 0; i < e->auth.n_files; i++)
		finding_cite_answer(f, e->auth.files[i].file.answer);
}

static void runs_helper(struct report *r, const struct auth_view *v)
{
	const struct auth_run *run = &v->answer.runs[0];
	/* an interactive one is PP-04's failure: one cause, one failure */
	struct finding *f = report_add(r, run->interactive ? VERDICT_WARN : VERDICT_FAIL, "Podman would run docker-credential-%s for %s, named in %s", run->helper,
		run->registry, v->sources[run->source].path);

	finding_at(f, v->sources[run->source].path, 0);
	tell_order(f, r->e, v);
	finding_hint(f, "start it with --authfile, DOCKER_CONFIG at an empty config and --pull=never, as the launcher does");
}

/* Does the mode that was declared really isolate the runtime? */
static void run_dr09(struct report *r)
{
	const struct evidence *e = r->e;
	const struct agent *a = e->target.agent;
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;
	struct auth_view v;
	struct view service;

	if (!e->auth.n_files) {
		report_need(r, NULL, "the auth files");
		return;
	}
	if (p && text_eq(p->load_state, "not-found")) {
		report_skip(r, "not installed: preflight judges what the launcher would do (PF-12)");
		return;
	}
	view_of_evidence(e, &service);
	if (view_is_ours(&service)) {
		_cleanup_authfile_ struct authfile *empty = launcher_ask(e, &v);
		tell_order(report_ok(r, "the launcher isolates it: --authfile, DOCKER_CONFIG and --pull=never"), e, &v);
		auth_view_free(&v);
		return;
	}
	auth_ask(e, &v);
	bool own_file = a->auth.mode == AUTH_SERVICE_ACCOUNT, ambient = a->auth.allow_ambient_docker_config;
	if (!v.complete) {
		report_add(r, VERDICT_UNKNOWN, "not every auth file was collected");
	} else if (v.answer.n_runs && !ambient) {
		runs_helper(r, &v);
	} else if (v.answer.fails) {
		tell_order(report_fail(r, "%s", v.answer.why ? v.answer.why : "Podman itself fails on an auth file"), e, &v);
	} else if (v.answer.unknown) {
		tell_order(report_add(r, VERDICT_UNKNOWN, "an auth file that Podman reads could not be read"), e, &v);
	} else {
		bool isolated = true;
		for (size_t i = 0; i < v.answer.n_steps; i++) {
			const struct auth_source *s = &v.sources[v.answer.steps[i].source];
			isolated = isolated && !(v.answer.steps[i].decides && s->place != AUTH_PLACE_AUTHFILE);
		}
		struct finding *f = isolated || ambient ? report_ok(r, "%s: no helper would run and no ambient credential is used", auth_mode_name(a->auth.mode))
					     : report_warn(r, "declared %s, but a credential of the user's own files is used", auth_mode_name(a->auth.mode));
		if (!isolated && own_file)
			finding_hint(f, "name the service account's file with --authfile");
		tell_order(f, e, &v);
	}
	auth_view_free(&v);
}

/* ---- PF-12: as the launcher would start it ---- */

static bool poisonous(const struct auth_evidence_file *f)
{
	return f->place != AUTH_PLACE_AUTHFILE && f->parsed && (f->parsed->n_helpers || authfile_has_secret(f->parsed));
}

static void forbidden_ambient(struct report *r)
{
	const struct evidence *e = r->e;

	for (size_t i = 0; i < e->auth.n_files; i++) {
		const struct auth_evidence_file *f = &e->auth.files[i];
		if (!poisonous(f))
			continue;
		struct finding *x = report_fail(r, "ambient credentials are forbidden, and %s holds some", f->file.path);
		finding_hint(finding_cite_answer(finding_at(x, f->file.path, 0), f->file.answer),
			"move the file away, or declare another auth mode");
	}
	if (r->verdict != VERDICT_FAIL)
		report_ok(r, "no ambient credentials");
}

/* A helper that the declared file names for the service account is meant, unless it asks a person. */
static const struct auth_run *unwanted_run(const struct auth_view *v)
{
	for (size_t i = 0; i < v->answer.n_runs; i++)
		if (v->answer.runs[i].interactive || v->sources[v->answer.runs[i].source].place != AUTH_PLACE_AUTHFILE)
			return &v->answer.runs[i];
	return NULL;
}

static void run_ambient(struct report *r)
{
	const struct evidence *e = r->e;
	struct auth_view v;
	const struct auth_run *run;
	const char *poison = NULL;

	if (!e->auth.n_files) {
		report_need(r, NULL, "the auth files");
		return;
	}
	for (size_t i = 0; i < e->auth.n_files && !poison; i++)
		poison = poisonous(&e->auth.files[i]) ? e->auth.files[i].file.path : NULL;
	_cleanup_authfile_ struct authfile *empty = launcher_ask(e, &v);
	if (e->target.agent->auth.mode == AUTH_FORBIDDEN_AMBIENT)
		forbidden_ambient(r);
	else if (e->target.agent->auth.allow_ambient_docker_config)
		report_warn(r, "the declaration allows ambient credentials");
	else if (!v.complete)
		report_add(r, VERDICT_UNKNOWN, "not every auth file was collected");
	else if ((run = unwanted_run(&v)))
		finding_at(report_fail(r, "even isolated, Podman would run docker-credential-%s", run->helper), v.sources[run->source].path, 0);
	else if (poison)
		report_ok(r, "%s holds credentials or helpers, which the launcher keeps out", poison);
	else
		report_ok(r, "no ambient credentials or helpers");
	tell_order(r->out->v[r->out->n - 1], e, &v);
	auth_view_free(&v);
}

/* ---- PF-11: the declared file ---- */

static void judge_mode_content(struct report *r, const struct auth_evidence_file *f)
{
	const struct agent *a = r->e->target.agent;

	if (a->auth.mode == AUTH_EMPTY_AUTHFILE && !authfile_is_empty(f->parsed)) {
		struct finding *x = report_fail(r, "declared empty-authfile, but %s names registries or helpers", f->file.path);
		remedy_script_as_owner(finding_cite_answer(x, f->file.answer), r->e, "umask 077; echo \"{\\\"auths\\\":{}}\" >%s", f->file.path);
	} else if (a->auth.mode == AUTH_SERVICE_ACCOUNT && !authfile_has_secret(f->parsed)) {
		finding_cite_answer(report_fail(r, "declared service-account, but %s holds no credential", f->file.path), f->file.answer);
	} else {
		finding_cite_answer(report_ok(r, "%s is as %s declares", f->file.path, auth_mode_name(a->auth.mode)), f->file.answer);
	}
}

static void run_authfile(struct report *r)
{
	const struct evidence *e = r->e;
	const struct agent *a = e->target.agent;
	const struct auth_evidence_file *f = declared_file(e);

	if (a->auth.mode == AUTH_NONE || a->auth.mode == AUTH_FORBIDDEN_AMBIENT) {
		report_skip(r, "mode %s has no authfile", auth_mode_name(a->auth.mode));
		return;
	}
	if (!a->auth.authfile) {
		if (a->auth.mode == AUTH_SERVICE_ACCOUNT)
			finding_at(report_fail(r, "mode service-account needs an authfile"), a->path, a->line);
		else
			report_ok(r, "no authfile is named: the launcher makes its own");
		return;
	}
	if (!report_need(r, f ? f->file.answer : NULL, "the declared authfile"))
		return;
	const struct record *rec = &f->file.answer->rec;
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;
	if (rec->outcome == OUTCOME_ABSENT && a->auth.mode == AUTH_EMPTY_AUTHFILE && p && text_eq(p->load_state, "not-found")) {
		finding_cite_answer(report_ok(r, "%s is not there yet: install makes it, empty", f->file.path), f->file.answer);
		return;
	}
	if (rec->outcome == OUTCOME_ABSENT) {
		struct finding *x = report_fail(r, "the authfile %s does not exist", f->file.path);
		_cleanup_free_ char *dir = mem_strndup(f->file.path, (size_t)(strrchr(f->file.path, '/') - f->file.path));
		remedy_script_as_owner(finding_cite_answer(x, f->file.answer), e, "umask 077; mkdir -p %s; echo \"{\\\"auths\\\":{}}\" >%s", dir, f->file.path);
		return;
	}
	if (rec->stat.known && ((rec->stat.mode & 0077) || rec->stat.uid != e->target.owner.id.uid)) {
		struct finding *x = report_fail(r, "%s may be read by others than %s (mode %04o, owner %s)", f->file.path, e->target.owner.id.name,
			rec->stat.mode & 07777, rec->stat.owner ? rec->stat.owner : "unknown");
		remedy_as_owner(finding_cite_answer(x, f->file.answer), e, "chmod 600 %s", f->file.path);
		return;
	}
	if (!f->parsed) {
		finding_cite_answer(report_fail(r, "%s is not an auth file: Podman fails on it", f->file.path), f->file.answer);
		return;
	}
	judge_mode_content(r, f);
}

/* ---- PP-04 ---- */

static void run_pp04(struct report *r)
{
	const struct evidence *e = r->e;
	struct auth_view v;
	struct view service;

	if (!need_installed(r))
		return;
	if (!e->auth.n_files) {
		report_need(r, NULL, "the auth files");
		return;
	}
	view_of_evidence(e, &service);
	pattern_04(&service, r);
	if (r->verdict == VERDICT_FAIL || e->target.agent->auth.allow_interactive_credential_helper || view_is_ours(&service))
		return;
	auth_ask(e, &v);
	for (size_t i = 0; i < v.answer.n_runs; i++) {
		const struct auth_run *run = &v.answer.runs[i];
		if (!run->interactive)
			continue;
		/* in place of what was said of the definition alone */
		struct finding *f = r->out->v[r->out->n - 1];
		f->verdict = r->verdict = VERDICT_FAIL;
		finding_say(f, "every start runs docker-credential-%s, which may ask a person who is not there", run->helper);
		finding_at(f, v.sources[run->source].path, 0);
		finding_detail(f, "credHelpers of %s names it for %s", v.sources[run->source].path, run->registry);
		finding_hint(f, "run a local image with --authfile, DOCKER_CONFIG at an empty config and --pull=never, as the launcher does");
		for (size_t k = 0; k < e->auth.n_files; k++)
			finding_cite_answer(f, e->auth.files[k].file.answer);
		break;
	}
	auth_view_free(&v);
}

const struct check checks_auth[] = {
	{
		.id = "PF-11",
		.title = "authfile",
		.severity = VERDICT_FAIL,
		.wants = WANT_AUTH | WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = run_authfile,
		.why = "A missing or broken --authfile makes Podman fail before anything else; one that others can read leaks.",
		.looks_at = "The declared authfile: presence, owner, mode, and whether what it holds is what the declared mode means.",
		.fix = "umask 077; echo '{\"auths\":{}}' >AUTHFILE",
	},
	{
		.id = "PF-12",
		.title = "no ambient credentials",
		.severity = VERDICT_FAIL,
		.wants = WANT_AUTH | WANT_SERVICE | WANT_IMAGE | WANT_CONTAINER | WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = run_ambient,
		.why = "Podman reads several files of the user and may execute the helpers they name: beside an empty --authfile before 4.4, and with a "
		       "remote client even for a local image.",
		.looks_at = "All auth files that Podman would consult, in its order, for this image, client, version and environment. No helper is run.",
		.fix = "Start with --authfile, DOCKER_CONFIG pointing at an empty config, and --pull=never. The launcher does all three.",
	},
	{
		.id = "DR-09",
		.title = "credentials",
		.severity = VERDICT_FAIL,
		.wants = WANT_AUTH | WANT_SERVICE | WANT_IMAGE | WANT_CONTAINER | WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_DOCTOR | CHECK_STATUS,
		.run = run_dr09,
		.why = "A runtime that depends on a person's login works until nobody is logged in.",
		.looks_at = "All auth files that Podman would consult, in its order, for this image, client, version and environment. No helper is run.",
		.fix = "Start with --authfile, DOCKER_CONFIG pointing at an empty config, and --pull=never. The launcher does all three.",
	},
	{
		.id = "PP-04",
		.title = "interactive credential helper",
		.severity = VERDICT_FAIL,
		.requires = { "PF-02" },
		.wants = WANT_AUTH | WANT_SERVICE | WANT_IMAGE | WANT_CONTAINER | WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN | RUNS(RUNTIME_SYSTEMD),
		.verbs = CHECK_DOCTOR | CHECK_STATUS | CHECK_SCAN | CHECK_PATTERNS,
		.run = run_pp04,
		.why = "gcloud and its like ask for a login when theirs has ended. A service has nobody to ask: it fails, and is started again.",
		.looks_at = "credHelpers of the auth files that Podman would consult, and programs that the wrapper runs.",
		.fix = "Run a local image, and isolate its credentials as the launcher does.",
	},
	{ .id = NULL },
};
