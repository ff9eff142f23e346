/* SPDX-License-Identifier: MIT */
/* bundle summary, report, diff, index: what bundles say, for a ticket, a browser, a person, an engine. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/newfile.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/dossier.h"
#include "lifecycle/handover.h"

int cmd_bundle_summary(struct cli *cli, struct err *err)
{
	_cleanup_dossier_ struct dossier d = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	int r = dossier_open(cli, cli->args[0], &d, err);

	if (r)
		return r;
	casefile_add_brief(&b, &d.file, cli_has(cli, "markdown"));
	if (cli->json)
		cli_print_json(json_pack("{s:s, s:s, s:s, s:s}", "bundle", cli->args[0], "sha256", d.file.sha256, "verdict",
			verdict_name(findings_verdict(&d.exam.findings)), "summary", buf_str(&b)));
	else
		fputs(buf_str(&b), stdout);
	return EXIT_OK;
}

int cmd_bundle_report(struct cli *cli, struct err *err)
{
	_cleanup_dossier_ struct dossier d = { 0 };
	_cleanup_newfile_ struct newfile f = { .fd = -1 };
	_cleanup_buf_ struct buf b = { 0 };
	const char *out = cli_get(cli, "output") ? cli_get(cli, "output") : "report.html";
	int r = dossier_open(cli, cli->args[0], &d, err);

	if (r)
		return r;
	casefile_add_page(&b, &d.file);
	if (strcmp(out, "-") == 0) {
		fwrite(buf_str(&b), 1, b.len, stdout); /* what stdout does not take main says */
		return EXIT_OK;
	}
	r = newfile_open(&f, out, 0644, cli_has(cli, "force"), err);
	if (!r && write_all(f.fd, buf_str(&b), b.len))
		r = err_set(err, ERR_IO, "%s: cannot write", out);
	if (!r)
		r = newfile_commit(&f, err);
	if (r)
		return r;
	if (cli->json)
		cli_print_json(json_pack("{s:s, s:s}", "bundle", cli->args[0], "report", out));
	else
		printf("%s\n", out);
	return EXIT_OK;
}

/* ---- diff ---- */

struct telling {
	const struct cli *cli;
	json_t *list;
	const char *layer;
};

static void print_safe(const struct cli *cli, char style, const char *mark, const char *s)
{
	_cleanup_free_ char *safe = text_safe(s);

	printf("    %s%s %s%s\n", cli_style(cli, style), mark, safe, cli_style(cli, '0'));
}

static void tell_change(void *ctx, const char *layer, const char *name, const char *before, const char *after)
{
	struct telling *t = ctx;

	if (t->list) {
		json_array_append_new(t->list,
			json_pack("{s:s, s:s, s:s*, s:s*}", "layer", layer, "name", name, "before", before, "after", after));
		return;
	}
	if (!text_eq(t->layer, layer))
		printf("%s%s%s\n", cli_style(t->cli, 'b'), layer, cli_style(t->cli, '0'));
	t->layer = layer;
	_cleanup_free_ char *safe = text_safe(name);
	printf("  %s\n", safe);
	if (before)
		print_safe(t->cli, 'r', "-", before);
	if (after)
		print_safe(t->cli, 'g', "+", after);
}

/* What differs in any two captures, be nothing else changed: times, counts since, the ids of this boot. They are told
 * as rates instead. */
static bool is_of_the_moment(const struct fact *f)
{
	static const char *const names[] = { "booted", "last start", "last end", "first start", "started", "starts", "failures",
		"restarts scheduled", "restarts counted by systemd", "runs", "restart count" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_eq(f->name, names[i]))
			return true;
	return false;
}

static bool is_well(const struct finding *f)
{
	return f->verdict == VERDICT_OK || f->verdict == VERDICT_NOT_APPLICABLE;
}

static bool has_trouble(const struct dossier *d, const char *check)
{
	for (size_t i = 0; i < d->exam.findings.n; i++)
		if (text_eq(d->exam.findings.v[i]->check, check) && !is_well(d->exam.findings.v[i]))
			return true;
	return false;
}

/* Of what is well only where a check turned: that a file which is gone was well-formed is no news. */
static void lasting_facts(const struct dossier *d, const struct dossier *other, struct facts *ret)
{
	_cleanup_free_ char *rate = casefile_rate(&d->file);

	for (size_t i = 0; i < d->file.facts.n; i++)
		if (!is_of_the_moment(&d->file.facts.v[i]))
			facts_add(ret, d->file.facts.v[i].layer, d->file.facts.v[i].name, d->file.facts.v[i].value);
	facts_add(ret, "Restarts", "rate", rate ? rate : "fewer than two starts in the evidence");
	for (size_t i = 0; i < d->exam.findings.n; i++) {
		const struct finding *f = d->exam.findings.v[i];
		_cleanup_free_ char *name = mem_printf("%s %s", f->check, f->title);
		if (f->verdict != VERDICT_NOT_APPLICABLE && (!is_well(f) || (has_trouble(other, f->check) && !has_trouble(d, f->check))))
			facts_addf(ret, "Findings", name, "%s: %s", verdict_name(f->verdict), f->message);
	}
}

