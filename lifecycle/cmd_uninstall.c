/* SPDX-License-Identifier: MIT */
/* uninstall: takes away what install made, and nothing else. Its receipts and provenance stay, without --purge. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/json.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/operation.h"

struct uninstall {
	struct operation o;
	char **edited; /* paths of files that somebody edited */
};

static void uninstall_close(struct uninstall *u)
{
	strv_free(u->edited);
	operation_close(&u->o);
}
#define _cleanup_uninstall_ CLEANUP(uninstall_close)

static void plan_files(struct uninstall *u)
{
	struct plan *p = u->o.plan;
	size_t k;
	json_t *f;

	json_array_foreach(json_object_get(u->o.installed.doc, "files"), k, f) {
		const char *path = json_get(f, "path"), *what = json_get(f, "what");
		enum on_disk state = installed_compare(f);
		if (!path || path[0] != '/' || state == DISK_ABSENT)
			continue;
		if (state == DISK_EDITED)
			u->edited = strv_add(u->edited, path);
		_cleanup_free_ char *id = mem_printf("remove-%zu", k);
		struct step *s = plan_add(p, id, STEP_MOVE, "%s %s %s", state == DISK_EDITED ? "put aside the edited" : "remove", what ? what : "file", path);
		s->undo_title = mem_printf("put back %s", path);
		s->path = mem_strdup(path);
		s->vault = mem_printf("%03zu-%.100s", k, strrchr(path, '/') + 1);
		s->holds = (struct expect){ .kind = EXPECT_ABSENT, .probe = probe_link(path) };
	}
}

static void make_plan(struct uninstall *u)
{
	struct operation *o = &u->o;
	const struct service_ops *ops = service_ops_of(o->service.platform);

	o->plan = plan_new("uninstall", o->agent->name);
	ops->before_files(&o->service, o->plan);
	ops->stop(&o->service, o->plan);
	ops->disable(&o->service, o->plan);
	plan_files(u);
	ops->after_removal(&o->service, o->plan);
}

/* ---- afterwards: what is no file of a person's ---- */

static int keep_edited(struct uninstall *u, struct err *err)
{
	struct operation *o = &u->o;
	char stamp[32];

	text_stamp(stamp, source_now_us(o->session.source));
	for (size_t i = 0; i < o->plan->n_steps; i++) {
		const struct step *s = o->plan->steps[i];
		if (s->act != STEP_MOVE || !strv_has(u->edited, s->path))
			continue;
		_cleanup_free_ char *from = mem_printf("%s/%s", o->vault, s->vault);
		_cleanup_free_ char *to = mem_printf("%s/%s-%s", o->paths.aside, stamp, strrchr(s->path, '/') + 1);
		if (dir_make_parents(AT_FDCWD, to) || rename(from, to))
			return err_errno(err, errno, "%s", to);
		fprintf(stderr, "%s: %s had been edited since it was installed; it is kept as %s\n", o->cli->program, s->path, to);
	}
	return 0;
}

/* Those that install made, deepest first, and only what is empty. */
static void remove_directories(const struct operation *o)
{
	const json_t *dirs = json_object_get(o->installed.doc, "directories");

	for (size_t n = json_array_size(dirs); n > 0; n--) {
		const char *dir = json_string_value(json_array_get(dirs, n - 1));
		if (dir && dir[0] == '/')
			rmdir(dir);
	}
}

static int remove_state(struct uninstall *u, struct err *err)
{
	struct operation *o = &u->o;
	bool purge = cli_has(o->cli, "purge");
	const char *const state[] = { o->paths.ledger, o->paths.installed, purge ? o->paths.provenance : NULL };

	for (size_t i = 0; i < ARRAY_LEN(state); i++)
		if (state[i] && unlink(state[i]) && errno != ENOENT)
			return err_errno(err, errno, "%s", state[i]);
	int r = operation_end(o, o->service.unit, err);
	if (r == 0 && purge && unlink(o->paths.history) && errno != ENOENT)
		r = err_errno(err, errno, "%s", o->paths.history);
	remove_directories(o);
	return r;
}

static int uninstall(struct uninstall *u, struct err *err)
{
	struct operation *o = &u->o;

	make_plan(u);
	if (o->dry_run)
		return operation_dry_run(o);
	cli_say(o->cli, "uninstalling %s for %s", o->agent->name, o->owner->name);
	int r = operation_run(o, true, err);
	if (r == 0)
		r = keep_edited(u, err);
	if (r == 0)
		r = remove_state(u, err);
	if (r == 0)
		operation_report(o, "uninstalled", "%s is uninstalled%s", o->agent->name,
			cli_has(o->cli, "purge") ? ", its history too" : "; its history stays (--purge removes that)");
	return r;
}

/* The installation may be damaged, or of a time before: what is left of it then is a purge of the state. */
static int purge_rest(struct operation *o, struct err *err)
{
	if (!cli_has(o->cli, "purge") || access(o->paths.history, F_OK))
		return operation_need_installed(o, err);
	if (o->dry_run) {
		printf("would remove %s and %s\nnothing was touched\n", o->paths.history, o->paths.provenance);
		return EXIT_OK;
	}
	if ((unlink(o->paths.history) && errno != ENOENT) || (unlink(o->paths.provenance) && errno != ENOENT))
		return err_errno(err, errno, "%s", o->paths.history);
	rmdir(o->paths.dir);
	operation_report(o, "purged", "the history of %s is removed", o->agent->name);
	return EXIT_OK;
}

int cmd_uninstall(struct cli *cli, struct err *err)
{
	_cleanup_uninstall_ struct uninstall u = { 0 };

	int gaps = 0;
	bool first = cli_has(cli, "quarantine");

	if (first && cli->json) {
		_cleanup_free_ char *command = text_shell_printf("%s quarantine %s", cli->program, cli->args[0]);
		return err_set(err, ERR_USAGE, "two commands have two documents; with --json run: %s, then uninstall it", command);
	}
	/* the evidence first; what the quarantine took away is then not there to be removed */
	if (first && (gaps = cmd_quarantine(cli, err)) && gaps != EXIT_INCOMPLETE)
		return gaps;
	int r = operation_open(cli, "uninstall", false, &u.o, err);
	if (r)
		return r;
	r = installed_is(&u.o.installed) ? uninstall(&u, err) : purge_rest(&u.o, err);
	return r ? r : gaps;
}
