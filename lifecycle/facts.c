/* SPDX-License-Identifier: MIT */
/* Evidence as facts: see dossier.h. Nothing here quotes a log line or an environment. */
#include <inttypes.h>
#include <string.h>

#include "formats/budget.h"
#include "formats/text.h"
#include "lifecycle/dossier.h"

static void add_time(struct facts *f, const char *layer, const char *name, uint64_t us)
{
	char when[32];

	if (!us)
		return;
	text_time(when, us);
	facts_add(f, layer, name, when);
}

static void add_list(struct facts *f, const char *layer, const char *name, char *const *v)
{
	for (; v && *v; v++)
		facts_add(f, layer, name, *v);
}

static void host_facts(const struct host *h, struct facts *f)
{
	facts_add(f, "Host", "tag", h->machine_tag);
	facts_add(f, "Host", "platform", h->platform == PLATFORM_UNKNOWN ? NULL : platform_name(h->platform));
	facts_add(f, "Host", "system", h->os_release);
	facts_add(f, "Host", "kernel", h->kernel);
	add_time(f, "Host", "booted", h->booted_us);
}

static void declaration_facts(const struct target *t, struct facts *f)
{
	const struct agent *a = t->agent;

	facts_add(f, "Agent", "name", a->name);
	facts_add(f, "Agent", "declared", t->declared ? "yes" : "no: what is here was inferred from its definition");
	facts_add(f, "Agent", "label", a->label);
	facts_add(f, "Agent", "owner", t->owner.id.name);
	facts_add(f, "Agent", "scope", agent_scope_name(a->scope));
	if (!t->declared)
		return;
	facts_add(f, "Agent", "runtime", agent_runtime_name(a->runtime));
	facts_add(f, "Agent", "image", a->image);
	facts_add(f, "Agent", "source image", a->source_image);
	if (a->runtime == RUNTIME_PODMAN)
		facts_add(f, "Agent", "pull policy", pull_policy_name(a->podman.pull));
	facts_add(f, "Agent", "auth mode", a->auth.has_mode ? auth_mode_name(a->auth.mode) : NULL);
	facts_add(f, "Agent", "restart", restart_policy_name(a->lifecycle.restart));
	facts_add(f, "Agent", "contact", a->owner.contact);
}

static void unit_state_facts(const struct unit_props *p, struct facts *f)
{
	facts_addf(f, "Service", "state", "%s (%s)", p->active_state ? p->active_state : "unknown", p->sub_state ? p->sub_state : "unknown");
	facts_add(f, "Service", "enabled", p->unit_file_state);
	facts_add(f, "Service", "definition", p->fragment_path);
	facts_add(f, "Service", "generated from", p->source_path);
	add_list(f, "Service", "drop-in", p->drop_in_paths);
	facts_add(f, "Service", "last result", p->result);
	if (p->exec_main_code)
		facts_addf(f, "Service", "last exit", "%s %" PRId64, p->exec_main_code == 1 ? "status" : "signal", p->exec_main_status);
	facts_addf(f, "Service", "restarts counted by systemd", "%" PRIu64, p->n_restarts);
	add_time(f, "Service", "last start", p->exec_main_start_us);
	add_time(f, "Service", "last end", p->exec_main_exit_us);
	add_list(f, "Service", "started by", p->triggered_by);
	add_list(f, "Service", "wanted by", p->wanted_by);
	struct budget_rule rule = budget_rule_loaded(p);
	struct budget budget = budget_compute(&rule);
	_cleanup_free_ char *words = budget.restarts ? budget_words(&budget) : NULL;
	facts_add(f, "Service", "effective restart bound", words ? words : "it is not restarted");
}

/* Every key of the definition; environments by the names alone. */
static void definition_facts(const struct unitfile *u, struct facts *f)
{
	for (size_t i = 0; i < u->n; i++) {
		const struct unit_entry *e = &u->entries[i];
		_cleanup_free_ char *name = mem_printf("[%s] %s", e->section, e->key);
		if (text_eq(e->key, "Environment"))
			facts_addf(f, "Definition", name, "%.*s=…", (int)strcspn(e->value, "="), e->value);
		else
			facts_add(f, "Definition", name, *e->value ? e->value : "(reset)");
	}
}

static void command_facts(const struct service_evidence *s, struct facts *f)
{
	if (!s->run.program)
		return;
	facts_addf(f, "Command", "runs", "%s%s%s", s->run.program, s->run.verb ? " " : "", s->run.verb ? s->run.verb : "");
	facts_add(f, "Command", "image", s->run.image);
	facts_add(f, "Command", "found in", s->run_in_script ? s->program.path : NULL);
	for (char **a = s->run.argv; a && *a; a++)
		if (text_starts(*a, "--pull") || text_starts(*a, "--authfile") || text_starts(*a, "--restart"))
			facts_addf(f, "Command", "option", "%s%s%s", *a, !strchr(*a, '=') && a[1] ? " " : "", !strchr(*a, '=') && a[1] ? a[1] : "");
}

static void event_facts(const struct events *j, struct facts *f)
{
	if (!j->answer || !j->entries)
		return;
	facts_addf(f, "Journal", "starts", "%zu", j->n_starts);
	facts_addf(f, "Journal", "failures", "%" PRIu64, j->failures);
	facts_addf(f, "Journal", "restarts scheduled", "%" PRIu64, j->restarts_scheduled);
	if (j->n_starts) {
		add_time(f, "Journal", "first start", j->start_times[0]);
		add_time(f, "Journal", "last start", j->start_times[j->n_starts - 1]);
	}
}

