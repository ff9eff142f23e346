/* SPDX-License-Identifier: MIT */
#include "lifecycle/backend.h"

#include <string.h>

#include "formats/text.h"

struct maker {
	const struct evidence *e;
	struct plan *plan;
	unsigned moved;
	bool live; /* the manager answers. One that does not run runs no service: its files are all there is to do. */
};

static const struct identity *manager(const struct evidence *e)
{
	return e->target.agent->scope == SCOPE_USER ? &e->target.owner.id : NULL;
}

/* systemctl WORDS… UNIT, as a probe: what runs it is the runner that asks everything else. */
static struct probe *systemctl(const struct evidence *e, const char *verb, const char *unit)
{
	_cleanup_strv_ char **argv = strv_new("systemctl", NULL);
	_cleanup_free_ char *key = mem_printf("systemctl/%s/%s", verb, unit ? unit : "");

	if (manager(e))
		argv = strv_add(argv, "--user");
	argv = strv_add(argv, verb);
	if (unit) {
		argv = strv_add(argv, "--");
		argv = strv_add(argv, unit);
	}
	struct probe *p = probe_cmd(key, argv, manager(e), PAYLOAD_TEXT);
	p->limits.timeout_ms = 30000;
	return p;
}

static void expect_words(struct expect *e, struct probe *p, char **words)
{
	*e = (struct expect){ .kind = EXPECT_WORD, .probe = p, .words = words };
}

/* Stopping may take as long as the unit's TimeoutStopSec says, and some. */
static uint32_t stop_timeout_ms(const struct unit_evidence *u)
{
	uint64_t us = u->n_props ? u->props[0].timeout_stop_us : 0;

	if (us == 0 || us > 600ull * 1000000)
		us = 90ull * 1000000;
	return (uint32_t)(us / 1000) + 15000;
}

static void stop_unit(struct maker *m, const struct unit_evidence *u)
{
	_cleanup_free_ char *id = mem_printf("stop-%s", u->name);
	struct step *s = plan_add(m->plan, id, STEP_RUN, "stop %s", u->name);

	s->cmd = systemctl(m->e, "stop", u->name);
	s->cmd->limits.timeout_ms = stop_timeout_ms(u);
	expect_words(&s->holds, systemctl(m->e, "is-active", u->name), strv_new("inactive", "failed", "unknown", NULL));
}

static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

/* What belongs to a package or a generator is not ours to move: it comes back with the next update. */
static bool is_vendor(const struct evidence *e, const char *path)
{
	static const char *const dirs[] = { "/usr/lib", "/lib", "/usr/share", "/nix/store", "/gnu/store", "/run/systemd/generator",
		"/run/systemd/generator.early", "/run/systemd/generator.late" };
	const char *runtime = e->target.owner.id.runtime_dir;

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		if (below(path, dirs[i]))
			return true;
	return runtime && below(path, runtime) && strstr(path, "/generator");
}

/* Whose directory: the owner's below their home, root's elsewhere. */
static struct identity *owner_of_path(const struct evidence *e, const char *path)
{
	return below(path, e->target.owner.id.home) ? identity_copy(&e->target.owner.id) : NULL;
}

static void move_path(struct maker *m, const char *what, const char *path)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *id = mem_printf("move-%u", m->moved);

	for (size_t i = 0; i < m->plan->n_steps; i++)
		if (text_eq(m->plan->steps[i]->path, path))
			return;
	struct step *s = plan_add(m->plan, id, STEP_MOVE, "take away %s %s", what, path);
	s->undo_title = mem_printf("put back %s %s", what, path);
	s->path = mem_strdup(path);
	s->vault = mem_printf("%03u-%.100s", m->moved++, slash + 1);
	s->as = owner_of_path(m->e, path);
	s->holds = (struct expect){ .kind = EXPECT_ABSENT, .probe = probe_link(path) };
}

static void move_links(struct maker *m, const struct unit_evidence *u)
{
	for (size_t i = 0; i < u->n_links; i++)
		if (!is_vendor(m->e, u->links[i].path))
			move_path(m, "enablement link", u->links[i].path);
}

/* A unit that we may not move is masked instead: a link to /dev/null before it in the search path. */
static void mask_unit(struct maker *m, const struct unit_evidence *u)
{
	_cleanup_free_ char *id = mem_printf("mask-%s", u->name);
	char *path = manager(m->e) ? mem_printf("%s/.config/systemd/user/%s", m->e->target.owner.id.home, u->name)
				   : mem_printf("/etc/systemd/system/%s", u->name);
	struct step *s = plan_add(m->plan, id, STEP_LINK, "mask %s, which a package owns", u->name);

	s->undo_title = mem_printf("unmask %s", u->name);
	s->path = path;
	s->target = mem_strdup("/dev/null");
	s->as = owner_of_path(m->e, path);
	s->holds = (struct expect){ .kind = EXPECT_TARGET, .probe = probe_link(path), .words = strv_new("/dev/null", NULL) };
	s->undone = (struct expect){ .kind = EXPECT_ABSENT, .probe = probe_link(path) };
}

