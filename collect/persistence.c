/* SPDX-License-Identifier: MIT */
#include "collect/persistence.h"

#include <string.h>

#include "collect/definition.h"
#include "collect/dirlist.h"
#include "formats/text.h"

/* ---- where definitions can be ---- */

enum place_flag { VENDOR = 1 << 0, PER_USER = 1 << 1, ONE_FILE = 1 << 2 };
#define SPOOL "/var/spool/cron/crontabs"
static const struct place_row {
	enum definition_kind kind;
	const char *path; /* PER_USER: %h home, %r runtime directory; ends in %U: numeric uid. A directory, with ONE_FILE a file */
	unsigned flags;
} linux_places[] = {
	{ DEFINITION_UNIT, "/etc/systemd/system", 0 },
	{ DEFINITION_UNIT, "/run/systemd/system", 0 },
	{ DEFINITION_UNIT, "/run/systemd/transient", 0 },
	{ DEFINITION_UNIT, "/usr/local/lib/systemd/system", 0 },
	{ DEFINITION_UNIT, "/etc/systemd/user", 0 },
	{ DEFINITION_UNIT, "/usr/local/lib/systemd/user", 0 },
	{ DEFINITION_UNIT, "/usr/lib/systemd/system", VENDOR },
	{ DEFINITION_UNIT, "/usr/lib/systemd/user", VENDOR },
	{ DEFINITION_UNIT, "%h/.config/systemd/user", PER_USER },
	{ DEFINITION_UNIT, "%h/.local/share/systemd/user", PER_USER },
	{ DEFINITION_UNIT, "%r/systemd/user", PER_USER },
	{ DEFINITION_UNIT, "%r/systemd/transient", PER_USER },
	{ DEFINITION_QUADLET, "/etc/containers/systemd", 0 },
	{ DEFINITION_QUADLET, "/etc/containers/systemd/users", 0 },
	{ DEFINITION_QUADLET, "/etc/containers/systemd/users/%U", PER_USER },
	{ DEFINITION_QUADLET, "/run/containers/systemd", 0 },
	{ DEFINITION_QUADLET, "%r/containers/systemd", PER_USER },
	{ DEFINITION_QUADLET, "/usr/share/containers/systemd", VENDOR },
	{ DEFINITION_QUADLET, "%h/.config/containers/systemd", PER_USER },
	{ DEFINITION_AUTOSTART, "/etc/xdg/autostart", 0 },
	{ DEFINITION_AUTOSTART, "%h/.config/autostart", PER_USER },
	{ DEFINITION_CRON, "/etc/crontab", ONE_FILE },
	{ DEFINITION_CRON, "/etc/anacrontab", ONE_FILE },
	{ DEFINITION_CRON, "/etc/cron.d", 0 },
	{ DEFINITION_CRON_SCRIPT, "/etc/cron.hourly", 0 },
	{ DEFINITION_CRON_SCRIPT, "/etc/cron.daily", 0 },
	{ DEFINITION_CRON_SCRIPT, "/etc/cron.weekly", 0 },
	{ DEFINITION_CRON_SCRIPT, "/etc/cron.monthly", 0 },
	{ DEFINITION_CRON_SCRIPT, "/etc/cron.yearly", 0 },
	{ DEFINITION_INIT_SCRIPT, "/etc/rc.local", ONE_FILE },
	{ DEFINITION_INIT_SCRIPT, "/etc/init.d", 0 },
	{ DEFINITION_CRON, SPOOL, 0 },
	{ DEFINITION_CRON, "/var/spool/cron", 0 }, /* cronie's */
};
static const struct place_row darwin_places[] = {
	{ DEFINITION_PLIST, "/Library/LaunchAgents", 0 },
	{ DEFINITION_PLIST, "/Library/LaunchDaemons", 0 },
	{ DEFINITION_PLIST, "%h/Library/LaunchAgents", PER_USER },
};

/* A place, with whose it is. */
struct spot {
	const struct place_row *row;
	char *dir;
	char *owner, *home;
	unsigned depth; /* below the row's own directory */
};

