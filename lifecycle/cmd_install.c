/* SPDX-License-Identifier: MIT */
/*
 * install: declaration → wrapper → lint → definition → lint → preflight → files → enable → start → health. Each only
 * when the one before it passed; until the preflight has, nothing was written.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/json.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/operation.h"
#include "lifecycle/textdiff.h"

struct install {
	struct operation o;
	struct installation files;
	enum on_disk state[INSTALL_FILES_MAX];
	char **made_dirs;
};

static void install_close(struct install *i)
{
	installation_free(&i->files);
	strv_free(i->made_dirs);
	operation_close(&i->o);
}
#define _cleanup_install_ CLEANUP(install_close)

/* ---- what is there ---- */

static int foreign(const struct install *i, const struct install_file *f, struct err *err)
{
	return err_set(err, ERR_USAGE, "%s is there and was not written by us; look at it, and take it away with: %s quarantine %s", f->path,
		i->o.cli->program, i->o.agent->name);
}

static int show_difference(const struct install *i, const struct install_file *f, enum on_disk state)
{
	_cleanup_buf_ struct buf there = { 0 }, out = { 0 };

	if (file_read(AT_FDCWD, f->path, 1u << 20, &there, NULL))
		return 0;
	textdiff(buf_str(&there), f->content, &out);
	cli_say(i->o.cli, "%s%s differs:", f->path, state == DISK_EDITED ? ", which somebody edited since it was installed," : "");
	cli_say(i->o.cli, "%s%s", buf_str(&out), out.len ? "" : "  (only its mode)");
	return 0;
}

static int compare(struct install *i, struct err *err)
{
	bool replace = cli_has(i->o.cli, "replace"), edited = false;

	for (size_t k = 0; k < i->files.n; k++) {
		const struct install_file *f = &i->files.v[k];
		i->state[k] = installation_compare(f, &i->o.installed);
		if (i->state[k] == DISK_FOREIGN)
			return foreign(i, f, err);
		if (i->state[k] == DISK_UNREADABLE)
			return err_set(err, ERR_DENIED, "%s cannot be read", f->path);
		if (i->state[k] == DISK_OURS || i->state[k] == DISK_EDITED)
			show_difference(i, f, i->state[k]);
		edited = edited || i->state[k] == DISK_EDITED;
	}
	if (edited && !replace)
		return err_set(err, ERR_USAGE, "what somebody edited stays; to overwrite it (the edited file is kept aside) say --replace");
	return 0;
}

static bool is_directory(const struct install *i, const char *dir)
{
	struct expect e = { .kind = EXPECT_EXIT, .probe = probe_link(dir) };
	_cleanup_answer_ struct answer a = { 0 };
	bool there = source_get(i->o.session.source, e.probe, &a, NULL) == 0 && a.rec.outcome != OUTCOME_ABSENT;

	probe_free(e.probe);
	return there;
}

static bool unchanged(const struct install *i)
{
	const struct service *s = &i->o.service;

	if (!installed_is(&i->o.installed))
		return false;
	for (size_t k = 0; k < i->files.n; k++)
		if (i->state[k] != DISK_SAME)
			return false;
	/* a log's directory that somebody cleared away: the service could not start */
	for (char **d = i->files.dirs; d && *d; d++)
		if (!is_directory(i, *d))
			return false;
	return s->form == INSTALL_QUADLET || s->was_enabled == i->o.agent->lifecycle.run_at_load;
}

static int check_other_form(const struct install *i, struct err *err)
{
	const char *unit = json_get(i->o.installed.doc, "unit");

	if (unit && strcmp(unit, i->o.service.unit) != 0)
		return err_set(err, ERR_USAGE, "it is installed as %s, and would be %s; run: %s uninstall %s", unit, i->o.service.unit, i->o.cli->program,
			i->o.agent->name);
	return 0;
}

static int check_launcher(const struct install *i, struct err *err)
{
	const char *program = i->o.recipe.program;

	if (i->o.agent->runtime == RUNTIME_SYSTEMD || access(program, X_OK) == 0)
		return 0;
	return err_set(err, ERR_ABSENT, "the launcher %s is not there (%s); run: make install", program, strerror(errno));
}

/* Nothing would make a service of the file: Podman brings its generator since 4.4. */
static int check_generator(const struct install *i, struct err *err)
{
	static const char *const dirs[] = { "/run/systemd", "/etc/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd", "/lib/systemd" };
	const char *scope = i->o.agent->scope == SCOPE_USER ? "user" : "system", *version = i->o.evidence->podman.version.text;

	if (i->o.service.form != INSTALL_QUADLET)
		return 0;
	for (size_t k = 0; k < ARRAY_LEN(dirs); k++) {
		_cleanup_free_ char *path = mem_printf("%s/%s-generators/podman-%s-generator", dirs[k], scope, scope);
		if (access(path, X_OK) == 0)
			return 0;
	}
	return err_set(err, ERR_USAGE, "Podman%s%s has no Quadlet generator here, which came with 4.4; run: %s install %s", version ? " " : "",
		version ? version : "", i->o.cli->program, i->o.agent->name);
}

