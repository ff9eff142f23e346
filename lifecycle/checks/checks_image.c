/* SPDX-License-Identifier: MIT */
/* The image: is it there, may it be that one, where is it from. */
#include <string.h>

#include "formats/imageref.h"
#include "formats/provenance.h"
#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

static bool answered_ok(const struct answer *a)
{
	return a && record_answered(&a->rec) && (a->rec.status == 0 || a->rec.status == 200);
}

static bool said_missing(const struct answer *a)
{
	return a && record_answered(&a->rec) && (a->rec.status == 404 || a->rec.status == 1 ||
							(a->rec.status == 125 && podman_cause_of(buf_str(&a->err), a->err.len) == PODMAN_CAUSE_NO_IMAGE));
}

static void image_missing(struct report *r, const struct answer *a)
{
	const struct agent *g = r->e->target.agent;
	struct finding *f = report_fail(r, "the image %s is not in the owner's storage", r->e->podman.image_ref);

	finding_cite_answer(f, a);
	if (g->podman.pull == PULL_ALWAYS) {
		f->verdict = VERDICT_WARN;
		finding_hint(f, "it would be pulled at the next start, as declared (pull: always)");
	} else if (g->source_image) {
		remedy_script_as_owner(f, r->e, "podman pull %s && podman tag %s %s", g->source_image, g->source_image, r->e->podman.image_ref);
	} else {
		finding_hint(f, "build or load it once under that name (podman build, podman load)");
	}
}

static const struct answer *image_answer(const struct engine *g)
{
	return !g ? NULL : g->image ? g->image : g->images_answer;
}

enum presence image_presence(const struct evidence *e, const struct engine *g)
{
	const struct answer *a = image_answer(g);
	bool there = g && engine_image(e, g);

	if (g && (said_missing(g->image) || (!g->image && answered_ok(a) && !there)))
		return PRESENCE_MISSING;
	return answered_ok(a) && there ? PRESENCE_THERE : PRESENCE_UNKNOWN;
}

void judge_image_present(struct report *r)
{
	const struct evidence *e = r->e;
	const struct engine *g = wanted_engine(e);

	if (!e->podman.image_ref) {
		report_skip(r, "no image is declared");
		return;
	}
	const struct answer *a = image_answer(g);
	if (!report_need(r, a, "the image"))
		return;
	enum presence p = image_presence(e, g);
	if (p == PRESENCE_MISSING) {
		image_missing(r, a);
	} else if (p == PRESENCE_UNKNOWN) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "Podman did not say whether %s is there", e->podman.image_ref), a);
	} else {
		const struct podman_image *i = engine_image(e, g);
		const char *id = i->id && text_starts(i->id, "sha256:") ? i->id + strlen("sha256:") : i->id;
		finding_cite_answer(report_ok(r, "%s is %.12s", e->podman.image_ref, id ? id : "there"), a);
	}
}

void declared_image(const struct agent *a, struct report *r)
{
	_cleanup_imageref_ struct imageref ref = { 0 };

	if (!a->image) {
		finding_at(report_fail(r, "no image is declared"), a->path, a->line);
		return;
	}
	if (imageref_is_id(a->image)) {
		report_ok(r, "the image is named by its id");
	} else if (imageref_parse(a->image, &ref, NULL)) {
		finding_at(report_fail(r, "the image reference %s does not parse", a->image), a->path, a->line);
	} else if (!imageref_is_localhost(&ref)) {
		struct finding *f = report_fail(r, "the runtime image %s is a registry's: a persistent runtime runs localhost/ images only", a->image);
		finding_hint(finding_at(f, a->path, a->line), "give it a local tag once (podman tag %s localhost/%s) and declare that; keep this one as sourceImage",
			a->image, ref.repository ? ref.repository : "NAME");
	} else {
		report_ok(r, "%s is local", a->image);
	}
}

static void run_tag(struct report *r)
{
	declared_image(r->e->target.agent, r);
}

static const char *plain_id(const char *id)
{
	return id && text_starts(id, "sha256:") ? id + strlen("sha256:") : id;
}

/* What was recorded when the image was given its tag: the tag must still name that image. */
static void provenance(struct report *r, struct finding *f, const struct podman_image *now)
{
	const struct file_evidence *file = &r->e->provenance;
	_cleanup_provenance_ struct provenance p = { 0 };

	if (file_outcome(file) != OUTCOME_OK || provenance_parse("provenance.json", buf_str(&file->answer->out), file->answer->out.len, &p, NULL)) {
		finding_detail(f, "no provenance is recorded");
		return;
	}
	_cleanup_free_ char *pulled = when_words(p.pulled_us);
	finding_detail(f, "imported %s from %s, pull auth %s", pulled, p.source_file ? p.source_file : p.source_image ? p.source_image : "somewhere",
		p.pull_auth ? p.pull_auth : "unknown");
	finding_cite_answer(f, file->answer);
	if (!now->id || !text_eq(p.runtime_image, r->e->podman.image_ref) || text_eq(plain_id(now->id), plain_id(p.image_id)))
		return;
	struct finding *x = report_fail(r, "%s names another image than was imported under that name", p.runtime_image);
	finding_detail(x, "imported  %.12s", plain_id(p.image_id));
	finding_detail(x, "now       %.12s", plain_id(now->id));
	finding_hint(finding_cite_answer(x, file->answer), "find out who moved the tag; import the image that is meant: sourceos-agent image import NAME FILE|REF");
}

/* Provenance, beside presence. */
static void run_dr07(struct report *r)
{
	const struct evidence *e = r->e;
	const struct engine *g = wanted_engine(e);

	judge_image_present(r);
	if (r->verdict != VERDICT_OK)
		return;
	const struct podman_image *i = engine_image(e, g);
	struct finding *f = r->out->v[r->out->n - 1];
	_cleanup_free_ char *made = when_words(i->created_us);
	finding_detail(f, "runtime image %s, created %s", e->podman.image_ref, made);
	finding_detail(f, "source image %s", e->target.agent->source_image ? e->target.agent->source_image : "not declared");
	finding_detail(f, "runtime auth %s", auth_mode_name(e->target.agent->auth.mode));
	provenance(r, f, i);
}

const struct check checks_image[] = {
	{
		.id = "PF-09",
		.title = "image present",
		.severity = VERDICT_FAIL,
		.requires = { "PF-04", "PF-08" },
		.wants = WANT_IMAGE | WANT_CONTAINER | WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = judge_image_present,
		.why = "With pull=never a missing image makes every start fail with exit 125.",
		.looks_at = "podman image inspect of the declared image, as the owner, in the storage of the engine that will run it.",
		.fix = "podman pull SOURCE && podman tag SOURCE IMAGE, once, by a person.",
	},
	{
		.id = "PF-10",
		.title = "image tag",
		.severity = VERDICT_FAIL,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = run_tag,
		.why = "A registry's tag can change or need credentials between two restarts; a local one cannot.",
		.looks_at = "The declared runtime image.",
		.fix = "podman tag IMAGE localhost/NAME, and declare that as the image.",
	},
	{
		.id = "DR-07",
		.title = "image",
		.severity = VERDICT_FAIL,
		.requires = { "DR-05", "DR-06" },
		.wants = WANT_IMAGE | WANT_CONTAINER | WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_DOCTOR,
		.run = run_dr07,
		.why = "What runs, and where it is from, is the first question after an incident.",
		.looks_at = "podman image inspect of the runtime image, and the source image of the declaration.",
		.fix = "podman pull SOURCE && podman tag SOURCE IMAGE, once, by a person.",
	},
	{ .id = NULL },
};