struct search {
	struct persistence *p;
	struct gather *g;
	struct spot *spots;
	size_t n;
	size_t n_below;
	size_t looked_below; /* spots whose subdirectories are known */
	const struct identity **owners;
	size_t n_owners;
	struct found_dir {
		const struct spot *spot;
		char *name; /* of a directory that may hold drop-ins: x.service.d */
	} *found_dirs;
	size_t n_found_dirs;
	struct drop_in_dir {
		struct definition *d;
		char *dir;
	} *drop_in_dirs;
	size_t n_drop_in_dirs;
};

static char *spot_path(const char *pattern, const struct persistence_owner *o)
{
	if (text_ends(pattern, "%U"))
		return mem_printf("%.*s%u", (int)strlen(pattern) - 2, pattern, (unsigned)o->id->uid);
	if (pattern[0] != '%')
		return mem_strdup(pattern);
	const char *base = pattern[1] == 'h' ? o->id->home : o->id->runtime_dir;
	return base ? mem_printf("%s%s", base, pattern + 2) : NULL;
}

static void add_spot(struct search *s, const struct place_row *row, const struct persistence_owner *o)
{
	char *dir = spot_path(row->path, o);

	if (!dir)
		return;
	s->spots = mem_array(s->spots, s->n + 1, sizeof(*s->spots));
	s->spots[s->n++] = (struct spot){ row, dir, mem_strdup(o ? o->id->name : "system"), mem_strdup(o ? o->id->home : "/root"), 0 };
}

/* ---- listing ---- */

static bool wanted_name(enum definition_kind kind, const char *name)
{
	static const char *const units[] = { ".service", ".timer", ".path", ".socket" };
	static const char *const quadlets[] = { ".container", ".kube", ".pod" };

	if (name[0] == '.')
		return false;
	switch (kind) {
	case DEFINITION_UNIT:
		for (size_t i = 0; i < ARRAY_LEN(units); i++)
			if (text_ends(name, units[i]))
				return true;
		return false;
	case DEFINITION_QUADLET:
		for (size_t i = 0; i < ARRAY_LEN(quadlets); i++)
			if (text_ends(name, quadlets[i]))
				return true;
		return false;
	case DEFINITION_AUTOSTART:
		return text_ends(name, ".desktop");
	case DEFINITION_PLIST:
		return text_ends(name, ".plist");
	case DEFINITION_CRON:
		return !text_ends(name, "~");
	case DEFINITION_CRON_SCRIPT:
	case DEFINITION_INIT_SCRIPT:
		return !strchr(name, '.') && !text_ends(name, "~"); /* as run-parts has it */
	}
	return false;
}

static const struct answer *dir_answer(struct search *s, const char *dir)
{
	_cleanup_free_ char *key = mem_printf("dir%s", dir);

	return gather_answer(s->g, key);
}

static struct probe *definition_probe(enum definition_kind kind, const char *path)
{
	static const enum payload_class class[] = { [DEFINITION_UNIT] = PAYLOAD_UNIT, [DEFINITION_QUADLET] = PAYLOAD_UNIT,
		[DEFINITION_AUTOSTART] = PAYLOAD_UNIT, [DEFINITION_CRON] = PAYLOAD_SCRIPT, [DEFINITION_CRON_SCRIPT] = PAYLOAD_SCRIPT,
		[DEFINITION_INIT_SCRIPT] = PAYLOAD_SCRIPT, [DEFINITION_PLIST] = PAYLOAD_PLIST };
	struct probe *p = probe_file(path, class[kind]);

	p->flags = PROBE_FOLLOW;
	p->tier = 1;
	p->limits.max_bytes = UNITFILE_MAX;
	return p;
}

/* A link to a package's unit is that unit, under another name. */
static bool is_alias(const char *link)
{
	return link && (text_starts(link, "/usr/lib/systemd/") || text_starts(link, "/lib/systemd/"));
}

static struct definition *add_definition(struct search *s, const struct place_row *row, const char *name, char *path, const char *owner, const char *home)
{
	struct definition *d = mem_alloc(sizeof(*d));

