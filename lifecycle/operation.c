/* SPDX-License-Identifier: MIT */
#include "lifecycle/operation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/text.h"
#include "lifecycle/become.h"
#include "lifecycle/check.h"
#include "lifecycle/execute.h"
#include "lifecycle/history.h"
#include "lifecycle/launch.h"
#include "lifecycle/session_target.h"

/* ---- opening ---- */

static bool holds(const struct operation *o, struct expect e)
{
	int r = expect_holds(o->session.source, &e, NULL);

	probe_free(e.probe);
	strv_free(e.words);
	return r == 1;
}

/* Before this: as the caller. After: as the owner. */
static int become(struct operation *o, struct err *err)
{
	struct session *s = &o->session;

	o->actor = mem_strdup(s->caller.id.name);
	o->actor_uid = s->host.euid;
	if (o->agent->scope == SCOPE_SYSTEM && s->host.euid != 0) {
		_cleanup_free_ char *command = text_shell_printf("sudo %s %s %s", o->cli->program, o->verb, o->agent->name);
		return err_set(err, ERR_DENIED, "%s is a system service; run: %s", o->agent->name, command);
	}
	int r = become_owner(o->owner, err);
	if (r || s->host.euid == o->owner->uid)
		return r;
	s->host.euid = o->owner->uid;
	free(s->state_dir);
	free(s->keys_dir);
	s->state_dir = user_state_dir(s->host.platform, o->owner);
	s->keys_dir = mem_printf("%s/keys", s->state_dir);
	return 0;
}

/* Root executes what a system agent's declaration says: only root may be able to change that. */
static int check_declaration(const struct operation *o, struct err *err)
{
	struct stat st;

	if (o->agent->scope != SCOPE_SYSTEM || !o->agent->path)
		return 0;
	if (stat(o->agent->path, &st))
		return err_errno(err, errno, "%s", o->agent->path);
	if (st.st_uid != 0 || (st.st_mode & 022))
		return err_set(err, ERR_USAGE, "%s declares a system service, and others than root may change it", o->agent->path);
	return 0;
}

static int find_paths(struct operation *o, bool quadlet, struct err *err)
{
	enum platform platform = o->session.host.platform;
	enum install_form form = install_form_of(o->agent, platform);

	install_paths_make(o->agent, &o->target.owner, platform, form, &o->paths);
	int r = installed_read(&o->paths, &o->installed, err);
	if (r)
		return r;
	if (form == INSTALL_UNIT && quadlet) {
		form = INSTALL_QUADLET;
		install_as_quadlet(o->agent);
		mem_set(&o->target.unit, NULL);
		target_complete(&o->target);
		install_paths_free(&o->paths);
		install_paths_make(o->agent, &o->target.owner, platform, form, &o->paths);
	}
	o->recipe = (struct recipe){ o->agent, &o->paths, PREFIX "/bin/sourceos-agent", platform, form };
	o->domain = o->agent->scope == SCOPE_SYSTEM ? mem_strdup("system") : mem_printf("gui/%u", (unsigned)o->owner->uid);
	o->service = (struct service){ .agent = o->agent, .owner = o->owner, .platform = platform, .form = form, .unit = o->target.unit,
		.definition = o->paths.unit, .domain = o->domain };
	return 0;
}

/* ---- a change that was interrupted ---- */

static void step_report(void *ctx, const struct step *s, const char *result, bool failed)
{
	struct operation *o = ctx;
	bool undone = strcmp(result, "undone") == 0;
	_cleanup_free_ char *title = text_safe(undone && s->undo_title ? s->undo_title : s->title);

	if (strcmp(result, "already") == 0 || (failed && s->optional))
		return;
	cli_say(o->cli, "  %s%s%s", title, failed ? ": " : "", failed ? result : "");
	json_array_append_new(o->actions, json_pack("{s:s, s:s, s:b}", "action", title, "result", result, "ok", (int)!failed));
}

static struct executor executor_of(struct operation *o)
{
	return (struct executor){ .host = o->session.source, .journal = o->journal, .vault = o->vault, .report = step_report, .ctx = o };
}

