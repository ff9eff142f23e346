/* SPDX-License-Identifier: MIT */
/* The container: whose name it is, and in what state. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/judge.h"
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
	if (g->connection)
		remedy_as_owner(f, r->e, "podman --connection %s kill %s", g->connection, name);
	else
		remedy_as_owner(f, r->e, "podman container kill %s", name);
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

const struct check checks_container[] = {
	{
		.id = "PF-13",
		.title = "container name",
		.severity = VERDICT_FAIL,
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
		.severity = VERDICT_FAIL,
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
	{ .id = NULL },
};
