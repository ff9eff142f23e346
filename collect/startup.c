/* SPDX-License-Identifier: MIT */
#include "collect/startup.h"

#include <string.h>

#include "collect/gatherers.h"
#include "formats/text.h"

#define SCRIPTS_MAX 16 /* scripts that one definition is read through to */
#define DEPTH_MAX 4
#define NO_LINE SIZE_MAX

/* What packages install there is not a wrapper of somebody's. */
static bool in_system_dir(const char *path)
{
	static const char *const dirs[] = { "/bin/", "/sbin/", "/lib/", "/lib64/", "/usr/bin/", "/usr/sbin/", "/usr/lib/", "/usr/lib64/",
		"/usr/libexec/", "/usr/share/", "/System/" };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (text_starts(path, dirs[i]))
			return true;
	return false;
}

static void add_script(struct startup *s, const char *path, size_t line, size_t cmd, unsigned depth)
{
	for (size_t i = 0; i < s->n_scripts; i++)
		if (strcmp(s->scripts[i].file.path, path) == 0)
			return;
	if (s->n_scripts == SCRIPTS_MAX || depth > DEPTH_MAX) {
		s->unread = true;
		return;
	}
	s->scripts = mem_array(s->scripts, s->n_scripts + 1, sizeof(*s->scripts));
	s->scripts[s->n_scripts++] = (struct startup_script){ .file.path = mem_strdup(path), .line = line, .cmd = cmd, .depth = depth };
}

static void choose_line(struct startup *s, size_t line, size_t cmd)
{
	if (line == NO_LINE)
		return;
	s->line = line;
	s->cmd = cmd;
}

/* The script of a definition is the one that starts a container, else its first. True when this one does. */
static bool take_script(struct startup *s, const char *text, size_t n, size_t line, size_t cmd, unsigned depth)
{
	struct shell_scan scan = { 0 };
	bool first = !s->script.n && !s->script.programs && !s->script.interpreter;

	shellscan(text, n, &scan);
	const struct shell_command *start = shell_scan_start(&scan);
	for (char **p = start ? NULL : scan.programs; p && *p; p++)
		if (**p == '/' && !in_system_dir(*p))
			add_script(s, *p, line, cmd, depth + 1);
	if (start) {
		shell_command_free(&s->run);
		s->run = shell_command_copy(start);
		s->run_in_script = true;
		if (line != NO_LINE)
			shell_command_started_by(&s->run, s->lines[line].cmds.v[cmd].argv);
		choose_line(s, line, cmd);
	}
	bool found = start != NULL;
	if (found || first) {
		shell_scan_free(&s->script);
		s->script = scan;
	} else {
		shell_scan_free(&scan);
	}
	return found;
}

static bool found(const struct startup *s)
{
	return s->run.starts != STARTS_NONE;
}

static void look_into(struct startup *s, size_t line, size_t cmd, bool main)
{
	_cleanup_strv_ char **argv = NULL;
	struct shell_command run;
	const char *script;

	for (char **w = s->lines[line].cmds.v[cmd].argv; *w; w++)
		argv = strv_take(argv, unit_specifiers_known(*w, &s->specifiers));
	if (argv_container_command(argv, &run)) {
		if (run.starts == STARTS_NONE && (!main || s->run.program)) {
			shell_command_free(&run);
			return;
		}
		shell_command_free(&s->run);
		s->run = run;
		choose_line(s, line, cmd);
	} else if ((script = argv_script(argv))) {
		take_script(s, script, strlen(script), line, cmd, 0);
	} else if ((script = argv_program(argv)) && script[0] == '/') {
		add_script(s, script, line, cmd, 0);
	}
}

static void take_line(struct startup *s, struct unit_cmds cmds, unsigned file, unsigned line, bool main)
{
	s->lines = mem_array(s->lines, s->n_lines + 1, sizeof(*s->lines));
	s->lines[s->n_lines++] = (struct startup_line){ cmds, file, line };
	for (size_t i = 0; i < cmds.n && !found(s); i++)
		look_into(s, s->n_lines - 1, i, main);
}

void startup_add_line(struct startup *s, const char *value, unsigned file, unsigned line, bool main)
{
	struct unit_cmds cmds = { 0 };

	if (unitcmd_parse(value, &cmds, NULL) == 0)
		take_line(s, cmds, file, line, main);
}

