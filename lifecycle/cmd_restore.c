/* SPDX-License-Identifier: MIT */
/* restore: takes a quarantine back, from the journal and the originals that stayed in its directory. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/text.h"
#include "lifecycle/collection_redaction.h"
#include "lifecycle/commands.h"
#include "lifecycle/execute.h"
#include "lifecycle/lock.h"
#include "lifecycle/receipt.h"
#include "lifecycle/session.h"

#define BUNDLE_SUFFIX ".tar.zst"

/* The evidence directory that was named, itself or through the bundle that lies beside it. */
static int find_directory(const char *given, char **ret, struct err *err)
{
	_cleanup_free_ char *path = realpath(given, NULL);
	struct stat st;

	if (!path && errno == ENOENT)
		return err_set(err, ERR_USAGE, "%s: no such directory or bundle", given);
	if (!path || stat(path, &st))
		return err_errno(err, errno, "%s", given);
	if (S_ISDIR(st.st_mode)) {
		*ret = TAKE_PTR(path);
		return 0;
	}
	if (!text_ends(path, BUNDLE_SUFFIX))
		return err_set(err, ERR_USAGE, "%s: neither an evidence directory nor a bundle (" BUNDLE_SUFFIX ")", given);
	path[strlen(path) - strlen(BUNDLE_SUFFIX)] = '\0';
	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return err_set(err, ERR_ABSENT, "a bundle holds redacted copies, so the originals are needed, which stayed on the host that was "
						"quarantined: no directory %s here", path);
	*ret = TAKE_PTR(path);
	return 0;
}

struct restore {
	const struct cli *cli;
	json_t *actions;
};

static void step_report(void *ctx, const struct step *s, const char *result, bool failed)
{
	struct restore *r = ctx;
	_cleanup_free_ char *title = text_safe(s->undo_title ? s->undo_title : s->title);

	cli_say(r->cli, "  %s%s%s", title, failed ? ": " : "", failed ? result : "");
	json_array_append_new(r->actions, json_pack("{s:s, s:s, s:b}", "action", title, "result", result, "ok", (int)!failed));
}

static int undo(struct session *s, const struct cli *cli, const char *dir, struct journal *j, const struct plan *p, json_t *actions, struct err *err)
{
	_cleanup_free_ char *vault = mem_printf("%s/private/originals", dir);
	struct restore r = { cli, actions };
	struct executor x = { .host = s->source, .journal = j, .vault = vault, .report = step_report, .ctx = &r };

	int failed = journal_event(j, source_now_us(s->source), "restore", NULL, NULL, NULL, err);
	if (failed == 0)
		failed = plan_undo(p, &x, err);
	if (failed == 0)
		failed = journal_event(j, source_now_us(s->source), "restored", NULL, NULL, NULL, err);
	return failed;
}

static void print_result(const struct cli *cli, const struct plan *p, const char *dir, bool already, json_t *actions)
{
	if (cli->json) {
		json_t *doc = json_pack("{s:s, s:s, s:b, s:O}", "agent", p->agent, "directory", dir, "already", (int)already, "actions", actions);
		cli_print_json(doc);
		return;
	}
	_cleanup_free_ char *safe = text_safe(dir);
	printf("%s %s from %s; it was not started\n", p->agent, already ? "had been restored already" : "is restored", safe);
}

static int dry_run(const struct cli *cli, const struct plan *p, const struct journal *j)
{
	printf("would put back, last step first:\n");
	for (size_t i = p->n_steps; i > 0; i--) {
		const struct step *s = p->steps[i - 1];
		_cleanup_free_ char *title = text_safe(s->undo_title ? s->undo_title : s->title);
		if (journal_last(j, "intent", s->id) && (s->act != STEP_RUN || s->undo_cmd))
			printf("  %s\n", title);
	}
	printf("nothing was touched\n");
	return EXIT_OK;
}

static int restore(struct session *s, struct cli *cli, const char *dir, struct err *err)
{
	_cleanup_free_ char *path = mem_printf("%s/private/journal.jsonl", dir);
	_cleanup_journal_ struct journal *j = NULL;
	_cleanup_lock_ struct lock lock = LOCK_NONE;
	struct stat st;

	if (stat(path, &st))
		return err_set(err, ERR_USAGE, "%s holds no quarantine that could be undone (no private/journal.jsonl)", dir);
	int r = journal_read(path, &j, err);
	if (r)
		return r;
	const json_t *plan = journal_last(j, "plan", NULL);
	if (!plan)
		return err_set(err, ERR_USAGE, "%s: that quarantine stopped before it changed anything; there is nothing to undo", dir);
	CLEANUP(plan_freep) struct plan *p = plan_from_json(json_object_get(plan, "plan"), err);
	if (!p)
		return -err->code;
	if (cli_has(cli, "dry-run"))
		return dry_run(cli, p, j);
	r = lock_take(s, p->agent, "restore", &lock, err);
	/* once more, now that nobody else writes it */
	journal_close(TAKE_PTR(j));
	if (r == 0)
		r = journal_open(path, &j, err);
	if (r)
		return r;
	bool done = journal_last(j, "restored", NULL) != NULL;
	json_t *actions = json_array();
	if (!done) {
		r = undo(s, cli, dir, j, p, actions, err);
		receipt_note(s, cli, p->agent, "restore", r ? err->msg : dir, r ? EXIT_CHANGE : 0);
	}
	if (r == 0) {
		collection_redaction_forget_in(dir);
		print_result(cli, p, dir, done, actions);
	}
	json_decref(actions);
	return r;
}

int cmd_restore(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_free_ char *dir = NULL;
	int r = find_directory(cli->args[0], &dir, err);

	if (r == 0)
		r = session_open(cli, &s, err);
	if (r == 0)
		r = restore(&s, cli, dir, err);
	return r;
}
