/* SPDX-License-Identifier: MIT */
#include "lifecycle/undeclared.h"

#include <string.h>

#include "collect/dirlist.h"
#include "collect/hostfs.h"
#include "collect/persistence.h"
#include "formats/calendar.h"
#include "formats/text.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/package.h"

/* ---- what is declared ---- */

static void add_known(struct known_units *k, const struct evidence *e, const char *path, const char *name, const struct answer *a)
{
	if (!path && !name)
		return;
	bool stat = a && a->rec.stat.known;
	k->v = mem_array(k->v, k->n + 1, sizeof(*k->v));
	k->v[k->n++] = (struct known_unit){ .path = mem_strdup(path), .name = mem_strdup(name),
		.owner = mem_strdup(e->target.agent->scope == SCOPE_USER ? e->target.owner.id.name : "system"),
		.size = stat ? a->rec.stat.size : 0, .mtime_us = stat ? a->rec.stat.mtime_us : 0 };
}

static void add_known_unit(struct known_units *k, const struct evidence *e, const struct unit_evidence *u)
{
	add_known(k, e, u->fragment.path, u->name, u->fragment.answer);
	add_known(k, e, u->source.path, u->source.path ? text_base_name(u->source.path) : NULL, u->source.answer);
	/* a unit that lies elsewhere, and is linked to where units are */
	for (size_t i = 0; i < u->n_links; i++)
		if (text_eq(u->links[i].target, u->fragment.path))
			add_known(k, e, u->links[i].path, NULL, NULL);
}

void known_units_add(struct known_units *k, const struct evidence *e)
{
	add_known_unit(k, e, &e->service.unit);
	for (size_t i = 0; i < e->launchd.n_definitions; i++)
		add_known(k, e, e->launchd.definitions[i].file.path, NULL, NULL);
	for (size_t i = 0; i < e->service.n_triggers; i++)
		add_known_unit(k, e, &e->service.triggers[i]);
}

static bool same_file(const struct known_unit *u, const struct definition *d)
{
	const struct file_stat *st = d->file.answer ? &d->file.answer->rec.stat : NULL;

	return u->mtime_us && st && st->known && st->mtime_us == u->mtime_us && st->size == u->size;
}

bool known_units_have(const struct known_units *k, const struct definition *d)
{
	for (size_t i = 0; i < k->n; i++) {
		const struct known_unit *u = &k->v[i];
		bool called_so = text_eq(u->name, d->name) && text_eq(u->owner, d->owner);
		if (text_eq(u->path, d->path) || (called_so && (!u->path || same_file(u, d))))
			return true;
	}
	return false;
}

void known_units_free(struct known_units *k)
{
	for (size_t i = 0; i < k->n; i++) {
		free(k->v[i].path);
		free(k->v[i].name);
		free(k->v[i].owner);
	}
	free(k->v);
	*k = (struct known_units){ 0 };
}

/* ---- what starts it ---- */

/* "x.timer" starts "x.service", or what its Unit= says. */
static bool triggers(const struct definition *t, const struct definition *d)
{
	const char *dot = strrchr(t->name, '.');
	static const char *const sections[] = { "Timer", "Path", "Socket" };

	if (t->kind != DEFINITION_UNIT || text_ends(t->name, ".service") || !text_eq(t->owner, d->owner))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		const char *unit = unitfile_value(&t->unit, sections[i], text_eq(sections[i], "Socket") ? "Service" : "Unit");
		if (unit)
			return text_eq(unit, d->name);
	}
	size_t n = (size_t)(dot - t->name);
	return strncmp(t->name, d->name, n) == 0 && strcmp(d->name + n, ".service") == 0;
}

static void add_triggers(const struct persistence *p, const struct definition *d, struct budget_rule *r)
{
	if (d->kind != DEFINITION_UNIT || !text_ends(d->name, ".service"))
		return;
	for (size_t i = 0; i < p->n; i++)
		if (triggers(p->v[i], d))
			budget_add_trigger(r, p->v[i]->name, &p->v[i]->unit);
}

/* How often the line of a crontab runs the command that was found in it. */
static bool cron_budget(const struct definition *d, struct budget *ret)
{
	const char *line = d->kind == DEFINITION_CRON && d->start.run.program && !d->start.program.path && d->file.answer ? buf_str(&d->file.answer->out) : NULL;
	uint64_t period;

	for (unsigned n = 1; line && n < d->start.run.line; n++)
		line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
	if (!line || cron_period(line, &period) || !period)
		return false;
	*ret = budget_compute(&(struct budget_rule){ .timer = true, .timer_us = period });
	return true;
}

/* ---- judging one ---- */

