/* SPDX-License-Identifier: MIT */
/* status: one agent, or all, at one glance. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/check.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/commands.h"
#include "lifecycle/earlier.h"
#include "lifecycle/exam_many.h"
#include "lifecycle/table.h"

/* What there is to say of one agent; strings are owned. */
struct status {
	char *name, *unit;
	char *state;	 /* "running", "failed", "not installed"… */
	uint64_t since_us;
	uint64_t pid, restarts;
	char *last_exit;
	char *enabled;
	char *container, *image, *auth, *logs;
	char *image_ref;
	enum presence image_presence;
	char *note; /* why it is not installed */
	size_t fails, warns, unknowns;
	enum verdict verdict;
};

static void status_free(struct status *s)
{
	free(s->name);
	free(s->unit);
	free(s->state);
	free(s->last_exit);
	free(s->enabled);
	free(s->container);
	free(s->image);
	free(s->image_ref);
	free(s->auth);
	free(s->logs);
	free(s->note);
}

static void read_service(const struct evidence *e, struct status *s)
{
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;

	if (!p) {
		s->state = mem_strdup("unknown");
		return;
	}
	if (known_not_installed(e)) {
		s->state = mem_strdup("not installed");
		return;
	}
	s->state = text_eq(p->load_state, "masked") ? mem_strdup("masked") : mem_strdup(p->sub_state ? p->sub_state : p->active_state);
	s->since_us = p->state_change_us;
	s->pid = p->main_pid;
	s->restarts = p->n_restarts;
	s->last_exit = unit_exit_words(p);
	s->enabled = mem_strdup(p->unit_file_state);
}

/* launchd counts runs, the first among them, and has no time of the last change. */
static void read_launchd(const struct evidence *e, struct status *s)
{
	const struct launchd_domain *d = launchd_loaded(&e->launchd);
	const struct launchd_disabled *over = &e->launchd.disabled[e->target.agent->scope == SCOPE_SYSTEM];

	if (over->overrides)
		s->enabled = mem_strdup(over->override == 1 ? "disabled" : "enabled");
	if (!d) {
		s->state = mem_strdup(!launchd_loaded_known(&e->launchd) ? "unknown" : known_not_installed(e) ? "not installed" : "not loaded");
		return;
	}
	s->state = mem_strdup(launchctl_service_has(d->service, "penalty box") ? "penalty box" : d->service->state_text ? d->service->state_text : "loaded");
	s->pid = d->service->pid > 0 ? (uint64_t)d->service->pid : 0;
	s->restarts = d->service->runs > 1 ? (uint64_t)d->service->runs - 1 : 0;
	s->last_exit = mem_strdup(d->service->exit_text);
}

/* Why Podman told nothing: the machine or the socket that DR-06 accuses, else what became of the question. Caller frees. */
static char *silence(const struct findings *l, const struct answer *a)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i]->check, "DR-06") == 0 && (l->v[i]->verdict == VERDICT_FAIL || l->v[i]->verdict == VERDICT_UNKNOWN))
			return mem_strdup(l->v[i]->message);
	if (!a || a->rec.outcome == OUTCOME_NOT_COLLECTED)
		return mem_strdup("it was not asked for");
	if (!record_answered(&a->rec))
		return mem_strdup(a->rec.reason ? a->rec.reason : outcome_name(a->rec.outcome));
	return mem_printf("Podman ended with %d", a->rec.status);
}

/* Of the engine that the agent is meant to run in: another may have a container of that name, which is not its. */
static void read_podman(const struct evidence *e, const struct findings *l, struct status *s)
{
	const struct engine *g = wanted_engine(e);
	const char *name = e->podman.container_name;
	const struct podman_ps *c = g && name ? podman_ps_find(g->containers, g->n_containers, name) : NULL;
	_cleanup_free_ char *no_container = silence(l, g ? g->asked : NULL);
	_cleanup_free_ char *no_image = silence(l, g && g->image ? g->image : g ? g->images_answer : NULL);

	if (name && (c || engine_answers(g)))
		s->container = mem_printf("%s, %s", name, c ? container_state_name(c->state) : "not there");
	else if (name)
		s->container = mem_printf("%s, not known: %s", name, no_container);
	if (!e->podman.image_ref)
		return;
	s->image_ref = mem_strdup(e->podman.image_ref);
	s->image_presence = image_presence(e, g);
	if (s->image_presence == PRESENCE_UNKNOWN)
		s->image = mem_printf("%s, not known: %s", e->podman.image_ref, no_image);
	else
		s->image = mem_printf("%s, %s", e->podman.image_ref, s->image_presence == PRESENCE_THERE ? "there" : "missing");
}

