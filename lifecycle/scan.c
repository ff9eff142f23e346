/* SPDX-License-Identifier: MIT */
#include "lifecycle/scan.h"

#include <string.h>

#include "formats/macos.h"
#include "formats/shlint.h"
#include "formats/text.h"
#include "formats/unitlint.h"
#include "lifecycle/checks/pattern.h"

/* ---- what is it? ---- */

static bool has_suffix(const char *path, const char *const *list)
{
	for (; *list; list++)
		if (text_ends(path, *list))
			return true;
	return false;
}

static bool is_declaration(const char *text, size_t n)
{
	return memmem(text, n, "sourceos.local-agent", strlen("sourceos.local-agent")) ||
	       (memmem(text, n, "\"runtime\"", 9) && memmem(text, n, "\"owner\"", 7) && memmem(text, n, "\"scope\"", 7));
}

enum scan_kind scan_kind_of(const char *path, const char *text, size_t n)
{
	static const char *const units[] = { ".service", ".timer", ".socket", ".path", NULL };
	static const char *const quadlets[] = { ".container", ".kube", ".pod", NULL };

	if (has_suffix(path, units))
		return SCAN_UNIT;
	if (has_suffix(path, quadlets))
		return SCAN_QUADLET;
	if (text_ends(path, ".conf") && (strstr(path, ".service.d/") || strstr(path, ".timer.d/") || strstr(path, ".container.d/")))
		return SCAN_DROP_IN;
	if (text_ends(path, ".desktop"))
		return SCAN_AUTOSTART;
	if (text_ends(path, ".nix"))
		return SCAN_NIX;
	if (text_ends(path, ".plist") || (n >= 8 && memcmp(text, "bplist00", 8) == 0))
		return SCAN_PLIST;
	if (text_ends(path, ".json"))
		return is_declaration(text, n) ? SCAN_DECLARATION : SCAN_NONE;
	if (text_ends(path, ".sh") || (n > 2 && text[0] == '#' && text[1] == '!' && memmem(text, n < 80 ? n : 80, "sh", 2)))
		return SCAN_SCRIPT;
	return SCAN_NONE;
}

/* ---- reporting ---- */

struct finding *scan_report(struct findings *l, const char *check, enum verdict v, const char *file, unsigned line)
{
	const struct check *c = check_find(check);
	struct finding *f = findings_add(l, check, v);

	f->title = mem_strdup(c ? c->title : NULL);
	return finding_at(f, file, line);
}

static const struct {
	const char *id;
	pattern_fn *run;
} patterns[] = {
	{ "PP-01", pattern_01 },
	{ "PP-02", pattern_02 },
	{ "PP-03", pattern_03 },
	{ "PP-04", pattern_04 },
	{ "PP-05", pattern_05 },
	{ "PP-06", pattern_06 },
	{ "PP-07", pattern_07 },
	{ "PP-08", pattern_08 },
	{ "PP-11", pattern_11 },
};

/* Judges a view, and keeps what is not well. */
static void judge(const struct view *v, const char *path, struct findings *ret)
{
	struct findings all = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		struct report r = { .check = check_find(patterns[i].id), .out = &all, .verbs = CHECK_SCAN, .verdict = VERDICT_NOT_APPLICABLE };
		patterns[i].run(v, &r);
	}
	for (size_t i = 0; i < all.n; i++) {
		struct finding *f = all.v[i];
		if (f->verdict != VERDICT_WARN && f->verdict != VERDICT_FAIL)
			continue;
		if (!f->file)
			finding_at(f, path, 0);
		ret->v = mem_array(ret->v, ret->n + 1, sizeof(struct finding *));
		ret->v[ret->n++] = f;
		all.v[i] = NULL;
	}
	size_t kept = 0;
	for (size_t i = 0; i < all.n; i++)
		if (all.v[i])
			all.v[kept++] = all.v[i];
	all.n = kept;
	findings_free(&all);
}