static void view_of_definition(const struct persistence *p, const struct definition *d, struct view *ret)
{
	static const enum view_kind kinds[] = { [DEFINITION_UNIT] = VIEW_SERVICE, [DEFINITION_QUADLET] = VIEW_QUADLET,
		[DEFINITION_AUTOSTART] = VIEW_AUTOSTART, [DEFINITION_CRON] = VIEW_CRON, [DEFINITION_CRON_SCRIPT] = VIEW_CRON,
		[DEFINITION_INIT_SCRIPT] = VIEW_CRON, [DEFINITION_PLIST] = VIEW_PLIST };
	const struct file_evidence own = { .path = d->file.path, .answer = d->file.answer };
	bool itself = d->kind == DEFINITION_CRON || d->kind == DEFINITION_CRON_SCRIPT || d->kind == DEFINITION_INIT_SCRIPT; /* what it says is the script */
	const struct file_evidence *script = itself && !(d->start.run.program && d->start.program.path) ? &own : &d->start.program;
	bool script_read = script->answer && record_answered(&script->answer->rec);
	struct view v = { .kind = kinds[d->kind], .name = d->name, .path = d->path, .home = d->home };

	if (d->kind == DEFINITION_UNIT && !text_ends(d->name, ".service"))
		v.kind = VIEW_TIMER;
	v.unit = d->unit.n ? &d->unit : NULL;
	v.plist = d->plist_ok ? &d->plist : NULL;
	if (v.plist && !d->plist.binary && d->file.answer) {
		v.text = buf_str(&d->file.answer->out);
		v.text_len = d->file.answer->out.len;
	}
	const struct startup_line *line = startup_line(&d->start);
	if (line) {
		v.argv = startup_argv(&d->start);
		v.argv_file = d->unit.n ? d->unit.files[line->file] : d->path;
		v.argv_line = line->line;
	}
	v.script = d->start.script.n || d->start.script.programs || d->start.script.interpreter ? &d->start.script : NULL;
	v.script_path = script_read ? script->path : NULL;
	if (script_read && v.script && (itself || d->start.script.interpreter)) {
		v.script_text = buf_str(&script->answer->out);
		v.script_len = script->answer->out.len;
	}
	v.run = d->start.run.program ? &d->start.run : NULL;
	v.run_in_script = d->start.run_in_script;
	v.evidence = d->file.answer ? d->file.answer->rec.key : NULL;
	add_triggers(p, d, &v.triggers);
	*ret = v;
}

static const struct {
	const char *id;
	pattern_fn *run;
	bool containers_only; /* of services that run none it would say something of every second one */
} patterns[] = {
	{ "PP-01", pattern_01, false },
	{ "PP-02", pattern_02, false },
	{ "PP-03", pattern_03, false },
	{ "PP-04", pattern_04, false },
	{ "PP-05", pattern_05, true },
	{ "PP-06", pattern_06, true },
	{ "PP-07", pattern_07, true },
	{ "PP-08", pattern_08, true },
	{ "PP-11", pattern_11, false },
};

static void take(struct findings *to, struct findings *from, size_t i)
{
	to->v = mem_array(to->v, to->n + 1, sizeof(struct finding *));
	to->v[to->n++] = from->v[i];
	from->v[i] = from->v[--from->n];
}

/* Failures only; of what runs no containers they are warnings: it is no agent, and somebody may know it. */
static void judge(const struct persistence *p, const struct definition *d, struct findings *ret)
{
	struct view v;

	view_of_definition(p, d, &v);
	bool containers = view_runs_containers(&v);
	for (size_t i = 0; i < ARRAY_LEN(patterns); i++) {
		struct findings l = { 0 };
		struct report r = { .check = check_find(patterns[i].id), .out = &l, .verbs = CHECK_SCAN, .verdict = VERDICT_NOT_APPLICABLE };
		if (patterns[i].containers_only && !containers)
			continue;
		patterns[i].run(&v, &r);
		for (size_t k = 0; k < l.n;) {
			struct finding *f = l.v[k];
			if (f->verdict != VERDICT_FAIL && !(containers && f->verdict == VERDICT_WARN)) {
				k++;
				continue;
			}
			if (!containers)
				f->verdict = VERDICT_WARN;
			mem_set(&f->subject, d->name);
			take(ret, &l, k);
		}
		findings_free(&l);
	}
}

