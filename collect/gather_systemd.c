/* SPDX-License-Identifier: MIT */
/* The service as systemd has it and as it lies on disk: state, definition with drop-ins and links, program. */
#include "collect/dirlist.h"
#include "collect/gatherers.h"

#include <stdio.h>
#include <string.h>

#include "formats/text.h"

/* systemctl, towards the owner's manager or the system's. Ends with the caller's words. */
static char **systemctl_argv(const struct evidence *e)
{
	char **v = strv_add(NULL, "systemctl");

	if (is_user_scope(e))
		v = strv_add(v, "--user");
	v = strv_add(v, "--no-pager");
	return v;
}

static const struct identity *manager_identity(const struct evidence *e)
{
	return is_user_scope(e) ? &e->target.owner.id : NULL;
}

static char *show_key(const struct evidence *e, const char *unit)
{
	return owner_key(e, "systemd", "show", unit);
}

static void ask_show(struct task *t, struct evidence *e, const char *unit, const char *artifact)
{
	_cleanup_free_ char *key = show_key(e, unit);
	_cleanup_strv_ char **argv = sdshow_argv(is_user_scope(e));

	argv = strv_add(argv, unit);
	struct probe *p = probe_cmd(key, argv, manager_identity(e), PAYLOAD_SHOW);
	p->flags = PROBE_VOLATILE | PROBE_CRITICAL | PROBE_EXIT_0 | PROBE_LIBSYSTEMD;
	p->artifact = mem_strdup(artifact);
	task_ask(t, p);
}

static void ask_status(struct task *t, struct evidence *e, const char *unit)
{
	_cleanup_free_ char *key = owner_key(e, "systemd", "status", unit);
	_cleanup_strv_ char **argv = systemctl_argv(e);

	argv = strv_add(argv, "--full");
	argv = strv_add(argv, "--lines=0");
	argv = strv_add(argv, "status");
	argv = strv_add(argv, unit);
	struct probe *p = probe_cmd(key, argv, manager_identity(e), PAYLOAD_TEXT);
	p->flags = PROBE_VOLATILE;
	p->artifact = mem_strdup("service-status.txt");
	task_ask(t, p);
}

/* Where links that enable the unit can be. */
static char **unit_dirs(const struct evidence *e)
{
	const struct identity *id = &e->target.owner.id;
	char **v = NULL;

	if (is_user_scope(e)) {
		v = strv_take(v, mem_printf("%s/.config/systemd/user", id->home));
		v = strv_add(v, "/etc/systemd/user");
		if (id->runtime_dir)
			v = strv_take(v, mem_printf("%s/systemd/user", id->runtime_dir));
	} else {
		v = strv_add(v, "/etc/systemd/system");
		v = strv_add(v, "/run/systemd/system");
	}
	return v;
}

static void read_show(struct gathering *c, struct unit_evidence *u)
{
	_cleanup_free_ char *key = show_key(c->e, u->name);

	u->show = gather_answer(c->e->gather, key);
	const struct buf *b = answer_text(u->show);
	if (b && b->len && u->show->rec.status == 0)
		sdshow_parse(buf_str(b), b->len, &u->props, &u->n_props, NULL);
}

static void ask_fragment(struct task *t, struct unit_evidence *u, const char *path, bool primary)
{
	struct probe *f = probe_file(path, PAYLOAD_UNIT);

	f->flags = PROBE_FOLLOW | PROBE_CRITICAL;
	f->limits.max_bytes = UNITFILE_MAX;
	f->artifact = primary ? mem_strdup("service.unit.disabled") : mem_printf("triggers/%s", u->name);
	file_ask(t, &u->fragment, path, f);
}

static void ask_drop_ins(struct task *t, struct unit_evidence *u, char *const *paths, bool primary)
{
	size_t n = strv_len(paths);

	u->drop_ins = n ? mem_alloc(n * sizeof(*u->drop_ins)) : NULL;
	u->n_drop_ins = n;
	for (size_t i = 0; i < n; i++) {
		struct probe *f = probe_file(paths[i], PAYLOAD_UNIT);
		f->flags = PROBE_FOLLOW | PROBE_CRITICAL;
		f->artifact = mem_printf("drop-ins/%s%02zu-%s", primary ? "" : "trigger-", i, text_base_name(paths[i]));
		file_ask(t, &u->drop_ins[i], paths[i], f);
	}
}