static void add_lints(const struct lints *l, const char *check, char **files, const char *path, struct findings *ret)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct lint *x = &l->v[i];
		if (x->level == LINT_NOTE || (strcmp(x->id, "unit.wrong-section") == 0 && strstr(x->text, "StartLimitIntervalSec")))
			continue; /* PP-11 tells of that */
		struct finding *f = scan_report(ret, check, x->level == LINT_ERROR ? VERDICT_FAIL : VERDICT_WARN,
			files && x->file < strv_len(files) ? files[x->file] : path, x->line > 0 ? (unsigned)x->line : 0);
		finding_detail(finding_say(f, "%s", x->text), "%s", x->id);
	}
}

/* ---- kinds ---- */

/* The command of a definition, as a view's: what is kept here must outlive it. */
struct command {
	struct unit_cmds cmds;
	struct shell_scan script;
	struct shell_command run;
	bool in_script;
};

static void command_free(struct command *c)
{
	unit_cmds_free(&c->cmds);
	shell_scan_free(&c->script);
}

static void read_script(struct command *c, const char *text, size_t n)
{
	shellscan(text, n, &c->script);
	for (size_t i = 0; i < c->script.n && !c->run.program; i++)
		if (text_eq(c->script.v[i].verb, "run") || text_eq(c->script.v[i].verb, "create") || text_eq(c->script.v[i].verb, "start")) {
			c->run = c->script.v[i]; /* borrowed: the scan owns it */
			c->in_script = true;
		}
}

static void read_argv(struct command *c, char *const *argv, struct view *v)
{
	const char *script = argv_script(argv);

	v->argv = argv;
	if (argv_container_command(argv, &c->run)) {
		v->run = &c->run;
		return;
	}
	if (script)
		read_script(c, script, strlen(script));
	v->script = &c->script;
	v->script_text = script;
	v->script_len = script ? strlen(script) : 0;
	v->run = c->run.program ? &c->run : NULL;
	v->run_in_script = c->in_script;
}

static void end_command(struct command *c, const struct view *v)
{
	if (v->run == &c->run && !c->in_script)
		shell_command_free(&c->run);
	command_free(c);
}

static void scan_unitfile(const char *path, const char *text, size_t n, enum scan_kind kind, const struct scan_part *parts, size_t n_parts,
	struct findings *ret)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };
	_cleanup_lints_ struct lints l = { 0 };
	struct command c = { 0 };
	_cleanup_free_ const struct unit_entry **starts = NULL;

	unitfile_add(&u, path, text, n);
	for (size_t i = 0; i < n_parts; i++)
		unitfile_add(&u, parts[i].path, parts[i].text, parts[i].n);
	struct view v = { .kind = kind == SCAN_QUADLET ? VIEW_QUADLET : kind == SCAN_AUTOSTART ? VIEW_AUTOSTART : VIEW_SERVICE,
		.name = text_base_name(path), .path = path, .unit = &u };
	const char *section = kind == SCAN_AUTOSTART ? "Desktop Entry" : "Service", *key = kind == SCAN_AUTOSTART ? "Exec" : "ExecStart";
	if (unitfile_get_all(&u, section, key, &starts) && unitcmd_parse(starts[0]->value, &c.cmds, NULL) == 0) {
		v.argv_file = u.files[starts[0]->file];
		v.argv_line = starts[0]->line;
		read_argv(&c, c.cmds.v[0].argv, &v);
	}
	/* a timer or socket restarts nothing itself; a drop-in alone is no definition */
	if (text_ends(path, ".timer") || text_ends(path, ".socket") || text_ends(path, ".path"))
		v.kind = VIEW_TIMER;
	if (kind == SCAN_DROP_IN && !unitfile_value(&u, "Service", "Restart") && !budget_ignored_key(&u))
		v.kind = VIEW_TIMER;
	judge(&v, path, ret);
	unitfile_lint(&u, kind == SCAN_DROP_IN ? "drop-in" : text_base_name(path), &l);
	add_lints(&l, "PF-17", u.files, path, ret);
	end_command(&c, &v);
}