static void status_of(const struct evidence *e, struct status *s, struct findings *all)
{
	struct findings l = { 0 };
	_cleanup_strv_ char **logs = agent_log_paths(e->target.agent);

	*s = (struct status){ .name = mem_strdup(e->target.agent->name), .unit = mem_strdup(e->target.unit) };
	if (e->host.platform == PLATFORM_DARWIN)
		read_launchd(e, s);
	else
		read_service(e, s);
	s->auth = mem_strdup(e->target.declared ? auth_mode_name(e->target.agent->auth.mode) : NULL);
	s->logs = mem_strdup(logs ? logs[0] : e->host.platform == PLATFORM_DARWIN ? "the unified log" : "the journal");
	checks_run(e, CHECK_STATUS, &l);
	read_podman(e, &l, s);
	s->fails = findings_count(&l, VERDICT_FAIL);
	s->warns = findings_count(&l, VERDICT_WARN);
	s->unknowns = findings_count(&l, VERDICT_UNKNOWN);
	s->verdict = findings_verdict(&l);
	for (size_t i = 0; i < l.n; i++) {
		all->v = mem_array(all->v, all->n + 1, sizeof(struct finding *));
		all->v[all->n++] = l.v[i];
	}
	free(l.v);
}

/* ---- printing ---- */

static char *ago(uint64_t now, uint64_t then)
{
	uint64_t s = now > then ? (now - then) / 1000000 : 0;

	if (!then)
		return mem_strdup("-");
	if (s < 120)
		return mem_printf("%llus", (unsigned long long)s);
	if (s < 7200)
		return mem_printf("%llum", (unsigned long long)(s / 60));
	if (s < 172800)
		return mem_printf("%lluh", (unsigned long long)(s / 3600));
	return mem_printf("%llud", (unsigned long long)(s / 86400));
}

static char *finding_words(const struct status *s)
{
	struct buf b = { 0 };

	if (s->fails)
		buf_addf(&b, "%zu fail", s->fails);
	if (s->warns)
		buf_addf(&b, "%s%zu warn", b.len ? ", " : "", s->warns);
	if (s->unknowns)
		buf_addf(&b, "%s%zu unknown", b.len ? ", " : "", s->unknowns);
	if (!b.len)
		buf_adds(&b, "none");
	return buf_take(&b);
}

static char state_style(const struct status *s)
{
	if (strcmp(s->state, "running") == 0)
		return 'g';
	static const char *const bad[] = { "failed", "auto-restart", "penalty box", "spawn failed" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (strcmp(s->state, bad[i]) == 0)
			return 'r';
	return 'y';
}

static void line(const char *name, const char *value)
{
	if (!value)
		return;
	_cleanup_free_ char *safe = text_safe(value);
	printf("  %-10s %s\n", name, safe);
}

static void print_one(const struct exam *x, const struct status *s)
{
	const struct cli *cli = x->cli;
	_cleanup_free_ char *since = ago(source_now_us(x->session.source), s->since_us), *words = finding_words(s);

	printf("%s%s%s  %s%s%s", cli_style(cli, 'b'), s->name, cli_style(cli, '0'), cli_style(cli, state_style(s)), s->state, cli_style(cli, '0'));
	if (s->since_us)
		printf(" for %s", since);
	putchar('\n');
	line("", s->note);
	line("service", s->unit);
	line("enabled", s->enabled);
	if (s->pid)
		printf("  %-10s %llu\n", "pid", (unsigned long long)s->pid);
	if (s->last_exit)
		printf("  %-10s %llu\n", "restarts", (unsigned long long)s->restarts);
	line("last exit", s->last_exit);
	line("container", s->container);
	line("image", s->image);
	line("auth", s->auth);
	line("logs", s->logs);
	printf("  %-10s %s%s%s%s\n", "findings", cli_style(cli, s->fails ? 'r' : s->warns ? 'y' : 'g'), words, cli_style(cli, '0'),
		s->fails || s->warns ? "; 'doctor' tells" : "");
}

/* What is worth saying first, since the end is cut. */
static char *image_cell(const struct status *s)
{
	static const char *const words[] = { "unknown: ", "", "missing: " };

	return s->image ? mem_printf("%s%s", words[s->image_presence], text_base_name(s->image_ref)) : NULL;
}

static void add_row(struct table *t, const struct status *s, uint64_t now)
{
	_cleanup_free_ char *since = ago(now, s->since_us), *words = finding_words(s), *image = image_cell(s);
	_cleanup_free_ char *pid = s->pid ? mem_printf("%llu", (unsigned long long)s->pid) : NULL;
	_cleanup_free_ char *restarts = mem_printf("%llu", (unsigned long long)s->restarts);

	table_add(t, s->name, '0');
	table_add(t, s->state, state_style(s));
	table_add(t, since, '0');
	table_add(t, pid, '0');
	table_add(t, restarts, '0');
	table_add(t, s->last_exit, '0');
	table_add(t, image, '0');
	table_add(t, s->auth, '0');
	table_add(t, s->logs, '0');
	table_add(t, words, s->fails ? 'r' : s->warns ? 'y' : '0');
}

#define TABLE_WIDTH 120

static void print_table(const struct exam *x, const struct status *v, size_t n)
{
	static const struct table_column columns[] = { { "NAME", TABLE_CUT_LAST }, { "STATE", TABLE_WHOLE }, { "SINCE", TABLE_WHOLE },
		{ "PID", TABLE_WHOLE }, { "RESTARTS", TABLE_WHOLE }, { "LAST EXIT", TABLE_CUT_END }, { "IMAGE", TABLE_CUT_END },
		{ "AUTH", TABLE_CUT_END }, { "LOGS", TABLE_CUT_BEGIN }, { "FINDINGS", TABLE_WHOLE } };
	_cleanup_table_ struct table t = { .columns = columns, .n_columns = ARRAY_LEN(columns) };

	if (n == 0) {
		puts(x->session.agents.problems ? "no declaration could be read" : "no agents are declared");
		return;
	}
	for (size_t i = 0; i < n; i++)
		add_row(&t, &v[i], source_now_us(x->session.source));
	table_print(&t, x->cli, TABLE_WIDTH);
}

static json_t *status_json(const struct status *s)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:I, s:s*, s:s*, s:s*, s:s*, s:s*, s:s*, s:{s:I, s:I, s:I}}", "name", s->name, "unit", s->unit, "state",
		s->state, "verdict", verdict_name(s->verdict), "restarts", (json_int_t)s->restarts, "lastExit", s->last_exit, "enabled", s->enabled,
		"container", s->container, "image", s->image, "auth", s->auth, "logs", s->logs, "findings", "fail", (json_int_t)s->fails, "warn",
		(json_int_t)s->warns, "unknown", (json_int_t)s->unknowns);
	char at[32];

	if (s->since_us) {
		text_time(at, s->since_us);
		json_object_set_new(j, "since", json_string(at));
	}
	if (s->pid)
		json_object_set_new(j, "pid", json_integer((json_int_t)s->pid));
	return j;
}