	*d = (struct definition){ .kind = row->kind, .name = mem_strdup(name), .path = path, .owner = mem_strdup(owner), .home = mem_strdup(home),
		.vendor = row->flags & VENDOR, .listed = true, .file.path = mem_strdup(path) };
	s->p->v = mem_array(s->p->v, s->p->n + 1, sizeof(struct definition *));
	s->p->v[s->p->n++] = d;
	return d;
}

static bool may_hold_drop_ins(const struct spot *spot, const char *name, const char *type)
{
	return strcmp(type, "d") == 0 && strlen(name) > 2 && text_ends(name, ".d") &&
	       (spot->row->kind == DEFINITION_UNIT || spot->row->kind == DEFINITION_QUADLET);
}

/* systemd makes a unit of a script in init.d where there is none of its name. */
static bool has_unit(const struct search *s, const char *script)
{
	size_t n = strlen(script);

	for (size_t i = 0; i < s->p->n; i++) {
		const struct definition *d = s->p->v[i];
		if (d->kind == DEFINITION_UNIT && strncmp(d->name, script, n) == 0 && strcmp(d->name + n, ".service") == 0 && strcmp(d->owner, "system") == 0)
			return true;
	}
	return false;
}

/* Definitions, and the directories of their drop-ins: those of units elsewhere are the vendor's units changed. */
static void add_entry(struct search *s, struct task *t, const struct spot *spot, const struct dirlist *entry)
{
	const char *name = entry->name, *type = entry->type, *link = entry->link;

	if (may_hold_drop_ins(spot, name, type)) {
		s->found_dirs = mem_array(s->found_dirs, s->n_found_dirs + 1, sizeof(*s->found_dirs));
		s->found_dirs[s->n_found_dirs++] = (struct found_dir){ spot, mem_strdup(name) };
	}
	if ((strcmp(type, "f") != 0 && strcmp(type, "l") != 0) || !wanted_name(spot->row->kind, name) || text_eq(link, "/dev/null") || is_alias(link))
		return;
	if (spot->row->kind == DEFINITION_INIT_SCRIPT && has_unit(s, name))
		return;
	/* a crontab is called after whom it runs for */
	const char *owner = text_starts(spot->dir, "/var/spool/cron") ? name : spot->owner;
	struct definition *d = add_definition(s, spot->row, name, mem_printf("%s/%s", spot->dir, name), owner, spot->home);
	task_ask(t, definition_probe(d->kind, d->path));
}

static void add_file(struct search *s, struct task *t, const struct spot *spot)
{
	struct definition *d = add_definition(s, spot->row, strrchr(spot->dir, '/') + 1, mem_strdup(spot->dir), spot->owner, spot->home);

	task_ask(t, definition_probe(d->kind, d->path));
}

/* Users may not list the spool, and may each ask for their own. */
static void ask_crontabs(struct search *s, struct task *t, const struct spot *spot)
{
	for (size_t i = 0; i < s->n_owners; i++) {
		const struct identity *id = s->owners[i];
		struct definition *d = add_definition(s, spot->row, id->name, mem_printf("%s/%s", spot->dir, id->name), id->name, id->home);
		d->listed = false;
		_cleanup_free_ char *key = definition_key(d);
		_cleanup_strv_ char **argv = strv_new("crontab", "-l", NULL);
		struct probe *p = probe_cmd(key, argv, id, PAYLOAD_SCRIPT);
		p->tier = 1;
		p->limits.max_bytes = UNITFILE_MAX;
		task_ask(t, p);
	}
}

static void ask_drop_in_dir(struct search *s, struct task *t, const struct found_dir *found)
{
	size_t n = strlen(found->name) - 2;

	for (size_t i = 0; i < s->p->n; i++) {
		struct definition *d = s->p->v[i];
		if (strlen(d->name) != n || strncmp(d->name, found->name, n) != 0 || strcmp(d->owner, found->spot->owner) != 0)
			continue;
		s->drop_in_dirs = mem_array(s->drop_in_dirs, s->n_drop_in_dirs + 1, sizeof(*s->drop_in_dirs));
		s->drop_in_dirs[s->n_drop_in_dirs++] = (struct drop_in_dir){ d, mem_printf("%s/%s", found->spot->dir, found->name) };
		task_ask(t, probe_dir(s->drop_in_dirs[s->n_drop_in_dirs - 1].dir));
	}
}

