/* SPDX-License-Identifier: MIT */
#include "lifecycle/scan.h"

#include <string.h>

#include "collect/startup.h"
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

/* "…/x.service.d/y.conf" */
static bool is_drop_in(const char *path, const char *const *suffixes)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir = slash ? mem_strndup(path, (size_t)(slash - path)) : NULL;

	if (!dir || !text_ends(path, ".conf") || !text_ends(dir, ".d"))
		return false;
	dir[strlen(dir) - 2] = '\0';
	return has_suffix(dir, suffixes);
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
	if (is_drop_in(path, units) || is_drop_in(path, quadlets))
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

/* What a definition starts, as a view has it: s must outlive it. */
static void view_startup(struct view *v, const struct startup *s)
{
	const struct startup_line *line = startup_line(s);
	const char *script = line ? argv_script(startup_argv(s)) : NULL;

	v->argv = startup_argv(s);
	v->argv_file = line && v->unit ? v->unit->files[line->file] : v->path;
	v->argv_line = line ? line->line : 0;
	v->script = &s->script;
	v->script_text = script;
	v->script_len = script ? strlen(script) : 0;
	v->run = s->run.program ? &s->run : NULL;
	v->run_in_script = s->run_in_script;
}

static void scan_unitfile(const char *path, const char *text, size_t n, enum scan_kind kind, const struct scan_part *parts, size_t n_parts,
	struct findings *ret)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };
	_cleanup_lints_ struct lints l = { 0 };
	struct startup s = { 0 };

	unitfile_add(&u, path, text, n);
	for (size_t i = 0; i < n_parts; i++)
		unitfile_add(&u, parts[i].path, parts[i].text, parts[i].n);
	struct view v = { .kind = kind == SCAN_QUADLET ? VIEW_QUADLET : kind == SCAN_AUTOSTART ? VIEW_AUTOSTART : VIEW_SERVICE,
		.name = text_base_name(path), .path = path, .unit = &u };
	kind == SCAN_AUTOSTART ? startup_add_autostart(&s, &u) : startup_add_service(&s, &u);
	view_startup(&v, &s);
	/* a timer or socket restarts nothing itself; a drop-in alone is no definition */
	if (text_ends(path, ".timer") || text_ends(path, ".socket") || text_ends(path, ".path"))
		v.kind = VIEW_TIMER;
	if (kind == SCAN_DROP_IN && !unitfile_value(&u, "Service", "Restart") && !budget_ignored_key(&u))
		v.kind = VIEW_TIMER;
	judge(&v, path, ret);
	unitfile_lint(&u, kind == SCAN_DROP_IN ? "drop-in" : text_base_name(path), &l);
	add_lints(&l, "PF-17", u.files, path, ret);
	startup_free(&s);
}

static void scan_plist(const char *path, const char *text, size_t n, struct findings *ret)
{
	_cleanup_lints_ struct lints l = { 0 };
	struct launchd_plist p;
	struct startup s = { 0 };
	struct err err = { 0 };
	char **argv = NULL;

	if (launchd_plist_parse(text, n, &p, &err)) {
		finding_say(scan_report(ret, "PF-17", VERDICT_FAIL, path, 0), "%s", err.msg);
		return;
	}
	if (!p.label && !p.program && !p.arguments) {
		launchd_plist_free(&p); /* a property list of something else */
		return;
	}
	struct view v = { .kind = VIEW_PLIST, .name = p.label ? p.label : text_base_name(path), .path = path, .plist = &p };
	v.text = p.binary ? NULL : text;
	v.text_len = p.binary ? 0 : n;
	if (!p.arguments || !nix_unwrap(p.arguments, &argv))
		argv = p.arguments && *p.arguments ? strv_dup(p.arguments) : p.program ? strv_add(NULL, p.program) : NULL;
	if (argv)
		startup_add_argv(&s, argv);
	view_startup(&v, &s);
	v.argv_line = plist_key_line(v.text, v.text_len, p.arguments ? "ProgramArguments" : "Program");
	judge(&v, path, ret);
	launchd_plist_lint(text, n, path, &l);
	add_lints(&l, "PF-17", NULL, path, ret);
	startup_free(&s);
	launchd_plist_free(&p);
}

/* A script whose other container commands only make way for one that it starts is a wrapper; one that builds,
 * pushes or starts several is its author's business. */
static bool is_wrapper(const struct startup *s)
{
	static const char *const way[] = { "rm", "stop", "kill", "exists", "inspect", "pull", "login", "network", "volume", "secret", "ps", "info",
		"version", "logs", "wait" };
	size_t others = 0, made = 0;

	for (size_t i = 0; i < s->script.n; i++) {
		const struct shell_command *c = &s->script.v[i];
		bool known = !c->verb;
		for (size_t k = 0; k < ARRAY_LEN(way) && !known; k++)
			known = strcmp(c->verb, way[k]) == 0;
		made += c->starts != STARTS_NONE && c->starts != STARTS_OLD;
		others += !known && c->starts == STARTS_NONE;
	}
	return s->run.program && (s->run.exec || (made <= 1 && !others));
}

static void scan_script(const char *path, const char *text, size_t n, struct findings *ret)
{
	_cleanup_lints_ struct lints l = { 0 };
	struct startup s = { 0 };

	startup_add_text(&s, text, n);
	struct view v = { .kind = VIEW_SCRIPT, .name = text_base_name(path), .path = path, .script_path = path, .script = &s.script, .script_text = text,
		.script_len = n, .run = is_wrapper(&s) ? &s.run : NULL, .run_in_script = s.run_in_script };
	judge(&v, path, ret);
	if (v.run) {
		sh_lint(text, n, &l);
		add_lints(&l, "PF-18", NULL, path, ret);
	}
	startup_free(&s);
}

/* "PATH:12: why"; 0 when there is no line, as in "PATH: 12 bytes …". */
static unsigned line_of_error(const char *path, const char *msg)
{
	const char *s = text_starts(msg, path) ? msg + strlen(path) : "";
	size_t n = *s == ':' ? strspn(s + 1, "0123456789") : 0;

	return n && n < 10 && s[1 + n] == ':' ? (unsigned)strtoul(s + 1, NULL, 10) : 0;
}

static void scan_declaration(const char *path, const char *text, size_t n, struct findings *ret)
{
	_cleanup_agents_ struct agent **agents = NULL;
	_cleanup_warnings_ struct warnings w = { 0 };
	struct err err = { 0 };

	if (declaration_parse(path, text, n, &agents, &w, &err)) {
		finding_say(scan_report(ret, "DE-01", VERDICT_FAIL, path, line_of_error(path, err.msg)), "%s", err.msg);
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
