/* SPDX-License-Identifier: MIT */
/*
 * quarantine: evidence first, then stop, disable, take away; read back; a signed bundle of it all.
 *
 * The directory private/ of the evidence holds the journal and the originals. A quarantine that was
 * interrupted, at whatever point, goes on when the same command is given again.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "bundle/durable.h"
#include "formats/text.h"
#include "lifecycle/backend.h"
#include "lifecycle/case_arg.h"
#include "lifecycle/collection.h"
#include "lifecycle/commands.h"
#include "lifecycle/earlier.h"
#include "lifecycle/execute.h"
#include "lifecycle/lock.h"
#include "lifecycle/receipt.h"
#include "lifecycle/remediation.h"
#include "lifecycle/session_target.h"

#define SETTLE_DEFAULT 3
#define SETTLE_MAX 600
#define FOUND_NAME "found.md" /* in private/ */

struct quarantine {
	struct collection c;
	struct journal *journal;
	char *journal_path;
	char *vault;
	struct plan *plan;
	struct err *err;
};

/* ---- doing it ---- */

static int event(struct quarantine *q, const char *name, const char *key, json_t *detail)
{
	return journal_event(q->journal, source_now_us(q->c.session->source), name, NULL, key, detail, q->err);
}

static void step_report(void *ctx, const struct step *s, const char *result, bool failed)
{
	struct quarantine *q = ctx;
	_cleanup_free_ char *title = text_safe(s->title);

	if (strcmp(result, "already") == 0)
		return;
	if (failed && s->optional)
		cli_say(q->c.cli, "  %s: %s (went on)", title, result);
	else if (!failed)
		cli_say(q->c.cli, "  %s", title);
	collection_act(&q->c, s->title, failed ? result : NULL, failed ? 1 : 0, NULL);
}

static int open_private(struct quarantine *q)
{
	_cleanup_fd_ int fd = -1;

	q->journal_path = mem_printf("%s/private/journal.jsonl", q->c.dir);
	q->vault = mem_printf("%s/private/originals", q->c.dir);
	fd = dir_open_make(AT_FDCWD, q->vault, true);
	if (fd < 0)
		return err_errno(q->err, errno, "%s", q->vault);
	return journal_open(q->journal_path, &q->journal, q->err);
}

static int make_plan(const struct evidence *e, const char *stamp, struct plan **ret, struct err *err)
{
	CLEANUP(plan_freep) struct plan *p = plan_new("quarantine", e->target.agent->name);
	int r = e->host.platform == PLATFORM_DARWIN ? launchd_plan_quarantine(e, stamp, p, err) : systemd_plan_quarantine(e, stamp, p, err);

	if (r == 0)
		*ret = TAKE_PTR(p);
	return r;
}

/* Waits until the service has had the time to come back, reading the outcome over and over: a service that
 * something revives is seen, whenever in that time it does. */
static int settle(struct quarantine *q, struct executor *x, unsigned seconds)
{
	uint64_t until = source_now_us(q->c.session->source) + seconds * 1000000ull;
	const struct timespec pause = { .tv_nsec = 500 * 1000 * 1000 };
	int r;

	for (;;) {
		r = plan_holds(q->plan, x, q->err);
		if (r || source_now_us(q->c.session->source) >= until)
			break;
		cli_progress(q->c.cli, "watching that it stays down …");
		nanosleep(&pause, NULL);
	}
	cli_progress_done(q->c.cli);
	return r;
}

/* The state after, into the bundle: each step's reading once more, through the recorder. */
static void record_outcome(struct quarantine *q)
{
	for (size_t i = 0; i < q->plan->n_steps; i++) {
		const struct step *s = q->plan->steps[i];
		if (s->holds.kind == EXPECT_NOTHING || s->optional)
			continue;
		_cleanup_probe_ struct probe *p = probe_copy(s->holds.probe);
		_cleanup_answer_ struct answer a = { 0 };
		free(p->key);
		p->key = mem_printf("outcome/%s", s->id);
		source_get(q->c.tee, p, &a, NULL);
	}
}

static int execute(struct quarantine *q)
{
	const char *given = cli_get(q->c.cli, "settle");
	uint64_t seconds = SETTLE_DEFAULT;
	struct executor x = { .host = q->c.session->source, .journal = q->journal, .vault = q->vault, .report = step_report, .ctx = q };

	if (given)
		text_to_u64(given, SETTLE_MAX, &seconds);
	cli_say(q->c.cli, "quarantining %s", q->c.agent);
	int r = plan_execute(q->plan, &x, q->err);
	if (r == 0)
		r = settle(q, &x, (unsigned)seconds);
	record_outcome(q);
	return r;
}

/* The name under which the container was kept: the last word of the command that renamed it. */
static const char *kept_container(const struct quarantine *q)
{
	for (size_t i = 0; i < q->plan->n_steps; i++) {
		const struct step *s = q->plan->steps[i];
		if (strcmp(s->id, "container-rename") == 0 && journal_last(q->journal, "done", s->id))
			return s->cmd->argv[strv_len(s->cmd->argv) - 1];
	}
	return NULL;
}

