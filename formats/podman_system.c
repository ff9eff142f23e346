/* SPDX-License-Identifier: MIT */
/* Versions, info, errors and log frames. */
#include <ctype.h>
#include <string.h>

#include "formats/podman_json.h"
#include "formats/text.h"

static bool take_number(const char **s, unsigned *ret)
{
	size_t n = strspn(*s, "0123456789");
	unsigned v = 0;

	if (!n || n > 9)
		return false;
	for (size_t i = 0; i < n; i++)
		v = v * 10 + (unsigned)((*s)[i] - '0');
	*ret = v;
	*s += n;
	return true;
}

int version_parse(const char *s, struct version *ret)
{
	for (const char *p = s; p && *p; p += strspn(p, "0123456789")) {
		struct version v = { 0 };
		p += strcspn(p, "0123456789");
		const char *q = p;
		if (!*p || !take_number(&q, &v.major) || *q != '.')
			continue;
		q++;
		if (!take_number(&q, &v.minor))
			continue;
		if (*q == '.' && isdigit((unsigned char)q[1])) {
			q++;
			take_number(&q, &v.patch);
		}
		v.text = mem_strndup(p, strcspn(p, " \t\r\n\",;"));
		*ret = v;
		return 0;
	}
	return -1;
}

int version_compare(const struct version *a, unsigned major, unsigned minor, unsigned patch)
{
	if (a->major != major)
		return a->major < major ? -1 : 1;
	if (a->minor != minor)
		return a->minor < minor ? -1 : 1;
	return a->patch == patch ? 0 : a->patch < patch ? -1 : 1;
}

void version_free(struct version *v)
{
	free(v->text);
	*v = (struct version){ 0 };
}

static void read_components(const json_t *j, struct podman_version *v)
{
	const json_t *list = json_object_get(j, "Components"), *c;
	size_t i;

	json_array_foreach(list, i, c) {
		const char *name = json_get(c, "Name");
		if (!name)
			continue;
		if (strcmp(name, "Conmon") == 0 && !v->conmon)
			v->conmon = json_dup(c, "Version");
		else if (text_starts(name, "OCI Runtime") && !v->runtime)
			v->runtime = json_dup(c, "Version");
	}
	/* the rest of the runtime's text is its build options */
	if (v->runtime)
		v->runtime[strcspn(v->runtime, "\n")] = '\0';
}

/* CLI: {"Client":{…},"Server":{…}}, Server only from a remote client; API: flat, with Components. */
int podman_version_parse(const char *what, const char *text, size_t n, struct podman_version **ret, struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	const json_t *j;
	int r;

	if ((r = podman_one(what, text, n, &top, &j, err)))
		return r;
	const json_t *client = json_object_get(j, "Client"), *server = json_object_get(j, "Server");
	if (!client && !server)
		server = j;
	struct podman_version *v = mem_alloc(sizeof(*v));
	version_parse(json_get(client, "Version"), &v->client);
	version_parse(json_get(server, "Version"), &v->server);
	if (!v->client.text && !v->server.text) {
		podman_version_free(v);
		return err_set(err, ERR_SYNTAX, "%s: there is no version in it", what);
	}
	const json_t *from = server ? server : client;
	const char *os_arch = json_get(from, "OsArch"), *slash = os_arch ? strchr(os_arch, '/') : NULL;
	v->os = json_dup(from, "Os");
	v->arch = json_get(from, "Arch") ? json_dup(from, "Arch") : mem_strdup(slash ? slash + 1 : NULL);
	v->go_version = json_dup(from, "GoVersion");
	v->built = json_dup(from, json_get(from, "BuildTime") ? "BuildTime" : "BuiltTime");
	read_components(server, v);
	*ret = v;
	return 0;
}

void podman_version_free(struct podman_version *v)
{
	if (!v)
		return;
	version_free(&v->client);
	version_free(&v->server);
	free(v->os);
	free(v->arch);
	free(v->go_version);
	free(v->built);
	free(v->conmon);
	free(v->runtime);
	free(v);
}

int podman_info_parse(const char *what, const char *text, size_t n, struct podman_info **ret, struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	const json_t *j;
	int r;

	if ((r = podman_one(what, text, n, &top, &j, err)))
		return r;
	const json_t *host = json_object_get(j, "host"), *store = json_object_get(j, "store");
	if (!json_is_object(host))
		return err_set(err, ERR_SYNTAX, "%s: there is no host in it", what);
	const json_t *remote = json_object_get(host, "remoteSocket"), *distribution = json_object_get(host, "distribution");
	const json_t *containers = json_object_get(store, "containerStore");
	struct podman_info *i = mem_alloc(sizeof(*i));
	const char *socket = json_get(remote, "path");
	*i = (struct podman_info){
		.rootless = json_bool(json_object_get(host, "security"), "rootless", false),
		.service_is_remote = json_bool(host, "serviceIsRemote", false),
		.remote_socket_exists = json_bool(remote, "exists", false),
		.remote_socket = mem_strdup(socket && text_starts(socket, "unix://") ? socket + 7 : socket),
		.graph_root = json_dup(store, "graphRoot"),
		.run_root = json_dup(store, "runRoot"),
		.graph_driver = json_dup(store, "graphDriverName"),
		.config_file = json_dup(store, "configFile"),
		.arch = json_dup(host, "arch"),
		.os = json_dup(host, "os"),
		.kernel = json_dup(host, "kernel"),
		.hostname = json_dup(host, "hostname"),
		.distribution = json_dup(distribution, "distribution"),
		.distribution_version = json_dup(distribution, "version"),
		.cgroup_version = json_dup(host, "cgroupVersion"),
		.cgroup_manager = json_dup(host, "cgroupManager"),
		.log_driver = json_dup(host, "logDriver"),
		.runtime = json_dup(json_object_get(host, "ociRuntime"), "name"),
		.containers = podman_count(containers, "number"),
		.containers_running = podman_count(containers, "running"),
		.images = podman_count(json_object_get(store, "imageStore"), "number"),
	};
	version_parse(json_get(json_object_get(j, "version"), "Version"), &i->version);
	*ret = i;
	return 0;
}

