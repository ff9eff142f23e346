/* SPDX-License-Identifier: MIT */
/* What a service definition comes down to, for the patterns to judge. */
#include "lifecycle/checks/pattern.h"

#include <string.h>

#include "formats/macos.h"
#include "formats/text.h"
#include "lifecycle/checks/judge.h"

char *path_expand(const char *path, const char *home)
{
	struct buf b = { 0 };

	if (home && path[0] == '~' && (path[1] == '/' || path[1] == '\0')) {
		buf_adds(&b, home);
		path++;
	}
	for (; *path; path++) {
		const char *with = path[0] != '%' ? NULL : path[1] == 'h' ? home : path[1] == 'T' ? "/tmp" : path[1] == 'V' ? "/var/tmp" : NULL;
		if (with) {
			buf_adds(&b, with);
			path++;
		} else {
			buf_addc(&b, *path);
		}
	}
	return buf_take(&b);
}

bool path_is_temporary(const char *path)
{
	static const char *const dirs[] = { "/tmp", "/private/tmp", "/var/tmp", "/private/var/tmp", "/dev/shm" };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		size_t n = strlen(dirs[i]);
		if (strncmp(path, dirs[i], n) == 0 && (path[n] == '/' || path[n] == '\0'))
			return true;
	}
	return false;
}

unsigned plist_key_line(const char *text, size_t n, const char *name)
{
	_cleanup_free_ char *key = mem_printf("<key>%s</key>", name);
	const char *at = text ? memmem(text, n, key, strlen(key)) : NULL;
	unsigned line = 1;

	for (const char *p = text; at && p < at; p++)
		line += *p == '\n';
	return at ? line : 0;
}

/* The property list that counts, and what launchd has loaded where that cannot be read. */
static void view_of_launchd(const struct evidence *e, struct view *v)
{
	const struct launchd_definition *d = e->launchd.n_definitions ? e->launchd.definitions : NULL;
	const struct launchd_domain *loaded = launchd_loaded(&e->launchd);

	v->kind = VIEW_PLIST;
	v->path = d ? d->file.path : NULL;
	v->evidence = loaded ? loaded->print->rec.key : d && d->file.answer ? d->file.answer->rec.key : NULL;
	if (!d || !d->plist)
		return;
	v->plist = d->plist;
	v->argv_file = d->file.path;
	/* as written: Nix's wrapping is part of what the patterns name */
	if (d->plist->arguments)
		v->argv = d->plist->arguments;
	if (!d->plist->binary) {
		v->text = buf_str(&d->file.answer->out);
		v->text_len = d->file.answer->out.len;
		v->argv_line = plist_key_line(v->text, v->text_len, "ProgramArguments");
	}
}

void view_of_evidence(const struct evidence *e, struct view *ret)
{
	const struct service_evidence *s = &e->service;
	const struct startup_line *line = startup_line(&s->start);
	bool script_read = s->program.answer && record_answered(&s->program.answer->rec);
	struct view v = { .kind = VIEW_SERVICE, .name = e->target.unit, .home = e->target.owner.id.home, .agent = e->target.agent };

	v.path = s->unit.fragment.path;
	v.unit = s->unit.definition.n ? &s->unit.definition : NULL;
	v.loaded = s->unit.n_props ? s->unit.props : NULL;
	if (line) {
		v.argv = startup_argv(&s->start);
		v.argv_file = v.unit && line->line ? s->unit.definition.files[line->file] : v.path;
		v.argv_line = line->line;
	}
	v.script_path = script_read ? s->program.path : NULL;
	v.script = s->script.n || s->script.interpreter || s->script.programs ? &s->script : NULL;
	if (script_read) {
		v.script_text = buf_str(&s->program.answer->out);
		v.script_len = s->program.answer->out.len;
	}
	v.run = s->run.program ? &s->run : NULL;
	v.run_in_script = s->run_in_script;
	v.program_unread = s->program.path && !script_read && !file_is_no_script(&s->program);
	v.program_unread |= s->start.unread;
	for (size_t i = 0; i < s->n_triggers; i++)
		budget_add_trigger(&v.triggers, s->triggers[i].name, &s->triggers[i].definition);
	v.evidence = s->unit.show ? s->unit.show->rec.key : NULL;
	if (e->host.platform == PLATFORM_DARWIN)
		view_of_launchd(e, &v);
	*ret = v;
}

bool command_starts_container(const struct shell_command *c)
{
	return c && c->starts != STARTS_NONE;
}

bool view_runs_containers(const struct view *v)
{
	return command_starts_container(v->run) || v->kind == VIEW_QUADLET;
}

bool view_is_ours(const struct view *v)
{
	bool direct = v->argv && strcmp(text_base_name(v->argv[0]), "sourceos-agent") == 0;

	for (char **p = v->script ? v->script->programs : NULL; p && *p && !direct; p++)
		direct = strcmp(text_base_name(*p), "sourceos-agent") == 0;
	return direct && !v->run;
}

const char *view_image(const struct view *v)
{
	if (v->run)
		return v->run->starts == STARTS_NEW ? v->run->image : NULL;
	return v->kind == VIEW_QUADLET && v->unit ? unitfile_value(v->unit, "Container", "Image") : NULL;
}

void pattern_on_service(struct report *r, pattern_fn *pattern)
{
	struct view v;

	if (!need_installed(r))
		return;
	view_of_evidence(r->e, &v);
	pattern(&v, r);
}

bool view_budget(const struct view *v, struct budget *ret)
{
	struct budget_rule r;

	if (v->loaded && v->loaded->restart)
		r = budget_rule_loaded(v->loaded);
	else if (v->unit && v->kind == VIEW_SERVICE)
		r = budget_rule_written(v->unit);
	else if (v->unit && v->kind == VIEW_QUADLET)
		r = budget_rule_written(v->unit);
	else
		return false;
	r.timer_us = v->triggers.timer_us;
	r.timer = v->triggers.timer;
	r.event = v->triggers.event;
	*ret = budget_compute(&r);
	return true;
}
