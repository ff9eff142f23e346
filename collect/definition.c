/* SPDX-License-Identifier: MIT */
#include "collect/definition.h"

#include <string.h>

#include "formats/macos.h"
#include "formats/text.h"

#define WRAPPER_MAX (64u << 10)
#define PROGRAMS_MAX 16 /* scripts that one definition is read through to */

const char *definition_kind_name(enum definition_kind k)
{
	static const char *const names[] = { "unit", "Quadlet", "autostart entry", "crontab", "cron script", "launchd job" };

	return names[k];
}

static void answered(struct gather *g, struct definition_file *f)
{
	_cleanup_free_ char *key = mem_printf("file%s", f->path);

	f->answer = gather_answer(g, key);
}

static const struct buf *text_of(const struct definition_file *f)
{
	return f->answer && record_answered(&f->answer->rec) ? &f->answer->out : NULL;
}

const char *argv_program_file(char *const *argv)
{
	static const char *const shells[] = { "sh", "bash", "dash", "zsh", "ksh" };
	const char *p = argv[0];

	for (size_t i = 0; i < ARRAY_LEN(shells); i++)
		if (strcmp(text_base_name(p), shells[i]) == 0 && argv[1])
			p = argv[1];
	return p[0] == '/' ? p : NULL;
}

void shell_scan_first(const struct shell_scan *s, struct shell_command *ret)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct shell_command *v = &s->v[i];
		if (!text_eq(v->verb, "run") && !text_eq(v->verb, "create") && !text_eq(v->verb, "start"))
			continue;
		*ret = shell_command_copy(v);
		return;
	}
}

/* The script of a definition is the one that starts a container, else its first. True when this one does. */
static bool take_script(struct definition *d, const char *text, size_t n)
{
	struct shell_scan s = { 0 };
	bool first = !d->script.n && !d->script.programs && !d->script.interpreter;

	shellscan(text, n, &s);
	shell_scan_first(&s, &d->run);
	d->run_in_script = d->run.program != NULL;
	if (d->run_in_script || first) {
		shell_scan_free(&d->script);
		d->script = s;
	} else {
		shell_scan_free(&s);
	}
	return d->run_in_script;
}

/* ---- crontabs: the schedule blanked, what is left is shell text, line by line ---- */

static const char *skip_fields(const char *p, const char *end, int n)
{
	for (; n > 0 && p < end; n--) {
		while (p < end && (*p == ' ' || *p == '\t'))
			p++;
		while (p < end && *p != ' ' && *p != '\t')
			p++;
	}
	return p;
}

/* Fields before the command: five and a user in the system's crontabs, no user in a user's; anacron's period, delay and name. */
static char *cron_commands(const char *text, bool has_user, bool anacron)
{
	struct buf b = { 0 };

	for (const char *line = text, *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		const char *p = line + strspn(line, " \t");
		bool schedule = p < end && (strchr("*@0123456789", *p) != NULL);
		if (schedule) {
			p = skip_fields(p, end, anacron ? 3 : (*p == '@' ? 1 : 5) + has_user);
			buf_add(&b, p, (size_t)(end - p));
		}
		buf_addc(&b, '\n');
	}
	return buf_take(&b);
}

static void parse_cron(struct definition *d, const struct buf *b)
{
	_cleanup_free_ char *text = cron_commands(buf_str(b), !strstr(d->path, "/spool/cron"), text_ends(d->path, "/anacrontab"));

	take_script(d, text, strlen(text));
}

/* ---- units, autostart entries, plists ---- */

static void take_argv(struct definition *d, char **argv)
{
	d->exec.v = mem_array(NULL, 1, sizeof(*d->exec.v));
	d->exec.v[0] = (struct unit_cmd){ .argv = argv };
	d->exec.n = 1;
}

static void add_program(struct definition *d, const char *path)
{
	for (size_t i = 0; i < d->n_programs; i++)
		if (strcmp(d->programs[i].path, path) == 0)
			return;
	if (d->n_programs == PROGRAMS_MAX)
		return;
	d->programs = mem_array(d->programs, d->n_programs + 1, sizeof(*d->programs));
	d->programs[d->n_programs++] = (struct definition_file){ mem_strdup(path), NULL };
}

/* One command: true when it starts a container by itself. */
static bool look_into(struct definition *d, char *const *argv)
{
	const char *script = NULL;

	if (argv_container_command(argv, &d->run))
		return true;
	if ((script = argv_script(argv)))
		return take_script(d, script, strlen(script));
	/* %h is the only specifier that matters for finding a program */
	_cleanup_free_ char *first = argv[0][0] == '%' && argv[0][1] == 'h' ? mem_printf("%s%s", d->home, argv[0] + 2) : NULL;
	char *one[] = { first, NULL };
	const char *path = argv_program_file(first ? one : argv);
	if (path)
		add_program(d, path);
	return false;
}

