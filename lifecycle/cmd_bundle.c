/* SPDX-License-Identifier: MIT */
/* bundle verify, list, show, extract. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "formats/text.h"
#include "lifecycle/bundle_arg.h"
#include "lifecycle/commands.h"
#include "lifecycle/handover.h"

static const char *const state_names[] = { [FILE_MISSING] = "missing", [FILE_CHANGED] = "changed", [FILE_OK] = "ok" };
static const char *const signature_names[] = { [SIGNATURE_NONE] = "none", [SIGNATURE_TRUSTED] = "trusted", [SIGNATURE_UNKNOWN] = "unknown",
	[SIGNATURE_BAD] = "bad" };

static void print_safe(const char *s)
{
	_cleanup_free_ char *safe = text_safe(s ? s : "");

	fputs(safe, stdout);
}

static json_t *gaps_json(const struct manifest *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_gaps; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:s}", "what", m->gaps[i].what, "outcome", m->gaps[i].outcome, "reason", m->gaps[i].reason));
	return list;
}

static json_t *files_json(const struct bundle_report *r)
{
	json_t *list = json_array();
	char hex[65];

	for (size_t i = 0; i < r->manifest.n_artifacts; i++) {
		const struct manifest_artifact *a = &r->manifest.artifacts[i];
		text_hex(hex, a->sha256, 32);
		json_array_append_new(list,
			json_pack("{s:s, s:I, s:s, s:s, s:s*}", "path", a->path, "bytes", (json_int_t)a->bytes, "sha256", hex, "state",
				state_names[r->files[i]], "key", a->key));
	}
	return list;
}

static json_t *about_json(const struct manifest *m)
{
	char when[32];

	text_time(when, m->created_us);
	return json_pack("{s:s*, s:s*, s:s*, s:o*, s:s, s:s*, s:s*, s:s*}", "id", m->id, "agent", m->agent, "purpose", m->purpose, "case",
		manifest_case_json(&m->about), "created", when, "hostTag", m->host_tag, "platform", m->platform, "version", m->version);
}

static void verify_json(const char *path, const struct bundle_report *r, const struct hands *hands, bool holds)
{
	json_t *problems = json_array(), *doc = json_object();

	for (size_t i = 0; i < r->n_problems; i++)
		json_array_append_new(problems,
			json_pack("{s:s, s:s}", "kind", problem_name(r->problems[i].kind), "text", r->problems[i].text));
	json_object_set_new(doc, "bundle", json_string(path));
	json_object_set_new(doc, "holds", json_boolean(holds));
	json_object_set_new(doc, "problems", problems);
	json_object_set_new(doc, "signature",
		json_pack("{s:s, s:s*, s:s, s:s*, s:s*}", "state", signature_names[r->signature], "signer", r->signer, "keyId", r->key_id,
			"comment", r->comment, "remark", r->remark));
	if (r->has_manifest) {
		json_object_set_new(doc, "about", about_json(&r->manifest));
		json_object_set_new(doc, "gaps", gaps_json(&r->manifest));
		json_object_set_new(doc, "files", files_json(r));
		json_object_set_new(doc, "custodyLines", json_integer((json_int_t)r->custody_lines));
	}
	json_object_set_new(doc, "custody", handover_chain_json(hands));
	cli_print_json(doc);
}

static void print_case(const struct manifest_case *c)
{
	if (!c->id && !c->reason)
		return;
	fputs(c->id ? "case " : "captured by ", stdout);
	print_safe(c->id);
	fputs(c->id ? ", captured by " : "", stdout);
	print_safe(c->operator);
	if (c->reason) {
		fputs(": ", stdout);
		print_safe(c->reason);
	}
	putchar('\n');
}

static void print_about(const struct cli *cli, const struct manifest *m)
{
	char when[32];

	text_time(when, m->created_us);
	fputs(cli_style(cli, 'b'), stdout);
	print_safe(m->agent);
	fputs(cli_style(cli, '0'), stdout);
	fputs(", ", stdout);
	print_safe(m->purpose);
	printf(" of %s on host ", when);
	print_safe(m->host_tag);
	fputs(", by ", stdout);
	print_safe(m->tool);
	putchar(' ');
	print_safe(m->version);
	putchar('\n');
	print_case(&m->about);
}

static void print_gaps(const struct cli *cli, const struct manifest *m)
{
	if (!m->n_gaps) {
		puts("no gaps: everything critical was captured");
		return;
	}
	printf("%s%zu gap%s:%s\n", cli_style(cli, 'y'), m->n_gaps, m->n_gaps == 1 ? "" : "s", cli_style(cli, '0'));
	for (size_t i = 0; i < m->n_gaps; i++) {
		fputs("  ", stdout);
		print_safe(m->gaps[i].what);
		fputs(": ", stdout);
		print_safe(m->gaps[i].outcome);
		if (*m->gaps[i].reason) {
			fputs(", ", stdout);
			print_safe(m->gaps[i].reason);
		}
		putchar('\n');
	}
}

static void print_files(const struct cli *cli, const struct bundle_report *r)
{
	for (size_t i = 0; i < r->manifest.n_artifacts; i++) {
		const struct manifest_artifact *a = &r->manifest.artifacts[i];
		bool ok = r->files[i] == FILE_OK;
		printf("  %s%-8s%s%12" PRIu64 "  %s\n", cli_style(cli, ok ? 'g' : 'r'), state_names[r->files[i]], cli_style(cli, '0'),
			a->bytes, a->path);
	}
}

static void print_signature(const struct cli *cli, const struct bundle_report *r, bool directory)
{
	switch (r->signature) {
	case SIGNATURE_TRUSTED:
		printf("%ssigned%s by key %s, trusted as ", cli_style(cli, 'g'), cli_style(cli, '0'), r->key_id);
		print_safe(r->signer);
		putchar('\n');
		break;
	case SIGNATURE_UNKNOWN:
		printf("signed by key %s, which nobody here trusts\n", r->key_id);
		break;
	case SIGNATURE_BAD:
		printf("%sthe signature does not hold%s\n", cli_style(cli, 'r'), cli_style(cli, '0'));
		break;
	case SIGNATURE_NONE:
		puts(directory ? "an evidence directory: its hashes are checked, nobody signed it" : "not signed");
		break;
	}
	if (r->comment) {
		fputs(r->signature == SIGNATURE_TRUSTED ? "  " : "  (claimed) ", stdout);
		print_safe(r->comment);
		putchar('\n');
	}
	if (r->remark) {
		fputs("  note: ", stdout);
		print_safe(r->remark);
		putchar('\n');
	}
}

static void verify_text(const struct cli *cli, const char *path, const struct bundle_report *r, const struct hands *hands, bool holds,
	bool directory)
{
	if (r->has_manifest && !cli->quiet) {
		print_about(cli, &r->manifest);
		print_gaps(cli, &r->manifest);
		puts("files:");
		print_files(cli, r);
	}
	if (!cli->quiet)
		print_signature(cli, r, directory);
	if (!cli->quiet)
		handover_print_chain(cli, hands);
	for (size_t i = 0; i < r->n_problems; i++)
		printf("%s%s%s: %s\n", cli_style(cli, 'r'), problem_name(r->problems[i].kind), cli_style(cli, '0'), r->problems[i].text);
	print_safe(path);
	puts(holds ? ": everything holds" : ": does NOT hold; do not rely on it");
}

int cmd_bundle_verify(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_bundle_arg_ struct bundle_arg b = { .args = { .fd = -1, .sigfd = -1 } };
	_cleanup_bundle_report_ struct bundle_report report = { 0 };
	_cleanup_hands_ struct hands hands = { 0 };
	struct err e = { 0 };
	const char *path = cli->args[0];
	int r = session_open(cli, &s, err);

	if (!r)
		r = bundle_arg_open(cli, &s, path, &b, err);
	if (r)
		return r;
	if (!b.directory && seal_is_sealed_fd(b.args.fd))
		return cmd_bundle_verify_sealed(cli, &s, &b, path, err);
	r = bundle_verify(&b.args, &report, err);
	/* an error without a finding is one of reading, not of the bundle */
	if (r && !report.n_problems)
		return r;
	int chain = b.directory ? 0 : handover_chain(path, &b.trust, &hands, &e);
	if (chain)
		report_problem(&report, PROBLEM_CUSTODY, "%s", e.msg);
	if (cli->json)
		verify_json(path, &report, &hands, !r && !chain);
	else
		verify_text(cli, path, &report, &hands, !r && !chain, b.directory);
	return r || chain ? EXIT_TRUST : EXIT_OK;
}

