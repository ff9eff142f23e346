/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/podman_json.h"
#include "formats/text.h"

static const char *const state_names[] = {
	[CONTAINER_UNKNOWN] = "unknown",	 [CONTAINER_CREATED] = "created",   [CONTAINER_INITIALIZED] = "initialized",
	[CONTAINER_RUNNING] = "running",	 [CONTAINER_STOPPED] = "stopped",   [CONTAINER_PAUSED] = "paused",
	[CONTAINER_EXITED] = "exited",		 [CONTAINER_REMOVING] = "removing", [CONTAINER_STOPPING] = "stopping",
};

enum container_state container_state_parse(const char *s)
{
	for (size_t i = 0; s && i < ARRAY_LEN(state_names); i++)
		if (strcmp(s, state_names[i]) == 0)
			return (enum container_state)i;
	return text_eq(s, "configured") ? CONTAINER_CREATED : CONTAINER_UNKNOWN;
}

const char *container_state_name(enum container_state s)
{
	return (size_t)s < ARRAY_LEN(state_names) ? state_names[s] : "unknown";
}

static void read_state(const json_t *j, struct podman_container *c)
{
	const json_t *s = json_object_get(j, "State");
	const json_t *health = json_object_get(s, "Health");

	/* Docker's API and some 3.x call it Healthcheck */
	if (!health)
		health = json_object_get(s, "Healthcheck");
	c->status = json_dup(s, "Status");
	c->state = container_state_parse(c->status);
	c->running = json_bool(s, "Running", false);
	c->oom_killed = json_bool(s, "OOMKilled", false);
	c->dead = json_bool(s, "Dead", false);
	c->pid = podman_count(s, "Pid");
	c->conmon_pid = podman_count(s, "ConmonPid");
	c->exit_code = json_int(s, "ExitCode", 0);
	c->error = json_dup(s, "Error");
	c->started_us = json_time(s, "StartedAt");
	c->finished_us = json_time(s, "FinishedAt");
	c->health = json_dup(health, "Status");
	c->health_failing_streak = podman_count(health, "FailingStreak");
}

static void read_config(const json_t *j, struct podman_container *c)
{
	const json_t *cfg = json_object_get(j, "Config");
	int64_t signal = json_int(cfg, "StopSignal", 0);

	c->user = json_dup(cfg, "User");
	c->env = json_strv(cfg, "Env");
	c->cmd = json_strv(cfg, "Cmd");
	c->entrypoint = json_strv(cfg, "Entrypoint");
	c->create_command = json_strv(cfg, "CreateCommand");
	podman_pairs(cfg, "Labels", &c->labels, &c->n_labels);
	c->sdnotify_mode = json_dup(cfg, "sdNotifyMode");
	c->stop_signal = signal ? mem_printf("%lld", (long long)signal) : json_dup(cfg, "StopSignal");
	c->stop_timeout_sec = podman_count(cfg, "StopTimeout");
	if (!c->image_name)
		c->image_name = json_dup(cfg, "Image");
}

static void read_host_config(const json_t *j, struct podman_container *c)
{
	const json_t *h = json_object_get(j, "HostConfig");
	const json_t *log = json_object_get(h, "LogConfig");
	const json_t *restart = json_object_get(h, "RestartPolicy");

	c->log_driver = json_dup(log, "Type");
	c->log_path = json_dup(log, "Path");
	c->restart_policy = json_dup(restart, "Name");
	c->restart_max = podman_count(restart, "MaximumRetryCount");
	c->auto_remove = json_bool(h, "AutoRemove", false);
	c->privileged = json_bool(h, "Privileged", false);
	c->network_mode = json_dup(h, "NetworkMode");
	c->cgroups = json_dup(h, "Cgroups");
	c->cgroup_parent = json_dup(h, "CgroupParent");
}

static void read_mounts(const json_t *j, struct podman_container *c)
{
	const json_t *list = json_object_get(j, "Mounts"), *m;
	size_t i;

	c->mounts = mem_alloc((json_array_size(list) + 1) * sizeof(*c->mounts));
	json_array_foreach(list, i, m)
		c->mounts[c->n_mounts++] = (struct podman_mount){
			.type = json_dup(m, "Type"),
			.source = json_dup(m, "Source"),
			.destination = json_dup(m, "Destination"),
			.rw = json_bool(m, "RW", false),
		};
}

static char *without_sha256(char *s)
{
	if (s && text_starts(s, "sha256:"))
		memmove(s, s + 7, strlen(s + 7) + 1);
	return s;
}

int podman_container_parse(const char *what, const char *text, size_t n, struct podman_container **ret, struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	const json_t *j;
	int r;

	if ((r = podman_one(what, text, n, &top, &j, err)))
		return r;
	if (!json_get(j, "Id"))
		return err_set(err, ERR_SYNTAX, "%s: a container without an Id", what);
	struct podman_container *c = mem_alloc(sizeof(*c));
	c->id = json_dup(j, "Id");
	c->name = json_dup(j, "Name");
	/* Docker writes "/name" */
	if (c->name && *c->name == '/')
		memmove(c->name, c->name + 1, strlen(c->name));
	c->path = json_dup(j, "Path");
	c->args = json_strv(j, "Args");
	c->created_us = json_time(j, "Created");
	c->restart_count = podman_count(j, "RestartCount");
	c->image_id = without_sha256(json_dup(j, "Image"));
	c->image_digest = json_dup(j, "ImageDigest");
	c->image_name = json_dup(j, "ImageName");
	c->pod = json_dup(j, "Pod");
	c->conmon_pid_file = json_dup(j, "ConmonPidFile");
	read_state(j, c);
	read_config(j, c);
	read_host_config(j, c);
	read_mounts(j, c);
	*ret = c;
	return 0;
}

