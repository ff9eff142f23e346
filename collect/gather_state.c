/* SPDX-License-Identifier: MIT */
/* What we keep about an agent: where its image is from, what install wrote, and every change that was made. */
#include "collect/agents.h"
#include "collect/gatherers.h"

static void state_ask(struct task *t, struct evidence *e, struct file_evidence *f, const char *name, enum payload_class payload)
{
	_cleanup_free_ char *dir = agent_state_dir(e->target.agent, e->host.platform, &e->target.owner.id);
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, name);
	struct probe *p = probe_file(path, payload);

	p->as = identity_copy(&e->target.owner.id);
	p->artifact = mem_strdup(name);
	p->limits.max_bytes = 16u << 20;
	file_ask(t, f, path, p);
}

static void state_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;

	file_answered(e->gather, &e->provenance);
	file_answered(e->gather, &e->history);
	file_answered(e->gather, &e->installed);
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