/* ---- list, show, extract ---- */

static int open_bundle(struct cli *cli, const char *only, struct bundle **ret, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_bundle_arg_ struct bundle_arg b = { .args = { .fd = -1, .sigfd = -1 } };
	int r = session_open(cli, &s, err);

	if (!r)
		r = bundle_arg_open_plain(cli, &s, cli->args[0], &b, err);
	if (r)
		return r;
	b.args.only = only;
	r = bundle_open(&b.args, ret, err);
	if (r)
		err_prefix(err, "%s", cli->args[0]);
	return r;
}

static const struct bundle_record *record_of(const struct bundle_record *v, size_t n, const char *key)
{
	for (size_t i = 0; key && i < n; i++)
		if (strcmp(v[i].rec.key, key) == 0)
			return &v[i];
	return NULL;
}

static json_t *records_json(const struct bundle *b)
{
	json_t *list = json_array();
	size_t n;
	const struct bundle_record *v = bundle_records(b, &n);

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
			json_pack("{s:s, s:s, s:i, s:s*, s:b}", "key", v[i].rec.key, "outcome", outcome_name(v[i].rec.outcome), "status",
				v[i].rec.status, "reason", v[i].rec.reason, "withheld", v[i].withheld));
	return list;
}

static void list_text(const struct cli *cli, const struct bundle *b)
{
	const struct manifest *m = &bundle_report(b)->manifest;
	size_t n;
	const struct bundle_record *v = bundle_records(b, &n);

	print_about(cli, m);
	for (size_t i = 0; i < m->n_artifacts; i++) {
		const struct bundle_record *r = record_of(v, n, m->artifacts[i].key);
		printf("%12" PRIu64 "  %s", m->artifacts[i].bytes, m->artifacts[i].path);
		if (r && r->rec.outcome != OUTCOME_OK)
			printf("  %s(%s)%s", cli_style(cli, 'y'), outcome_name(r->rec.outcome), cli_style(cli, '0'));
		putchar('\n');
	}
	/* what left no file of its own, but was asked */
	for (size_t i = 0; i < n; i++)
		if (v[i].rec.outcome != OUTCOME_OK && (!v[i].has_payload[STREAM_OUT] || !v[i].payload[STREAM_OUT].bytes)) {
			printf("%12s  ", "-");
			print_safe(v[i].rec.key);
			printf("  %s(%s)%s\n", cli_style(cli, 'y'), outcome_name(v[i].rec.outcome), cli_style(cli, '0'));
		}
}