static char *journal_path(const struct operation *o)
{
	return mem_printf("%s/journal.jsonl", o->paths.change);
}

static int change_end(struct operation *o, struct err *err)
{
	journal_close(o->journal);
	o->journal = NULL;
	return tree_remove(o->paths.change, err);
}

static int take_back(struct operation *o, struct err *err)
{
	const json_t *said = json_object_get(journal_last(o->journal, "plan", NULL), "plan");
	CLEANUP(plan_freep) struct plan *p = plan_from_json(said, err);
	struct executor x = executor_of(o);

	if (!p)
		return -err->code;
	cli_say(o->cli, "an interrupted %s of %s is taken back:", p->verb, p->agent);
	int r = plan_undo(p, &x, err);
	if (r == 0)
		r = journal_event(o->journal, source_now_us(o->session.source), "end", NULL, "outcome", json_string("taken back"), NULL);
	_cleanup_free_ char *detail = mem_printf("an interrupted %s was taken back", p->verb);
	operation_receipt(o, detail, r ? EXIT_CHANGE : 0, NULL);
	return r;
}

static int recover(struct operation *o, struct err *err)
{
	_cleanup_free_ char *path = journal_path(o);

	if (access(path, F_OK))
		return 0;
	if (o->dry_run) {
		cli_say(o->cli, "an interrupted change of %s will be taken back first", o->agent->name);
		return 0;
	}
	int r = journal_open(path, &o->journal, err);
	if (r)
		return r;
	if (journal_last(o->journal, "plan", NULL) && !journal_last(o->journal, "end", NULL))
		r = take_back(o, err);
	if (r)
		return err_prefix(err, "%s", path);
	r = change_end(o, err);
	/* what was installed may be another thing now */
	installed_close(&o->installed);
	return r ? r : installed_read(&o->paths, &o->installed, err);
}

int operation_open(struct cli *cli, const char *verb, bool quadlet, struct operation *ret, struct err *err)
{
	struct operation *o = ret;

	*o = (struct operation){ .cli = cli, .verb = verb, .lock = LOCK_NONE, .actions = json_array(), .dry_run = cli_has(cli, "dry-run") };
	int r = session_open(cli, &o->session, err);
	if (r)
		return r;
	session_warn(&o->session, cli);
	r = session_target(&o->session, cli, cli->args[0], &o->target, err);
	if (r)
		return r;
	o->agent = o->target.agent;
	o->owner = &o->target.owner.id;
	r = check_declaration(o, err);
	if (r == 0)
		r = become(o, err);
	if (r)
		return r;
	r = find_paths(o, quadlet, err);
	o->vault = mem_printf("%s/originals", o->paths.change);
	if (r == 0 && !o->dry_run)
		r = lock_take(&o->session, o->agent->name, verb, &o->lock, err);
	if (r == 0)
		r = recover(o, err);
	if (r)
		return r;
	const struct service_ops *ops = service_ops_of(o->service.platform);
	o->service.was_active = holds(o, ops->is_active(&o->service));
	o->service.was_enabled = holds(o, ops->is_enabled(&o->service));
	return 0;
}

void operation_close(struct operation *o)
{
	journal_close(o->journal);
	plan_free(o->plan);
	lock_release(&o->lock);
	installed_close(&o->installed);
	install_paths_free(&o->paths);
	evidence_free(o->evidence);
	target_free(&o->target);
	session_close(&o->session);
	json_decref(o->actions);
	free(o->actor);
	free(o->domain);
	free(o->vault);
}

int operation_need_installed(const struct operation *o, struct err *err)
{
	const char *name = o->agent->name, *owner = o->owner->name;
	bool starts = strcmp(o->verb, "start") == 0 || strcmp(o->verb, "restart") == 0;

	if (installed_is(&o->installed))
		return 0;
	_cleanup_free_ char *command = text_shell_printf("%s %s %s", o->cli->program, starts ? "install" : "quarantine", name);
	if (starts)
		return err_set(err, ERR_USAGE, "%s is not installed for %s; run: %s", name, owner, command);
	if (o->service.was_active || o->service.was_enabled)
		return err_set(err, ERR_USAGE, "there is no record that %s was installed for %s; what is there is taken away by: %s", name, owner, command);
	return err_set(err, ERR_USAGE, "%s is not installed for %s", name, owner);
}

