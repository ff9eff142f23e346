/* SPDX-License-Identifier: MIT */
/* What install wrote, beside what is there now. */
#include <string.h>

#include "bundle/sha256.h"
#include "formats/json.h"
#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/tables.h"

/* A row of installed.json: see docs/formats/state.md. */
struct written {
	const char *what, *path, *sha256;
	bool redacts; /* a bundle has it changed */
};

static bool written_read(const json_t *row, struct written *ret)
{
	uint8_t digest[SHA256_BYTES];

	*ret = (struct written){ json_get(row, "what"), json_get(row, "path"), json_get(row, "sha256"), json_is_true(json_object_get(row, "redacts")) };
	return ret->what && ret->path && ret->sha256 && strlen(ret->sha256) == 2 * SHA256_BYTES && text_unhex(digest, SHA256_BYTES, ret->sha256) == 0;
}

/* Credentials, too, are among what install wrote: theirs is another check. */
static bool is_run(const struct written *w)
{
	static const char *const kinds[] = { "wrapper", "unit", "Quadlet", "property list" };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(w->what, kinds[i]) == 0)
			return true;
	return false;
}

/* The manager may name a definition by another path, where a directory is a link. */
static bool same_definition(const struct file_evidence *f, const char *path)
{
	return f->path && text_eq(text_base_name(f->path), text_base_name(path));
}

/* What the service's own chain read: NULL when the service has nothing to do with the path. */
static const struct file_evidence *evidence_of(const struct evidence *e, const struct written *w)
{
	const struct file_evidence *definitions[] = { &e->service.unit.fragment, &e->service.unit.source };

	/* what starts a Quadlet's container is Podman; its launcher is asked before */
	if (strcmp(w->what, "wrapper") == 0)
		return text_eq(e->service.program.path, w->path) ? &e->service.program : text_eq(e->launcher.path, w->path) ? &e->launcher : NULL;
	for (size_t i = 0; i < ARRAY_LEN(definitions); i++)
		if (same_definition(definitions[i], w->path))
			return definitions[i];
	for (size_t i = 0; i < e->launchd.n_definitions; i++)
		if (same_definition(&e->launchd.definitions[i].file, w->path))
			return &e->launchd.definitions[i].file;
	return NULL;
}

static void edited(struct report *r, const struct written *w, const struct file_evidence *f, const char *how)
{
	struct finding *x = report_warn(r, "%s is not as install wrote it: %s", w->path, how);

	finding_at(finding_cite_answer(finding_cite_answer(x, f ? f->answer : NULL), r->e->installed.answer), w->path, 0);
	finding_remedy(x, "sourceos-agent install %s --replace", r->e->target.agent->name);
}

static void compare(struct report *r, const struct written *w, const struct file_evidence *f)
{
	const struct buf *b = &f->answer->out;
	char now[SHA256_HEX];

	sha256_hex_of(now, b->data, b->len);
	if (strcasecmp(now, w->sha256) == 0)
		return;
	if (w->redacts && b->len && memmem(b->data, b->len, "REDACTED_", strlen("REDACTED_"))) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "%s was redacted: whether it is as installed cannot be told", w->path), f->answer);
		return;
	}
	/* without the hash of what is there: a bundle would show another, of what was redacted */
	edited(r, w, f, "somebody edited it");
}

static void judge_written(struct report *r, const struct written *w)
{
	const struct evidence *e = r->e;
	const struct file_evidence *f = evidence_of(e, w);
	bool known = e->service.program.path || e->service.exec_start.n || e->service.unit.fragment.path || e->launchd.n_definitions;

	if (!f && known) {
		edited(r, w, NULL, strcmp(w->what, "wrapper") == 0 ? "the service starts something else" : "the service is defined elsewhere");
		return;
	}
	switch (f ? file_outcome(f) : OUTCOME_NOT_COLLECTED) {
	case OUTCOME_OK:
		compare(r, w, f);
		break;
	case OUTCOME_CUT:
		edited(r, w, f, "it is larger than anything that install writes");
		break;
	case OUTCOME_ABSENT:
		edited(r, w, f, "it is gone");
		break;
	case OUTCOME_REFUSED:
		edited(r, w, f, "it is a program, or no file at all");
		break;
	default:
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "%s was not read: whether it is as installed cannot be told", w->path),
			f ? f->answer : NULL);
	}
}

static void run_la05(struct report *r)
{
	const struct evidence *e = r->e;
	const struct answer *a = e->installed.answer;
	_cleanup_json_ json_t *doc = NULL;
	struct written w;
	const json_t *row;
	size_t i, n = 0;

	if (!need_installed(r))
		return;
	if (!e->target.declared || !a || file_outcome(&e->installed) == OUTCOME_ABSENT) {
		report_skip(r, "it was not installed by sourceos-agent");
		return;
	}
	if (!report_need(r, a, "what install wrote"))
		return;
	bool damaged = json_read(e->installed.path, buf_str(&a->out), a->out.len, JSON_READ_UNIQUE, &doc, NULL) != 0;
	json_array_foreach(json_object_get(doc, "files"), i, row) {
		bool ok = written_read(row, &w);
		damaged = damaged || !ok;
		if (!ok || !is_run(&w))
			continue;
		judge_written(r, &w);
		n++;
	}
	if (damaged || !n)
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "%s is damaged: whether all is as installed cannot be told", e->installed.path), a);
	else if (r->verdict == VERDICT_NOT_APPLICABLE)
		finding_cite_answer(report_ok(r, "definition and launcher are as install wrote them"), a);
}

const struct check checks_installed[] = {
	{
		.id = "LA-05",
		.title = "installed files are as installed",
		.severity = VERDICT_WARN,
		.wants = WANT_SERVICE | WANT_IMAGE | WANT_LOGS,
		.platforms = ON_ANY,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_la05,
		.why = "A launcher or definition that was edited in place runs what nobody declared, and looks like what was installed.",
		.looks_at = "The SHA-256 of the unit, Quadlet or property list, and of the launcher that it starts or asks, beside those that install noted in installed.json. "
			    "Drop-ins are other checks' business.",
		.fix = "sourceos-agent install NAME --replace, which keeps the edited file aside; or declare what was edited.",
	},
	{ .id = NULL },
};
