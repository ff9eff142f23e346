/* SPDX-License-Identifier: MIT */
/*
 * Podman as the agent's owner has it: the local engine and the machine behind a declared connection.
 * Every question has a deadline: a socket that accepts and stays silent hangs Podman itself.
 */
#include "collect/gather_podman.h"

#include <string.h>

#include "formats/text.h"

#define PODMAN_AGAIN_MS 5000 /* of what was silent already */

/* ---- one engine ---- */

char *podman_key(const struct evidence *e, const struct engine *g, const char *what, const char *name)
{
	_cleanup_free_ char *subject = mem_printf("podman/%s", g->name);

	return owner_key(e, subject, what, name);
}

/* Podman's words are on stderr of the command, and in the body of the API's answer. */
static enum podman_cause answer_cause(const struct answer *a)
{
	enum podman_cause cause = podman_cause_of(buf_str(&a->err), a->err.len);

	return cause == PODMAN_CAUSE_OTHER ? podman_cause_of(buf_str(&a->out), a->out.len) : cause;
}

/* What fails at the way to the engine fails for every question. */
static bool is_out_of_reach(enum podman_cause cause)
{
	return cause == PODMAN_CAUSE_REFUSED || cause == PODMAN_CAUSE_NO_SOCKET || cause == PODMAN_CAUSE_UNKNOWN_CONNECTION ||
	       cause == PODMAN_CAUSE_NO_MACHINE || cause == PODMAN_CAUSE_ROOT;
}

const struct buf *podman_text(const struct answer *a)
{
	const struct buf *b = answer_text(a);

	return b && (a->rec.status == 0 || a->rec.status == 200) ? b : NULL;
}

/* Whether inspect told of the container: there it is, or there is none. */
static bool container_read(const struct evidence *e, struct engine *g)
{
	const char *name = e->podman.container_name;
	_cleanup_free_ char *key = podman_key(e, g, "container", name);
	const struct buf *b;

	g->container = name ? gather_answer(e->gather, key) : NULL;
	if (!g->container || !record_answered(&g->container->rec))
		return false;
	if (!(b = podman_text(g->container)))
		return answer_cause(g->container) == PODMAN_CAUSE_NO_CONTAINER;
	if (podman_container_parse("podman inspect", buf_str(b), b->len, &g->inspect, NULL))
		return false;
	struct podman_ps *row = podman_ps_of(g->inspect);
	if (podman_ps_find(row, 1, name)) {
		g->containers = row;
		g->n_containers = 1;
		return true;
	}
	/* inspect found another, whose id begins with our name */
	podman_ps_free(row, 1);
	podman_container_free(g->inspect);
	g->inspect = NULL;
	return true;
}

static void list_read(const struct evidence *e, struct engine *g)
{
	_cleanup_free_ char *key = podman_key(e, g, "containers", NULL);
	const struct answer *list = gather_answer(e->gather, key);
	const struct buf *b = podman_text(list);
	struct podman_ps *rows;
	size_t n;

	g->asked = g->container && (g->answers || !list) ? g->container : list;
	if (!b || podman_ps_parse("podman ps", buf_str(b), b->len, &rows, &n, NULL))
		return;
	podman_ps_free(g->containers, g->n_containers);
	g->containers = rows;
	g->n_containers = n;
	g->answers = true;
}

static void engine_read(struct task *t, void *ctx)
{
	struct engine_task *et = ctx;
	struct evidence *e = et->c->e;
	struct engine *g = et->engine;
	const struct podman_evidence *p = &e->podman;
	_cleanup_free_ char *log = podman_key(e, g, "log", p->container_name);
	_cleanup_free_ char *image = podman_key(e, g, "image", p->image_ref);
	const struct buf *b;

	list_read(e, g);
	g->image = p->image_ref ? gather_answer(e->gather, image) : NULL;
	if ((b = podman_text(g->image)))
		podman_image_parse("podman image inspect", buf_str(b), b->len, &g->image_inspect, NULL);
	_cleanup_free_ char *images = podman_key(e, g, "images", NULL);
	g->images_answer = gather_answer(e->gather, images);
	if ((b = podman_text(g->images_answer)))
		podman_images_parse("podman images", buf_str(b), b->len, &g->images, &g->n_images, NULL);
	g->log = p->container_name ? gather_answer(e->gather, log) : NULL;
	free(et);
}

/* An engine that failed at our container may do well otherwise, and one container's lock hold up its inspect: the list tells. */
static void engine_asked(struct task *t, void *ctx)
{
	struct engine_task *et = ctx;
	struct engine *g = et->engine;
	const char *name = et->c->e->podman.container_name;

	g->answers = container_read(et->c->e, g);
	const struct answer *a = g->container;
	bool late = a && a->rec.outcome == OUTCOME_TIMEOUT;
	if (a && !g->answers && (late || (record_answered(&a->rec) && !is_out_of_reach(answer_cause(a)))))
		engine_ask_containers(t, et, late ? PODMAN_AGAIN_MS : 0);
	/* of none there is no log, and of another's that inspect found it is none of ours */
	if (name && (et->c->want.want & WANT_CONTAINER) && (et->c->want.want & WANT_CONTAINER_LOG) && (g->inspect || !g->answers))
		engine_ask_log(t, et, name);
	task_then(t, engine_read);
}

/* For people. Podman asks the package manager whose its programs are, which takes it ten times as long as all else: nothing waits for it. */
static void info_ask(struct task *t, void *ctx)
{
	engine_ask_info(t, ctx);
	free(ctx);
}