/* ---- preflight ---- */

static void print_finding(const struct operation *o, const struct finding *f)
{
	fprintf(stderr, "%s%s %s%s: %s\n", cli_style(o->cli, f->verdict == VERDICT_FAIL ? 'r' : 'y'), f->check, f->title, cli_style(o->cli, '0'), f->message);
	if (f->detail && o->cli->verbose)
		fprintf(stderr, "  %s\n", f->detail);
	if (f->remedy)
		fprintf(stderr, "  run: %s\n", f->remedy);
	else if (f->hint)
		fprintf(stderr, "  %s\n", f->hint);
}

static int say_refused(const struct operation *o, const struct findings *l, enum verdict worst)
{
	if (o->cli->json) {
		json_t *doc = json_pack("{s:s, s:s, s:s, s:o}", "agent", o->agent->name, "verb", o->verb, "outcome", "refused", "findings", findings_to_json(l));
		cli_print_json(doc);
	}
	for (size_t i = 0; i < l->n && !o->cli->json; i++)
		if (l->v[i]->verdict == VERDICT_FAIL || l->v[i]->verdict == VERDICT_UNKNOWN)
			print_finding(o, l->v[i]);
	if (!o->cli->json)
		fprintf(stderr, "%s: %s %s: preflight does not pass; nothing was changed\n", o->cli->program, o->verb, o->agent->name);
	return worst == VERDICT_FAIL ? EXIT_FINDINGS : EXIT_INCOMPLETE;
}

int operation_preflight(struct operation *o, struct err *err)
{
	const struct gather_options want = { .want = checks_wants(CHECK_PREFLIGHT) };
	_cleanup_findings_ struct findings l = { 0 };

	cli_progress(o->cli, "checking %s …", o->agent->name);
	int r = evidence_gather(o->session.source, &o->target, &want, &o->evidence, err);
	cli_progress_done(o->cli);
	if (r)
		return r;
	o->agent = o->evidence->target.agent;
	o->owner = &o->evidence->target.owner.id;
	o->recipe.agent = o->service.agent = o->agent;
	o->service.owner = o->owner;
	o->service.unit = o->evidence->target.unit;
	checks_run(o->evidence, CHECK_PREFLIGHT | (strcmp(o->verb, "install") == 0 ? CHECK_INSTALL : 0), &l);
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i]->verdict == VERDICT_WARN && !o->cli->json && !o->cli->quiet)
			print_finding(o, l.v[i]);
	enum verdict worst = findings_verdict(&l);
	return worst == VERDICT_FAIL || worst == VERDICT_UNKNOWN ? say_refused(o, &l, worst) : 0;
}

/* ---- carrying out ---- */

static int change_begin(struct operation *o, struct err *err)
{
	_cleanup_free_ char *path = journal_path(o);
	_cleanup_fd_ int fd = dir_open_make(AT_FDCWD, o->vault, true);

	if (fd < 0)
		return err_errno(err, errno, "%s", o->vault);
	int r = journal_open(path, &o->journal, err);
	return r ? r : journal_event(o->journal, source_now_us(o->session.source), "plan", NULL, "plan", plan_to_json(o->plan), err);
}

/* The state before, again. What could not be put back stays in DIR/change, and the next command tries again. */
static int give_up(struct operation *o, struct executor *x, const char *why, struct err *err)
{
	struct err undo = { 0 };
	bool started = journal_last(o->journal, "intent", "start") != NULL;

	cli_say(o->cli, "failed: %s", why);
	cli_say(o->cli, "taking back what was done:");
	int r = plan_undo(o->plan, x, &undo);
	if (r == 0) {
		journal_event(o->journal, source_now_us(o->session.source), "end", NULL, "outcome", json_string("taken back"), NULL);
		change_end(o, NULL);
	}
	_cleanup_free_ char *detail = mem_printf("%s; %s", why, r ? undo.msg : "taken back");
	operation_receipt(o, detail, EXIT_CHANGE, NULL);
	if (r)
		return err_set(err, ERR_CHANGE, "%s; and %s; give the command again to go on taking back", why, undo.msg);
	return err_set(err, ERR_CHANGE, "%s; everything is as it was before%s", why, started ? "; its log stays" : "");
}

