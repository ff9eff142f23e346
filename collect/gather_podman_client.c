/* SPDX-License-Identifier: MIT */
/* Podman's client as the agent's owner has it: its version, its machines, its connections, and the engine behind one. */
#include "collect/gather_podman.h"

#include <string.h>

#include "collect/agents.h"
#include "formats/text.h"

static void ask_client(struct task *t, const struct evidence *e, const char *what, const char *const *words, const char *last,
	const char *artifact, enum payload_class payload)
{
	_cleanup_free_ char *key = owner_key(e, "podman", what, last);
	_cleanup_strv_ char **argv = strv_add(NULL, "podman");

	for (; *words; words++)
		argv = strv_add(argv, *words);
	if (last)
		argv = strv_add(argv, last);
	struct probe *p = podman_command(e, key, argv, payload);
	p->artifact = mem_strdup(artifact);
	task_ask(t, p);
}

static const char *const cli_version[] = { "--version", NULL };
static const char *const cli_machines[] = { "machine", "list", "--format", "json", NULL };
static const char *const cli_machine[] = { "machine", "inspect", NULL };
static const char *const cli_connections[] = { "system", "connection", "list", "--format", "json", NULL };

/* The machine that the agent needs: the declared connection's, else the default one. "-root" names a machine's rootful connection. */
const struct podman_machine *evidence_machine(const struct evidence *e)
{
	const struct podman_evidence *p = &e->podman;
	const char *connection = e->target.agent->podman.connection;
	const struct podman_machine *m = connection ? podman_machine_find(p->machines, p->n_machines, connection) : NULL;

	if (!m && connection && text_ends(connection, "-root")) {
		_cleanup_free_ char *name = mem_strndup(connection, strlen(connection) - strlen("-root"));
		m = podman_machine_find(p->machines, p->n_machines, name);
	}
	return m || connection ? m : podman_machine_default(p->machines, p->n_machines);
}

/* Where the engine behind a connection can be asked without Podman's command; NULL: nowhere on this host. */
static const char *socket_of(const struct podman_evidence *p, const struct podman_connection *connection)
{
	static const char scheme[] = "unix://";

	if (connection->uri && text_starts(connection->uri, scheme))
		return connection->uri + strlen(scheme);
	return p->n_machine ? p->machine[0].socket : NULL;
}

static void machine_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct evidence *e = c->e;
	struct podman_evidence *p = &e->podman;
	const char *connection = e->target.agent->podman.connection;
	const struct podman_machine *m = evidence_machine(e);

	if (m) {
		_cleanup_free_ char *key = owner_key(e, "podman", "machine", m->name);
		const struct buf *b;
		p->machine_answer = gather_answer(e->gather, key);
		if ((b = podman_text(p->machine_answer)))
			podman_machines_parse("podman machine inspect", buf_str(b), b->len, &p->machine, &p->n_machine, NULL);
	}
	const struct podman_connection *found = connection ? podman_connection_find(p->connections, p->n_connections, connection)
							   : podman_connection_default(p->connections, p->n_connections);
	/* On a Mac everything is in the machine; on Linux only what names a connection. */
	if (found && (connection || e->host.platform == PLATFORM_DARWIN))
		engine_start(t, c, "machine", found->name, socket_of(p, found));
}

/* "Libpod-API-Version: 4.3.1" in the head of the local engine's _ping. */
static void version_of_ping(struct podman_evidence *p, const struct answer *ping)
{
	static const char name[] = "Libpod-API-Version:";
	const char *line = ping && ping->rec.status == 200 ? strcasestr(buf_str(&ping->err), name) : NULL;

	if (line && version_parse(line + strlen(name), &p->version) == 0)
		p->version_answer = ping;
}

static void client_version(struct podman_evidence *p, const struct evidence *e)
{
	_cleanup_free_ char *version = owner_key(e, "podman", "version", NULL);
	const struct buf *b;

	if (p->version.text)
		return;
	p->version_answer = gather_answer(e->gather, version);
	if ((b = podman_text(p->version_answer)))
		version_parse(buf_str(b), &p->version);
	if (!p->version_answer && p->n_engines) {
		_cleanup_free_ char *ping = podman_key(e, &p->engines[0], "ping", NULL);
		version_of_ping(p, gather_answer(e->gather, ping));
	}
}

static void client_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct evidence *e = c->e;
	struct podman_evidence *p = &e->podman;
	_cleanup_free_ char *machines = owner_key(e, "podman", "machines", NULL);
	_cleanup_free_ char *connections = owner_key(e, "podman", "connections", NULL);
	const struct buf *b;

	client_version(p, e);
	p->machines_answer = gather_answer(e->gather, machines);
	if ((b = podman_text(p->machines_answer)) && b->len)
		podman_machines_parse("podman machine list", buf_str(b), b->len, &p->machines, &p->n_machines, NULL);
	p->connections_answer = gather_answer(e->gather, connections);
	if ((b = podman_text(p->connections_answer)))
		podman_connections_parse("podman system connection list", buf_str(b), b->len, &p->connections, &p->n_connections, NULL);
	const struct podman_machine *m = evidence_machine(e);
	if (m)
		ask_client(t, e, "machine", cli_machine, m->name, "machine-inspect.json", PAYLOAD_PODMAN);
	task_then(t, machine_read);
}

static char *machine_dir(const struct evidence *e)
{
	return mem_printf("%s/.config/containers/podman/machine", e->target.owner.id.home);
}

/* What was only asked where something said that it is worth it. */
static void client_reached(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct evidence *e = c->e;
	_cleanup_free_ char *dir = machine_dir(e);
	_cleanup_free_ char *key = mem_printf("dir%s", dir);
	const struct answer *machines = gather_answer(e->gather, key);

	client_version(&e->podman, e);
	if (!e->podman.version_answer)
		ask_client(t, e, "version", cli_version, NULL, "podman-version.txt", PAYLOAD_TEXT);
	/* asked of a host that never had a machine, podman would make directories for some */
	if (machines && machines->rec.outcome != OUTCOME_ABSENT && !agent_needs_machine(e->target.agent, e->host.platform))
		ask_client(t, e, "machines", cli_machines, NULL, "machines.json", PAYLOAD_PODMAN);
	task_then(t, client_read);
}

/* The program takes some hundred times as long as the API: it is asked for what only it knows. */
void gather_podman_client(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	const struct evidence *e = c->e;
	bool matters = agent_needs_machine(e->target.agent, e->host.platform);

	if (matters || (c->want.want & WANT_CLIENT)) {
		ask_client(t, e, "version", cli_version, NULL, "podman-version.txt", PAYLOAD_TEXT);
	} else {
		const struct engine_task local = { c, &c->e->podman.engines[0] };
		engine_ping(t, &local);
	}
	if (matters || (c->want.want & WANT_MACHINES))
		ask_client(t, e, "connections", cli_connections, NULL, "connections.json", PAYLOAD_PODMAN);
	if (matters) {
		ask_client(t, e, "machines", cli_machines, NULL, "machines.json", PAYLOAD_PODMAN);
	} else if (c->want.want & WANT_MACHINES) {
		_cleanup_free_ char *dir = machine_dir(e);
		task_ask(t, probe_dir(dir));
	}
	task_then(t, client_reached);
}
