/* SPDX-License-Identifier: MIT */
/* The log files. */
#include "collect/gatherers.h"

#include <string.h>

#include "formats/text.h"
#include "formats/unitspec.h"

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

char *evidence_unit_path(const struct evidence *e, const char *written)
{
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;
	const struct identity *id = &e->target.owner.id;
	const struct unit_context c = { .unit = e->target.unit, .user = is_user_scope(e), .name = id->name, .home = id->home, .uid = (uint32_t)id->uid,
		.runtime_dir = id->runtime_dir, .state_home = p && p->fd_store_preserve };

	return unit_specifiers(written, &c);
}

/* "append:/tmp/x.log", "file:/x", "truncate:/x" */
char *evidence_unit_log(const struct evidence *e, const char *key)
{
	static const char *const kinds[] = { "append:", "file:", "truncate:" };
	const char *v = unitfile_value(&e->service.unit.definition, "Service", key);

	for (size_t i = 0; v && i < ARRAY_LEN(kinds); i++)
		if (text_starts(v, kinds[i]))
			return evidence_unit_path(e, v + strlen(kinds[i]));
	return NULL;
}

static void log_of_unit(struct task *t, struct gathering *c, const char *key)
{
	_cleanup_free_ char *path = evidence_unit_log(c->e, key);

	if (path)
		log_add(t, c, path);
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
