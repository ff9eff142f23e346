/* SPDX-License-Identifier: MIT */
#include "lifecycle/launch.h"

#include <string.h>

#include "collect/env.h"
#include "formats/text.h"
#include "lifecycle/generate.h"
#include "lifecycle/verb.h"

#define STOP_DEFAULT_SEC 10

const char launch_empty_auth[] = "{\"auths\":{}}\n";

void launch_free(struct launch *l)
{
	strv_free(l->argv);
	strv_free(l->env);
	*l = (struct launch){ 0 };
}

uint32_t launch_stop_seconds(const struct agent *a)
{
	return a->lifecycle.shutdown_timeout_sec ? a->lifecycle.shutdown_timeout_sec : STOP_DEFAULT_SEC;
}

uint32_t launch_starts_per_hour(const struct agent *a)
{
	return a->lifecycle.max_restarts_per_hour ? a->lifecycle.max_restarts_per_hour : 1;
}

int launch_refusal_status(enum platform platform)
{
	return platform == PLATFORM_DARWIN ? EXIT_OK : EXIT_CONFIG;
}

const char *launch_authfile(const struct agent *a, const struct install_paths *p)
{
	if (a->auth.mode == AUTH_NONE || (a->auth.allow_ambient_docker_config && !a->auth.authfile))
		return NULL;
	return p->authfile;
}

char **launch_isolation(const struct agent *a, const struct install_paths *p)
{
	/* only a service account's own credentials may fetch anything while nobody watches */
	bool may_pull = a->podman.pull == PULL_ALWAYS && a->auth.mode == AUTH_SERVICE_ACCOUNT;
	char **v = strv_new(may_pull ? "--pull=always" : "--pull=never", NULL);
	const char *authfile = launch_authfile(a, p);

	if (authfile)
		v = strv_take(v, mem_printf("--authfile=%s", authfile));
	return v;
}

/* podman, towards the declared engine. */
static char **podman_argv(const struct agent *a, enum platform platform)
{
	char **v = strv_new("podman", NULL);

	if (a->podman.connection && agent_is_remote(a, platform))
		v = strv_take(v, mem_printf("--connection=%s", a->podman.connection));
	else if (agent_is_remote(a, platform) && platform != PLATFORM_DARWIN)
		v = strv_add(v, "--remote"); /* there every client is one */
	return v;
}

static char **append(char **v, char *const *more)
{
	for (; more && *more; more++)
		v = strv_add(v, *more);
	return v;
}

static char **run_argv(const struct agent *a, const struct install_paths *p, enum platform platform)
{
	_cleanup_strv_ char **isolation = launch_isolation(a, p);
	char **v = podman_argv(a, platform);

	v = strv_add(v, "run");
	v = strv_take(v, mem_printf("--name=%s", a->container_name));
	v = append(v, (char *[]){ (char[]){ "--rm" }, (char[]){ "--replace" }, NULL });
	/* The client ends once the container runs, and conmon, which it names to systemd, is watched; what the
	 * container writes goes straight to where the service's output goes. A remote client has neither: it stays. */
	if (!agent_is_remote(a, platform))
		v = append(v, (char *[]){ (char[]){ "--detach" }, (char[]){ "--sdnotify=conmon" }, (char[]){ "--cgroups=no-conmon" },
					(char[]){ "--log-driver=passthrough" }, NULL });
	v = append(v, isolation);
	v = strv_take(v, mem_printf("--stop-timeout=%u", launch_stop_seconds(a)));
	v = strv_take(v, mem_printf("--label=io.sourceos.agent=%s", a->name));
	v = strv_add(v, a->image);
	return append(v, a->command);
}

/* Names another Podman, or credentials: none of it is declared. */
static bool is_ambient(const char *assignment)
{
	static const char *const names[] = { "CONTAINER_HOST", "CONTAINER_CONNECTION", "CONTAINER_SSHKEY", "DOCKER_HOST", "DOCKER_CONFIG",
		"REGISTRY_AUTH_FILE" };
	size_t n = strcspn(assignment, "=");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i]) == n && memcmp(names[i], assignment, n) == 0)
			return true;
	return false;
}

static char **clean_env(const struct agent *a, const struct install_paths *p, char *const *env)
{
	char **v = NULL;

	for (; env && *env; env++)
		if (!is_ambient(*env) || (a->auth.allow_ambient_docker_config && !text_starts(*env, "CONTAINER_") && !text_starts(*env, "DOCKER_HOST=")))
			v = strv_add(v, *env);
	if (a->runtime == RUNTIME_PODMAN && !a->auth.allow_ambient_docker_config)
		v = strv_take(v, mem_printf("DOCKER_CONFIG=%s", p->docker_dir));
	return v;
}

void launch_start(const struct agent *a, const struct install_paths *p, enum platform platform, char *const *env, struct launch *ret)
{
	ret->argv = a->runtime == RUNTIME_PODMAN ? run_argv(a, p, platform) : strv_dup(a->command);
	ret->env = clean_env(a, p, env);
}

void launch_stop(const struct agent *a, const struct install_paths *p, enum platform platform, char *const *env, struct launch *ret)
{
	ret->argv = podman_argv(a, platform);
	ret->argv = strv_add(ret->argv, "stop");
	ret->argv = strv_add(ret->argv, "--ignore");
	ret->argv = strv_take(ret->argv, mem_printf("--time=%u", launch_stop_seconds(a)));
	ret->argv = strv_add(ret->argv, a->container_name);
	ret->env = clean_env(a, p, env);
}
