/* SPDX-License-Identifier: MIT */
/* Files: what Podman could take credentials from, and the logs. */
#include "collect/gatherers.h"

#include <string.h>

#include "formats/text.h"

/* ---- credentials ---- */

static void auth_add(struct task *t, struct evidence *e, enum auth_place place, char *owned, bool declared)
{
	struct auth_evidence *a = &e->auth;
	_cleanup_free_ char *path = owned;

	if (!path)
		return;
	for (size_t i = 0; i < a->n_files; i++)
		if (a->files[i].place == place && strcmp(a->files[i].file.path, path) == 0)
			return;
	a->files = mem_array(a->files, a->n_files + 1, sizeof(*a->files));
	struct auth_evidence_file *f = &a->files[a->n_files++];
	*f = (struct auth_evidence_file){ .place = place, .declared = declared };
	struct probe *p = probe_file(path, PAYLOAD_AUTH);
	p->as = identity_copy(service_identity(e));
	p->flags = PROBE_FOLLOW;
	p->limits.max_bytes = 1u << 20;
	p->artifact = mem_printf("auth/%02zu-%s", a->n_files, strrchr(path, '/') + 1);
	file_ask(t, &f->file, path, p);
}

/* A variable as the service would see it: the unit's own, else the caller's when the caller is the owner. */
static const char *service_env(const struct evidence *e, const char *name)
{
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;
	size_t n = strlen(name);

	for (char **v = p ? p->environment : NULL; v && *v; v++)
		if (strncmp(*v, name, n) == 0 && (*v)[n] == '=')
			return *v + n + 1;
	return e->host.euid == e->target.owner.id.uid ? host_env(&e->host, name) : NULL;
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

void gather_auth(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	const struct identity *id = &e->target.owner.id;
	const char *in_argv = e->service.run.argv ? argv_option(e->service.run.argv, "--authfile") : NULL;
	const char *registry = service_env(e, "REGISTRY_AUTH_FILE"), *docker = service_env(e, "DOCKER_CONFIG");

	auth_add(t, e, AUTH_PLACE_AUTHFILE, mem_strdup(e->target.agent->auth.authfile), true);
	if (in_argv && in_argv[0] == '/')
		auth_add(t, e, AUTH_PLACE_AUTHFILE, mem_strdup(in_argv), false);
	auth_add(t, e, AUTH_PLACE_REGISTRY_ENV, registry && registry[0] == '/' ? mem_strdup(registry) : NULL, false);
	auth_add(t, e, AUTH_PLACE_DOCKER_ENV, docker && docker[0] == '/' ? mem_printf("%s/config.json", docker) : NULL, false);
	if (e->host.platform != PLATFORM_DARWIN && id->runtime_dir)
		auth_add(t, e, AUTH_PLACE_RUNTIME, mem_printf("%s/containers/auth.json", id->runtime_dir), false);
	else if (id->uid == 0 && e->host.platform == PLATFORM_LINUX)
		auth_add(t, e, AUTH_PLACE_RUNTIME, mem_strdup("/run/containers/0/auth.json"), false);
	auth_add(t, e, AUTH_PLACE_CONTAINERS_HOME, mem_printf("%s/.config/containers/auth.json", id->home), false);
	auth_add(t, e, AUTH_PLACE_DOCKER_HOME, mem_printf("%s/.docker/config.json", id->home), false);
	auth_add(t, e, AUTH_PLACE_DOCKERCFG, mem_printf("%s/.dockercfg", id->home), false);
	task_then(t, auth_read);
}

/* ---- logs ---- */

static void log_add(struct task *t, struct gathering *c, const char *path)
{
	struct evidence *e = c->e;

	if (path[0] != '/')
		return;
	for (size_t i = 0; i < e->n_logs; i++)
		if (strcmp(e->logs[i].path, path) == 0)
			return;
	e->logs = mem_array(e->logs, e->n_logs + 1, sizeof(*e->logs));
	struct file_evidence *f = &e->logs[e->n_logs++];
	*f = (struct file_evidence){ 0 };
	struct probe *p = probe_file(path, PAYLOAD_TEXT);
	p->as = identity_copy(service_identity(e));
	p->flags = PROBE_STREAM | (c->want.log_end ? PROBE_END : PROBE_TAIL);
	p->limits.max_bytes = c->want.log_end ? c->want.log_end : GATHER_LOG_LIMIT;
	p->limits.timeout_ms = 600000;
	p->artifact = mem_printf("logs/%s", strrchr(path, '/') + 1);
	file_ask(t, f, path, p);
}

/* "append:/tmp/x.log", "file:/x", "truncate:/x" of StandardOutput= and StandardError= */
static void log_of_unit(struct task *t, struct gathering *c, const char *key)
{
	const char *v = unitfile_value(&c->e->service.unit.definition, "Service", key);
	const char *colon = v ? strchr(v, ':') : NULL;
	struct buf path = { 0 };

	if (!colon)
		return;
	for (const char *s = colon + 1; *s; s++)
		if (s[0] == '%' && s[1] == 'h') {
			buf_adds(&path, c->e->target.owner.id.home);
			s++;
		} else {
			buf_addc(&path, *s);
		}
	log_add(t, c, buf_str(&path));
	buf_free(&path);
}

/* StandardOutPath and StandardErrorPath: as written, and as launchd has them loaded. */
static void log_of_plists(struct task *t, struct gathering *c)
{
	const struct launchd_evidence *l = &c->e->launchd;
	const struct launchd_domain *loaded = launchd_loaded(l);

	for (size_t i = 0; i < l->n_definitions; i++) {
		const struct launchd_plist *p = l->definitions[i].plist;
		if (p && p->stdout_path)
			log_add(t, c, p->stdout_path);
		if (p && p->stderr_path)
			log_add(t, c, p->stderr_path);
	}
	if (loaded && loaded->service->stdout_path)
		log_add(t, c, loaded->service->stdout_path);
	if (loaded && loaded->service->stderr_path)
		log_add(t, c, loaded->service->stderr_path);
}

static void logs_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;

	for (size_t i = 0; i < e->n_logs; i++)
		file_answered(e->gather, &e->logs[i]);
}

void gather_logs(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	_cleanup_strv_ char **declared = agent_log_paths(c->e->target.agent);

	for (char **p = declared; p && *p; p++)
		log_add(t, c, *p);
	log_of_unit(t, c, "StandardOutput");
	log_of_unit(t, c, "StandardError");
	log_of_plists(t, c);
	task_then(t, logs_read);
}
