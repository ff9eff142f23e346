/* SPDX-License-Identifier: MIT */
/*
 * A container in quarantine: it no longer runs, and its name is free. A --rm container dies with its
 * service; another is kept, renamed, because its file system is evidence and a quarantine can be undone.
 */
#include "lifecycle/backend.h"

#include <string.h>

#include "formats/text.h"

struct podman_words {
	const struct evidence *e;
	const struct engine *engine;
};

static struct probe *podman(const struct podman_words *w, const char *what, char **words)
{
	_cleanup_strv_ char **argv = strv_new("podman", NULL);
	_cleanup_free_ char *key = mem_printf("podman/%s", what);
	_cleanup_strv_ char **taken = words;

	if (w->engine->connection) {
		argv = strv_add(argv, "--connection");
		argv = strv_add(argv, w->engine->connection);
	}
	for (char **p = taken; *p; p++)
		argv = strv_add(argv, *p);
	return probe_cmd(key, argv, &w->e->target.owner.id, PAYLOAD_TEXT);
}

/* No container of that name runs. `ps` prints nothing when there is none, where `inspect` would be an error.
 * Podman 4.3 writes the state for people, "Exited (0) 2 seconds ago", where later ones write "exited". */
static void expect_not_running(const struct podman_words *w, const char *name, struct step *s)
{
	_cleanup_free_ char *filter = mem_printf("name=^%s$", name);

	s->holds = (struct expect){
		.kind = EXPECT_WORD,
		.probe = podman(w, "state", strv_new("ps", "--all", "--filter", filter, "--format", "{{.State}}", NULL)),
		.words = strv_new("", "exited", "Exited", "stopped", "Stopped", "created", "Created", "configured", "dead", NULL),
	};
}

static void stop_steps(const struct podman_words *w, const char *name, struct plan *p)
{
	uint32_t seconds = w->e->target.agent->lifecycle.shutdown_timeout_sec ? w->e->target.agent->lifecycle.shutdown_timeout_sec : 10;
	_cleanup_free_ char *timeout = mem_printf("%u", seconds);

	/* each of the three is passed over when the one before was enough */
	struct step *s = plan_add(p, "container-stop", STEP_RUN, "stop the container %s", name);
	s->cmd = podman(w, "stop", strv_new("stop", "--time", timeout, "--", name, NULL));
	s->cmd->limits.timeout_ms = (seconds + 15) * 1000;
	s->optional = true;
	expect_not_running(w, name, s);
	s = plan_add(p, "container-kill", STEP_RUN, "kill the container %s", name);
	s->cmd = podman(w, "kill", strv_new("kill", "--", name, NULL));
	s->optional = true;
	expect_not_running(w, name, s);
	/* stuck in "stopping" with its monitor dead: nothing else ends it. Its inspect and log are captured. */
	s = plan_add(p, "container-remove", STEP_RUN, "remove the container %s by force", name);
	s->cmd = podman(w, "rm", strv_new("rm", "--force", "--", name, NULL));
	s->cmd->limits.timeout_ms = 30000;
	expect_not_running(w, name, s);
}

void container_plan_quarantine(const struct evidence *e, const char *stamp, struct plan *p)
{
	const struct engine *g = evidence_engine(e);
	const char *name = e->podman.container_name;

	/* An engine that did not answer is a gap of the evidence; one that did is asked again, since a service
	 * that storms may have made a container meanwhile. */
	if (!g || !name || !g->ps || !record_answered(&g->ps->rec))
		return;
	/* podman that cannot reach its machine (125): in a machine that is down no container runs, and none could be asked for */
	if (g->ps->rec.status != 0 && g->ps->rec.status != 200)
		return;
	struct podman_words w = { e, g };
	stop_steps(&w, name, p);
	_cleanup_free_ char *kept = mem_printf("%s-quarantined-%s", name, stamp);
	struct step *s = plan_add(p, "container-rename", STEP_RUN, "keep the container as %s", kept);
	s->cmd = podman(&w, "rename", strv_new("rename", name, kept, NULL));
	s->undo_title = mem_printf("give the container its name %s back", name);
	s->undo_cmd = podman(&w, "rename-back", strv_new("rename", kept, name, NULL));
	s->holds = (struct expect){ .kind = EXPECT_EXIT, .probe = podman(&w, "exists", strv_new("container", "exists", name, NULL)), .status = 1 };
	s->undone = (struct expect){ .kind = EXPECT_EXIT, .probe = podman(&w, "exists", strv_new("container", "exists", name, NULL)), .status = 0 };
}
