/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "formats/podman_json.h"
#include "formats/text.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

/* {"Path": "…"} as machine inspect writes paths */
static char *path_of(const json_t *j, const char *key)
{
	return json_dup(json_object_get(j, key), "Path");
}

static uint64_t times(uint64_t v, uint64_t unit)
{
	uint64_t bytes;

	return __builtin_mul_overflow(v, unit, &bytes) ? 0 : bytes;
}

static void read_inspect(const json_t *j, struct podman_machine *m)
{
	const json_t *resources = json_object_get(j, "Resources");
	const json_t *ssh = json_object_get(j, "SSHConfig");
	const json_t *image = json_object_get(j, "Image");

	m->state = json_dup(j, "State");
	m->running = text_eq(m->state, "running");
	m->starting = text_eq(m->state, "starting");
	m->cpus = podman_count(resources, "CPUs");
	m->memory_bytes = times(podman_count(resources, "Memory"), MIB);
	m->disk_bytes = times(podman_count(resources, "DiskSize"), GIB);
	m->port = podman_count(ssh, "Port");
	m->remote_username = json_dup(ssh, "RemoteUsername");
	m->identity_path = json_dup(ssh, "IdentityPath");
	m->config_path = path_of(j, "ConfigPath");
	if (!m->config_path)
		m->config_path = path_of(j, "ConfigDir");
	m->image_path = path_of(image, "ImagePath");
	m->image_stream = json_dup(image, "ImageStream");
	m->socket = path_of(json_object_get(j, "ConnectionInfo"), "PodmanSocket");
}

static void read_list(const json_t *j, struct podman_machine *m)
{
	m->running = json_bool(j, "Running", false);
	m->starting = json_bool(j, "Starting", false);
	m->state = mem_strdup(m->running ? "running" : m->starting ? "starting" : "stopped");
	m->cpus = podman_count(j, "CPUs");
	m->memory_bytes = podman_count(j, "Memory");
	m->disk_bytes = podman_count(j, "DiskSize");
	m->port = podman_count(j, "Port");
	m->remote_username = json_dup(j, "RemoteUsername");
	m->identity_path = json_dup(j, "IdentityPath");
	m->image_stream = json_dup(j, "Stream");
}

int podman_machines_parse(const char *what, const char *text, size_t n, struct podman_machine **ret, size_t *ret_n,
	struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	const json_t *j;
	size_t i, used = 0;
	int r;

	if ((r = podman_list(what, text, n, &top, err)))
		return r;
	struct podman_machine *v = mem_alloc((json_array_size(top) + 1) * sizeof(*v));
	json_array_foreach(top, i, j) {
		struct podman_machine *m = &v[used];
		if (!json_get(j, "Name"))
			continue;
		used++;
		m->name = json_dup(j, "Name");
		/* up to 4.3 the list marks the default with a star when it is printed as a table only, but some builds did in JSON too */
		if (m->name && text_ends(m->name, "*"))
			m->name[strlen(m->name) - 1] = '\0';
		m->vm_type = json_dup(j, "VMType");
		m->is_default = json_bool(j, "Default", false);
		m->rootful = json_bool(j, "Rootful", false);
		m->created_us = json_time(j, "Created");
		m->last_up_us = json_time(j, "LastUp");
		m->user_mode_networking = json_bool(j, "UserModeNetworking", false);
		if (json_object_get(j, "Resources") || json_object_get(j, "ConnectionInfo"))
			read_inspect(j, m);
		else
			read_list(j, m);
	}
	*ret = v;
	*ret_n = used;
	return 0;
}

void podman_machines_free(struct podman_machine *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].name);
		free(v[i].vm_type);
		free(v[i].state);
		free(v[i].remote_username);
		free(v[i].identity_path);
		free(v[i].config_path);
		free(v[i].image_path);
		free(v[i].image_stream);
		free(v[i].socket);
	}
	free(v);
}

const struct podman_machine *podman_machine_find(const struct podman_machine *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq(v[i].name, name))
			return &v[i];
	return NULL;
}

const struct podman_machine *podman_machine_default(const struct podman_machine *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].is_default)
			return &v[i];
	return n == 1 ? v : NULL;
}

int podman_connections_parse(const char *what, const char *text, size_t n, struct podman_connection **ret, size_t *ret_n,
	struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	const json_t *j;
	size_t i, used = 0;
	int r;

	if ((r = podman_list(what, text, n, &top, err)))
		return r;
	struct podman_connection *v = mem_alloc((json_array_size(top) + 1) * sizeof(*v));
	json_array_foreach(top, i, j)
		if (json_get(j, "Name"))
			v[used++] = (struct podman_connection){
				.name = json_dup(j, "Name"),
				.uri = json_dup(j, "URI"),
				.identity = json_dup(j, "Identity"),
				.is_machine = json_bool(j, "IsMachine", false),
				.is_default = json_bool(j, "Default", false),
			};
	*ret = v;
	*ret_n = used;
	return 0;
}

void podman_connections_free(struct podman_connection *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].name);
		free(v[i].uri);
		free(v[i].identity);
	}
	free(v);
}

const struct podman_connection *podman_connection_find(const struct podman_connection *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq(v[i].name, name))
			return &v[i];
	return NULL;
}

const struct podman_connection *podman_connection_default(const struct podman_connection *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].is_default)
			return &v[i];
	return NULL;
}
