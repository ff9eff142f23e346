/* SPDX-License-Identifier: MIT */
/* Whether the layers agree: the declaration, the definition on disk, what the manager has loaded, the container, the image. */
#include <string.h>

#include "formats/sdshow_value.h"
#include "formats/text.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/checks/likeness.h"
#include "lifecycle/checks/pattern.h"
#include "lifecycle/checks/tables.h"

/* ---- LA-01 ---- */

static bool is_our_launcher(const char *program)
{
	return strcmp(text_base_name(program), "sourceos-agent") == 0;
}

/* What the service comes down to, as far as it could be told. */
struct loaded_command {
	char **words;			 /* owned */
	struct shell_command direct;	 /* owned */
	const struct shell_command *run; /* NULL: no container that is to be seen */
	bool as_on_disk;		 /* the view's script is its script */
};

static void loaded_command_free(struct loaded_command *c)
{
	strv_free(c->words);
	shell_command_free(&c->direct);
}

static void loaded_command(const struct unit_props *p, const struct view *v, struct loaded_command *ret)
{
	_cleanup_strv_ char **disk = likeness_words(v->argv, v->home);

	*ret = (struct loaded_command){ .words = likeness_loaded(p) };
	if (!ret->words)
		ret->words = likeness_words(v->argv, v->home);
	ret->as_on_disk = !p->need_daemon_reload || (ret->words && disk && likeness_of(ret->words, disk) == LIKE_ALL);
	if (ret->as_on_disk)
		ret->run = v->run;
	else if (ret->words && argv_container_command(ret->words, &ret->direct))
		ret->run = &ret->direct;
}

/* A program whose arguments are a command. */
static bool is_carrier(const char *program)
{
	static const char *const names[] = { "env", "nice", "ionice", "chrt", "setsid", "nohup", "timeout", "stdbuf", "flock", "taskset",
		"systemd-inhibit", "setpriv", "unshare", "bwrap", "firejail", "dbus-run-session" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(text_base_name(program), names[i]) == 0)
			return true;
	return false;
}

static bool carries(char *const *words, const char *program)
{
	if (!is_carrier(words[0]))
		return false;
	for (char *const *w = words + 1; *w; w++)
		if (likeness_open(*w) || likeness_program(*w, program))
			return true;
	return false;
}

/* A wrapper hands over to it. */
static bool script_names(const struct view *v, const char *program)
{
	for (char **p = v->script ? v->script->programs : NULL; p && *p; p++)
		if (likeness_open(*p) || likeness_program(*p, program))
			return true;
	return v->script && v->script->cut;
}

static void other_command(struct report *r, enum verdict verdict, const char *message, const char *declared, const char *service)
{
	struct finding *f = report_add(r, verdict, "%s", message);

	finding_detail(f, "declared  %s", declared);
	finding_detail(f, "service   %s", service);
	finding_cite_answer(f, r->e->service.unit.show);
}

static void native_command(struct report *r, const struct view *v, const struct loaded_command *c)
{
	_cleanup_strv_ char **declared = likeness_words(r->e->target.agent->command, v->home);

	if (!declared)
		return;
	enum likeness like = likeness_of(declared, c->words);
	if (like == LIKE_NOTHING && (carries(c->words, declared[0]) || (c->as_on_disk && script_names(v, declared[0]))))
		return;
	if (like == LIKE_NOTHING && c->as_on_disk && v->program_unread)
		report_add(r, VERDICT_UNKNOWN, "what the service runs could not be read: %s", c->words[0]);
	else if (like == LIKE_NOTHING)
		other_command(r, VERDICT_FAIL, "the service runs another command than is declared", declared[0], c->words[0]);
	else if (like == LIKE_PROGRAM)
		other_command(r, VERDICT_WARN, "the service gives its command other arguments than are declared", declared[0], c->words[0]);
}

/* A program that is no script may start a container where nobody sees it: no failure yet. */
static void podman_command(struct report *r, const struct view *v, const struct loaded_command *c)
{
	const struct agent *a = r->e->target.agent;

	if (command_starts_container(c->run))
		return;
	if (c->as_on_disk && v->program_unread)
		report_add(r, VERDICT_UNKNOWN, "what the service runs could not be read: %s", c->words[0]);
	else
		other_command(r, VERDICT_WARN, "in what the service runs no container is to be seen", a->image ? a->image : "a container", c->words[0]);
}

static void compare_command(struct report *r, const struct view *v, const struct loaded_command *c)
{
	enum agent_runtime runtime = r->e->target.agent->runtime;

	if (!c->words || is_our_launcher(c->words[0]) || (c->as_on_disk && view_is_ours(v)))
		return;
	if (runtime == RUNTIME_PODMAN)
		podman_command(r, v, c);
	else if (runtime == RUNTIME_NATIVE || runtime == RUNTIME_NIX_APP)
		native_command(r, v, c);
}