int cmd_bundle_list(struct cli *cli, struct err *err)
{
	_cleanup_bundle_ struct bundle *b = NULL;
	int r = open_bundle(cli, "records.jsonl", &b, err);

	if (r)
		return r;
	if (cli->json)
		cli_print_json(json_pack("{s:o, s:o, s:o, s:o}", "about", about_json(&bundle_report(b)->manifest), "gaps",
			gaps_json(&bundle_report(b)->manifest), "files", files_json(bundle_report(b)), "records", records_json(b)));
	else
		list_text(cli, b);
	return EXIT_OK;
}

/* Foreign bytes: as they are into a file or a pipe, made harmless for a terminal. */
struct shower {
	bool terminal;
	struct buf line; /* a line, so that no character is cut by a chunk's end */
};

static int show_chunk(void *data, const void *p, size_t n)
{
	struct shower *w = data;

	if (!w->terminal)
		return fwrite(p, 1, n, stdout) == n ? 0 : -1;
	buf_add(&w->line, p, n);
	size_t whole = w->line.len;
	while (whole && w->line.data[whole - 1] != '\n')
		whole--;
	if (!whole && w->line.len < 1u << 16)
		return 0;
	whole = whole ? whole : w->line.len;
	_cleanup_buf_ struct buf safe = { 0 };
	text_add_safe(&safe, w->line.data, whole, true);
	buf_drop(&w->line, whole);
	return fwrite(buf_str(&safe), 1, safe.len, stdout) == safe.len ? 0 : -1;
}

