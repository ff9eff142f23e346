/* SPDX-License-Identifier: MIT */
/* What an examination says: first the verdict, then what fails, then what to do. */
#include <string.h>

#include "formats/sarif.h"
#include "formats/text.h"
#include "lifecycle/check.h"
#include "lifecycle/exam.h"

/* ---- documents ---- */

json_t *exam_to_json(const struct exam *x)
{
	const struct host *h = &x->session.host;
	char at[32];
	json_t *gaps = json_array();

	text_time(at, source_now_us(x->session.source));
	for (char **g = x->gaps; g && *g; g++)
		json_array_append_new(gaps, json_string(*g));
	json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:{s:s, s:s*, s:s*}, s:s, s:o}", "schemaVersion", "sourceos.findings.v1", "tool", "sourceos-agent",
		"version", VERSION, "verb", x->cli->verb->name, "host", "platform", platform_name(h->platform), "tag", h->machine_tag, "os", h->os_release,
		"at", at, "gaps", gaps);
	if (x->from)
		json_object_set_new(doc, "from", json_pack("{s:s, s:b, s:s*}", "path", x->from, "verified", x->verified, "signer", x->signer));
	return doc;
}

static void print_json(const struct exam *x)
{
	json_t *doc = exam_to_json(x);

	json_object_set_new(doc, "verdict", json_string(verdict_name(findings_verdict(&x->findings))));
	json_object_set_new(doc, "counts", findings_counts(&x->findings));
	json_object_set_new(doc, "findings", findings_to_json(&x->findings));
	cli_print_json(doc);
}

static void print_sarif(const struct exam *x)
{
	struct sarif_rule *rules = NULL;
	const struct check *c;
	size_t n = 0;

	while ((c = check_nth(n))) {
		rules = mem_array(rules, n + 1, sizeof(*rules));
		rules[n++] = (struct sarif_rule){ c->id, c->title, c->why, c->fix, check_anchor(c), c->severity == VERDICT_WARN };
	}
	const struct sarif_run run = { .rules = rules, .n_rules = n, .version = VERSION, .gaps = x->gaps };
	cli_print_json(findings_to_sarif(&x->findings, &run));
	for (size_t i = 0; i < n; i++)
		free((char *)(uintptr_t)rules[i].anchor);
	free(rules);
}

/* ---- for people ---- */

/* without -v */
#define DETAIL_LINES_FAIL 3
#define DETAIL_LINES_ELSE 2

static void print_detail(const struct exam *x, const struct finding *f, const char *indent)
{
	bool fails = f->verdict == VERDICT_FAIL;
	int left = x->cli->verbose ? 1000 : fails ? DETAIL_LINES_FAIL : DETAIL_LINES_ELSE;

	for (const char *p = f->detail; p && *p; left--) {
		size_t n = strcspn(p, "\n");
		if (left == 0) {
			if (fails)
				printf("%s%s… -v shows the rest%s\n", indent, cli_style(x->cli, 'd'), cli_style(x->cli, '0'));
			return;
		}
		printf("%s%s%.*s%s\n", indent, cli_style(x->cli, 'd'), (int)n, p, cli_style(x->cli, '0'));
		p += n + (p[n] == '\n');
	}
}

static void print_finding(const struct exam *x, const struct finding *f, const char *subject)
{
	static const char *const words[VERDICTS] = { "ok", "warn", "FAIL", "blocked", "unknown", "n/a" };
	static const char styles[VERDICTS] = { 'g', 'y', 'r', 'd', 'y', 'd' };
	const char *indent = "                ";

	printf("  %s%-7s%s %-6s %s%s%s\n", cli_style(x->cli, styles[f->verdict]), words[f->verdict], cli_style(x->cli, '0'), f->check,
		subject ? subject : "", subject ? ": " : "", f->message);
	if (f->file)
		printf("%s%s%s", indent, cli_style(x->cli, 'd'), f->file);
	if (f->file && f->line)
		printf(":%u", f->line);
	if (f->file)
		printf("%s\n", cli_style(x->cli, '0'));
	if (f->verdict != VERDICT_OK || x->cli->verbose)
		print_detail(x, f, indent);
}

static size_t print_all(const struct exam *x, enum verdict v)
{
	size_t n = 0;
	const struct finding *before = NULL;

	for (size_t i = 0; i < x->findings.n; i++) {
		const struct finding *f = x->findings.v[i];
		if (f->verdict != v)
			continue;
		/* several places of one pattern: the second says only what differs */
		if (!before || !text_eq(before->message, f->message) || !text_eq(before->file, f->file) || before->line != f->line ||
			!text_eq(before->subject, f->subject))
			print_finding(x, f, x->many ? f->subject : NULL);
		before = f;
		n++;
	}
	return n;
}

/* "DR-07, DR-08 wait for DR-06": one line a cause */
static void print_blocked(const struct exam *x)
{
	_cleanup_strv_ char **causes = NULL;

	for (size_t i = 0; i < x->findings.n; i++)
		if (x->findings.v[i]->blocked_by && !strv_has(causes, x->findings.v[i]->blocked_by))
			causes = strv_add(causes, x->findings.v[i]->blocked_by);
	for (char **c = causes; c && *c; c++) {
		const char *comma = "";
		_cleanup_strv_ char **names = NULL;
		printf("  %sblocked ", cli_style(x->cli, 'd'));
		for (size_t i = 0; i < x->findings.n; i++)
			if (text_eq(x->findings.v[i]->blocked_by, *c) && !strv_has(names, x->findings.v[i]->check)) {
				names = strv_add(names, x->findings.v[i]->check);
				printf("%s%s", comma, x->findings.v[i]->check);
				comma = ", ";
			}
		printf(": not judged while %s fails%s\n", *c, cli_style(x->cli, '0'));
	}
}