static struct engine_task *engine_task_of(struct gathering *c, struct engine *g)
{
	struct engine_task *et = mem_alloc(sizeof(*et));

	*et = (struct engine_task){ c, g };
	return et;
}

/* Behind a connection Podman's command comes by the same way, and would be held up until its deadline. The local one needs no socket. */
static bool engine_is_silent(const struct engine *g)
{
	return g->connection && g->ping && g->ping->rec.outcome == OUTCOME_TIMEOUT;
}

static void ping_read(struct engine_task *et)
{
	struct engine *g = et->engine;
	_cleanup_free_ char *key = podman_key(et->c->e, g, "ping", NULL);

	g->ping = gather_answer(et->c->e->gather, key);
	g->api = answer_text(g->ping) && g->ping->rec.status == 200;
}

static void engine_reached(struct task *t, void *ctx)
{
	struct engine_task *et = ctx;
	const struct podman_evidence *p = &et->c->e->podman;
	unsigned want = et->c->want.want;

	ping_read(et);
	if (engine_is_silent(et->engine)) {
		free(et);
		return;
	}
	if (want & WANT_INFO)
		gather_start(task_gather(t), info_ask, engine_task_of(et->c, et->engine));
	if (p->container_name && (want & WANT_CONTAINER))
		engine_ask_container(t, et, p->container_name);
	if ((want & (WANT_LISTS | WANT_INFO)) || ((want & WANT_CONTAINER) && !p->container_name))
		engine_ask_containers(t, et, 0);
	if ((want & WANT_IMAGE) && p->image_ref)
		engine_ask_image(t, et, p->image_ref, "image-inspect.json");
	if (want & WANT_LISTS)
		engine_ask_images(t, et);
	task_then(t, engine_asked);
}

static void engine_begin(struct task *t, void *ctx)
{
	engine_ping(t, ctx);
	task_then(t, engine_reached);
}

void engine_start(struct task *t, struct gathering *c, const char *name, const char *connection, const char *socket)
{
	struct podman_evidence *p = &c->e->podman;

	if (p->n_engines == ARRAY_LEN(p->engines))
		return;
	struct engine *g = &p->engines[p->n_engines++];
	*g = (struct engine){ .name = mem_strdup(name), .connection = mem_strdup(connection), .socket = mem_strdup(socket) };
	gather_start(task_gather(t), engine_begin, engine_task_of(c, g));
}

/* ---- the image that runs, where that is not the one that is declared ---- */

static void run_image_read(struct task *t, void *ctx)
{
	struct engine_task *et = ctx;
	struct evidence *e = et->c->e;
	_cleanup_free_ char *key = podman_key(e, et->engine, "image", e->podman.run_image_ref);
	const struct buf *b;

	et->engine->run_image = gather_answer(e->gather, key);
	if ((b = podman_text(et->engine->run_image)))
		podman_image_parse("podman image inspect", buf_str(b), b->len, &et->engine->run_image_inspect, NULL);
	free(et);
}

static void run_image_ask(struct task *t, void *ctx)
{
	struct engine_task *et = ctx;

	ping_read(et);
	if (engine_is_silent(et->engine)) {
		free(et);
		return;
	}
	engine_ask_image(t, et, et->c->e->podman.run_image_ref, "image-inspect-running.json");
	task_then(t, run_image_read);
}

static void run_image_begin(struct task *t, void *ctx)
{
	struct engine_task *et = ctx;

	/* whether the API answers is asked already: this waits for it */
	engine_ping(t, et);
	task_then(t, run_image_ask);
}

void gather_run_image(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct podman_evidence *p = &c->e->podman;
	const char *runs = c->e->service.run.image;

	if (!p->n_engines || !runs || strpbrk(runs, "$%") || text_eq(runs, p->image_ref))
		return;
	mem_set(&p->run_image_ref, runs);
	gather_start(task_gather(t), run_image_begin, engine_task_of(c, &p->engines[0]));
}

static char *local_socket(const struct evidence *e)
{
	const struct identity *id = &e->target.owner.id;

	if (id->uid == 0)
		return mem_strdup("/run/podman/podman.sock");
	return id->runtime_dir ? mem_printf("%s/podman/podman.sock", id->runtime_dir) : NULL;
}

void gather_podman(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct evidence *e = c->e;

	if (e->target.agent->runtime != RUNTIME_PODMAN)
		return;
	e->podman.container_name = mem_strdup(e->target.agent->container_name);
	e->podman.image_ref = mem_strdup(e->target.agent->image);
	if (e->host.platform != PLATFORM_DARWIN) {
		_cleanup_free_ char *socket = local_socket(e);
		engine_start(t, c, "local", NULL, socket);
	}
	if (c->want.want & WANT_PODMAN)
		gather_start(task_gather(t), gather_podman_client, c);
}

const struct podman_image *engine_image(const struct evidence *e, const struct engine *g)
{
	if (!g || !e->podman.image_ref)
		return NULL;
	return g->image_inspect ? g->image_inspect : podman_images_find(g->images, g->n_images, e->podman.image_ref);
}

const struct engine *evidence_engine(const struct evidence *e)
{
	for (size_t i = 0; i < e->podman.n_engines; i++)
		if (e->podman.engines[i].inspect)
			return &e->podman.engines[i];
	return e->podman.n_engines ? &e->podman.engines[0] : NULL;
}
