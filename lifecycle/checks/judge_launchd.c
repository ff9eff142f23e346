/* SPDX-License-Identifier: MIT */
/* The service as launchd has it: domains, overrides, claims, definition. */
#include "lifecycle/checks/judge_launchd.h"

#include <string.h>

#include "formats/text.h"

static const char *label_of(const struct report *r)
{
	return r->e->target.agent->label;
}

/* Where the agent belongs: "gui/501", "system". Caller frees. */
static char *home_domain(const struct evidence *e)
{
	return e->target.agent->scope == SCOPE_SYSTEM ? mem_strdup("system") : mem_printf("gui/%u", (unsigned)e->target.owner.id.uid);
}

static struct finding *remedy_launchctl(struct finding *f, const struct report *r, const char *verb, const char *domain, const char *path)
{
	bool root = strcmp(domain, "system") == 0 || r->e->caller.id.uid != r->e->target.owner.id.uid;

	if (path)
		return finding_remedy(f, root ? "sudo launchctl %s %s %s" : "launchctl %s %s %s", verb, domain, path);
	return finding_remedy(f, root ? "sudo launchctl %s %s/%s" : "launchctl %s %s/%s", verb, domain, label_of(r));
}

const struct launchd_definition *launchd_defined(const struct evidence *e)
{
	for (size_t i = 0; i < e->launchd.n_definitions; i++)
		if (file_is_there(&e->launchd.definitions[i].file))
			return &e->launchd.definitions[i];
	return NULL;
}

/* The answer that a statement about the state rests on. */
static const struct answer *state_answer(const struct evidence *e)
{
	const struct launchd_domain *d = launchd_loaded(&e->launchd);

	return d ? d->print : e->launchd.n_domains ? e->launchd.domains[0].print : NULL;
}

static bool need_state(struct report *r)
{
	const struct launchd_evidence *l = &r->e->launchd;

	if (launchd_loaded(l) || launchd_loaded_known(l))
		return true;
	if (report_need(r, state_answer(r->e), "what launchd says of it"))
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "launchd did not say whether it is loaded"), state_answer(r->e));
	return false;
}

bool need_launchd(struct report *r, bool installed_only)
{
	const struct launchd_evidence *l = &r->e->launchd;

	if (launchd_loaded(l) || launchd_defined(r->e))
		return true;
	if (!need_state(r))
		return false;
	if (!installed_only)
		return true;
	for (size_t i = 0; i < l->n_definitions; i++)
		if (file_outcome(&l->definitions[i].file) == OUTCOME_DENIED) {
			report_add(r, VERDICT_UNKNOWN, "%s may not be looked at: give Full Disk Access, or ask as root", l->definitions[i].file.path);
			return false;
		}
	finding_cite_answer(report_skip(r, "not installed"), state_answer(r->e));
	return false;
}

/* ---- PF-02 ---- */

void launchd_backend(struct report *r)
{
	const struct launchd_evidence *l = &r->e->launchd;
	_cleanup_free_ char *home = home_domain(r->e);

	for (size_t i = 0; i < l->n_domains; i++) {
		const struct answer *a = l->domains[i].print;
		if (!text_eq(l->domains[i].target, home))
			continue;
		if (!report_need(r, a, "launchd's domain"))
			return;
		if (a->rec.status == 112) {
			struct finding *f = report_fail(r, "%s has no session at the screen, so launchd has no domain %s", r->e->target.owner.id.name, home);
			finding_hint(finding_cite_answer(f, a), "log in as %s; an agent of a session cannot run without one", r->e->target.owner.id.name);
		} else if (a->rec.outcome == OUTCOME_ABSENT) {
			report_add(r, VERDICT_UNKNOWN, "there is no launchctl to ask");
		} else {
			finding_cite_answer(report_ok(r, "launchd's domain %s answers", home), a);
		}
		return;
	}
	report_need(r, NULL, "launchd's domain");
}

/* ---- DR-01 ---- */

/* Login Items in System Settings: launchd starts nothing that is switched off there, and launchctl does not show it. NULL when it is
 * not, or that is not known. */
static const struct macos_btm_item *switched_off(const struct evidence *e)
{
	const struct launchd_definition *def = launchd_defined(e);
	int64_t uid = e->target.agent->scope == SCOPE_SYSTEM ? 0 : (int64_t)e->target.owner.id.uid;
	const struct macos_btm_item *it = macos_btm_find(&e->launchd.btm, uid, e->target.agent->label, def ? def->file.path : NULL);

	return it && it->known && !it->allowed ? it : NULL;
}