static void compare_container(struct report *r, const struct view *v, const struct shell_command *run)
{
	const struct agent *a = r->e->target.agent;
	struct view loaded = *v;

	loaded.run = run;
	const char *image = view_image(&loaded);
	if (image && a->image && !strchr(image, '$') && strcmp(image, a->image) != 0) {
		struct finding *f = report_fail(r, "the service runs another image than is declared");
		finding_detail(f, "declared  %s", a->image);
		finding_detail(f, "service   %s", image);
		if (run == v->run)
			finding_at(f, v->script_path && v->run_in_script ? v->script_path : v->argv_file,
				v->run_in_script ? v->run->line : v->argv_line);
	}
	const char *name = run ? argv_option(run->argv, "--name") : NULL;
	if (name && a->container_name && !strchr(name, '$') && strcmp(name, a->container_name) != 0) {
		struct finding *f = report_warn(r, "the service names its container otherwise than is declared");
		finding_detail(f, "declared  %s", a->container_name);
		finding_detail(f, "service   %s", name);
	}
}

static void run_definition_layer(struct report *r)
{
	const struct evidence *e = r->e;
	const struct unit_props *p = need_service(r, true);
	const struct agent *a = e->target.agent;
	struct loaded_command c;
	struct view v;

	if (!p)
		return;
	if (!e->target.declared) {
		report_skip(r, "nobody declared it");
		return;
	}
	view_of_evidence(e, &v);
	loaded_command(p, &v, &c);
	compare_container(r, &v, c.run);
	compare_command(r, &v, &c);
	loaded_command_free(&c);
	if (a->linux_unit.restart && p->restart && strcmp(a->linux_unit.restart, p->restart) != 0) {
		struct finding *f = report_warn(r, "Restart= is not as declared");
		finding_detail(f, "declared  %s", a->linux_unit.restart);
		finding_detail(f, "loaded    %s", p->restart);
		finding_cite_answer(f, e->service.unit.show);
	}
	if (r->verdict == VERDICT_NOT_APPLICABLE)
		report_ok(r, "the service is as declared");
}

/* ---- LA-02 ---- */

/* Why the definition on disk is not known whole; NULL when it is. */
static const struct file_evidence *unread_part(const struct unit_evidence *u)
{
	if (!u->fragment.answer || !record_answered(&u->fragment.answer->rec))
		return &u->fragment;
	for (size_t i = 0; i < u->n_drop_ins; i++) {
		const struct answer *a = u->drop_ins[i].answer;
		if (!a || (!record_answered(&a->rec) && a->rec.outcome != OUTCOME_ABSENT))
			return &u->drop_ins[i];
	}
	return NULL;
}

static bool differs(struct finding *f, const char *key, const char *disk, const char *loaded)
{
	if (text_eq(disk, loaded))
		return false;
	finding_detail(f, "disk    %s=%s", key, disk);
	finding_detail(f, "loaded  %s=%s", key, loaded);
	return true;
}

static bool span_differs(struct finding *f, const char *key, uint64_t disk_us, uint64_t loaded_us)
{
	_cleanup_buf_ struct buf disk = { 0 }, loaded = { 0 };

	sdshow_add_span(&disk, disk_us);
	sdshow_add_span(&loaded, loaded_us);
	return differs(f, key, buf_str(&disk), buf_str(&loaded));
}

static bool budgets_differ(struct finding *f, const struct unitfile *u, const struct unit_props *p)
{
	struct budget_rule disk = budget_rule_written(u), loaded = budget_rule_loaded(p);
	_cleanup_free_ char *disk_burst = mem_printf("%llu", (unsigned long long)disk.burst);
	_cleanup_free_ char *loaded_burst = mem_printf("%llu", (unsigned long long)loaded.burst);
	bool any = p->restart && differs(f, "Restart", disk.restart ? disk.restart : "no", p->restart);

	any |= span_differs(f, "RestartSec", disk.delay_us, loaded.delay_us);
	any |= span_differs(f, "StartLimitIntervalSec", disk.interval_us, loaded.interval_us);
	any |= differs(f, "StartLimitBurst", disk_burst, loaded_burst);
	return any;
}

static bool commands_differ(struct finding *f, const struct evidence *e, const struct unit_props *p)
{
	const struct unit_cmds *start = &e->service.exec_start;
	_cleanup_strv_ char **loaded = likeness_loaded(p);
	_cleanup_strv_ char **disk = start->n ? likeness_words(start->v[0].argv, e->target.owner.id.home) : NULL;

	if (!loaded || !disk)
		return false;
	enum likeness like = likeness_of(disk, loaded);
	if (like == LIKE_ALL)
		return false;
	finding_detail(f, "disk    ExecStart=%s%s", disk[0], like == LIKE_PROGRAM ? ", with other arguments" : "");
	finding_detail(f, "loaded  ExecStart=%s", loaded[0]);
	return true;
}

