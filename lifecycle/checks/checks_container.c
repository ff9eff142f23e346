/* SPDX-License-Identifier: MIT */
/* The container: whose name it is, in what state, and whether the layers below the service agree. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

static const struct podman_ps *row_of(const struct engine *g, const char *name)
{
	return podman_ps_find(g->containers, g->n_containers, name);
}

static const char *label_of(const struct podman_ps *c, const char *key)
{
	for (size_t i = 0; i < c->n_labels; i++)
		if (strcmp(c->labels[i].key, key) == 0)
			return c->labels[i].value;
	return NULL;
}

/* A container that sticks in stopping or removing; conmon's life decides what ends it. */
static void stuck(struct report *r, const struct engine *g, enum container_state state)
{
	const char *name = r->e->podman.container_name;
	struct finding *f = report_fail(r, "the container %s is stuck in %s", name, container_state_name(state));

	finding_cite_answer(finding_cite_answer(f, g->asked), g->container);
	finding_detail(f, "whoever was stopping it went away; podman stop may say 0 and leave it so");
	finding_hint(f, "if kill leaves it there, its conmon is dead, and only podman rm -f ends it");
	remedy_as_owner(f, r->e, "podman %s%s%s kill %s", g->connection ? "--connection " : "", g->connection ? g->connection : "",
		g->connection ? "" : "container", name);
}

static bool service_is_up(const struct evidence *e)
{
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;
	const struct launchd_domain *d = launchd_loaded(&e->launchd);

	return (p && text_eq(p->active_state, "active")) || (d && d->service && d->service->pid > 0);
}

/*
 * Whose a container of our name is, when it is not ours: a start would kill and remove it. Ours is what the launcher
 * or our unit labelled, and what our service, when it is up, made without a label. One that does not run, of the
 * declared image and without a label, is what an earlier service of ours left. NULL: ours.
 */
static const char *other_owner(const struct evidence *e, const struct podman_ps *c)
{
	const char *unit = label_of(c, "PODMAN_SYSTEMD_UNIT"), *agent = label_of(c, "io.sourceos.agent");
	bool runs = c->state == CONTAINER_RUNNING || c->state == CONTAINER_PAUSED;

	if (agent)
		return text_eq(agent, e->target.agent->name) ? NULL : agent;
	if (unit)
		return text_eq(unit, e->target.unit) ? NULL : unit;
	if (text_eq(c->image, e->podman.image_ref) && (!runs || service_is_up(e)))
		return NULL;
	return "somebody else";
}

static void run_name(struct report *r)
{
	const struct evidence *e = r->e;
	const struct engine *g = wanted_engine(e);
	const char *name = e->podman.container_name;

	if (!name) {
		report_skip(r, "no container name is declared");
		return;
	}
	if (!report_need(r, g ? g->asked : NULL, "what Podman says of the container"))
		return;
	const struct podman_ps *c = row_of(g, name);
	if (!c && !engine_answers(g)) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "Podman does not answer"), g->asked);
		return;
	}
	if (!c) {
		finding_cite_answer(report_ok(r, "the container name %s is free", name), g->asked);
		return;
	}
	if (c->state == CONTAINER_STOPPING || c->state == CONTAINER_REMOVING) {
		stuck(r, g, c->state);
		return;
	}
	const char *whose = other_owner(e, c);
	if (!whose) {
		finding_cite_answer(report_ok(r, "%s is %s, and safely replaceable", name, container_state_name(c->state)), g->asked);
		return;
	}
	struct finding *f = report_fail(r, "the container name %s belongs to %s", name, whose);
	finding_detail(f, "%s, of the image %s", container_state_name(c->state), c->image ? c->image : "unknown");
	finding_hint(finding_cite_answer(f, g->asked), "a start would remove it; remove or rename it yourself, or declare another containerName");
}

/* ---- DR-08 ---- */

static void container_absent(struct report *r, const struct engine *g)
{
	const char *name = r->e->podman.container_name;

	if (service_is_up(r->e))
		finding_cite_answer(report_fail(r, "the service is up and there is no container %s", name), g->asked);
	else
		finding_cite_answer(report_ok(r, "there is no container %s, and the service is down", name), g->asked);
}

