/* SPDX-License-Identifier: MIT */
/*
 * The questions to an engine of Podman's: over its API socket where that answers _ping, else through the CLI, which takes 20 to 50 ms
 * where that takes 1 to 3 (and see PODMAN_GAP_US in live.c).
 */
#include "collect/gather_podman.h"

#include <string.h>

#include "formats/text.h"

#define API "/v4.0.0/libpod" /* answered by 4 and 5, with 4's types */
#define PODMAN_TIMEOUT_MS 30000 /* on a machine in a storm the CLI takes seconds */

static const struct identity *podman_identity(const struct evidence *e)
{
	return &e->target.owner.id;
}

/* The first engine gives the contract's file names, the other is told apart. */
static char *artifact_name(const struct evidence *e, const struct engine *g, const char *name)
{
	return g == &e->podman.engines[0] ? mem_strdup(name) : mem_printf("%s-%s", g->name, name);
}

/* Podman is written in Go, and lives for 50 ms: a collector of garbage that starts later saves a fifth of its CPU. */
struct probe *podman_command(const struct evidence *e, const char *key, char **argv, enum payload_class payload)
{
	struct probe *p = probe_cmd(key, argv, podman_identity(e), payload);

	p->env = strv_new("GOGC=800", NULL);
	return p;
}

/*
 * Rootless Podman that is called from where its user owns no cgroup (a login by ssh, sudo) has the user's manager make a scope for it, and
 * waits: half of its time, and a unit that we would have left in the journal of an incident. With a bus that nobody listens at it goes on
 * without, and says so at its debug level only. It has to be a file that is there (containers/common then believes in a session, and where
 * there is none it is to say so), and a pause process has to live already: the one that Podman makes otherwise has to have a scope of its
 * own, to outlive us.
 */
static void without_scope(const struct evidence *e, struct probe *p)
{
	const struct user *owner = &e->target.owner;

	if (owner->id.uid != 0 && owner->bus && owner->podman_pause)
		p->env = strv_add(p->env, "DBUS_SESSION_BUS_ADDRESS=unix:path=/dev/null");
}

struct engine_question {
	const char *what;	/* in the key */
	const char *target;	/* API path after the prefix */
	const char *const *cli; /* the words after `podman` */
	const char *name;	/* appended to the CLI words, and to the key */
	const char *artifact;
	enum payload_class cli_payload, api_payload;
	unsigned flags, timeout_ms; /* 0: the usual */
	bool of_its_place;	    /* it tells of where Podman runs: leave that as Podman has it */
};

static void engine_ask(struct task *t, struct engine_task *et, const struct engine_question *q)
{
	const struct evidence *e = et->c->e;
	struct engine *g = et->engine;
	_cleanup_free_ char *key = podman_key(e, g, q->what, q->name);
	struct probe *p;

	if (g->api && q->target) {
		_cleanup_free_ char *target = mem_printf("%s%s", API, q->target);
		p = probe_http(key, g->socket, target, podman_identity(e), q->api_payload);
	} else {
		_cleanup_strv_ char **argv = strv_add(NULL, "podman");
		if (g->connection) {
			argv = strv_add(argv, "--connection");
			argv = strv_add(argv, g->connection);
		}
		for (const char *const *w = q->cli; *w; w++)
			argv = strv_add(argv, *w);
		if (q->name)
			argv = strv_add(argv, q->name);
		p = podman_command(e, key, argv, q->cli_payload);
		if (!g->connection && !q->of_its_place)
			without_scope(e, p);
	}
	p->limits.timeout_ms = q->timeout_ms ? q->timeout_ms : PODMAN_TIMEOUT_MS;
	p->flags = q->flags;
	p->artifact = artifact_name(e, g, q->artifact);
	task_ask(t, p);
}

