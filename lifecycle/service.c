/* SPDX-License-Identifier: MIT */
#include "lifecycle/service.h"

#include <string.h>

#include "formats/text.h"
#include "lifecycle/launch.h"

const struct service_ops *service_ops_of(enum platform platform)
{
	return platform == PLATFORM_DARWIN ? &service_launchd : &service_systemd;
}

static struct container_engine engine_of(const struct service *s)
{
	bool remote = agent_is_remote(s->agent, s->platform);

	return (struct container_engine){ s->owner, remote ? s->agent->podman.connection : NULL, remote && s->platform != PLATFORM_DARWIN };
}

static struct expect container_health(const struct service *s)
{
	const struct container_engine g = engine_of(s);
	_cleanup_free_ char *filter = mem_printf("name=^%s$", s->agent->container_name);

	return (struct expect){ .kind = EXPECT_WORD,
		.probe = container_probe(&g, "health", strv_new("ps", "--all", "--filter", filter, "--format", "{{.State}}", NULL)),
		.words = container_state_words(s->agent->health.expected ? s->agent->health.expected : "running") };
}

/* A command that ends with 0; or that prints what is expected first. */
static struct expect command_health(const struct service *s)
{
	const struct agent *a = s->agent;
	struct probe *p = probe_cmd("health/command", a->health.command, s->owner, PAYLOAD_TEXT);

	p->limits.timeout_ms = 10000;
	if (a->health.expected)
		return (struct expect){ .kind = EXPECT_WORD, .probe = p, .words = strv_new(a->health.expected, NULL) };
	return (struct expect){ .kind = EXPECT_EXIT, .probe = p };
}

static struct expect http_health(const struct service *s)
{
	const struct agent *a = s->agent;
	_cleanup_strv_ char **argv = strv_new("curl", "--silent", "--show-error", "--fail", "--max-time", "5", "--output", "/dev/null", a->health.command[0], NULL);

	return (struct expect){ .kind = EXPECT_EXIT, .probe = probe_cmd("health/http", argv, s->owner, PAYLOAD_TEXT) };
}

struct expect service_health(const struct service *s)
{
	const struct agent *a = s->agent;

	switch (a->health.type) {
	case HEALTH_PODMAN_CONTAINER:
		return a->container_name ? container_health(s) : (struct expect){ 0 };
	case HEALTH_COMMAND:
		return a->health.command ? command_health(s) : (struct expect){ 0 };
	case HEALTH_HTTP:
		return a->health.command ? http_health(s) : (struct expect){ 0 };
	case HEALTH_PROCESS:
	case HEALTH_NONE:
		break;
	}
	return (struct expect){ 0 };
}

void service_plan_health(const struct service *s, struct plan *p)
{
	const struct service_ops *ops = service_ops_of(s->platform);
	uint32_t seconds = s->agent->lifecycle.startup_timeout_sec ? s->agent->lifecycle.startup_timeout_sec : 20;
	struct expect health = service_health(s);

	/* A service that the manager calls up can be one that dies and is started again: it is asked again below. */
	if (health.kind != EXPECT_NOTHING) {
		struct step *w = plan_add(p, "health", STEP_WAIT, "wait until its health check holds (%s)", health_type_name(s->agent->health.type));
		w->settle_ms = seconds * 1000;
		w->holds = health;
		w->doomed = ops->has_failed(s);
	}
	struct step *up = plan_add(p, "up", STEP_WAIT, "see that the service is up");
	up->settle_ms = seconds * 1000;
	up->holds = ops->is_active(s);
	up->doomed = ops->has_failed(s);
}

void service_plan_container_stop(const struct service *s, struct plan *p)
{
	const struct container_engine g = engine_of(s);

	if (s->agent->runtime == RUNTIME_PODMAN && s->agent->container_name)
		container_plan_stop(&g, s->agent->container_name, launch_stop_seconds(s->agent), true, p);
}