static void not_loaded(struct report *r)
{
	const struct launchd_definition *d = launchd_defined(r->e);
	_cleanup_free_ char *home = home_domain(r->e);

	if (!d) {
		finding_cite_answer(report_skip(r, "%s is not installed", label_of(r)), state_answer(r->e));
		return;
	}
	struct finding *f = report_warn(r, "%s is there, and loaded in no domain", d->file.path);
	finding_cite_answer(finding_at(f, d->file.path, 0), state_answer(r->e));
	if (!r->e->launchd.btm.n)
		finding_detail(f, "whether Login Items in System Settings allow it is not known: sudo sfltool dumpbtm tells");
	if (r->e->launchd.disabled[r->e->target.agent->scope == SCOPE_SYSTEM].override == 1)
		finding_hint(f, "an override disables it: see DR-02");
	else if (switched_off(r->e))
		finding_hint(f, "Login Items in System Settings keep it from being loaded: see DR-02");
	else if (d->has_label && !lints_count(&d->lints, LINT_ERROR))
		remedy_launchctl(f, r, "bootstrap", home, d->file.path);
	else
		finding_hint(f, "bootstrap would say 5 (Input/output error): see DR-03");
}

void launchd_state(struct report *r)
{
	const struct launchd_domain *d = launchd_loaded(&r->e->launchd);
	const struct launchctl_service *s = d ? d->service : NULL;
	struct finding *f;

	if (!s) {
		if (need_state(r))
			not_loaded(r);
		return;
	}
	const char *state = s->state_text ? s->state_text : "in a state that is not told";
	if (launchctl_service_has(s, "penalty box"))
		f = report_fail(r, "in launchd's penalty box in %s: it could not be started, again and again", d->target);
	else if (text_eq(s->job_state, "spawn failed"))
		f = report_fail(r, "launchd cannot start it in %s: %s", d->target, s->exit_text ? s->exit_text : "spawn failed");
	else if (s->state == LAUNCHCTL_STATE_SPAWN_SCHEDULED && launchctl_service_failed(s))
		f = report_fail(r, "it died and waits to be started again in %s", d->target);
	else if (launchctl_service_has(s, "needs LWCR update") && s->exit_text && strstr(s->exit_text, "CODESIGNING"))
		f = finding_hint(report_fail(r, "its program was replaced in place, and launchd kills it for its signature"),
			"launchctl bootout, then bootstrap");
	else if (s->state == LAUNCHCTL_STATE_RUNNING && launchctl_service_respawns(s) && launchctl_service_failed(s) && s->runs > 100)
		f = report_warn(r, "%s in %s for now: it was started %lld times, and the run before failed", state, d->target, (long long)s->runs);
	else if (s->pid)
		f = report_ok(r, "%s in %s, process %lld", state, d->target, (long long)s->pid);
	else
		f = report_ok(r, "%s in %s%s", state, d->target, launchctl_service_triggered(s) ? ", started by what triggers it" : "");
	finding_cite_answer(f, d->print);
	if (s->throttled_for > 0)
		finding_detail(f, "throttled for %lld seconds", (long long)s->throttled_for);
}

/* ---- PF-15, DR-02 ---- */

void launchd_disabled(struct report *r)
{
	const struct launchd_disabled *d = &r->e->launchd.disabled[r->e->target.agent->scope == SCOPE_SYSTEM];
	const struct launchd_definition *def = launchd_defined(r->e);
	_cleanup_free_ char *home = home_domain(r->e);
	const struct answer *a = d->overrides && d->answer && record_answered(&d->answer->rec) ? d->answer : d->database;

	if (!d->overrides) {
		if (report_need(r, d->answer, "the disabled overrides"))
			finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "the disabled overrides could not be read"), d->answer);
		return;
	}
	if (d->override == 1) {
		struct finding *f = report_fail(r, "an override disables %s: launchd does not load it (5, or 119)", label_of(r));
		remedy_launchctl(finding_cite_answer(f, a), r, "enable", home, NULL);
		finding_detail(f, "the override outlives the property list; Login Items in System Settings may have set it");
	} else if (d->override == -1 && def && def->plist && def->plist->disabled == TRI_YES) {
		struct finding *f = report_fail(r, "its property list says Disabled, and no override enables it");
		remedy_launchctl(finding_at(f, def->file.path, 0), r, "enable", home, NULL);
	} else {
		finding_cite_answer(report_ok(r, d->override == 0 ? "an override enables it" : "no override disables it"), a);
	}
}

void launchd_switched_off(struct report *r)
{
	const struct macos_btm_item *it = switched_off(r->e);

	if (!it)
		return;
	const char *under = it->developer ? it->developer : it->name ? it->name : label_of(r);
	_cleanup_free_ char *shown = text_safe(under), *said = text_safe(it->disposition);
	struct finding *f = report_fail(r, "it is switched off in System Settings, Login Items: launchd does not start it");
	finding_hint(finding_cite_answer(f, r->e->launchd.btm_answer), "if it is wanted, its user switches it on: System Settings, General, Login Items, \"%s\"",
		shown);
	finding_detail(f, "Background Task Management: %s", said);
}

