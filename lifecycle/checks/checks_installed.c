/* SPDX-License-Identifier: MIT */
/* What install wrote, beside what is there now. */
#include <string.h>

#include "bundle/sha256.h"
#include "formats/json.h"
#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/tables.h"

static const char *sha256_at_install(const json_t *doc, const char *path)
{
	const json_t *f;
	size_t i;

	json_array_foreach(json_object_get(doc, "files"), i, f)
		if (text_eq(json_get(f, "path"), path))
			return json_get(f, "sha256");
	return NULL;
}

static bool was_redacted(const struct buf *b)
{
	return memmem(b->data, b->len, "REDACTED_", strlen("REDACTED_")) != NULL;
}

/* A file that install did not write is not judged. Returns whether it did. */
static bool judge_file(struct report *r, const json_t *doc, const struct file_evidence *f)
{
	const char *then = f->path ? sha256_at_install(doc, f->path) : NULL;
	char now[2 * SHA256_BYTES + 1];
	uint8_t digest[SHA256_BYTES];

	if (!then || file_outcome(f) != OUTCOME_OK)
		return false;
	const struct buf *b = &f->answer->out;
	sha256_of(digest, b->data, b->len);
	text_hex(now, digest, sizeof(digest));
	if (strcmp(now, then) == 0)
		return true;
	if (was_redacted(b)) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "%s was redacted: whether it is as installed cannot be told", f->path), f->answer);
		return true;
	}
	struct finding *x = report_warn(r, "%s is not as install wrote it: somebody edited it", f->path);
	finding_detail(x, "installed  sha256 %.16s", then);
	finding_detail(x, "on disk    sha256 %.16s", now);
	finding_at(finding_cite_answer(finding_cite_answer(x, f->answer), r->e->installed.answer), f->path, 0);
	finding_remedy(x, "sourceos-agent install %s --replace", r->e->target.agent->name);
	return true;
}

static void run_la05(struct report *r)
{
	const struct evidence *e = r->e;
	const struct unit_evidence *u = &e->service.unit;
	_cleanup_json_ json_t *doc = NULL;
	size_t ours = 0;

	if (!need_installed(r))
		return;
	if (!e->target.declared || !e->installed.answer || file_outcome(&e->installed) == OUTCOME_ABSENT) {
		report_skip(r, "it was not installed by sourceos-agent");
		return;
	}
	if (!report_need(r, e->installed.answer, "what install wrote"))
		return;
	const struct buf *b = &e->installed.answer->out;
	if (json_read(e->installed.path, buf_str(b), b->len, JSON_READ_UNIQUE, &doc, NULL)) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "%s is damaged", e->installed.path), e->installed.answer);
		return;
	}
	const struct file_evidence *files[] = { &u->fragment, &u->source, &e->service.program };
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		ours += judge_file(r, doc, files[i]);
	for (size_t i = 0; i < e->launchd.n_definitions; i++)
		ours += judge_file(r, doc, &e->launchd.definitions[i].file);
	if (r->verdict == VERDICT_NOT_APPLICABLE && ours)
		finding_cite_answer(report_ok(r, "definition and launcher are as install wrote them"), e->installed.answer);
	else if (!ours)
		report_skip(r, "nothing that install wrote was collected");
}

const struct check checks_installed[] = {
	{
		.id = "LA-05",
		.title = "installed files are as installed",
		.wants = WANT_SERVICE | WANT_IMAGE | WANT_LOGS,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_la05,
		.why = "A launcher or definition that was edited in place runs what nobody declared, and looks like what was installed.",
		.looks_at = "The SHA-256 of the definition and the launcher, beside those that install noted in installed.json.",
		.fix = "sourceos-agent install NAME --replace, which keeps the edited file aside; or declare what was edited.",
	},
	{ .id = NULL },
};