static void ask_definition(struct task *t, struct unit_evidence *u, bool primary)
{
	const struct unit_props *p = u->n_props ? u->props : NULL;

	if (p && p->fragment_path)
		ask_fragment(t, u, p->fragment_path, primary);
	if (p && p->source_path) {
		struct probe *f = probe_file(p->source_path, PAYLOAD_UNIT);
		f->flags = PROBE_FOLLOW | PROBE_CRITICAL;
		f->artifact = mem_printf("source/%s", text_base_name(p->source_path));
		file_ask(t, &u->source, p->source_path, f);
	}
	ask_drop_ins(t, u, p ? p->drop_in_paths : NULL, primary);
}

/* Directories that may hold enablement links, and aliases beside them: one entry of a listing. */
static void ask_links_in(struct task *t, const char *unit, const char *dir, const struct answer *listing)
{
	struct dirlist d = dirlist_of(listing);

	while (dirlist_next(&d)) {
		_cleanup_free_ char *path = NULL;
		if (strcmp(d.type, "d") == 0 && (text_ends(d.name, ".wants") || text_ends(d.name, ".requires") || text_ends(d.name, ".upholds")))
			path = mem_printf("%s/%s/%s", dir, d.name, unit);
		else if (strcmp(d.type, "l") == 0)
			path = mem_printf("%s/%s", dir, d.name);
		if (path)
			task_ask(t, probe_link(path));
	}
}

static void ask_links(struct task *t, const struct evidence *e, const char *unit)
{
	_cleanup_strv_ char **dirs = unit_dirs(e);

	for (char **d = dirs; *d; d++) {
		_cleanup_free_ char *key = mem_printf("dir%s", *d);
		ask_links_in(t, unit, *d, gather_answer(e->gather, key));
	}
}

static void add_link(struct unit_evidence *u, const struct probe *p, const struct record *r)
{
	u->links = mem_array(u->links, u->n_links + 1, sizeof(*u->links));
	u->links[u->n_links++] = (struct link_evidence){ mem_strdup(p->path), mem_strdup(r->stat.link), r->stat.uid, r->stat.gid };
}

/* A link enables the unit when it stands under its name in a .wants directory, or points at it from beside. */
static void read_links(struct evidence *e, struct unit_evidence *u)
{
	size_t n = gather_count(e->gather);

	for (size_t i = 0; i < n; i++) {
		const struct probe *p;
		const struct answer *a = gather_nth(e->gather, i, &p);
		if (p->kind != PROBE_LINK || !a->rec.stat.known || !a->rec.stat.link)
			continue;
		if (text_eq(u->fragment.path, p->path))
			continue; /* the definition itself, which is a link */
		bool wants = strstr(p->path, ".wants/") || strstr(p->path, ".requires/") || strstr(p->path, ".upholds/");
		if (wants ? strcmp(text_base_name(p->path), u->name) == 0
			  : strcmp(text_base_name(a->rec.stat.link), u->name) == 0)
			add_link(u, p, &a->rec);
	}
}

static void merge_definition(struct gather *g, struct unit_evidence *u)
{
	file_answered(g, &u->fragment);
	file_answered(g, &u->source);
	const struct buf *b = answer_text(u->fragment.answer);
	if (b)
		unitfile_add(&u->definition, u->fragment.path, buf_str(b), b->len);
	for (size_t i = 0; i < u->n_drop_ins; i++) {
		file_answered(g, &u->drop_ins[i]);
		b = answer_text(u->drop_ins[i].answer);
		if (b)
			unitfile_add(&u->definition, u->drop_ins[i].path, buf_str(b), b->len);
	}
}

/* ExecStart= from disk, else what the manager has loaded (its quoting is lost there). */
static void read_exec(struct evidence *e)
{
	struct service_evidence *s = &e->service;
	const struct unit_props *p = s->unit.n_props ? s->unit.props : NULL;
	_cleanup_free_ const struct unit_entry **starts = NULL;
	size_t n = unitfile_get_all(&s->unit.definition, "Service", "ExecStart", &starts);

	if (n) {
		s->start.specifiers = (struct unit_context){ .unit = s->unit.name, .home = e->target.owner.id.home, .name = e->target.owner.id.name };
		unitcmd_parse(starts[n - 1]->value, &s->exec_start, NULL);
		startup_add_service(&s->start, &s->unit.definition);
		return;
	}
	if (p && p->n_exec_start && p->exec_start[0].argv)
		unitcmd_parse(p->exec_start[0].argv, &s->exec_start, NULL);
	for (size_t i = 0; p && i < p->n_exec_start; i++)
		if (p->exec_start[i].argv)
			startup_add_line(&s->start, p->exec_start[i].argv, 0, 0, true);
	for (size_t i = 0; p && i < p->n_exec_start_pre; i++)
		if (p->exec_start_pre[i].argv)
			startup_add_line(&s->start, p->exec_start_pre[i].argv, 0, 0, false);
}