void podman_container_free(struct podman_container *c)
{
	if (!c)
		return;
	char *const strings[] = { c->id, c->name, c->path, c->status, c->error, c->health, c->image_id, c->image_digest, c->image_name,
		c->pod, c->user, c->sdnotify_mode, c->stop_signal, c->log_driver, c->log_path, c->restart_policy, c->network_mode,
		c->cgroups, c->cgroup_parent, c->conmon_pid_file };
	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		free(strings[i]);
	strv_free(c->args);
	strv_free(c->env);
	strv_free(c->cmd);
	strv_free(c->entrypoint);
	strv_free(c->create_command);
	string_pairs_free(c->labels, c->n_labels);
	for (size_t i = 0; i < c->n_mounts; i++) {
		free(c->mounts[i].type);
		free(c->mounts[i].source);
		free(c->mounts[i].destination);
	}
	free(c->mounts);
	free(c);
}

void podman_container_freep(struct podman_container **c)
{
	podman_container_free(*c);
	*c = NULL;
}

const char *podman_label(const struct podman_container *c, const char *key)
{
	for (size_t i = 0; i < c->n_labels; i++)
		if (strcmp(c->labels[i].key, key) == 0)
			return c->labels[i].value;
	return NULL;
}

int podman_ps_parse(const char *what, const char *text, size_t n, struct podman_ps **ret, size_t *ret_n, struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	const json_t *j;
	size_t i, used = 0;
	int r;

	if ((r = podman_list(what, text, n, &top, err)))
		return r;
	struct podman_ps *v = mem_alloc((json_array_size(top) + 1) * sizeof(*v));
	json_array_foreach(top, i, j) {
		if (!json_get(j, "Id"))
			continue;
		v[used] = (struct podman_ps){
			.id = json_dup(j, "Id"),
			.names = json_strv(j, "Names"),
			.image = json_dup(j, "Image"),
			.image_id = without_sha256(json_dup(j, "ImageID")),
			.command = json_strv(j, "Command"),
			.state = container_state_parse(json_get(j, "State")),
			.status = json_dup(j, "Status"),
			.exit_code = json_int(j, "ExitCode", 0),
			.exited = json_bool(j, "Exited", false),
			.pid = podman_count(j, "Pid"),
			.created_us = json_time(j, "Created"),
			.started_us = json_time(j, "StartedAt"),
			.exited_us = json_time(j, "ExitedAt"),
			.restarts = podman_count(j, "Restarts"),
			.pod = json_dup(j, "Pod"),
			.is_infra = json_bool(j, "IsInfra", false),
			.auto_remove = json_bool(j, "AutoRemove", false),
		};
		podman_pairs(j, "Labels", &v[used].labels, &v[used].n_labels);
		used++;
	}
	*ret = v;
	*ret_n = used;
	return 0;
}

struct podman_ps *podman_ps_of(const struct podman_container *c)
{
	struct podman_ps *row = mem_alloc(sizeof(*row));

	*row = (struct podman_ps){
		.id = mem_strdup(c->id),
		.image = mem_strdup(c->image_name),
		.image_id = mem_strdup(c->image_id),
		.state = c->state,
		.exit_code = c->exit_code,
		.exited = c->state == CONTAINER_EXITED,
		.pid = c->pid,
		.created_us = c->created_us,
		.started_us = c->started_us,
		.exited_us = c->finished_us,
		.restarts = c->restart_count,
		.pod = mem_strdup(c->pod),
		.auto_remove = c->auto_remove,
		.n_labels = c->n_labels,
	};
	if (c->name)
		row->names = strv_add(NULL, c->name);
	row->labels = mem_alloc((c->n_labels + 1) * sizeof(*row->labels));
	for (size_t i = 0; i < c->n_labels; i++)
		row->labels[i] = (struct string_pair){ mem_strdup(c->labels[i].key), mem_strdup(c->labels[i].value) };
	return row;
}

void podman_ps_free(struct podman_ps *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].id);
		strv_free(v[i].names);
		free(v[i].image);
		free(v[i].image_id);
		strv_free(v[i].command);
		free(v[i].status);
		free(v[i].pod);
		string_pairs_free(v[i].labels, v[i].n_labels);
	}
	free(v);
}

const struct podman_ps *podman_ps_find(const struct podman_ps *v, size_t n, const char *name_or_id)
{
	for (size_t i = 0; i < n; i++)
		if (strv_has(v[i].names, name_or_id))
			return &v[i];
	for (size_t i = 0; strlen(name_or_id) >= 12 && i < n; i++)
		if (text_starts(v[i].id, name_or_id))
			return &v[i];
	return NULL;
}