/* ---- the chain: list, read, read drop-ins, read programs ---- */

static void search_end(struct task *t, void *ctx)
{
	struct search *s = ctx;

	for (size_t i = 0; i < s->n; i++) {
		free(s->spots[i].dir);
		free(s->spots[i].owner);
		free(s->spots[i].home);
	}
	for (size_t i = 0; i < s->n_found_dirs; i++)
		free(s->found_dirs[i].name);
	for (size_t i = 0; i < s->n_drop_in_dirs; i++)
		free(s->drop_in_dirs[i].dir);
	free(s->found_dirs);
	free(s->drop_in_dirs);
	free(s->spots);
	free(s->owners);
	free(s);
}

/* Root puts nothing into a bundle that a user's definition names and the user could not read. */
static const struct identity *user_of(const struct search *s, const struct definition *d)
{
	for (size_t i = 0; i < s->n_owners; i++)
		if (strcmp(s->owners[i]->name, d->owner) == 0)
			return s->owners[i];
	return NULL;
}

/* Scripts within scripts are asked until no more are found. */
static void search_scripts(struct task *t, void *ctx)
{
	struct search *s = ctx;
	bool more = false;

	for (size_t i = 0; i < s->p->n; i++) {
		startup_read(s->g, &s->p->v[i]->start);
		more |= definition_ask_programs(t, s->p->v[i], user_of(s, s->p->v[i]));
	}
	task_then(t, more ? search_scripts : search_end);
}

static void search_programs(struct task *t, void *ctx)
{
	struct search *s = ctx;

	for (size_t i = 0; i < s->p->n; i++) {
		definition_parse(s->g, s->p->v[i]);
		definition_ask_programs(t, s->p->v[i], user_of(s, s->p->v[i]));
	}
	task_then(t, search_scripts);
}

static void add_conf(struct task *t, const struct drop_in_dir *in, const struct dirlist *entry)
{
	struct definition *d = in->d;

	if (!text_ends(entry->name, ".conf") || strcmp(entry->type, "d") == 0 || text_eq(entry->link, "/dev/null"))
		return;
	char *path = mem_printf("%s/%s", in->dir, entry->name);
	d->drop_ins = mem_array(d->drop_ins, d->n_drop_ins + 1, sizeof(*d->drop_ins));
	d->drop_ins[d->n_drop_ins++] = (struct definition_file){ path, NULL };
	task_ask(t, definition_probe(DEFINITION_UNIT, path));
}

static void search_drop_ins(struct task *t, void *ctx)
{
	struct search *s = ctx;

	for (size_t i = 0; i < s->n_drop_in_dirs; i++)
		for (struct dirlist d = dirlist_of(dir_answer(s, s->drop_in_dirs[i].dir)); dirlist_next(&d);)
			add_conf(t, &s->drop_in_dirs[i], &d);
	task_then(t, search_programs);
}

static void search_files(struct task *t, void *ctx)
{
	struct search *s = ctx;

	for (size_t i = 0; i < s->n; i++) {
		if (s->spots[i].row->flags & ONE_FILE) {
			add_file(s, t, &s->spots[i]);
			continue;
		}
		const struct answer *a = dir_answer(s, s->spots[i].dir);
		s->p->dirs = mem_array(s->p->dirs, s->p->n_dirs + 1, sizeof(*s->p->dirs));
		s->p->dirs[s->p->n_dirs++] = (struct definition_dir){ mem_strdup(s->spots[i].dir), a };
		for (struct dirlist d = dirlist_of(a); dirlist_next(&d);)
			add_entry(s, t, &s->spots[i], &d);
		if (a && a->rec.outcome == OUTCOME_DENIED && strcmp(s->spots[i].row->path, SPOOL) == 0)
			ask_crontabs(s, t, &s->spots[i]);
	}
	/* once every definition is known: drop-ins lie in other directories too */
	for (size_t i = 0; i < s->n_found_dirs; i++)
		ask_drop_in_dir(s, t, &s->found_dirs[i]);
	task_then(t, search_drop_ins);
}

