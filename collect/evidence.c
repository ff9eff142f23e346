/* SPDX-License-Identifier: MIT */
#include "collect/evidence.h"

#include <errno.h>
#include <string.h>

#include "collect/gatherers.h"
#include "formats/text.h"

/* ---- what the gatherers share ---- */

char *owner_key(const struct evidence *e, const char *subject, const char *what, const char *name)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s/%s", subject, e->target.owner_key);
	if (what)
		buf_addf(&b, "/%s", what);
	if (name)
		buf_addf(&b, "/%s", name);
	return buf_take(&b);
}

const struct buf *answer_text(const struct answer *a)
{
	return a && record_answered(&a->rec) ? &a->out : NULL;
}

const struct identity *service_identity(const struct evidence *e)
{
	return is_user_scope(e) ? &e->target.owner.id : NULL;
}

void file_ask(struct task *t, struct file_evidence *f, const char *path, struct probe *p)
{
	mem_set(&f->path, path);
	if (p->flags & PROBE_FOLLOW)
		task_ask(t, probe_link(path));
	task_ask(t, p);
}

void file_answered(struct gather *g, struct file_evidence *f)
{
	if (!f->path)
		return;
	_cleanup_free_ char *file = mem_printf("file%s", f->path);
	_cleanup_free_ char *link = mem_printf("link%s", f->path);
	f->answer = gather_answer(g, file);
	f->link = gather_answer(g, link);
}

enum outcome file_outcome(const struct file_evidence *f)
{
	return f->answer ? f->answer->rec.outcome : OUTCOME_NOT_COLLECTED;
}

bool file_is_no_script(const struct file_evidence *f)
{
	return f->answer && f->answer->rec.outcome == OUTCOME_REFUSED && f->answer->rec.status == ENOEXEC;
}

bool file_is_there(const struct file_evidence *f)
{
	if (f->link && f->link->rec.stat.known)
		return true;
	return f->answer && f->answer->rec.outcome != OUTCOME_ABSENT && f->answer->rec.outcome != OUTCOME_NOT_COLLECTED;
}

/* ---- the whole ---- */

/* What nobody declared follows from the command that the service comes down to. */
static void infer_agent(struct evidence *e)
{
	struct agent *a = e->target.agent;
	const struct shell_command *run = &e->service.run;

	if (e->target.declared)
		return;
	if (!run->program) {
		a->runtime = RUNTIME_SYSTEMD;
		return;
	}
	const char *name = argv_option(run->argv, "--name");
	a->runtime = RUNTIME_PODMAN;
	if (name && container_name_valid(name))
		mem_set(&a->container_name, name);
	if (run->image && !strpbrk(run->image, "$%"))
		mem_set(&a->image, run->image);
}

void service_known(struct task *t, struct gathering *c)
{
	infer_agent(c->e);
	if (!c->podman_started && (c->want.want & (WANT_CONTAINER | WANT_IMAGE | WANT_PODMAN | WANT_INFO | WANT_LISTS))) {
		c->podman_started = true;
		gather_start(task_gather(t), gather_podman, c);
	}
	if ((c->want.want & (WANT_IMAGE | WANT_LISTS)) && c->e->target.declared)
		gather_start(task_gather(t), gather_state, c);
	if (c->want.want & WANT_IMAGE)
		gather_start(task_gather(t), gather_run_image, c);
	if (c->want.want & WANT_AUTH)
		gather_start(task_gather(t), gather_auth, c);
	if (c->want.want & WANT_LOGS)
		gather_start(task_gather(t), gather_logs, c);
	if (c->want.want & WANT_PATHS)
		gather_start(task_gather(t), gather_paths, c);
	if (c->want.want & WANT_NIX)
		gather_start(task_gather(t), gather_nix, c);
	/* last: what the agent's own chain asks for keeps the names that it has in a bundle */
	if (c->want.want & WANT_PERSISTENCE)
		gather_start(task_gather(t), gather_persistence, c);
}

static void host_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct evidence *e = c->e;
	const struct answer *host = gather_answer(e->gather, "fact/host"), *caller = gather_answer(e->gather, "fact/caller");

	if (host)
		host_parse(host, &e->host, NULL);
	if (caller)
		user_parse(caller, &e->caller, NULL);
	_cleanup_free_ char *owner = mem_printf("fact/user/%s", e->target.owner.id.name);
	e->owner_answer = gather_answer(e->gather, owner);
	if (e->owner_answer)
		user_parse(e->owner_answer, &e->owner, NULL);
	file_answered(e->gather, &e->declaration);
	/* A declared agent's container is known at once: Podman is asked while systemd still answers. A system
	 * service's is root's unless the unit says User=, which only systemd tells. */
	bool early = e->target.declared && is_user_scope(e);
	if (early && (c->want.want & (WANT_CONTAINER | WANT_IMAGE | WANT_PODMAN | WANT_INFO | WANT_LISTS))) {
		c->podman_started = true;
		gather_start(task_gather(t), gather_podman, c);
	}
	if (c->want.want & WANT_SERVICE)
		gather_start(task_gather(t), e->host.platform == PLATFORM_DARWIN ? gather_launchd : gather_systemd, c);
	else
		service_known(t, c);
}