static void tell_undeclared(const struct persistence *p, const struct definition *d, struct findings *ret)
{
	const struct check *c = check_find("PP-09");
	struct view v;
	struct budget b;
	struct finding *f = findings_add(ret, c->id, VERDICT_FAIL);

	f->title = mem_strdup(c->title);
	f->subject = mem_strdup(d->name);
	const char *kind = definition_kind_name(d->kind);
	finding_say(f, "%s %s of %s runs containers, and nobody declared it", strchr("ai", kind[0]) ? "an" : "a", kind, text_eq(d->owner, "system") ? "the system" : d->owner);
	const struct startup_line *line = startup_line(&d->start);
	finding_at(f, d->path, line ? line->line : d->start.run.line);
	view_of_definition(p, d, &v);
	bool triggered = v.triggers.timer || v.triggers.event;
	if (cron_budget(d, &b) || (triggered && view_budget(&v, &b))) {
		_cleanup_free_ char *words = budget_words(&b);
		finding_detail(f, "its %s: %s", v.triggers.event ? "trigger" : "schedule", words);
	}
	finding_cite(f, d->file.answer ? d->file.answer->rec.key : NULL);
	if (d->kind == DEFINITION_UNIT || d->kind == DEFINITION_PLIST || d->kind == DEFINITION_QUADLET)
		finding_remedy(f, "sourceos-agent quarantine %s", d->path);
	else
		finding_hint(f, "take it out of %s, once it is clear whose it is", d->path);
}

/* A package's file with drop-ins of somebody else is no longer the package's. In an image there is no package manager to
 * ask: there the directory decides. */
static enum package_owner owner_of(struct exam *x, const struct definition *d)
{
	if (d->n_drop_ins)
		return PACKAGE_NONE;
	if (cli_has(x->cli, "root"))
		return d->vendor ? PACKAGE_OWNS : PACKAGE_NONE;
	return package_owner(x->session.source, d->path);
}

/* A template starts nothing until somebody names an instance, and then that is what is looked at. */
static bool is_template(const struct definition *d)
{
	return strstr(d->name, "@.") != NULL;
}

/* ---- whose definitions ---- */

struct owners {
	struct user *v;
	size_t n;
};

static void add_owner(struct exam *x, struct owners *o, const char *name)
{
	for (size_t i = 0; i < o->n; i++)
		if (text_eq(o->v[i].id.name, name))
			return;
	o->v = mem_array(o->v, o->n + 1, sizeof(*o->v));
	o->v[o->n] = (struct user){ 0 };
	o->n += user_get(x->session.source, name, &o->v[o->n], NULL) == 0;
}

#define ACCOUNTS_MAX 1000

static bool is_there(struct exam *x, const char *home, const char *below)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", home, below);

	return source_has(x->session.source, path);
}

/* What is in there starts once its user's manager does. */
static bool has_definitions(struct exam *x, const char *home)
{
	return is_there(x, home, ".config") && (is_there(x, home, ".config/systemd/user") || is_there(x, home, ".config/containers/systemd"));
}

/* Of the accounts that every system has most are at home where no home is. */
static bool is_home(const char *dir)
{
	static const char *const none[] = { "/usr/", "/bin", "/sbin", "/dev", "/proc", "/run/", "/nonexistent" };

	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		if (text_starts(dir, none[i]))
			return false;
	return dir[0] == '/' && dir[1];
}

static void add_accounts(struct exam *x, struct owners *o)
{
	_cleanup_probe_ struct probe *p = probe_file("/etc/passwd", PAYLOAD_TEXT);
	_cleanup_answer_ struct answer a = { 0 };
	size_t n = 0;

	p->flags = PROBE_FOLLOW;
	if (source_get(x->session.source, p, &a, NULL) || !record_answered(&a.rec))
		return;
	_cleanup_free_ char *text = mem_strdup(buf_str(&a.out));
	struct account user;
	for (char *rest = text; n < ACCOUNTS_MAX && accounts_next(&rest, &user); n++)
		if (is_home(user.home) && has_definitions(x, user.home))
			add_owner(x, o, user.name);
}

/* Users of a directory service are in no passwd: their homes tell, and who lingers. */
static void add_listed(struct exam *x, struct owners *o, const char *dir, bool homes)
{
	_cleanup_probe_ struct probe *p = probe_dir(dir);
	_cleanup_answer_ struct answer a = { 0 };
	size_t n = 0;

	if (source_get(x->session.source, p, &a, NULL))
		return;
	struct dirlist d = dirlist_of(&a);
	while (n++ < ACCOUNTS_MAX && dirlist_next(&d)) {
		_cleanup_free_ char *path = mem_printf("%s/%s", dir, d.name);
		if (!homes)
			add_owner(x, o, d.name);
		else if (d.owner && has_definitions(x, path))
			add_owner(x, o, d.owner);
	}
	dirlist_end(&d);
}