static int show_payload(struct bundle *b, const struct payload *p, struct err *err)
{
	struct shower w = { .terminal = isatty(STDOUT_FILENO) };
	int r = bundle_read(b, p, show_chunk, &w, err);

	if (!r && w.line.len) {
		_cleanup_buf_ struct buf safe = { 0 };
		text_add_safe(&safe, w.line.data, w.line.len, true);
		printf("%s\n", buf_str(&safe));
	}
	buf_free(&w.line);
	/* that stdout does not take it is said by main, once */
	return r == -1 ? EXIT_OK : r;
}

static int show_record(struct cli *cli, struct bundle *b, const char *name, struct err *err)
{
	const struct bundle_record *rec = bundle_answer(b, name);
	int r = 0;

	if (!rec)
		return err_set(err, ERR_USAGE, "%s has neither a file nor a record \"%s\"; see bundle list", cli->args[0], name);
	if (rec->withheld)
		return err_set(err, ERR_INCOMPLETE, "%s was withheld from the bundle: it could not be redacted with certainty", name);
	if (!record_answered(&rec->rec)) {
		_cleanup_free_ char *reason = text_safe(rec->rec.reason ? rec->rec.reason : "");
		cli_say(cli, "%s: %s%s%s", name, outcome_name(rec->rec.outcome), *reason ? ", " : "", reason);
	}
	for (int s = 0; !r && s < STREAMS; s++)
		if (rec->has_payload[s])
			r = show_payload(b, &rec->payload[s], err);
	return r ? r : record_answered(&rec->rec) ? EXIT_OK : EXIT_INCOMPLETE;
}

int cmd_bundle_show(struct cli *cli, struct err *err)
{
	_cleanup_bundle_ struct bundle *b = NULL;
	const char *name = cli->args[1];
	struct payload p;
	/* a file by its path: the others, which may be large, need not be kept */
	int r = open_bundle(cli, name, &b, err);

	if (r)
		return r;
	if (bundle_find(b, name, &p, NULL) == 0)
		return show_payload(b, &p, err);
	bundle_close(TAKE_PTR(b));
	r = open_bundle(cli, NULL, &b, err);
	return r ? r : show_record(cli, b, name, err);
}

int cmd_bundle_extract(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_bundle_arg_ struct bundle_arg b = { .args = { .fd = -1, .sigfd = -1 } };
	_cleanup_bundle_report_ struct bundle_report report = { 0 };
	int r = session_open(cli, &s, err);

	if (!r)
		r = bundle_arg_open_plain(cli, &s, cli->args[0], &b, err);
	if (!r)
		r = bundle_extract(&b.args, cli->args[1], &report, err);
	if (r)
		return r;
	if (cli->json)
		cli_print_json(json_pack("{s:s, s:o}", "directory", cli->args[1], "files", files_json(&report)));
	else if (!cli->quiet)
		printf("%zu files in %s\n", report.manifest.n_artifacts + 2, cli->args[1]);
	return EXIT_OK;
}