void startup_add_service(struct startup *s, const struct unitfile *u)
{
	static const char *const keys[] = { "ExecStart", "ExecStartPre", "ExecStartPost", "ExecCondition", "ExecStop", "ExecStopPost", "ExecReload" };

	for (size_t k = 0; k < ARRAY_LEN(keys); k++) {
		_cleanup_free_ const struct unit_entry **v = NULL;
		size_t n = unitfile_get_all(u, "Service", keys[k], &v);
		for (size_t i = 0; i < n && !found(s); i++)
			startup_add_line(s, v[i]->value, v[i]->file, v[i]->line, k == 0);
	}
}

void startup_add_autostart(struct startup *s, const struct unitfile *u)
{
	/* "as if the file did not exist" */
	s->specifiers = (struct unit_context){ 0 }; /* its %u is a URL */
	const struct unit_entry *e = unitfile_bool(u, "Desktop Entry", "Hidden", false) ? NULL : unitfile_get(u, "Desktop Entry", "Exec");

	if (e)
		startup_add_line(s, e->value, e->file, e->line, true);
}

void startup_add_argv(struct startup *s, char **argv)
{
	struct unit_cmds cmds = { .v = mem_alloc(sizeof(*cmds.v)), .n = 1 };

	cmds.v[0] = (struct unit_cmd){ .argv = argv };
	take_line(s, cmds, 0, 0, true);
}

void startup_add_text(struct startup *s, const char *text, size_t n)
{
	take_script(s, text, n, NO_LINE, 0, 0);
}

char *const *startup_argv(const struct startup *s)
{
	return s->n_lines ? s->lines[s->line].cmds.v[s->cmd].argv : NULL;
}

const struct startup_line *startup_line(const struct startup *s)
{
	return s->n_lines ? &s->lines[s->line] : NULL;
}

/* ---- the scripts ---- */

bool startup_ask(struct task *t, struct startup *s, const struct startup_how *how)
{
	bool any = false;

	for (size_t i = 0; i < s->n_scripts; i++) {
		struct startup_script *x = &s->scripts[i];
		if (x->asked || (found(s) && !(how->all && !x->depth)))
			continue;
		struct probe *p = probe_file(x->file.path, PAYLOAD_SCRIPT);
		p->as = how->as ? identity_copy(how->as) : NULL;
		p->flags = PROBE_FOLLOW | PROBE_SCRIPT;
		p->tier = how->tier;
		p->limits.max_bytes = how->max_bytes;
		if (how->artifact)
			p->artifact = i ? mem_printf("%s-%zu", how->artifact, i + 1) : mem_strdup(how->artifact);
		if (how->all)
			task_ask(t, probe_link(x->file.path));
		task_ask(t, p);
		x->asked = any = true;
	}
	return any;
}

static void read_one(struct gather *g, struct startup *s, size_t i)
{
	struct startup_script *x = &s->scripts[i];

	x->read = true;
	file_answered(g, &x->file);
	const struct buf *b = answer_text(x->file.answer);
	enum outcome o = file_outcome(&x->file);
	if (i == 0)
		s->program = x->file;
	if (!b && i && o != OUTCOME_ABSENT && !file_is_no_script(&x->file))
		s->unread = true;
	/* else a binary, or not readable */
	if (b && b->len > 2 && memcmp(b->data, "#!", 2) == 0 && !found(s)) {
		size_t line = x->line, cmd = x->cmd;
		unsigned depth = x->depth;
		if (take_script(s, b->data, b->len, line, cmd, depth))
			s->program = s->scripts[i].file;
	}
}

void startup_read(struct gather *g, struct startup *s)
{
	for (size_t i = 0; i < s->n_scripts; i++)
		if (s->scripts[i].asked && !s->scripts[i].read)
			read_one(g, s, i);
}

void startup_free(struct startup *s)
{
	for (size_t i = 0; i < s->n_lines; i++)
		unit_cmds_free(&s->lines[i].cmds);
	free(s->lines);
	for (size_t i = 0; i < s->n_scripts; i++)
		free(s->scripts[i].file.path);
	free(s->scripts);
	shell_scan_free(&s->script);
	shell_command_free(&s->run);
	*s = (struct startup){ 0 };
}