/* The caller, and for root everybody: whose manager runs, whose home is there, and who has definitions without being there. */
static void find_owners(struct exam *x, struct owners *o)
{
	bool darwin = x->session.host.platform == PLATFORM_DARWIN;
	bool image = cli_has(x->cli, "root");
	_cleanup_probe_ struct probe *p = probe_dir(darwin ? "/Users" : image ? "/home" : "/run/user");
	_cleanup_answer_ struct answer a = { 0 };

	if (x->from && x->owner)
		add_owner(x, o, x->owner);
	if (x->session.caller.id.name)
		add_owner(x, o, x->session.caller.id.name);
	/* whose image it is does not read it: whoever may, may read all of it */
	if ((x->session.host.euid != 0 && !image) || source_get(x->session.source, p, &a, NULL))
		return;
	for (const char *line = buf_str(&a.out), *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		json_t *j = json_loadb(line, (size_t)(end - line), 0, NULL);
		const char *owner = json_string_value(json_object_get(j, "owner"));
		if (owner && json_integer_value(json_object_get(j, "uid")) >= (darwin ? 500 : 0))
			add_owner(x, o, owner);
		json_decref(j);
	}
	if (darwin)
		return;
	add_accounts(x, o);
	add_listed(x, o, "/home", true);
	add_listed(x, o, "/var/lib/systemd/linger", false);
}

static size_t judge_all(struct exam *x, const struct persistence *p, const struct known_units *known)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct definition *d = p->v[i];
		struct findings l = { 0 };
		bool declared = known_units_have(known, d);
		bool containers = command_starts_container(d->start.run.program ? &d->start.run : NULL) || d->kind == DEFINITION_QUADLET;
		bool packaged = d->vendor || d->kind == DEFINITION_INIT_SCRIPT; /* as most are */
		if (declared || (packaged && (!containers || is_template(d))))
			continue;
		if (containers)
			tell_undeclared(p, d, &l);
		judge(p, d, &l);
		enum package_owner whose = l.n ? owner_of(x, d) : PACKAGE_NONE;
		if (whose == PACKAGE_OWNS) {
			findings_free(&l);
			continue;
		}
		for (size_t k = 0; k < l.n && whose == PACKAGE_UNKNOWN; k++) {
			l.v[k]->verdict = VERDICT_UNKNOWN;
			finding_hint(l.v[k], "no package manager could be asked whose %s is", d->path);
		}
		n += l.n > 0;
		while (l.n) {
			struct finding *f = l.v[0];
			x->findings.v = mem_array(x->findings.v, x->findings.n + 1, sizeof(struct finding *));
			x->findings.v[x->findings.n++] = f;
			memmove(l.v, l.v + 1, (--l.n) * sizeof(struct finding *));
		}
		findings_free(&l);
	}
	return n;
}

/* What could not be listed may hold anything: said, unless it is simply not there. */
static void tell_unread(struct exam *x, const struct persistence *p)
{
	for (size_t i = 0; i < p->n_dirs; i++) {
		const struct answer *a = p->dirs[i].answer;
		enum outcome o = a ? a->rec.outcome : OUTCOME_NOT_COLLECTED;
		if (o == OUTCOME_OK || o == OUTCOME_CUT || o == OUTCOME_ABSENT)
			continue;
		if (o == OUTCOME_DENIED && x->session.host.euid != 0 && persistence_is_roots(p->dirs[i].path))
			continue;
		const struct check *c = check_find("DR-14");
		struct finding *f = findings_add(&x->findings, c->id, VERDICT_UNKNOWN);
		f->title = mem_strdup(c->title);
		finding_say(f, "%s was not looked at: %s", p->dirs[i].path, outcome_name(o));
	}
}

int undeclared_find(struct exam *x, const struct known_units *known, size_t *ret_n, struct err *err)
{
	struct owners o = { 0 };
	struct persistence p = { 0 };
	struct persistence_owner *list;

	find_owners(x, &o);
	list = o.n ? mem_alloc(o.n * sizeof(*list)) : NULL;
	for (size_t i = 0; i < o.n; i++)
		list[i] = (struct persistence_owner){ &o.v[i].id };
	struct gather *g = gather_new(x->session.source);
	persistence_start(g, &p, x->session.host.platform, list, o.n, !x->from);
	int r = gather_run(g, err);
	if (r == 0) {
		*ret_n = judge_all(x, &p, known);
		tell_unread(x, &p);
	}
	persistence_free(&p);
	gather_free(g);
	free(list);
	for (size_t i = 0; i < o.n; i++)
		user_free(&o.v[i]);
	free(o.v);
	return r;
}