/* ---- PF-16, DR-02 ---- */

static void other_claims(struct report *r)
{
	const struct launchd_evidence *l = &r->e->launchd;
	const struct launchd_definition *first = launchd_defined(r->e);

	for (size_t i = 0; i < l->n_definitions; i++) {
		const struct launchd_definition *d = &l->definitions[i];
		bool legacy = d->dir == LAUNCHD_DIR_LOCAL_AGENTS && r->e->target.declared;

		if (d == first || !file_is_there(&d->file) || (!d->has_label && d->plist))
			continue;
		struct finding *f = report_fail(r, legacy ? "an old system-wide property list claims the label: %s" : "another property list claims the label: %s",
			d->file.path);
		finding_cite_answer(finding_at(f, d->file.path, 0), d->file.answer);
		finding_hint(f, "keep one of the two: launchd loads the one that it meets first");
	}
}

static void many_domains(struct report *r)
{
	const struct launchd_evidence *l = &r->e->launchd;
	const struct launchd_domain *first = launchd_loaded(l);

	for (size_t i = 0; i < l->n_domains; i++)
		if (l->domains[i].service && &l->domains[i] != first)
			finding_cite_answer(report_fail(r, "the label is loaded in %s and in %s", first->target, l->domains[i].target), l->domains[i].print);
}

void launchd_duplicates(struct report *r)
{
	const struct launchd_evidence *l = &r->e->launchd;
	size_t blind = 0, unread = 0;

	other_claims(r);
	many_domains(r);
	for (size_t i = 0; i < ARRAY_LEN(l->listings); i++) {
		const struct answer *a = l->listings[i].answer;
		blind += !a || (!record_answered(&a->rec) && a->rec.outcome != OUTCOME_ABSENT);
		unread += l->listings[i].unread;
	}
	if (r->verdict == VERDICT_FAIL)
		return;
	if (blind)
		report_add(r, VERDICT_UNKNOWN, "%zu of %zu directories of property lists could not be looked into", blind, ARRAY_LEN(l->listings));
	else if (unread)
		report_warn(r, "nothing else claims the label, as far as could be read: %zu property lists could not", unread);
	else
		report_ok(r, "no other property list claims the label");
}

void launchd_stale(struct report *r)
{
	const struct launchd_domain *d = launchd_loaded(&r->e->launchd);
	const struct launchd_definition *first = r->e->launchd.n_definitions ? r->e->launchd.definitions : NULL;

	if (!d || !d->service->path || !first || !text_eq(first->file.path, d->service->path) || file_outcome(&first->file) != OUTCOME_ABSENT)
		return;
	struct finding *f = report_fail(r, "stale: it is loaded in %s from %s, which is gone", d->target, d->service->path);
	remedy_launchctl(finding_cite_answer(f, d->print), r, "bootout", d->target, NULL);
}

/* ---- PF-17, DR-03 ---- */

void launchd_lint(struct report *r)
{
	const struct launchd_definition *d = launchd_defined(r->e);

	if (!need_launchd(r, true))
		return;
	if (!d) {
		for (size_t i = 0; i < r->e->launchd.n_definitions; i++)
			if (!report_need(r, r->e->launchd.definitions[i].file.answer, "the property list"))
				return;
		report_skip(r, "no property list");
		return;
	}
	if (!report_need(r, d->file.answer, "the property list"))
		return;
	for (size_t i = 0; i < d->lints.n; i++) {
		const struct lint *x = &d->lints.v[i];
		if (x->level == LINT_NOTE)
			continue;
		struct finding *f = report_add(r, x->level == LINT_ERROR ? VERDICT_FAIL : VERDICT_WARN, "%s", x->text);
		finding_cite_answer(finding_at(f, d->file.path, (unsigned)x->line), d->file.answer);
		finding_detail(f, "%s", x->id);
		if (strcmp(x->id, "file.owner") == 0)
			finding_remedy(f, "sudo chown %u %s", d->dir == LAUNCHD_DIR_USER_AGENTS ? (unsigned)r->e->target.owner.id.uid : 0, d->file.path);
		else if (strcmp(x->id, "file.mode") == 0)
			finding_remedy(f, "sudo chmod 644 %s", d->file.path);
	}
	if (r->verdict == VERDICT_NOT_APPLICABLE)
		finding_cite_answer(finding_at(report_ok(r, "launchd accepts the property list"), d->file.path, 0), d->file.answer);
}