static void run_dr08(struct report *r)
{
	const struct evidence *e = r->e;
	const struct engine *g = evidence_engine(e);
	const struct engine *wanted = wanted_engine(e);
	const char *name = e->podman.container_name;

	if (!name) {
		report_skip(r, "no container name is known");
		return;
	}
	if (!g || !row_of(g, name))
		g = wanted;
	if (!report_need(r, g ? g->asked : NULL, "what Podman says of the container"))
		return;
	if (!engine_answers(g)) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "Podman does not answer"), g->asked);
		return;
	}
	const struct podman_ps *c = row_of(g, name);
	enum container_state state = g->inspect ? g->inspect->state : c ? c->state : CONTAINER_UNKNOWN;
	if (!c && !g->inspect) {
		container_absent(r, g);
	} else if (state == CONTAINER_STOPPING || state == CONTAINER_REMOVING) {
		stuck(r, g, state);
	} else if (g->inspect && g->inspect->health && text_eq(g->inspect->health, "unhealthy")) {
		finding_cite_answer(report_warn(r, "%s runs and its health check fails", name), g->container);
	} else if (state == CONTAINER_RUNNING) {
		finding_cite_answer(report_ok(r, "%s is running%s", name, g != wanted ? " (in another engine than declared)" : ""), g->asked);
	} else if (service_is_up(e)) {
		finding_cite_answer(report_fail(r, "the service is up and the container %s is %s", name, container_state_name(state)), g->asked);
	} else {
		finding_cite_answer(report_ok(r, "%s is %s, and the service is down", name, container_state_name(state)), g->asked);
	}
}

/* ---- layers ---- */

static void run_definition_layer(struct report *r)
{
	const struct evidence *e = r->e;
	const struct unit_props *p = need_service(r, true);
	const struct agent *a = e->target.agent;
	struct view v;

	if (!p)
		return;
	if (!e->target.declared) {
		report_skip(r, "nobody declared it");
		return;
	}
	view_of_evidence(e, &v);
	const char *image = view_image(&v);
	if (image && a->image && !strchr(image, '$') && strcmp(image, a->image) != 0) {
		struct finding *f = report_fail(r, "the service runs another image than is declared");
		finding_detail(f, "declared  %s", a->image);
		finding_detail(f, "service   %s", image);
		finding_at(f, v.script_path && v.run_in_script ? v.script_path : v.argv_file, v.run_in_script ? v.run->line : v.argv_line);
	}
	const char *name = v.run ? argv_option(v.run->argv, "--name") : NULL;
	if (name && a->container_name && !strchr(name, '$') && strcmp(name, a->container_name) != 0) {
		struct finding *f = report_warn(r, "the service names its container otherwise than is declared");
		finding_detail(f, "declared  %s", a->container_name);
		finding_detail(f, "service   %s", name);
	}
	if (a->linux_unit.restart && p->restart && strcmp(a->linux_unit.restart, p->restart) != 0) {
		struct finding *f = report_warn(r, "Restart= is not as declared");
		finding_detail(f, "declared  %s", a->linux_unit.restart);
		finding_detail(f, "loaded    %s", p->restart);
		finding_cite_answer(f, e->service.unit.show);
	}
	if (r->verdict == VERDICT_NOT_APPLICABLE)
		report_ok(r, "the service is as declared");
}

static void run_loaded_layer(struct report *r)
{
	const struct unit_props *p = need_service(r, true);

	if (!p)
		return;
	if (!p->need_daemon_reload) {
		finding_cite_answer(report_ok(r, "loaded as on disk"), r->e->service.unit.show);
		return;
	}
	struct finding *f = report_warn(r, "the definition on disk is newer than the loaded one");
	finding_at(finding_cite_answer(f, r->e->service.unit.show), p->fragment_path, 0);
	const struct unitfile *u = &r->e->service.unit.definition;
	const char *disk = unitfile_value(u, "Service", "Restart");
	if (p->restart && !text_eq(disk ? disk : "no", p->restart)) {
		finding_detail(f, "disk    Restart=%s", disk ? disk : "no");
		finding_detail(f, "loaded  Restart=%s", p->restart);
	}
	remedy_systemctl(f, r->e, "daemon-reload");
}