/* ---- the plan ---- */

static void plan_directories(struct install *i)
{
	for (char **d = i->files.dirs; d && *d; d++) {
		if (is_directory(i, *d))
			continue;
		_cleanup_free_ char *id = mem_printf("mkdir-%zu", strv_len(i->made_dirs));
		plan_add_mkdir(i->o.plan, id, *d, installation_dir_mode(&i->o.recipe, *d));
		i->made_dirs = strv_add(i->made_dirs, *d);
	}
}

static void plan_files(struct install *i)
{
	for (size_t k = 0; k < i->files.n; k++) {
		const struct install_file *f = &i->files.v[k];
		_cleanup_free_ char *id = mem_printf("write-%s", f->id);
		if (i->state[k] == DISK_SAME)
			continue;
		plan_add_write(i->o.plan, id, f->what, f->path, f->content, f->mode, i->state[k] == DISK_ABSENT ? NULL : f->id);
	}
}

static int make_plan(struct install *i, struct err *err)
{
	struct operation *o = &i->o;
	const struct service_ops *ops = service_ops_of(o->service.platform);
	_cleanup_free_ char *doc = NULL;

	o->plan = plan_new("install", o->agent->name);
	ops->before_files(&o->service, o->plan);
	plan_directories(i);
	plan_files(i);
	doc = installed_document(&i->files, &o->recipe, o->service.unit, &o->installed, i->made_dirs, source_now_us(o->session.source));
	if (!doc)
		return err_set(err, ERR_USAGE, "a name in the declaration is not UTF-8");
	plan_add_write(o->plan, "record", "record of what was written", o->paths.installed, doc, 0600, installed_is(&o->installed) ? "installed" : NULL);
	ops->activate(&o->service, !cli_has(o->cli, "no-start"), o->plan);
	return 0;
}

/* ---- afterwards ---- */

/* What a person had edited is in the vault, and the vault goes. */
static int keep_edited(struct install *i, struct err *err)
{
	struct operation *o = &i->o;
	char stamp[32];
	int r = 0;

	text_stamp(stamp, source_now_us(o->session.source));
	for (size_t k = 0; k < i->files.n && r == 0; k++) {
		if (i->state[k] != DISK_EDITED)
			continue;
		_cleanup_free_ char *from = mem_printf("%s/%s", o->vault, i->files.v[k].id);
		_cleanup_free_ char *to = mem_printf("%s/%s-%s", o->paths.aside, stamp, strrchr(i->files.v[k].path, '/') + 1);
		if (dir_make_parents(AT_FDCWD, to) || rename(from, to))
			r = err_errno(err, errno, "%s", to);
		else
			cli_say(o->cli, "the edited %s is kept as %s", i->files.v[k].path, to);
	}
	return r;
}

static int finish(struct install *i, struct err *err)
{
	struct operation *o = &i->o;
	_cleanup_free_ char *detail = mem_printf("%s from %s", o->service.unit, o->agent->path);
	int r = keep_edited(i, err);

	if (r == 0)
		r = operation_end(o, detail, err);
	if (r)
		return r;
	bool started = !cli_has(o->cli, "no-start");
	operation_report(o, "installed", "%s is installed for %s%s%s: %s", o->agent->name, o->owner->name,
		o->agent->lifecycle.run_at_load ? ", enabled" : "", started ? " and up" : ", not started", o->service.unit);
	return EXIT_OK;
}

static int install(struct install *i, struct err *err)
{
	struct operation *o = &i->o;
	int r = recipe_check(&o->recipe, err);

	if (r == 0)
		r = check_launcher(i, err);
	if (r == 0)
		r = check_other_form(i, err);
	if (r)
		return r;
	installation_make(&o->recipe, &i->files);
	r = installation_lint(&i->files, &o->recipe, err);
	if (r == 0)
		r = compare(i, err);
	if (r)
		return r;
	if (unchanged(i)) {
		operation_report(o, "unchanged", "%s is installed already, as declared; %s", o->agent->name,
			o->service.was_active ? "it is up" : "it is down");
		return EXIT_OK;
	}
	r = operation_preflight(o, err);
	if (r == 0)
		r = check_generator(i, err);
	if (r == 0)
		r = make_plan(i, err);
	if (r == 0 && o->dry_run)
		return operation_dry_run(o);
	if (r == 0) {
		cli_say(o->cli, "installing %s for %s", o->agent->name, o->owner->name);
		bool first = !installed_is(&o->installed);
		r = operation_run(o, true, err);
		/* its starts are part of what was taken back */
		if (r && first && unlink(o->paths.ledger) && errno != ENOENT)
			return err_errno(err, errno, "%s", o->paths.ledger);
	}
	return r ? r : finish(i, err);
}

int cmd_install(struct cli *cli, struct err *err)
{
	_cleanup_install_ struct install i = { 0 };
	int r = operation_open(cli, "install", cli_has(cli, "quadlet"), &i.o, err);

	return r ? r : install(&i, err);
}