static int found_write(struct quarantine *q)
{
	_cleanup_buf_ struct buf text = { 0 };

	remediation_found(q->c.evidence, &text);
	return durable_write(capture_private_fd(q->c.capture), FOUND_NAME, 0600, buf_str(&text), text.len, 0, q->err);
}

/* What the journal says was done, over all runs of this quarantine. */
static void actions_from_journal(struct quarantine *q)
{
	json_array_clear(q->c.actions);
	json_array_append_new(q->c.actions, json_pack("{s:s, s:s, s:b}", "action", "capture the evidence", "result", "done", "ok", 1));
	for (size_t i = 0; i < q->plan->n_steps; i++) {
		const struct step *s = q->plan->steps[i];
		const json_t *done = journal_last(q->journal, "done", s->id), *failed = journal_last(q->journal, "failed", s->id);
		if (done || failed)
			json_array_append_new(q->c.actions, json_pack("{s:s, s:s*, s:b}", "action", s->title, "result",
				done ? "done" : json_string_value(json_object_get(failed, "result")), "ok", done != NULL));
	}
}

static int write_remediation(struct quarantine *q, const char *failed)
{
	_cleanup_buf_ struct buf text = { 0 }, found = { 0 };

	file_read(capture_private_fd(q->c.capture), FOUND_NAME, 1u << 20, &found, NULL);
	actions_from_journal(q);
	const struct remediation r = {
		.agent = q->c.agent,
		.dir = q->c.dir,
		.now_us = source_now_us(q->c.session->source),
		.about = &q->c.about,
		.found = found.len ? buf_str(&found) : NULL,
		.actions = q->c.actions,
		.kept = kept_container(q),
		.failed = failed,
	};
	remediation_write(&r, &text);
	return capture_add_document(q->c.capture, "remediation.md", PAYLOAD_TEXT, buf_str(&text), text.len, q->err);
}

/* From a plan in the journal to the end. What failed on the host is still bundled: it is evidence. */
static int carry_out(struct quarantine *q)
{
	struct err why = { 0 };
	int changed = execute(q);

	if (changed)
		why = *q->err;
	int r = event(q, "outcome", "result", json_string(changed ? why.msg : "down"));
	if (r == 0)
		r = write_remediation(q, changed ? why.msg : NULL);
	if (r == 0)
		r = collection_finish(&q->c, q->journal_path, q->err);
	if (r == 0 && changed == 0)
		r = event(q, "end", "outcome", json_string("quarantined"));
	if (r == 0 && changed == 0)
		collection_redaction_forget(&q->c.redaction);
	receipt_note(q->c.session, q->c.cli, q->c.agent, "quarantine", changed ? why.msg : q->c.dir, changed || r ? EXIT_CHANGE : 0);
	if (r == 0 && changed == 0 && !q->c.cli->json)
		printf("%s%s is down, disabled and taken away%s\n", cli_style(q->c.cli, 'g'), q->c.agent, cli_style(q->c.cli, '0'));
	if (r == 0)
		collection_report(&q->c);
	if (changed) {
		*q->err = why;
		return err_set(q->err, ERR_CHANGE, "%s; what was done so far is in %s; give the same command again to go on, or 'restore' to undo", why.msg,
			q->c.dir);
	}
	return r;
}

/* What was said of the case, for a run that has to go on with it. */
static int case_note(struct quarantine *q)
{
	json_t *about = manifest_case_json(&q->c.about);

	return about ? event(q, "case", "case", about) : 0;
}

/* Said anew, or as the run said it that was interrupted. */
static int case_resume(struct quarantine *q)
{
	const json_t *e = journal_last(q->journal, "case", NULL);
	int r;

	if (!q->c.said.id && !q->c.said.reason)
		return manifest_case_parse(json_object_get(e, "case"), &q->c.about, q->err);
	r = collection_case(&q->c, q->err);
	return r ? r : case_note(q);
}

static int resume(struct quarantine *q)
{
	const json_t *e = journal_last(q->journal, "plan", NULL);
	int r = case_resume(q);

	if (r)
		return r;

	q->plan = plan_from_json(json_object_get(e, "plan"), q->err);
	if (!q->plan)
		return -q->err->code;
	cli_say(q->c.cli, "an interrupted quarantine goes on: %s", q->c.dir);
	return carry_out(q);
}

static int begin(struct quarantine *q, struct target *target)
{
	int r = collection_gather(&q->c, target, q->err);

	if (r == 0)
		r = collection_critical(&q->c, q->err);
	if (r == 0)
		r = make_plan(q->c.evidence, q->c.stamp, &q->plan, q->err);
	if (r == 0)
		r = found_write(q);
	if (r == 0)
		r = case_note(q);
	if (r == 0)
		r = collection_keep(&q->c, q->err);
	if (r == 0)
		r = event(q, "plan", "plan", plan_to_json(q->plan));
	if (r)
		return r;
	q->c.fresh = false; /* from here on the directory holds what must not be lost */
	return carry_out(q);
}

static void quarantine_close(struct quarantine *q, bool failed)
{
	journal_close(q->journal);
	collection_close(&q->c, failed);
	free(q->journal_path);
	free(q->vault);
	plan_free(q->plan);
}