void gather_host(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	_cleanup_free_ char *owner = mem_printf("user/%s", e->target.owner.id.name);

	task_ask(t, probe_fact("host"));
	task_ask(t, probe_fact("caller"));
	task_ask(t, probe_fact(owner));
	if (e->target.agent->path) {
		struct probe *p = probe_file(e->target.agent->path, PAYLOAD_JSON);
		p->flags = PROBE_FOLLOW;
		p->limits.max_bytes = DECLARATION_MAX;
		p->artifact = mem_strdup("declaration.json");
		file_ask(t, &e->declaration, e->target.agent->path, p);
	}
	task_then(t, host_read);
}

int evidence_gather(struct source *s, struct target *target, const struct gather_options *o, struct evidence **ret, struct err *err)
{
	struct evidence *e = mem_alloc(sizeof(*e));
	struct gathering c = { .e = e, .want = *o };

	e->target = *target;
	*target = (struct target){ 0 };
	e->gather = gather_new(s);
	if (c.want.log_end)
		gather_keep(e->gather, c.want.log_end);
	if (!c.want.journal_entries)
		c.want.journal_entries = GATHER_JOURNAL_ENTRIES;
	gather_start(e->gather, gather_host, &c);
	int r = gather_run(e->gather, err);
	if (r) {
		evidence_free(e);
		return r;
	}
	*ret = e;
	return 0;
}

const struct file_evidence *evidence_path(const struct evidence *e, const char *path)
{
	for (size_t i = 0; i < e->n_paths; i++)
		if (strcmp(e->paths[i].path, path) == 0)
			return &e->paths[i];
	return NULL;
}

/* ---- targets ---- */

void target_complete(struct target *t)
{
	if (t->agent->scope == SCOPE_SYSTEM)
		mem_set(&t->owner_key, "system");
	else {
		free(t->owner_key);
		t->owner_key = mem_printf("user:%s", t->owner.id.name);
	}
	if (!t->unit)
		t->unit = agent_unit_name(t->agent);
}

void target_free(struct target *t)
{
	agent_free(t->agent);
	user_free(&t->owner);
	free(t->unit);
	free(t->owner_key);
	free(t->definition);
	*t = (struct target){ 0 };
}

/* ---- the end ---- */

static void unit_evidence_free(struct unit_evidence *u)
{
	free(u->name);
	unit_props_list_free(u->props, u->n_props);
	free(u->fragment.path);
	free(u->source.path);
	for (size_t i = 0; i < u->n_drop_ins; i++)
		free(u->drop_ins[i].path);
	free(u->drop_ins);
	unitfile_free(&u->definition);
	for (size_t i = 0; i < u->n_links; i++) {
		free(u->links[i].path);
		free(u->links[i].target);
	}
	free(u->links);
}

static void file_list_free(struct file_evidence *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(v[i].path);
	free(v);
}

static void podman_evidence_free(struct podman_evidence *p)
{
	version_free(&p->version);
	podman_machines_free(p->machines, p->n_machines);
	podman_machines_free(p->machine, p->n_machine);
	podman_connections_free(p->connections, p->n_connections);
	for (size_t i = 0; i < p->n_engines; i++) {
		struct engine *g = &p->engines[i];
		free(g->name);
		free(g->connection);
		free(g->socket);
		podman_ps_free(g->containers, g->n_containers);
		podman_container_free(g->inspect);
		podman_image_free(g->image_inspect);
		podman_images_free(g->images, g->n_images);
		podman_image_free(g->run_image_inspect);
	}
	free(p->container_name);
	free(p->image_ref);
	free(p->run_image_ref);
}

void evidence_free(struct evidence *e)
{
	if (!e)
		return;
	host_free(&e->host);
	user_free(&e->caller);
	user_free(&e->owner);
	target_free(&e->target);
	struct service_evidence *s = &e->service;
	unit_evidence_free(&s->unit);
	for (size_t i = 0; i < s->n_triggers; i++)
		unit_evidence_free(&s->triggers[i]);
	free(s->triggers);
	unit_cmds_free(&s->exec_start);
	startup_free(&s->start);
	free(s->program.path);
	shell_scan_free(&s->script);
	shell_command_free(&s->run);
	free(s->events.start_times);
	launchd_evidence_free(&e->launchd);
	podman_evidence_free(&e->podman);
	for (size_t i = 0; i < e->auth.n_files; i++) {
		free(e->auth.files[i].file.path);
		authfile_free(e->auth.files[i].parsed);
	}
	free(e->auth.files);
	file_list_free(e->logs, e->n_logs);
	file_list_free(e->paths, e->n_paths);
	file_list_free(e->nix.profiles, e->nix.n_profiles);
	free(e->nix.path);
	free(e->nix.item);
	persistence_free(&e->persistence);
	free(e->declaration.path);
	free(e->provenance.path);
	free(e->history.path);
	free(e->installed.path);
	free(e->launcher.path);
	gather_free(e->gather);
	free(e);
}

void evidence_freep(struct evidence **e)
{
	evidence_free(*e);
	*e = NULL;
}