/* Those of single users have rows of their own. */
static bool is_users_own(const struct spot *spot, const char *name)
{
	if (spot->depth || (spot->row->flags & PER_USER))
		return false;
	return text_ends(spot->dir, "/users") ? strspn(name, "0123456789") == strlen(name) : strcmp(name, "users") == 0;
}

#define BELOW_DEPTH_MAX 4
#define BELOW_MAX 64

/* Podman's generator walks the directories below its own. */
static void search_below(struct task *t, void *ctx)
{
	struct search *s = ctx;
	size_t from = s->looked_below, n = s->n;

	s->looked_below = n;
	for (size_t i = from; i < n; i++) {
		if (s->spots[i].row->kind != DEFINITION_QUADLET || s->spots[i].depth == BELOW_DEPTH_MAX)
			continue;
		for (struct dirlist d = dirlist_of(dir_answer(s, s->spots[i].dir)); dirlist_next(&d);) {
			const struct spot spot = s->spots[i];
			if (strcmp(d.type, "d") != 0 || d.name[0] == '.' || text_ends(d.name, ".d") || is_users_own(&spot, d.name) || s->n_below == BELOW_MAX)
				continue;
			s->n_below++;
			s->spots = mem_array(s->spots, s->n + 1, sizeof(*s->spots));
			s->spots[s->n++] = (struct spot){ spot.row, mem_printf("%s/%s", spot.dir, d.name), mem_strdup(spot.owner), mem_strdup(spot.home), spot.depth + 1 };
			task_ask(t, probe_dir(s->spots[s->n - 1].dir));
		}
	}
	if (s->n > n)
		task_then(t, search_below);
	else
		search_files(t, ctx);
}

static void search_dirs(struct task *t, void *ctx)
{
	const struct search *s = ctx;

	for (size_t i = 0; i < s->n; i++) {
		if (s->spots[i].row->flags & ONE_FILE)
			continue;
		struct probe *p = probe_dir(s->spots[i].dir);
		/* every rootless `podman` has a scope made; with control groups of version 1 they stay */
		if (text_ends(s->spots[i].dir, "/systemd/transient"))
			p->flags |= PROBE_NO_SCOPES;
		task_ask(t, p);
	}
	task_then(t, search_below);
}

void persistence_start(struct gather *g, struct persistence *p, enum platform platform, const struct persistence_owner *owners,
	size_t n_owners, bool vendor)
{
	const struct place_row *rows = platform == PLATFORM_DARWIN ? darwin_places : linux_places;
	size_t n = platform == PLATFORM_DARWIN ? ARRAY_LEN(darwin_places) : ARRAY_LEN(linux_places);
	struct search *s = mem_alloc(sizeof(*s));

	*s = (struct search){ .p = p, .g = g, .owners = n_owners ? mem_alloc(n_owners * sizeof(*s->owners)) : NULL, .n_owners = n_owners };
	for (size_t i = 0; i < n_owners; i++)
		s->owners[i] = owners[i].id;
	for (size_t i = 0; i < n; i++) {
		if ((rows[i].flags & VENDOR) && !vendor)
			continue;
		if (!(rows[i].flags & PER_USER)) {
			add_spot(s, &rows[i], NULL);
			continue;
		}
		for (size_t k = 0; k < n_owners; k++)
			add_spot(s, &rows[i], &owners[k]);
	}
	gather_start(g, search_dirs, s);
}

bool persistence_is_roots(const char *dir)
{
	return text_starts(dir, "/var/spool/cron") || text_starts(dir, "/run/containers/");
}

void persistence_free(struct persistence *p)
{
	for (size_t i = 0; i < p->n; i++)
		definition_free(p->v[i]);
	free(p->v);
	for (size_t i = 0; i < p->n_dirs; i++)
		free(p->dirs[i].path);
	free(p->dirs);
	*p = (struct persistence){ 0 };
}