/* ---- the command ---- */

static int dry_run(struct cli *cli, struct session *s, struct target *target, struct err *err)
{
	_cleanup_evidence_ struct evidence *e = NULL;
	CLEANUP(plan_freep) struct plan *p = NULL;
	const struct gather_options o = { .want = WANT_ALL & ~(unsigned)(WANT_EVENTS | WANT_JOURNAL | WANT_LOGS | WANT_CONTAINER_LOG | WANT_INFO | WANT_CLIENT | WANT_MACHINES) };
	char stamp[32];

	text_stamp(stamp, source_now_us(s->source));
	int r = evidence_gather(s->source, target, &o, &e, err);
	if (r == 0)
		r = make_plan(e, stamp, &p, err);
	if (r)
		return r;
	if (cli->json) {
		json_t *j = plan_to_json(p);
		cli_print_json(j);
		return EXIT_OK;
	}
	printf("would capture all evidence of %s first, and then:\n", p->agent);
	for (size_t i = 0, n = 0; i < p->n_steps; i++) {
		if (p->steps[i]->undo_only)
			continue;
		_cleanup_free_ char *title = text_safe(p->steps[i]->title);
		_cleanup_free_ char *command = p->steps[i]->cmd ? probe_command(p->steps[i]->cmd) : NULL;
		_cleanup_free_ char *shown = command && cli->verbose ? text_safe(command) : NULL;
		printf("  %2zu. %s%s%s%s\n", ++n, title, shown ? "   [" : "", shown ? shown : "", shown ? "]" : "");
	}
	printf("nothing was touched\n");
	return EXIT_OK;
}

static int already(const struct cli *cli, const char *agent, const char *dir)
{
	_cleanup_free_ char *bundle = mem_printf("%s.tar.zst", dir), *signature = mem_printf("%s.minisig", bundle);

	if (cli->json) {
		json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:b, s:[], s:[]}", "agent", agent, "directory", dir, "bundle", bundle, "signature",
			signature, "already", 1, "gaps", "actions");
		cli_print_json(j);
	} else {
		_cleanup_free_ char *safe = text_safe(dir);
		_cleanup_free_ char *undo = text_shell_printf("%s restore %s", cli->program, dir);
		printf("%s is in quarantine already: %s\nundo it with: %s\n", agent, safe, undo);
	}
	return EXIT_OK;
}

/* Whether the service came back since: then another quarantine is due. */
static bool is_back(struct session *s, const char *dir)
{
	_cleanup_journal_ struct journal *j = earlier_journal(dir);
	CLEANUP(plan_freep) struct plan *p = j ? plan_from_json(json_object_get(journal_last(j, "plan", NULL), "plan"), NULL) : NULL;
	struct executor x = { .host = s->source };

	return !p || plan_holds(p, &x, NULL) != 0;
}

static int check_options(const struct cli *cli, struct err *err)
{
	const char *settle_given = cli_get(cli, "settle");
	uint64_t v;

	if (settle_given && text_to_u64(settle_given, SETTLE_MAX, &v))
		return err_set(err, ERR_USAGE, "--settle %s: not a number of seconds from 0 to %d", settle_given, SETTLE_MAX);
	_cleanup_case_ struct manifest_case said = { 0 };
	return case_arg_load(cli, &said, err);
}

/* Resumes what is open, leaves alone what is in force, begins else. */
static int quarantine(struct quarantine *q, struct session *s, const struct cli *cli, const char *agent, struct target *target)
{
	_cleanup_free_ char *root = collection_root(cli, s, q->err), *dir = NULL;

	if (!root)
		return -q->err->code;
	enum earlier earlier = earlier_find(root, agent, &dir);
	if (earlier == EARLIER_QUARANTINED && !is_back(s, dir))
		return already(cli, agent, dir);
	int r = earlier == EARLIER_OPEN ? 0 : session_target_any(s, cli, cli->args[0], target, q->err);
	if (r == 0)
		r = collection_open(cli, s, agent, "quarantine", earlier == EARLIER_OPEN ? dir : NULL, &q->c, q->err);
	if (r == 0)
		r = open_private(q);
	if (r == 0)
		r = earlier == EARLIER_OPEN ? resume(q) : begin(q, target);
	return r;
}

int cmd_quarantine(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_lock_ struct lock lock = LOCK_NONE;
	struct target target = { 0 };
	struct quarantine q = { .err = err };
	int r = check_options(cli, err);

	if (r == 0)
		r = session_open(cli, &s, err);
	if (r)
		return r;
	session_warn(&s, cli);
	if (cli_has(cli, "dry-run")) {
		r = session_target_any(&s, cli, cli->args[0], &target, err);
		r = r ? r : dry_run(cli, &s, &target, err);
	} else {
		_cleanup_free_ char *agent = session_agent_name(&s, cli->args[0]);
		r = lock_take(&s, agent, "quarantine", &lock, err);
		r = r ? r : quarantine(&q, &s, cli, agent, &target);
	}
	target_free(&target);
	quarantine_close(&q, r != 0);
	return r;
}