static void run_loaded_layer(struct report *r)
{
	const struct unit_evidence *u = &r->e->service.unit;
	const struct unit_props *p = need_service(r, true);

	if (!p)
		return;
	if (!p->need_daemon_reload) {
		finding_cite_answer(report_ok(r, "loaded as on disk"), u->show);
		return;
	}
	const struct file_evidence *unread = unread_part(u);
	bool gone = unread && unread->answer && unread->answer->rec.outcome == OUTCOME_ABSENT;
	struct finding *f = gone ? report_warn(r, "the loaded definition is no longer on disk")
				 : report_warn(r, "the definition on disk is newer than the loaded one");
	finding_at(finding_cite_answer(f, u->show), p->fragment_path, 0);
	if (unread && !gone) {
		finding_detail(f, "what differs is not known: %s was not read", unread->path ? unread->path : "its definition");
	} else if (!unread) {
		bool any = budgets_differ(f, &u->definition, p);
		any |= commands_differ(f, r->e, p);
		if (!any)
			finding_detail(f, "not in Restart=, RestartSec=, the start limit or ExecStart=");
	}
	remedy_systemctl(f, r->e, "daemon-reload");
}

/* ---- LA-03 ---- */

static void run_image_layer(struct report *r)
{
	const struct evidence *e = r->e;
	const struct engine *g = evidence_engine(e);

	if (!g || !g->inspect) {
		report_skip(r, "no container to compare");
		return;
	}
	const struct podman_container *c = g->inspect;
	if (e->target.declared && e->podman.image_ref && c->image_name && strcmp(c->image_name, e->podman.image_ref) != 0) {
		struct finding *f = report_fail(r, "the container was made from another image than is declared");
		finding_detail(f, "declared   %s", e->podman.image_ref);
		finding_detail(f, "container  %s", c->image_name);
		finding_cite_answer(f, g->container);
		return;
	}
	if (!g->image_inspect || !c->image_id || !g->image_inspect->id) {
		report_add(r, VERDICT_UNKNOWN, "the image of the container could not be compared");
		return;
	}
	const char *id = text_starts(g->image_inspect->id, "sha256:") ? g->image_inspect->id + strlen("sha256:") : g->image_inspect->id;
	if (strcmp(c->image_id, id) == 0) {
		finding_cite_answer(report_ok(r, "the container runs the image that the tag names, %.12s", id), g->container);
		return;
	}
	struct finding *f = report_warn(r, "%s names another image than the container was made from", e->podman.image_ref);
	finding_detail(f, "tag        %.12s", id);
	finding_detail(f, "container  %.12s", c->image_id);
	finding_cite_answer(finding_cite_answer(f, g->container), g->image);
	remedy_systemctl(f, e, "restart %s", e->target.unit);
}

const struct check checks_layers[] = {
	{
		.id = "LA-01",
		.title = "declaration and service agree",
		.severity = VERDICT_FAIL,
		.wants = WANT_SERVICE,
		.platforms = ON_LINUX,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR,
		.run = run_definition_layer,
		.why = "What is declared is what reviewers saw; what runs may be something else.",
		.looks_at = "Command or container, image, container name and Restart= of the declaration, beside those of the service as it is loaded.",
		.fix = "Correct the declaration, or install the agent again from it.",
	},
	{
		.id = "LA-02",
		.title = "disk and service manager agree",
		.severity = VERDICT_WARN,
		.wants = WANT_SERVICE,
		.platforms = ON_LINUX,
		.runtimes = RUNS_ANY,
		.verbs = CHECK_DOCTOR | CHECK_STATUS,
		.run = run_loaded_layer,
		.why = "A definition that was edited and not reloaded is not what runs.",
		.looks_at = "NeedDaemonReload= of the loaded unit; Restart=, RestartSec=, the start limit and ExecStart= in both.",
		.fix = "systemctl --user daemon-reload",
	},
	{
		.id = "LA-03",
		.title = "container and image agree",
		.severity = VERDICT_FAIL,
		.requires = { "DR-06", "DR-07" },
		.wants = WANT_CONTAINER | WANT_IMAGE | WANT_PODMAN,
		.platforms = ON_ANY,
		.runtimes = RUNS_PODMAN,
		.verbs = CHECK_DOCTOR,
		.run = run_image_layer,
		.why = "A tag that was moved leaves the old image running until the next start, which then brings something new.",
		.looks_at = "The image id of the container, and the id that the declared tag names now.",
		.fix = "systemctl --user restart UNIT, once it is clear which image is meant.",
	},
	{ .id = NULL },
};