static void launchd_facts(const struct launchd_evidence *l, struct facts *f)
{
	const struct launchd_domain *d = launchd_loaded(l);

	if (!l->asked)
		return;
	facts_add(f, "launchd", "loaded in", d ? d->target : "no domain that was asked");
	if (d && d->service) {
		facts_add(f, "launchd", "state", d->service->state_text);
		facts_add(f, "launchd", "definition", d->service->path);
		if (d->service->runs >= 0)
			facts_addf(f, "launchd", "runs", "%" PRId64, d->service->runs);
		facts_add(f, "launchd", "last exit", d->service->exit_text);
		add_list(f, "launchd", "property", d->service->properties);
	}
	for (size_t i = 0; i < ARRAY_LEN(l->disabled); i++)
		if (l->disabled[i].override == 1)
			facts_add(f, "launchd", "disabled by an override in", l->disabled[i].target);
	for (size_t i = 0; i < l->n_definitions; i++) {
		const struct launchd_definition *def = &l->definitions[i];
		facts_addf(f, "launchd", "definition on disk", "%s%s", def->file.path, file_is_there(&def->file) ? "" : " (not there)");
		if (def->plist && def->plist->keepalive == KEEPALIVE_TRUE)
			facts_add(f, "launchd", "KeepAlive", "true");
		facts_add(f, "launchd", "out of the store", def->store_item);
	}
}

static void engine_facts(const struct engine *g, struct facts *f)
{
	const struct podman_container *c = g->inspect;

	if (c) {
		facts_addf(f, "Container", "state", "%s", container_state_name(c->state));
		facts_add(f, "Container", "name", c->name);
		facts_add(f, "Container", "image", c->image_name);
		facts_add(f, "Container", "image id", c->image_id);
		facts_addf(f, "Container", "exit code", "%" PRId64, c->exit_code);
		facts_addf(f, "Container", "restart count", "%" PRIu64, c->restart_count);
		facts_add(f, "Container", "restart policy", c->restart_policy);
		facts_add(f, "Container", "health", c->health);
		add_time(f, "Container", "started", c->started_us);
	}
	const struct podman_image *images[] = { g->image_inspect, g->run_image_inspect };
	static const char *const layers[] = { "Image", "Image that really runs" };
	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		if (!images[i])
			continue;
		facts_add(f, layers[i], "id", images[i]->id);
		facts_add(f, layers[i], "digest", images[i]->digest);
		add_list(f, layers[i], "tag", images[i]->repo_tags);
		add_time(f, layers[i], "created", images[i]->created_us);
	}
}

static void podman_facts(const struct evidence *e, struct facts *f)
{
	const struct podman_machine *m = evidence_machine(e);
	const struct engine *g = evidence_engine(e);

	facts_add(f, "Podman", "version", e->podman.version.text);
	if (m)
		facts_addf(f, "Podman", "machine", "%s: %s", m->name, m->running ? "running" : "not running");
	if (!g)
		return;
	if (g->ping)
		facts_addf(f, "Podman", "socket", "%s: %s", g->socket ? g->socket : g->name, g->api ? "answers" : outcome_name(g->ping->rec.outcome));
	engine_facts(g, f);
}

static void auth_facts(const struct auth_evidence *a, struct facts *f)
{
	for (size_t i = 0; i < a->n_files; i++) {
		const struct auth_evidence_file *x = &a->files[i];
		if (file_outcome(&x->file) == OUTCOME_ABSENT)
			continue;
		facts_addf(f, "Credentials", "file", "%s (%s)", x->file.path, outcome_name(file_outcome(&x->file)));
		for (size_t k = 0; x->parsed && k < x->parsed->n_helpers; k++)
			facts_addf(f, "Credentials", "helper", "%s: docker-credential-%s", x->parsed->helpers[k].registry, x->parsed->helpers[k].helper);
		facts_add(f, "Credentials", "store", x->parsed ? x->parsed->creds_store : NULL);
		for (size_t k = 0; x->parsed && k < x->parsed->n_auths; k++)
			facts_add(f, "Credentials", "registry", x->parsed->auths[k].registry);
	}
}

void facts_of_evidence(const struct evidence *e, struct facts *ret)
{
	host_facts(&e->host, ret);
	declaration_facts(&e->target, ret);
	facts_add(ret, "Service", "unit", e->target.unit);
	if (e->service.unit.props)
		unit_state_facts(e->service.unit.props, ret);
	launchd_facts(&e->launchd, ret);
	command_facts(&e->service, ret);
	definition_facts(&e->service.unit.definition, ret);
	event_facts(&e->service.events, ret);
	podman_facts(e, ret);
	auth_facts(&e->auth, ret);
	for (size_t i = 0; i < e->n_logs; i++)
		facts_addf(ret, "Logs", "file", "%s (%s)", e->logs[i].path, outcome_name(file_outcome(&e->logs[i])));
	facts_add(ret, "Nix", "store path", e->nix.path);
}

void casefile_of_evidence(const struct evidence *e, struct casefile *c)
{
	const struct events *j = &e->service.events;

	facts_of_evidence(e, &c->facts);
	mem_set(&c->os, e->host.os_release);
	mem_set(&c->service, e->target.unit);
	if (j->n_starts) {
		c->starts = mem_array(NULL, j->n_starts, sizeof(*c->starts));
		memcpy(c->starts, j->start_times, j->n_starts * sizeof(*c->starts));
		c->n_starts = j->n_starts;
	}
}