void podman_info_free(struct podman_info *i)
{
	if (!i)
		return;
	char *const strings[] = { i->remote_socket, i->graph_root, i->run_root, i->graph_driver, i->config_file, i->arch, i->os, i->kernel,
		i->hostname, i->distribution, i->distribution_version, i->cgroup_version, i->cgroup_manager, i->log_driver, i->runtime };
	for (size_t k = 0; k < ARRAY_LEN(strings); k++)
		free(strings[k]);
	version_free(&i->version);
	free(i);
}

void podman_error_parse(const char *text, size_t n, struct podman_error *ret)
{
	_cleanup_json_ json_t *j = NULL;

	*ret = (struct podman_error){ 0 };
	if (json_read("error", text, n, 0, &j, NULL) == 0 && json_is_object(j)) {
		int64_t response = json_int(j, "response", 0);
		ret->cause = json_dup(j, "cause");
		ret->message = json_dup(j, "message");
		ret->response = response > 0 && response < 1000 ? (int)response : 0;
	}
	if (!ret->message) {
		size_t len = n < 500 ? n : 500;
		while (len && isspace((unsigned char)text[len - 1]))
			len--;
		ret->message = mem_strndup(text ? text : "", len);
	}
}

void podman_error_free(struct podman_error *e)
{
	free(e->cause);
	free(e->message);
	*e = (struct podman_error){ 0 };
}

/* The first that is found counts: what says more stands before what says less. */
static const struct {
	const char *text;
	enum podman_cause cause;
} causes[] = {
	{ "cannot run command", PODMAN_CAUSE_ROOT },
	{ "service destination not found", PODMAN_CAUSE_UNKNOWN_CONNECTION },
	{ "VM does not exist", PODMAN_CAUSE_NO_MACHINE },
	{ "machine does not exist", PODMAN_CAUSE_NO_MACHINE },
	{ "no such container", PODMAN_CAUSE_NO_CONTAINER },
	{ "image not known", PODMAN_CAUSE_NO_IMAGE },
	{ "no such image", PODMAN_CAUSE_NO_IMAGE },
	{ "is already in use by", PODMAN_CAUSE_NAME_IN_USE },
	{ "getting credentials", PODMAN_CAUSE_CREDENTIALS },
	{ "docker-credential-", PODMAN_CAUSE_CREDENTIALS },
	{ "credential file is not accessible", PODMAN_CAUSE_AUTHFILE },
	{ "unexpected end of JSON input", PODMAN_CAUSE_AUTHFILE },
	{ "checking authfile", PODMAN_CAUSE_AUTHFILE },
	{ "connection refused", PODMAN_CAUSE_REFUSED },
};

static bool holds(const char *text, size_t n, const char *what)
{
	return memmem(text, n, what, strlen(what)) != NULL;
}

enum podman_cause podman_cause_of(const char *text, size_t n)
{
	for (size_t i = 0; n && i < ARRAY_LEN(causes); i++)
		if (holds(text, n, causes[i].text))
			return causes[i].cause;
	if (!n)
		return PODMAN_CAUSE_OTHER;
	if (holds(text, n, "connection \"") && holds(text, n, "\" not found"))
		return PODMAN_CAUSE_UNKNOWN_CONNECTION;
	if (holds(text, n, "dial unix") && holds(text, n, "no such file"))
		return PODMAN_CAUSE_NO_SOCKET;
	return holds(text, n, "permission denied") ? PODMAN_CAUSE_DENIED : PODMAN_CAUSE_OTHER;
}

size_t podman_frames(const void *data, size_t n, void (*each)(int stream, const char *text, size_t len, void *ctx), void *ctx)
{
	const unsigned char *p = data;

	while (n) {
		if (n < 8 || p[0] > 2 || p[1] || p[2] || p[3])
			return n;
		size_t len = (size_t)p[4] << 24 | (size_t)p[5] << 16 | (size_t)p[6] << 8 | p[7];
		if (len > n - 8)
			len = n - 8;
		each(p[0], (const char *)p + 8, len, ctx);
		p += 8 + len;
		n -= 8 + len;
	}
	return 0;
}