/* All that a service runs beside its main command counts too, so it is looked through until a container is found. */
static void parse_exec(struct definition *d)
{
	static const char *const keys[] = { "ExecStart", "ExecStartPre", "ExecStartPost", "ExecCondition", "ExecStop", "ExecStopPost", "ExecReload" };
	bool desktop = d->kind == DEFINITION_AUTOSTART, found = false;

	for (size_t k = 0; k < (desktop ? 1 : ARRAY_LEN(keys)) && !found; k++) {
		_cleanup_free_ const struct unit_entry **v = NULL;
		size_t n = unitfile_get_all(&d->unit, desktop ? "Desktop Entry" : "Service", desktop ? "Exec" : keys[k], &v);
		for (size_t i = 0; i < n && !found; i++) {
			struct unit_cmds c = { 0 };
			if (unitcmd_parse(v[i]->value, &c, NULL))
				continue;
			for (size_t j = 0; j < c.n && !found; j++)
				found = look_into(d, c.v[j].argv);
			if (found || !d->exec.n) {
				unit_cmds_free(&d->exec);
				d->exec = c;
				d->exec_file = v[i]->file;
				d->exec_line = v[i]->line;
			} else {
				unit_cmds_free(&c);
			}
		}
	}
}

static void parse_plist(struct definition *d, const struct buf *b)
{
	char **inner = NULL;

	d->plist_ok = launchd_plist_parse(b->data, b->len, &d->plist, NULL) == 0;
	if (!d->plist_ok)
		return;
	if (d->plist.arguments && nix_unwrap(d->plist.arguments, &inner))
		take_argv(d, inner);
	else if (d->plist.arguments && *d->plist.arguments)
		take_argv(d, strv_dup(d->plist.arguments));
	else if (d->plist.program)
		take_argv(d, strv_add(NULL, d->plist.program));
	/* Program is what is executed, whatever argv[0] says */
	if (d->exec.n && !inner && d->plist.program)
		mem_set(&d->exec.v[0].argv[0], d->plist.program);
}

char *definition_key(const struct definition *d)
{
	return d->listed ? mem_printf("file%s", d->path) : mem_printf("crontab/%s", d->owner);
}

void definition_parse(struct gather *g, struct definition *d)
{
	_cleanup_free_ char *key = definition_key(d);

	d->file.answer = gather_answer(g, key);
	const struct buf *b = text_of(&d->file);
	if (!b)
		return;
	switch (d->kind) {
	case DEFINITION_CRON:
		parse_cron(d, b);
		return;
	case DEFINITION_CRON_SCRIPT:
		take_script(d, buf_str(b), b->len);
		return;
	case DEFINITION_PLIST:
		parse_plist(d, b);
		if (d->exec.n)
			look_into(d, d->exec.v[0].argv);
		return;
	default:
		break;
	}
	unitfile_add(&d->unit, d->path, buf_str(b), b->len);
	for (size_t i = 0; i < d->n_drop_ins; i++) {
		answered(g, &d->drop_ins[i]);
		if ((b = text_of(&d->drop_ins[i])))
			unitfile_add(&d->unit, d->drop_ins[i].path, buf_str(b), b->len);
	}
	parse_exec(d);
}

/* ---- wrappers ---- */

/* What packages install there is not a wrapper of somebody's. */
static bool in_system_dir(const char *path)
{
	static const char *const dirs[] = { "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/lib/", "/lib/" };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (text_starts(path, dirs[i]))
			return true;
	return false;
}

void definition_ask_programs(struct task *t, struct definition *d)
{
	bool cron = d->kind == DEFINITION_CRON || d->kind == DEFINITION_CRON_SCRIPT;

	for (char **p = cron ? d->script.programs : NULL; p && *p; p++)
		if (**p == '/' && !in_system_dir(*p))
			add_program(d, *p);
	if (d->run.program || d->vendor)
		return;
	for (size_t i = 0; i < d->n_programs; i++) {
		struct probe *p = probe_file(d->programs[i].path, PAYLOAD_SCRIPT);
		p->flags = PROBE_FOLLOW | PROBE_SCRIPT;
		p->tier = 1;
		p->limits.max_bytes = WRAPPER_MAX;
		task_ask(t, p);
	}
}

void definition_finish(struct gather *g, struct definition *d)
{
	for (size_t i = 0; i < d->n_programs && !d->run.program; i++) {
		struct definition_file *f = &d->programs[i];
		answered(g, f);
		const struct buf *b = text_of(f);
		if (i == 0)
			d->program = *f;
		if (!b || b->len < 2 || memcmp(b->data, "#!", 2) != 0)
			continue; /* a binary, or not readable */
		if (take_script(d, b->data, b->len))
			d->program = *f;
	}
}

void definition_free(struct definition *d)
{
	free(d->name);
	free(d->path);
	free(d->owner);
	free(d->home);
	free(d->file.path);
	for (size_t i = 0; i < d->n_drop_ins; i++)
		free(d->drop_ins[i].path);
	free(d->drop_ins);
	unitfile_free(&d->unit);
	if (d->plist_ok)
		launchd_plist_free(&d->plist);
	unit_cmds_free(&d->exec);
	for (size_t i = 0; i < d->n_programs; i++)
		free(d->programs[i].path);
	free(d->programs);
	shell_scan_free(&d->script);
	shell_command_free(&d->run);
	free(d);
}