static void print_statuses(const struct exam *x, const struct status *v, size_t n, bool one)
{
	if (cli_has(x->cli, "sarif")) {
		exam_print(x, NULL);
		return;
	}
	if (x->cli->json) {
		json_t *doc = exam_to_json(x), *agents = json_array();
		json_object_set_new(doc, "schemaVersion", json_string("sourceos.status.v1"));
		for (size_t i = 0; i < n; i++)
			json_array_append_new(agents, status_json(&v[i]));
		json_object_set_new(doc, "agents", agents);
		cli_print_json(doc);
		return;
	}
	exam_print_source(x, stdout);
	if (one)
		print_one(x, &v[0]);
	else
		print_table(x, v, n);
}

/* No journal, no list of machines unless the agent needs one: what answers in milliseconds. */
static int examine(struct exam *x, struct target *t, bool one, struct status *ret, struct err *err)
{
	_cleanup_evidence_ struct evidence *e = NULL;
	unsigned want = WANT_SERVICE | WANT_AUTH | (one ? WANT_CONTAINER | WANT_IMAGE : WANT_LISTS);

	if (agent_needs_machine(t->agent, x->session.host.platform))
		want |= WANT_PODMAN;
	int r = exam_gather(x, t, want, &e, err);
	if (r)
		return r;
	status_of(e, ret, &x->findings);
	if (!x->from && known_not_installed(e))
		ret->note = earlier_note(x->cli, &x->session, e->target.agent->name);
	return 0;
}

static int examine_one(struct exam *x, struct status **ret, size_t *ret_n, struct err *err)
{
	struct target t = { 0 };
	int r = exam_target(x, x->cli->n_args ? x->cli->args[0] : NULL, &t, err);

	*ret = mem_alloc(sizeof(**ret));
	if (r == 0)
		r = examine(x, &t, true, *ret, err);
	*ret_n = r == 0;
	target_free(&t);
	return r;
}

static int examine_all(struct exam *x, struct status **ret, size_t *ret_n, struct err *err)
{
	struct exam_many many;
	int r = exam_many_begin(x, &many, err);

	*ret = many.n ? mem_alloc(many.n * sizeof(**ret)) : NULL;
	for (size_t i = 0; r == 0 && i < many.n; i++) {
		r = examine(x, &many.v[i], false, &(*ret)[i], err);
		*ret_n += r == 0;
	}
	exam_many_end(x, &many);
	return r;
}

int cmd_status(struct cli *cli, struct err *err)
{
	_cleanup_exam_ struct exam x = { 0 };
	struct status *v = NULL;
	size_t n = 0;
	int r = exam_open(cli, &x, err);
	bool one = cli->n_args || cli_has(cli, "from");

	if (r)
		return r;
	session_warn(&x.session, cli);
	r = one ? examine_one(&x, &v, &n, err) : examine_all(&x, &v, &n, err);
	if (r == 0)
		print_statuses(&x, v, n, one);
	for (size_t i = 0; i < n; i++)
		status_free(&v[i]);
	free(v);
	int code = r ? r : exam_exit(&x);
	if (code)
		return code;
	/* what could not be read may declare agents that are missing above */
	return !one && x.session.agents.problems ? EXIT_USAGE : EXIT_OK;
}