/* What a service cannot start for is in its log; of a full disk no log can tell. */
static char *reason_of(const struct operation *o, const struct err *err)
{
	struct statvfs v;
	bool full = statvfs(o->paths.dir, &v) == 0 && (v.f_bavail == 0 || (v.f_files && v.f_favail == 0));

	return full && !strstr(err->msg, strerror(ENOSPC)) ? mem_printf("%s; %s: %s", err->msg, o->paths.dir, strerror(ENOSPC)) : mem_strdup(err->msg);
}

int operation_run(struct operation *o, bool roll_back, struct err *err)
{
	/* what is not taken back needs no journal: a full disk keeps no service up */
	int r = roll_back ? change_begin(o, err) : 0;

	if (r) {
		_cleanup_free_ char *why = mem_strdup(err->msg);
		change_end(o, NULL);
		return err_set(err, ERR_CHANGE, "%s; nothing was changed", why);
	}
	struct executor x = executor_of(o);
	r = plan_execute(o->plan, &x, err);
	if (r) {
		_cleanup_free_ char *why = reason_of(o, err);
		_cleanup_free_ char *log = operation_log_tail(o);
		if (log)
			cli_say(o->cli, "%s", log);
		if (roll_back)
			return give_up(o, &x, why, err);
		operation_receipt(o, why, EXIT_CHANGE, NULL);
		return err_set(err, ERR_CHANGE, "%s", why);
	}
	return roll_back ? journal_event(o->journal, source_now_us(o->session.source), "end", NULL, "outcome", json_string("done"), err) : 0;
}

int operation_end(struct operation *o, const char *detail, struct err *err)
{
	int r = operation_receipt(o, detail, 0, err), end = change_end(o, r ? NULL : err);

	/* the journal's own room may be what the receipt lacked */
	if (r == -ERR_IO && operation_receipt(o, detail, 0, err)) {
		fprintf(stderr, "%s: the %s of %s is done, and its receipt could not be written: %s\n", o->cli->program, o->verb, o->agent->name, err->msg);
		r = 0;
	} else if (r == -ERR_IO) {
		r = 0;
	}
	return r ? r : end;
}

int operation_dry_run(const struct operation *o)
{
	const struct plan *p = o->plan;
	size_t n = 0;

	if (o->cli->json) {
		json_t *j = plan_to_json(p);
		cli_print_json(j);
		return EXIT_OK;
	}
	printf("would %s %s for %s:\n", o->verb, p->agent, o->owner->name);
	for (size_t i = 0; i < p->n_steps; i++) {
		if (p->steps[i]->undo_only)
			continue;
		_cleanup_free_ char *title = text_safe(p->steps[i]->title);
		_cleanup_free_ char *command = p->steps[i]->cmd ? probe_command(p->steps[i]->cmd) : NULL;
		_cleanup_free_ char *shown = command && o->cli->verbose ? text_safe(command) : NULL;
		printf("  %2zu. %s%s%s%s\n", ++n, title, shown ? "   [" : "", shown ? shown : "", shown ? "]" : "");
	}
	printf("nothing was touched\n");
	return EXIT_OK;
}

void operation_report(const struct operation *o, const char *outcome, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	if (o->cli->json) {
		json_t *doc = json_pack("{s:s, s:s, s:s, s:s, s:O}", "agent", o->agent->name, "verb", o->verb, "outcome", outcome, "summary", text, "actions",
			o->actions);
		cli_print_json(doc);
	} else {
		printf("%s\n", text);
	}
	free(text);
}

int operation_receipt(const struct operation *o, const char *detail, int exit, struct err *err)
{
	const struct receipt r = { .time_us = source_now_us(o->session.source), .actor = o->actor, .uid = o->actor_uid, .action = o->verb, .detail = detail,
		.exit = exit };

	return history_append(&o->paths, NULL, &r, err);
}