int cmd_bundle_diff(struct cli *cli, struct err *err)
{
	_cleanup_dossier_ struct dossier a = { 0 }, b = { 0 };
	_cleanup_facts_ struct facts fa = { 0 }, fb = { 0 };
	struct telling t = { .cli = cli, .list = cli->json ? json_array() : NULL };
	int r = dossier_open(cli, cli->args[0], &a, err);

	if (!r)
		r = dossier_open(cli, cli->args[1], &b, err);
	if (r) {
		json_decref(t.list);
		return r;
	}
	if (!text_eq(a.file.manifest->agent, b.file.manifest->agent)) {
		json_decref(t.list);
		return err_set(err, ERR_USAGE, "%s is about %s and %s about %s: a diff is of one agent", cli->args[0], a.file.manifest->agent, cli->args[1],
			b.file.manifest->agent);
	}
	lasting_facts(&a, &b, &fa);
	lasting_facts(&b, &a, &fb);
	if (!cli->json && !cli->quiet) {
		char from[32], to[32];
		text_time(from, a.file.manifest->created_us);
		text_time(to, b.file.manifest->created_us);
		_cleanup_free_ char *agent = text_safe(a.file.manifest->agent);
		printf("%s, from %s to %s\n", agent, from, to);
	}
	size_t n = facts_diff(&fa, &fb, tell_change, &t);
	if (cli->json)
		cli_print_json(json_pack("{s:s, s:s, s:s, s:o}", "agent", a.file.manifest->agent, "before", cli->args[0], "after", cli->args[1],
			"changes", t.list));
	else if (!n)
		puts("nothing that lasts changed");
	return EXIT_OK;
}

/* ---- index ---- */

/* Every row says which bundle it is of, so that rows of many can be put together and still told apart. */
static void print_row(const struct dossier *d, const char *kind, json_t *row)
{
	const struct manifest *m = d->file.manifest;
	char when[32];

	text_time(when, m->created_us);
	json_t *all = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s*, s:s*}", "kind", kind, "bundle", m->id, "file", d->file.file, "agent", m->agent,
		"host", m->host_tag, "platform", m->platform, "captured", when, "signer", d->file.signer, "case", m->about.id);
	json_object_update(all, row);
	json_decref(row);
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	json_decref(all);
}

static void index_one(const struct dossier *d)
{
	const struct manifest *m = d->file.manifest;
	char text[65];

	for (size_t i = 0; i < m->n_artifacts; i++) {
		text_hex(text, m->artifacts[i].sha256, 32);
		print_row(d, "artifact", json_pack("{s:s, s:I, s:s, s:s*}", "path", m->artifacts[i].path, "bytes", (json_int_t)m->artifacts[i].bytes, "sha256", text,
						 "key", m->artifacts[i].key));
	}
	for (size_t i = 0; i < d->exam.findings.n; i++) {
		const struct finding *f = d->exam.findings.v[i];
		if (f->verdict != VERDICT_NOT_APPLICABLE)
			print_row(d, "finding", json_pack("{s:s, s:s, s:s, s:s*, s:s, s:s*}", "check", f->check, "title", f->title, "verdict", verdict_name(f->verdict),
							"subject", f->subject, "message", f->message, "blockedBy", f->blocked_by));
	}
	for (size_t i = 0; i < d->file.n_starts; i++) {
		text_time(text, d->file.starts[i]);
		print_row(d, "restart", json_pack("{s:s}", "at", text));
	}
	for (size_t i = 0; i < d->file.facts.n; i++)
		print_row(d, "fact", json_pack("{s:s, s:s, s:s}", "layer", d->file.facts.v[i].layer, "name", d->file.facts.v[i].name, "value",
					     d->file.facts.v[i].value));
	for (size_t i = 0; i < m->n_gaps; i++)
		print_row(d, "gap", json_pack("{s:s, s:s, s:s*}", "what", m->gaps[i].what, "outcome", m->gaps[i].outcome, "reason", m->gaps[i].reason));
}

/* One bundle that cannot be read must not keep a fleet's others from being: it is said, and the exit status is its. */
int cmd_bundle_index(struct cli *cli, struct err *err)
{
	int worst = EXIT_OK;

	for (int i = 0; i < cli->n_args; i++) {
		_cleanup_dossier_ struct dossier d = { 0 };
		struct err e = { 0 };
		if (dossier_open(cli, cli->args[i], &d, &e)) {
			fprintf(stderr, "%s: warning: left out: %s\n", cli->program, e.msg);
			int code = e.code == ERR_TRUST || e.code == ERR_LIMIT ? EXIT_TRUST : EXIT_INCOMPLETE;
			worst = worst == EXIT_TRUST ? worst : code;
			continue;
		}
		index_one(&d);
	}
	return worst;
}