static void run_image_layer(struct report *r)
{
	const struct evidence *e = r->e;
	const struct engine *g = evidence_engine(e);

	if (!g || !g->inspect) {
		report_skip(r, "no container to compare");
		return;
	}
	const struct podman_container *c = g->inspect;
	if (e->target.declared && e->podman.image_ref && c->image_name && strcmp(c->image_name, e->podman.image_ref) != 0) {
		struct finding *f = report_fail(r, "the container was made from another image than is declared");
		finding_detail(f, "declared   %s", e->podman.image_ref);
		finding_detail(f, "container  %s", c->image_name);
		finding_cite_answer(f, g->container);
		return;
	}
	if (!g->image_inspect || !c->image_id || !g->image_inspect->id) {
		report_add(r, VERDICT_UNKNOWN, "the image of the container could not be compared");
		return;
	}
	const char *id = text_starts(g->image_inspect->id, "sha256:") ? g->image_inspect->id + strlen("sha256:") : g->image_inspect->id;
	if (strcmp(c->image_id, id) == 0) {
		finding_cite_answer(report_ok(r, "the container runs the image that the tag names, %.12s", id), g->container);
		return;
	}
	struct finding *f = report_warn(r, "%s names another image than the container was made from", e->podman.image_ref);
	finding_detail(f, "tag        %.12s", id);
	finding_detail(f, "container  %.12s", c->image_id);
	finding_cite_answer(finding_cite_answer(f, g->container), g->image);
	remedy_systemctl(f, e, "restart %s", e->target.unit);
}

const struct check checks_container[] = {
	{
		.id = "PF-13",
		.title = "container name",
		.requires = { "PF-04", "PF-08" },
		.wants = WANT_CONTAINER | WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_PREFLIGHT,
		.run = run_name,
		.why = "Two services that fight for one container name stop each other; one that is stuck in stopping makes every start fail.",
		.looks_at = "podman container inspect: the state of the name, its image, and its labels io.sourceos.agent and PODMAN_SYSTEMD_UNIT.",
		.fix = "podman kill NAME, then podman rm -f NAME if its conmon is dead; or declare another containerName.",
	},
	{
		.id = "DR-08",
		.title = "container",
		.requires = { "DR-05", "DR-06" },
		.wants = WANT_CONTAINER | WANT_PODMAN | WANT_SERVICE,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_DOCTOR | CHECK_STATUS,
		.run = run_dr08,
		.why = "A service can be up with its container gone, and a container can be stuck where stop says success and does nothing.",
		.looks_at = "podman container inspect, read from the engine that has the container.",
		.fix = "podman kill NAME, then podman rm -f NAME if its conmon is dead.",
	},
	{
		.id = "LA-01",
		.title = "declaration and service agree",
		.wants = WANT_SERVICE,
		.platforms = ON_LINUX,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_definition_layer,
		.why = "What is declared is what reviewers saw; what runs may be something else.",
		.looks_at = "Image, container name and Restart= of the declaration, beside those of the service.",
		.fix = "Correct the declaration, or install the agent again from it.",
	},
	{
		.id = "LA-02",
		.title = "disk and service manager agree",
		.wants = WANT_SERVICE,
		.platforms = ON_LINUX,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS,
		.run = run_loaded_layer,
		.why = "A definition that was edited and not reloaded is not what runs.",
		.looks_at = "NeedDaemonReload= of the loaded unit, and Restart= in both.",
		.fix = "systemctl --user daemon-reload",
	},
	{
		.id = "LA-03",
		.title = "container and image agree",
		.requires = { "DR-06", "DR-07" },
		.wants = WANT_CONTAINER | WANT_IMAGE | WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_DOCTOR,
		.run = run_image_layer,
		.why = "A tag that was moved leaves the old image running until the next start, which then brings something new.",
		.looks_at = "The image id of the container, and the id that the declared tag names now.",
		.fix = "systemctl --user restart UNIT, once it is clear which image is meant.",
	},
	{ .id = NULL },
};