static void scan_plist(const char *path, const char *text, size_t n, struct findings *ret)
{
	_cleanup_lints_ struct lints l = { 0 };
	struct launchd_plist p;
	struct command c = { 0 };
	struct err err = { 0 };
	char **inner = NULL;

	if (launchd_plist_parse(text, n, &p, &err)) {
		finding_say(scan_report(ret, "PF-17", VERDICT_FAIL, path, 0), "%s", err.msg);
		return;
	}
	if (!p.label && !p.program && !p.arguments) {
		launchd_plist_free(&p); /* a property list of something else */
		return;
	}
	struct view v = { .kind = VIEW_PLIST, .name = p.label ? p.label : text_base_name(path), .path = path, .plist = &p, .argv_file = path };
	v.text = p.binary ? NULL : text;
	v.text_len = p.binary ? 0 : n;
	v.argv_line = plist_key_line(v.text, v.text_len, p.arguments ? "ProgramArguments" : "Program");
	char *program[] = { p.program, NULL };
	if (p.arguments && nix_unwrap(p.arguments, &inner))
		read_argv(&c, inner, &v);
	else if (p.arguments || p.program)
		read_argv(&c, p.arguments ? p.arguments : program, &v);
	judge(&v, path, ret);
	launchd_plist_lint(text, n, path, &l);
	add_lints(&l, "PF-17", NULL, path, ret);
	end_command(&c, &v);
	strv_free(inner);
	launchd_plist_free(&p);
}

static void scan_script(const char *path, const char *text, size_t n, struct findings *ret)
{
	_cleanup_lints_ struct lints l = { 0 };
	struct command c = { 0 };

	read_script(&c, text, n);
	struct view v = { .kind = VIEW_SCRIPT, .name = text_base_name(path), .path = path, .script_path = path, .script = &c.script, .script_text = text,
		.script_len = n, .run = c.run.program ? &c.run : NULL, .run_in_script = c.in_script };
	/* only what becomes the container is a wrapper; a script that also starts one is its author's business */
	if (v.run && !v.run->exec && c.script.n > 1)
		v.run = NULL;
	judge(&v, path, ret);
	if (v.run) {
		sh_lint(text, n, &l);
		add_lints(&l, "PF-18", NULL, path, ret);
	}
	command_free(&c);
}

static void scan_declaration(const char *path, const char *text, size_t n, struct findings *ret)
{
	_cleanup_agents_ struct agent **agents = NULL;
	_cleanup_warnings_ struct warnings w = { 0 };
	struct err err = { 0 };

	if (declaration_parse(path, text, n, &agents, &w, &err)) {
		const char *colon = text_starts(err.msg, path) ? err.msg + strlen(path) + 1 : "";
		finding_say(scan_report(ret, "DE-01", VERDICT_FAIL, path, (unsigned)strtoul(colon, NULL, 10)), "%s", err.msg);
		return;
	}
	for (size_t i = 0; i < w.n; i++)
		finding_say(scan_report(ret, "DE-01", VERDICT_WARN, path, w.v[i].line), "%s", w.v[i].text);
	for (struct agent **a = agents; a && *a; a++) {
		struct view v = { .kind = VIEW_SCRIPT, .name = (*a)->name, .path = path, .agent = *a };
		judge(&v, path, ret);
		if ((*a)->image) {
			struct findings one = { 0 };
			struct report r = { .check = check_find("PF-10"), .out = &one, .verbs = CHECK_SCAN, .verdict = VERDICT_NOT_APPLICABLE };
			declared_image(*a, &r);
			if (r.verdict == VERDICT_FAIL)
				finding_hint(finding_say(scan_report(ret, "PF-10", VERDICT_FAIL, path, (*a)->line), "%s", one.v[0]->message), "%s",
					one.v[0]->hint ? one.v[0]->hint : "");
			findings_free(&one);
		}
	}
}

void scan_file(const char *path, const char *text, size_t n, enum scan_kind kind, const struct scan_part *parts, size_t n_parts,
	struct findings *ret)
{
	switch (kind) {
	case SCAN_UNIT:
	case SCAN_DROP_IN:
	case SCAN_QUADLET:
	case SCAN_AUTOSTART:
		scan_unitfile(path, text, n, kind, parts, n_parts, ret);
		return;
	case SCAN_PLIST:
		scan_plist(path, text, n, ret);
		return;
	case SCAN_DECLARATION:
		scan_declaration(path, text, n, ret);
		return;
	case SCAN_SCRIPT:
		scan_script(path, text, n, ret);
		return;
	case SCAN_NIX:
		scan_nix_file(path, text, n, ret);
		return;
	case SCAN_NONE:
		return;
	}
}