static const char *const cli_ps[] = { "ps", "--all", "--format", "json", NULL };
static const char *const cli_inspect[] = { "container", "inspect", "--", NULL };
static const char *const cli_image[] = { "image", "inspect", "--", NULL };
static const char *const cli_images[] = { "images", "--format", "json", NULL };
static const char *const cli_info[] = { "info", "--format", "json", NULL };
#define WORD(n) #n
#define WORD_OF(n) WORD(n)
static const char *const cli_logs[] = { "container", "logs", "--timestamps", "--tail", WORD_OF(GATHER_CONTAINER_LINES), "--", NULL };

/* Percent-encodes what is not plain in a path segment; image references keep their slashes, as the API wants. */
static char *url_name(const char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:@";
	struct buf b = { 0 };

	for (; *s; s++)
		if (strchr(plain, *s))
			buf_addc(&b, *s);
		else
			buf_addf(&b, "%%%02X", (unsigned char)*s);
	return buf_take(&b);
}

void engine_ask_containers(struct task *t, struct engine_task *et, unsigned timeout_ms)
{
	struct engine_question q = { .what = "containers", .target = "/containers/json?all=true", .cli = cli_ps,
		.artifact = "containers.json", .cli_payload = PAYLOAD_PODMAN, .api_payload = PAYLOAD_PODMAN, .flags = PROBE_VOLATILE,
		.timeout_ms = timeout_ms };

	engine_ask(t, et, &q);
}

void engine_ask_images(struct task *t, struct engine_task *et)
{
	struct engine_question q = { .what = "images", .target = "/images/json", .cli = cli_images, .artifact = "images.json",
		.cli_payload = PAYLOAD_PODMAN, .api_payload = PAYLOAD_PODMAN };

	engine_ask(t, et, &q);
}

void engine_ask_info(struct task *t, struct engine_task *et)
{
	struct engine_question q = { .what = "info", .target = "/info", .cli = cli_info, .artifact = "podman-info.json",
		.cli_payload = PAYLOAD_PODMAN, .api_payload = PAYLOAD_PODMAN, .of_its_place = true };

	engine_ask(t, et, &q);
}

void engine_ask_container(struct task *t, struct engine_task *et, const char *name)
{
	_cleanup_free_ char *in_url = url_name(name);
	_cleanup_free_ char *inspect = mem_printf("/containers/%s/json", in_url);
	struct engine_question q = { .what = "container", .target = inspect, .cli = cli_inspect, .name = name,
		.artifact = "container-inspect.json", .cli_payload = PAYLOAD_PODMAN, .api_payload = PAYLOAD_PODMAN,
		.flags = PROBE_VOLATILE };

	engine_ask(t, et, &q);
}

void engine_ask_image(struct task *t, struct engine_task *et, const char *ref, const char *artifact)
{
	_cleanup_free_ char *in_url = url_name(ref);
	_cleanup_free_ char *target = mem_printf("/images/%s/json", in_url);
	struct engine_question q = { .what = "image", .target = target, .cli = cli_image, .name = ref, .artifact = artifact,
		.cli_payload = PAYLOAD_PODMAN, .api_payload = PAYLOAD_PODMAN };

	engine_ask(t, et, &q);
}

void engine_ask_log(struct task *t, struct engine_task *et, const char *name)
{
	_cleanup_free_ char *in_url = url_name(name);
	_cleanup_free_ char *logs = mem_printf("/containers/%s/logs?stdout=true&stderr=true&timestamps=true&tail=%d", in_url, GATHER_CONTAINER_LINES);
	struct engine_question q = { .what = "log", .target = logs, .cli = cli_logs, .name = name, .artifact = "container.log",
		.cli_payload = PAYLOAD_TEXT, .api_payload = PAYLOAD_FRAMES, .flags = PROBE_VOLATILE };

	engine_ask(t, et, &q);
}

void engine_ping(struct task *t, const struct engine_task *et)
{
	if (!et->engine->socket)
		return;
	_cleanup_free_ char *key = podman_key(et->c->e, et->engine, "ping", NULL);
	struct probe *p = probe_http(key, et->engine->socket, "/_ping", podman_identity(et->c->e), PAYLOAD_TEXT);
	p->limits.timeout_ms = 2000;
	task_ask(t, p);
}