static bool told_before(const struct findings *l, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (text_eq(l->v[k]->remedy, l->v[i]->remedy) && text_eq(l->v[k]->hint, l->v[i]->hint))
			return true;
	return false;
}

static void print_todo(const struct exam *x)
{
	bool any = false;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < x->findings.n; i++) {
			const struct finding *f = x->findings.v[i];
			if (f->verdict != (pass ? VERDICT_WARN : VERDICT_FAIL) || (!f->remedy && !f->hint) || told_before(&x->findings, i))
				continue;
			if (!any)
				printf("\n%sWhat to do%s\n", cli_style(x->cli, 'b'), cli_style(x->cli, '0'));
			any = true;
			if (f->remedy)
				printf("  %-6s %s%s%s\n", f->check, cli_style(x->cli, 'b'), f->remedy, cli_style(x->cli, '0'));
			if (f->hint)
				printf("  %-6s %s\n", f->remedy ? "" : f->check, f->hint);
		}
}

static void count_word(struct buf *b, size_t n, const char *one, const char *many)
{
	if (n)
		buf_addf(b, "%s%zu %s", b->len ? ", " : "", n, n == 1 ? one : many);
}

/* How many checks, not findings: a check may name several places. Those of one subject stand together. */
static size_t checks_with(const struct findings *l, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		bool first = l->v[i]->verdict == v;
		for (size_t k = i; first && k > 0 && text_eq(l->v[k - 1]->check, l->v[i]->check) && text_eq(l->v[k - 1]->subject, l->v[i]->subject); k--)
			first = l->v[k - 1]->verdict != v;
		n += first;
	}
	return n;
}

static void print_verdict(const struct exam *x, const char *what)
{
	const struct findings *l = &x->findings;
	enum verdict v = findings_verdict(l);
	struct buf b = { 0 };

	if (x->files) {
		count_word(&b, findings_count(l, VERDICT_FAIL), "problem", "problems");
		count_word(&b, findings_count(l, VERDICT_WARN), "warning", "warnings");
		count_word(&b, findings_count(l, VERDICT_UNKNOWN), "not read", "not read");
	} else {
		count_word(&b, checks_with(l, VERDICT_FAIL), "check fails", "checks fail");
		count_word(&b, checks_with(l, VERDICT_WARN), "warns", "warn");
		count_word(&b, checks_with(l, VERDICT_UNKNOWN), "is unknown", "are unknown");
	}
	size_t passed = checks_with(l, VERDICT_OK);
	if (!b.len && x->files)
		buf_adds(&b, "nothing to complain of");
	else if (!b.len && passed)
		buf_addf(&b, "all well, %zu check%s", passed, passed == 1 ? " passes" : "s pass");
	else if (!b.len)
		buf_adds(&b, "all well");
	printf("%s%s%s: %s%s\n", cli_style(x->cli, 'b'), cli_style(x->cli, v == VERDICT_FAIL ? 'r' : v == VERDICT_OK ? 'g' : 'y'), what, buf_str(&b),
		cli_style(x->cli, '0'));
	buf_free(&b);
}

void exam_print_source(const struct exam *x, FILE *f)
{
	char at[32];

	if (!x->from)
		return;
	text_time(at, source_now_us(x->session.source));
	_cleanup_free_ char *from = text_safe(x->from);
	fprintf(f, "%s: %s%s, as of %s\n", from, x->verified ? "signed by " : x->directory ? "an evidence directory" : "NOT VERIFIED", x->verified ? x->signer : "", at);
	if (x->quarantine)
		fprintf(f, "  of a quarantine: this is how things were before it\n");
	for (char **g = x->gaps; g && *g; g++)
		fprintf(f, "  not captured: %s\n", *g);
}

static void print_text(const struct exam *x, const char *what)
{
	exam_print_source(x, stdout);
	print_verdict(x, what);
	if (x->note)
		printf("  %s\n", x->note);
	print_all(x, VERDICT_FAIL);
	print_all(x, VERDICT_WARN);
	print_all(x, VERDICT_UNKNOWN);
	print_blocked(x);
	if (x->cli->verbose) {
		print_all(x, VERDICT_OK);
		print_all(x, VERDICT_NOT_APPLICABLE);
	}
	print_todo(x);
	if (!x->cli->verbose && !x->files && findings_verdict(&x->findings) != VERDICT_OK && !x->cli->quiet)
		printf("\n%s%zu checks pass (-v shows them); '%s explain ID' tells of one%s\n", cli_style(x->cli, 'd'),
			checks_with(&x->findings, VERDICT_OK), x->cli->program, cli_style(x->cli, '0'));
}

int exam_exit(const struct exam *x)
{
	switch (findings_verdict(&x->findings)) {
	case VERDICT_FAIL:
		return EXIT_FINDINGS;
	case VERDICT_UNKNOWN:
		return cli_has(x->cli, "strict") && findings_count(&x->findings, VERDICT_WARN) ? EXIT_FINDINGS : EXIT_INCOMPLETE;
	case VERDICT_WARN:
		return cli_has(x->cli, "strict") ? EXIT_FINDINGS : EXIT_OK;
	default:
		return EXIT_OK;
	}
}

int exam_print(const struct exam *x, const char *what)
{
	if (cli_has(x->cli, "sarif"))
		print_sarif(x);
	else if (x->cli->json)
		print_json(x);
	else
		print_text(x, what);
	return exam_exit(x);
}
