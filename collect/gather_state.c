/* SPDX-License-Identifier: MIT */
/* What we keep about an agent: where its image is from, what install wrote, and every change that was made. */
#include "collect/agents.h"
#include "collect/gatherers.h"
#include "formats/json.h"
#include "formats/text.h"

static struct probe *state_probe(const struct evidence *e, const char *name, enum payload_class payload)
{
	_cleanup_free_ char *dir = agent_state_dir(e->target.agent, e->host.platform, &e->target.owner.id);
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, name);
	struct probe *p = probe_file(path, payload);

	p->as = identity_copy(&e->target.owner.id);
	p->artifact = mem_strdup(name);
	p->limits.max_bytes = 16u << 20;
	return p;
}

static void state_ask(struct task *t, struct evidence *e, struct file_evidence *f, const char *name, enum payload_class payload)
{
	struct probe *p = state_probe(e, name, payload);

	file_ask(t, f, p->path, p);
}

static void launcher_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;

	file_answered(e->gather, &e->launcher);
}

static bool is_quadlet(const struct file_evidence *installed)
{
	const struct buf *b = answer_text(installed->answer);
	_cleanup_json_ json_t *j = NULL;

	return b && json_read(installed->path, buf_str(b), b->len, JSON_READ_UNIQUE, &j, NULL) == 0 && text_eq(json_get(j, "form"), "quadlet");
}

static void state_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;

	file_answered(e->gather, &e->provenance);
	file_answered(e->gather, &e->history);
	file_answered(e->gather, &e->installed);
	if (!is_quadlet(&e->installed))
		return;
	struct probe *p = state_probe(e, "run", PAYLOAD_SCRIPT);
	mem_set(&p->artifact, "launcher");
	p->flags = PROBE_SCRIPT;
	p->limits.max_bytes = SCRIPT_MAX;
	file_ask(t, &e->launcher, p->path, p);
	task_then(t, launcher_read);
}

void gather_state(struct task *t, void *ctx)
{
	struct gathering *c = ctx;

	state_ask(t, c->e, &c->e->provenance, "provenance.json", PAYLOAD_JSON);
	if (c->want.want & WANT_LOGS) {
		state_ask(t, c->e, &c->e->history, "history.jsonl", PAYLOAD_JSONL);
		state_ask(t, c->e, &c->e->installed, "installed.json", PAYLOAD_JSON);
	}
	task_then(t, state_read);
}