/* What it came down to is the service's from now on. */
static void service_program_known(struct service_evidence *s)
{
	mem_set(&s->program.path, s->start.program.path);
	s->program.answer = s->start.program.answer;
	s->program.link = s->start.program.link;
	s->script = s->start.script;
	s->start.script = (struct shell_scan){ 0 };
	s->run = s->start.run;
	s->start.run = (struct shell_command){ 0 };
	s->run_in_script = s->start.run_in_script;
}

bool service_program_ask(struct task *t, struct gathering *c)
{
	const struct startup_how how = { .as = service_identity(c->e), .max_bytes = SCRIPT_MAX, .artifact = "program", .all = true };

	return startup_ask(t, &c->e->service.start, &how);
}

static void service_program_answered(struct task *t, void *ctx)
{
	service_program_read(t, ctx);
}

void service_program_read(struct task *t, struct gathering *c)
{
	startup_read(c->e->gather, &c->e->service.start);
	if (service_program_ask(t, c)) {
		task_then(t, service_program_answered);
		return;
	}
	service_program_known(&c->e->service);
	service_known(t, c);
}

/* Last: what depends on knowing what the service runs. */
static void systemd_program_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;

	for (size_t i = 0; i < c->e->service.n_triggers; i++) {
		merge_definition(c->e->gather, &c->e->service.triggers[i]);
		read_links(c->e, &c->e->service.triggers[i]);
	}
	service_program_read(t, c);
}

static void systemd_definition_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct service_evidence *s = &c->e->service;

	merge_definition(c->e->gather, &s->unit);
	for (size_t i = 0; i < s->n_triggers; i++) {
		read_show(c, &s->triggers[i]);
		ask_definition(t, &s->triggers[i], false);
		ask_links(t, c->e, s->triggers[i].name);
	}
	read_links(c->e, &s->unit);
	read_exec(c->e);
	service_program_ask(t, c);
	task_then(t, systemd_program_read);
}

/* Where the definition is when the manager does not know it: it has not been reloaded, or does not run. */
static char *expected_path(const struct evidence *e)
{
	if (e->target.definition)
		return mem_strdup(e->target.definition);
	return agent_unit_path(e->target.agent, e->target.owner.id.home);
}

static void systemd_unknown_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct unit_evidence *u = &c->e->service.unit;
	_cleanup_free_ char *key = mem_printf("dir%s.d", u->fragment.path);
	struct dirlist d = dirlist_of(gather_answer(c->e->gather, key));
	_cleanup_strv_ char **paths = NULL;

	while (dirlist_next(&d))
		if (text_ends(d.name, ".conf"))
			paths = strv_take(paths, mem_printf("%s.d/%s", u->fragment.path, d.name));
	ask_drop_ins(t, u, paths, true);
	task_then(t, systemd_definition_read);
}

static void systemd_shown(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct service_evidence *s = &c->e->service;

	read_show(c, &s->unit);
	ask_links(t, c->e, s->unit.name);
	if (!s->unit.n_props || text_eq(s->unit.props[0].load_state, "not-found")) {
		_cleanup_free_ char *path = expected_path(c->e);
		_cleanup_free_ char *dir = mem_printf("%s.d", path);
		ask_fragment(t, &s->unit, path, true);
		task_ask(t, probe_dir(dir));
		task_then(t, systemd_unknown_read);
		return;
	}
	ask_definition(t, &s->unit, true);
	const struct unit_props *p = s->unit.n_props ? s->unit.props : NULL;
	/* asked by an alias: the manager writes of it by its own name */
	if (p && p->id && !text_eq(p->id, c->e->target.unit))
		gather_journal(t, c, p->id);
	s->n_triggers = p ? strv_len(p->triggered_by) : 0;
	s->triggers = s->n_triggers ? mem_alloc(s->n_triggers * sizeof(*s->triggers)) : NULL;
	for (size_t i = 0; i < s->n_triggers; i++) {
		_cleanup_free_ char *artifact = mem_printf("triggers/%s.show.txt", p->triggered_by[i]);
		s->triggers[i].name = mem_strdup(p->triggered_by[i]);
		ask_show(t, c->e, p->triggered_by[i], artifact);
	}
	task_then(t, systemd_definition_read);
}

void gather_systemd(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	_cleanup_strv_ char **dirs = unit_dirs(c->e);

	c->e->service.unit.name = mem_strdup(c->e->target.unit);
	ask_show(t, c->e, c->e->target.unit, "service-state.txt");
	if (c->want.want & WANT_INFO)
		ask_status(t, c->e, c->e->target.unit);
	for (char **d = dirs; *d; d++)
		task_ask(t, probe_dir(*d));
	task_then(t, systemd_shown);
	gather_journal(t, c, c->e->target.unit);
}