static void take_definition(struct maker *m, const struct unit_evidence *u)
{
	bool generated = u->source.path != NULL;

	if (generated)
		move_path(m, "source", u->source.path);
	if (file_is_there(&u->fragment) && !is_vendor(m->e, u->fragment.path))
		move_path(m, "unit", u->fragment.path);
	else if (file_is_there(&u->fragment) && !generated)
		mask_unit(m, u);
	for (size_t i = 0; i < u->n_drop_ins; i++)
		if (!is_vendor(m->e, u->drop_ins[i].path))
			move_path(m, "drop-in", u->drop_ins[i].path);
}

/* First in the plan, so last in its undoing: once every file is back the manager reads them, and says
 * whether the unit is enabled as it was. */
static void reload_when_undone(struct maker *m, const struct unit_evidence *u)
{
	const char *was = u->n_props ? u->props[0].unit_file_state : NULL;
	struct step *s = plan_add(m->plan, "manager", STEP_RUN, "have the manager read its units");

	s->undo_title = was ? mem_printf("have the manager read its units: %s is %s", u->name, was) : mem_strdup("have the manager read its units");
	s->undo_only = true;
	s->undo_cmd = systemctl(m->e, "daemon-reload", NULL);
	s->undo_always = true;
	if (was && *was)
		expect_words(&s->undone, systemctl(m->e, "is-enabled", u->name), strv_new(was, NULL));
}

static void reload_after(struct maker *m, const struct unit_evidence *u)
{
	struct step *s = plan_add(m->plan, "reload", STEP_RUN, "have the manager forget it");

	s->cmd = systemctl(m->e, "daemon-reload", NULL);
	s = plan_add(m->plan, "reset-failed", STEP_RUN, "clear its failed state");
	s->cmd = systemctl(m->e, "reset-failed", u->name);
	s->optional = true;
	/* most often there is nothing to clear, and systemctl calls that a failure */
	expect_words(&s->holds, systemctl(m->e, "is-failed", u->name), strv_new("inactive", "unknown", NULL));
}

/* The manager must have answered; a user's that is known not to run need not. */
static int check_manager(const struct evidence *e, bool *ret_live, struct err *err)
{
	const struct answer *show = e->service.unit.show;

	*ret_live = show && record_answered(&show->rec) && show->rec.status == 0;
	if (*ret_live || (manager(e) && !e->target.owner.manager))
		return 0;
	_cleanup_free_ char *said = show && show->err.len ? mem_strndup(buf_str(&show->err), strcspn(buf_str(&show->err), "\n")) : NULL;
	return err_set(err, ERR_CHANGE, "the service manager of %s does not answer (%s); nothing was changed", e->target.owner.id.name,
		said		       ? said
		: show && show->rec.reason ? show->rec.reason
				       : "systemctl show failed");
}

static bool is_there(const struct unit_evidence *u)
{
	return (u->n_props && !text_eq(u->props[0].load_state, "not-found")) || file_is_there(&u->fragment) || u->n_links > 0;
}

int systemd_plan_quarantine(const struct evidence *e, const char *stamp, struct plan *p, struct err *err)
{
	struct maker m = { .e = e, .plan = p };
	const struct service_evidence *s = &e->service;
	int r = check_manager(e, &m.live, err);

	if (r)
		return r;
	const struct engine *g = evidence_engine(e);
	if (!is_there(&s->unit) && !(g && g->inspect))
		return err_set(err, ERR_USAGE, "%s: no such unit of %s, and %s container %s; nothing to quarantine", e->target.unit,
			e->target.owner.id.name, g && !engine_answers(g) ? "Podman, which does not answer, told of no" : "no",
			e->podman.container_name ? e->podman.container_name : "of its");
	if (m.live)
		reload_when_undone(&m, &s->unit);
	/* what would start it again goes first */
	for (size_t i = 0; i < s->n_triggers && m.live; i++)
		stop_unit(&m, &s->triggers[i]);
	if (m.live)
		stop_unit(&m, &s->unit);
	for (size_t i = 0; i < s->n_triggers; i++)
		move_links(&m, &s->triggers[i]);
	move_links(&m, &s->unit);
	for (size_t i = 0; i < s->n_triggers; i++)
		take_definition(&m, &s->triggers[i]);
	take_definition(&m, &s->unit);
	if (m.live)
		reload_after(&m, &s->unit);
	container_plan_quarantine(e, stamp, p);
	return 0;
}
