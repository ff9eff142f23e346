/* SPDX-License-Identifier: MIT */
#include "collect/definition.h"

#include <string.h>

#include "formats/macos.h"
#include "formats/text.h"

#define WRAPPER_MAX (64u << 10)

const char *definition_kind_name(enum definition_kind k)
{
	static const char *const names[] = { "unit", "Quadlet", "autostart entry", "crontab", "launchd job" };

	return names[k];
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
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
		if (strcmp(base_name(p), shells[i]) == 0 && argv[1])
			p = argv[1];
	return p[0] == '/' ? p : NULL;
}

void shell_scan_first(const struct shell_scan *s, struct shell_command *ret)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct shell_command *v = &s->v[i];
		if (!text_eq(v->verb, "run") && !text_eq(v->verb, "create") && !text_eq(v->verb, "start"))
			continue;
		*ret = (struct shell_command){ .line = v->line, .argv = strv_dup(v->argv), .program = mem_strdup(v->program),
			.verb = mem_strdup(v->verb), .image = mem_strdup(v->image), .exec = v->exec, .variable = v->variable };
		return;
	}
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

static char *cron_commands(const char *text, bool has_user)
{
	struct buf b = { 0 };

	for (const char *line = text, *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		const char *p = line + strspn(line, " \t");
		bool schedule = p < end && (strchr("*@0123456789", *p) != NULL);
		if (schedule) {
			p = skip_fields(p, end, (*p == '@' ? 1 : 5) + has_user);
			buf_add(&b, p, (size_t)(end - p));
		}
		buf_addc(&b, '\n');
	}
	return buf_take(&b);
}

static void parse_cron(struct definition *d, const struct buf *b)
{
	bool has_user = !strstr(d->path, "/spool/cron");
	_cleanup_free_ char *text = cron_commands(buf_str(b), has_user);

	shellscan(text, strlen(text), &d->script);
	shell_scan_first(&d->script, &d->run);
	d->run_in_script = d->run.program != NULL;
}

/* ---- units, autostart entries, plists ---- */

static void take_argv(struct definition *d, char **argv)
{
	d->exec.v = mem_array(NULL, 1, sizeof(*d->exec.v));
	d->exec.v[0] = (struct unit_cmd){ .argv = argv };
	d->exec.n = 1;
}

static void parse_exec(struct definition *d)
{
	const char *section = d->kind == DEFINITION_AUTOSTART ? "Desktop Entry" : "Service";
	const char *key = d->kind == DEFINITION_AUTOSTART ? "Exec" : "ExecStart";
	_cleanup_free_ const struct unit_entry **starts = NULL;
	size_t n = unitfile_get_all(&d->unit, section, key, &starts);

	if (n == 0 || unitcmd_parse(starts[0]->value, &d->exec, NULL))
		return;
	d->exec_file = starts[0]->file;
	d->exec_line = starts[0]->line;
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
}

void definition_parse(struct gather *g, struct definition *d)
{
	answered(g, &d->file);
	const struct buf *b = text_of(&d->file);
	if (!b)
		return;
	if (d->kind == DEFINITION_CRON) {
		parse_cron(d, b);
		return;
	}
	if (d->kind == DEFINITION_PLIST) {
		parse_plist(d, b);
	} else {
		unitfile_add(&d->unit, d->path, buf_str(b), b->len);
		for (size_t i = 0; i < d->n_drop_ins; i++) {
			answered(g, &d->drop_ins[i]);
			if ((b = text_of(&d->drop_ins[i])))
				unitfile_add(&d->unit, d->drop_ins[i].path, buf_str(b), b->len);
		}
		parse_exec(d);
	}
	if (!d->exec.n)
		return;
	argv_container_command(d->exec.v[0].argv, &d->run);
	const char *script = d->run.program ? NULL : argv_script(d->exec.v[0].argv);
	if (script) {
		shellscan(script, strlen(script), &d->script);
		shell_scan_first(&d->script, &d->run);
		d->run_in_script = d->run.program != NULL;
	}
}

/* ---- wrappers ---- */

struct probe *definition_program(struct definition *d)
{
	if (!d->exec.n || d->run.program || d->script.programs || d->vendor || argv_script(d->exec.v[0].argv))
		return NULL;
	_cleanup_free_ char *first = d->exec.v[0].argv[0][0] == '%' ? mem_printf("%s%s", d->home, d->exec.v[0].argv[0] + 2) : NULL;
	char *one[] = { first, NULL };
	const char *path = argv_program_file(first && d->exec.v[0].argv[0][1] == 'h' ? one : d->exec.v[0].argv);
	if (!path)
		return NULL;
	d->program.path = mem_strdup(path);
	struct probe *p = probe_file(path, PAYLOAD_SCRIPT);
	p->flags = PROBE_FOLLOW | PROBE_SCRIPT;
	p->tier = 1;
	p->limits.max_bytes = WRAPPER_MAX;
	return p;
}

void definition_finish(struct gather *g, struct definition *d)
{
	if (!d->program.path)
		return;
	answered(g, &d->program);
	const struct buf *b = text_of(&d->program);
	if (!b || b->len < 2 || memcmp(b->data, "#!", 2) != 0)
		return; /* a binary, or not readable */
	shellscan(b->data, b->len, &d->script);
	shell_scan_first(&d->script, &d->run);
	d->run_in_script = d->run.program != NULL;
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
	free(d->program.path);
	shell_scan_free(&d->script);
	shell_command_free(&d->run);
	free(d);
}
