/* SPDX-License-Identifier: MIT */
/*
 * A container in quarantine: it no longer runs, and its name is free. A --rm container dies with its
 * service; another is kept, renamed, because its file system is evidence and a quarantine can be undone.
 */
#include "lifecycle/backend.h"

#include <string.h>

#include "formats/text.h"

struct probe *container_probe(const struct container_engine *g, const char *what, char **words)
{
	_cleanup_strv_ char **argv = strv_new("podman", NULL), **taken = words;
	_cleanup_free_ char *key = mem_printf("podman/%s", what);

	if (g->connection) {
		argv = strv_add(argv, "--connection");
		argv = strv_add(argv, g->connection);
	} else if (g->remote) {
		argv = strv_add(argv, "--remote");
	}
	for (char **p = taken; *p; p++)
		argv = strv_add(argv, *p);
	return probe_cmd(key, argv, g->owner, PAYLOAD_TEXT);
}

char **container_state_words(const char *state)
{
	char **v = strv_new(state, NULL);

	if (strcmp(state, "running") == 0)
		return strv_add(v, "Up");
	char *titled = mem_strdup(state);
	if (*titled >= 'a' && *titled <= 'z')
		*titled -= 'a' - 'A';
	return strv_take(v, titled);
}

/* No container of that name runs. `ps` prints nothing when there is none, where `inspect` would be an error. */
static void expect_not_running(const struct container_engine *g, const char *name, bool gone, struct step *s)
{
	_cleanup_free_ char *filter = mem_printf("name=^%s$", name);

	s->holds = (struct expect){
		.kind = EXPECT_WORD,
		.probe = container_probe(g, "state", strv_new("ps", "--all", "--filter", filter, "--format", "{{.State}}", NULL)),
		.words = gone ? strv_new("", NULL) : strv_new("", "exited", "Exited", "stopped", "Stopped", "created", "Created", "configured",
						     "Configured", "initialized", "Initialized", NULL),
	};
}

void container_plan_stop(const struct container_engine *g, const char *name, uint32_t seconds, bool gone, struct plan *p)
{
	_cleanup_free_ char *timeout = mem_printf("%u", seconds);

	struct step *s = plan_add(p, "container-stop", STEP_RUN, "stop the container %s", name);
	s->cmd = container_probe(g, "stop", strv_new("stop", "--time", timeout, "--", name, NULL));
	s->cmd->limits.timeout_ms = (seconds + 15) * 1000;
	s->optional = true;
	expect_not_running(g, name, false, s);
	s = plan_add(p, "container-kill", STEP_RUN, "kill the container %s, which did not stop when asked", name);
	s->cmd = container_probe(g, "kill", strv_new("kill", "--", name, NULL));
	s->optional = true;
	expect_not_running(g, name, false, s);
	/* stuck in "stopping" with its monitor dead: nothing else ends it */
	s = plan_add(p, "container-remove", STEP_RUN, "remove the container %s by force", name);
	s->cmd = container_probe(g, "rm", strv_new("rm", "--force", "--", name, NULL));
	s->cmd->limits.timeout_ms = 30000;
	expect_not_running(g, name, gone, s);
}

void container_plan_quarantine(const struct evidence *e, const char *stamp, struct plan *p)
{
	const struct engine *g = evidence_engine(e);
	const char *name = e->podman.container_name;

	/* An engine that did not answer is a gap of the evidence (in a machine that is down no container runs, and none could be asked for);
	 * one that did is asked again, since a service that storms may have made a container meanwhile. */
	if (!name || !engine_answers(g))
		return;
	const struct container_engine w = { &e->target.owner.id, g->connection, false };
	uint32_t seconds = e->target.agent->lifecycle.shutdown_timeout_sec ? e->target.agent->lifecycle.shutdown_timeout_sec : 10;
	/* its inspect and log are captured: a forced removal loses nothing but its file system */
	container_plan_stop(&w, name, seconds, false, p);
	_cleanup_free_ char *kept = mem_printf("%s-quarantined-%s", name, stamp);
	struct step *s = plan_add(p, "container-rename", STEP_RUN, "keep the container as %s", kept);
	s->cmd = container_probe(&w, "rename", strv_new("rename", name, kept, NULL));
	s->undo_title = mem_printf("give the container its name %s back", name);
	s->undo_cmd = container_probe(&w, "rename-back", strv_new("rename", kept, name, NULL));
	s->holds = (struct expect){ .kind = EXPECT_EXIT, .probe = container_probe(&w, "exists", strv_new("container", "exists", name, NULL)), .status = 1 };
	s->undone = (struct expect){ .kind = EXPECT_EXIT, .probe = container_probe(&w, "exists", strv_new("container", "exists", name, NULL)), .status = 0 };
}
