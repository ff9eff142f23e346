/* SPDX-License-Identifier: MIT */
/* The files that Podman could take credentials from, as the service's environment and command name them. */
#include "collect/gatherers.h"

#include <string.h>

#include "collect/agents.h"
#include "formats/text.h"

static void auth_add(struct task *t, struct evidence *e, struct auth_evidence_file as, char *owned)
{
	struct auth_evidence *a = &e->auth;
	_cleanup_free_ char *path = owned;

	if (!path)
		return;
	for (size_t i = 0; i < a->n_files; i++)
		if (a->files[i].place == as.place && strcmp(a->files[i].file.path, path) == 0) {
			a->files[i].commanded |= as.commanded;
			return;
		}
	a->files = mem_array(a->files, a->n_files + 1, sizeof(*a->files));
	struct auth_evidence_file *f = &a->files[a->n_files++];
	*f = as;
	struct probe *p = probe_file(path, PAYLOAD_AUTH);
	p->as = identity_copy(service_identity(e));
	p->flags = PROBE_FOLLOW;
	p->limits.max_bytes = 1u << 20;
	p->artifact = mem_printf("auth/%02zu-%s", a->n_files, strrchr(path, '/') + 1);
	file_ask(t, &f->file, path, p);
}

/* The last that says something of the name: false when none does; NULL: taken away. */
static bool env_says(char *const *env, const char *name, const char **ret)
{
	size_t n = strlen(name);
	bool says = false;

	for (; env && *env; env++)
		if (strncmp(*env, name, n) == 0 && ((*env)[n] == '=' || (*env)[n] == '\0')) {
			*ret = (*env)[n] ? *env + n + 1 : NULL;
			says = true;
		}
	return says;
}

/* A variable as Podman would see it: of its command, its script, the unit; the caller's when the caller is the owner. */
static const char *service_env(const struct evidence *e, const char *name)
{
	const struct service_evidence *s = &e->service;
	const struct unit_props *p = s->unit.n_props ? s->unit.props : NULL;
	const char *value = NULL;

	if (env_says(s->run.env, name, &value) || env_says(p ? p->environment : NULL, name, &value))
		return value;
	for (size_t i = 0; e->host.platform == PLATFORM_DARWIN && i < e->launchd.n_definitions; i++)
		if (e->launchd.definitions[i].plist && (value = launchctl_pairs_get(&e->launchd.definitions[i].plist->environment, name)))
			return value;
	return e->host.euid == e->target.owner.id.uid ? host_env(&e->host, name) : NULL;
}

bool evidence_is_remote(const struct evidence *e)
{
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;
	const struct shell_command *run = &e->service.run;
	const char *value = NULL;

	if (agent_needs_machine(e->target.agent, e->host.platform))
		return true;
	if (!run->program)
		return false;
	if (shell_command_is_remote(run))
		return true;
	for (size_t i = 0; i < 2; i++) {
		static const char *const names[] = { "CONTAINER_HOST", "CONTAINER_CONNECTION" };
		if (!env_says(run->env, names[i], &value) && env_says(p ? p->environment : NULL, names[i], &value) && value)
			return true;
	}
	return false;
}

/* $HOME and $XDG_RUNTIME_DIR are known without a run; anything else that is left, or a path that is not whole, is not: then
 * the place is marked and NULL returned. NULL for NULL. */
static char *auth_path(struct evidence *e, enum auth_place place, const char *value)
{
	const struct identity *id = &e->target.owner.id;
	const struct {
		const char *name, *value;
	} known[] = { { "${HOME}", id->home }, { "$HOME", id->home }, { "${XDG_RUNTIME_DIR}", id->runtime_dir },
		{ "$XDG_RUNTIME_DIR", id->runtime_dir }, { "~", id->home }, { "%h", id->home }, { "%t", id->runtime_dir } };
	char *path = NULL;

	if (!value || !*value)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(known) && !path; i++)
		if (known[i].value && text_starts(value, known[i].name) && strchr("/", value[strlen(known[i].name)]))
			path = mem_printf("%s%s", known[i].value, value + strlen(known[i].name));
	path = path ? path : mem_strdup(value);
	if (path[0] == '/' && !strpbrk(path, "$`"))
		return path;
	e->auth.only_a_run_tells |= 1u << place;
	free(path);
	return NULL;
}

static void auth_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;

	for (size_t i = 0; i < e->auth.n_files; i++) {
		struct auth_evidence_file *f = &e->auth.files[i];
		file_answered(e->gather, &f->file);
		const struct buf *b = answer_text(f->file.answer);
		if (b && f->file.answer->rec.outcome == OUTCOME_OK)
			authfile_parse(f->file.path, buf_str(b), b->len, &f->parsed, NULL);
	}
}

static void add_below(struct task *t, struct evidence *e, enum auth_place place, const char *dir, const char *file)
{
	if (dir)
		auth_add(t, e, (struct auth_evidence_file){ .place = place }, mem_printf("%s/%s", dir, file));
}

void gather_auth(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	const struct identity *id = &e->target.owner.id;
	const char *in_argv = e->service.run.argv ? argv_option(e->service.run.argv, "--authfile") : NULL;
	const char *home_said = service_env(e, "HOME"), *runtime_said = service_env(e, "XDG_RUNTIME_DIR");
	_cleanup_free_ char *home = auth_path(e, AUTH_PLACE_DOCKER_HOME, home_said), *runtime = NULL;
	_cleanup_free_ char *docker = auth_path(e, AUTH_PLACE_DOCKER_ENV, service_env(e, "DOCKER_CONFIG"));

	auth_add(t, e, (struct auth_evidence_file){ .place = AUTH_PLACE_AUTHFILE, .declared = true }, mem_strdup(e->target.agent->auth.authfile));
	auth_add(t, e, (struct auth_evidence_file){ .place = AUTH_PLACE_AUTHFILE, .commanded = true }, auth_path(e, AUTH_PLACE_AUTHFILE, in_argv));
	auth_add(t, e, (struct auth_evidence_file){ .place = AUTH_PLACE_REGISTRY_ENV },
		auth_path(e, AUTH_PLACE_REGISTRY_ENV, service_env(e, "REGISTRY_AUTH_FILE")));
	add_below(t, e, AUTH_PLACE_DOCKER_ENV, docker, "config.json");
	if (e->host.platform != PLATFORM_DARWIN && (runtime = auth_path(e, AUTH_PLACE_RUNTIME, runtime_said)))
		add_below(t, e, AUTH_PLACE_RUNTIME, runtime, "containers/auth.json");
	else if (e->host.platform != PLATFORM_DARWIN && id->runtime_dir)
		add_below(t, e, AUTH_PLACE_RUNTIME, id->runtime_dir, "containers/auth.json");
	else if (id->uid == 0 && e->host.platform == PLATFORM_LINUX)
		add_below(t, e, AUTH_PLACE_RUNTIME, "/run/containers/0", "auth.json");
	const char *base = home ? home : id->home;
	add_below(t, e, AUTH_PLACE_CONTAINERS_HOME, base, ".config/containers/auth.json");
	add_below(t, e, AUTH_PLACE_DOCKER_HOME, base, ".docker/config.json");
	add_below(t, e, AUTH_PLACE_DOCKERCFG, base, ".dockercfg");
	task_then(t, auth_read);
}
