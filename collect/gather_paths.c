/* SPDX-License-Identifier: MIT */
/* Places that must be there, or must not: directories of logs, the command, other places of the definition. */
#include "collect/gatherers.h"

#include <string.h>

#include "formats/text.h"

static void path_add(struct task *t, struct evidence *e, char *path)
{
	_cleanup_free_ char *owned = path;

	if (!path || path[0] != '/' || evidence_path(e, path))
		return;
	e->paths = mem_array(e->paths, e->n_paths + 1, sizeof(*e->paths));
	e->paths[e->n_paths++] = (struct file_evidence){ .path = mem_strdup(path) };
	task_ask(t, probe_link(path));
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash != path ? mem_strndup(path, (size_t)(slash - path)) : NULL;
}

/* A log, its directory, and what that would be made in. */
static void add_log(struct task *t, struct evidence *e, const char *path)
{
	_cleanup_free_ char *dir = parent_of(path);
	_cleanup_free_ char *above = dir ? parent_of(dir) : NULL;

	path_add(t, e, mem_strdup(path));
	path_add(t, e, mem_strdup(dir));
	path_add(t, e, mem_strdup(above));
}

/* The same name in the other places that its manager reads from, and in the other manager's. */
static void add_other_units(struct task *t, struct evidence *e)
{
	static const char *const places[] = { "/etc/systemd/user", "/etc/systemd/system", "/usr/lib/systemd/user", "/usr/lib/systemd/system" };
	const struct identity *id = &e->target.owner.id;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		path_add(t, e, mem_printf("%s/%s", places[i], e->target.unit));
	path_add(t, e, mem_printf("%s/.config/systemd/user/%s", id->home, e->target.unit));
	path_add(t, e, mem_printf("%s/.local/share/systemd/user/%s", id->home, e->target.unit));
	if (text_ends(e->target.unit, ".service")) {
		size_t n = strlen(e->target.unit) - strlen(".service");
		path_add(t, e, mem_printf("%s/.config/containers/systemd/%.*s.container", id->home, (int)n, e->target.unit));
		path_add(t, e, mem_printf("/etc/containers/systemd/%.*s.container", (int)n, e->target.unit));
	}
}

static void paths_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;

	for (size_t i = 0; i < e->n_paths; i++)
		file_answered(e->gather, &e->paths[i]);
}

void gather_paths(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	const struct agent *a = e->target.agent;
	_cleanup_strv_ char **logs = agent_log_paths(a);

	for (char **p = logs; p && *p; p++)
		add_log(t, e, *p);
	path_add(t, e, mem_strdup(a->logs.directory));
	path_add(t, e, a->logs.directory ? parent_of(a->logs.directory) : NULL);
	if (a->command)
		path_add(t, e, mem_strdup(a->command[0]));
	if (e->host.platform != PLATFORM_DARWIN) {
		add_other_units(t, e);
	} else {
		path_add(t, e, mem_strdup(a->macos.legacy_system_plist));
		path_add(t, e, agent_plist_path(a, e->target.owner.id.home));
	}
	task_then(t, paths_read);
}

/* ---- what else starts by itself ---- */

void gather_persistence(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	const struct persistence_owner owner = { &e->target.owner.id };

	persistence_start(task_gather(t), &e->persistence, e->host.platform, &owner, 1, false);
}
