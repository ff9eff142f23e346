/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/text.h"
#include "lifecycle/check.h"
#include "lifecycle/checks/judge.h"

static char text_x[] = "x";
static char text_localhost_x_1[] = "localhost/x:1";
static char text__x[] = "/x";
static char text__var_log_x_x_log[] = "/var/log/x/x.log";
static char text_x_service[] = "x.service";
static char text_user_a[] = "user:a";
static char text_a[] = "a";
static char text__home_a[] = "/home/a";

/* A host of which nothing was collected but what it is. */
static void empty_evidence(struct evidence *e, struct agent *a, enum platform platform)
{
	*a = (struct agent){ .name = text_x, .runtime = RUNTIME_PODMAN, .image = text_localhost_x_1, .container_name = text_x,
		.podman.require_machine = true, .auth.mode = AUTH_EMPTY_AUTHFILE, .auth.authfile = text__x, .logs.app = text__var_log_x_x_log,
		.quarantine = CAPTURE_ALL };
	*e = (struct evidence){ .host.platform = platform, .target = { .agent = a, .declared = true, .unit = text_x_service, .owner_key = text_user_a } };
	e->target.owner.id.name = text_a;
	e->target.owner.id.home = text__home_a;
	e->launchd.asked = platform == PLATFORM_DARWIN;
	e->gather = gather_new(NULL);
}

/* What a declaration alone answers. */
static bool needs_no_host(const struct finding *f)
{
	static const char *const ids[] = { "DE-01", "PF-10", "PF-03", "PP-09" };

	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (strcmp(f->check, ids[i]) == 0)
			return true;
	return false;
}

static void nothing_collected_is_unknown_and_never_ok(void **state)
{
	static const enum platform platforms[] = { PLATFORM_LINUX, PLATFORM_DARWIN, PLATFORM_UNKNOWN };

	for (size_t p = 0; p < ARRAY_LEN(platforms); p++) {
		_cleanup_findings_ struct findings l = { 0 };
		struct evidence e;
		struct agent a;

		empty_evidence(&e, &a, platforms[p]);
		checks_run(&e, CHECK_DOCTOR | CHECK_PREFLIGHT, &l);
		assert_true(l.n > 30);
		for (size_t i = 0; i < l.n; i++)
			if (!needs_no_host(l.v[i]) && (l.v[i]->verdict == VERDICT_OK || l.v[i]->verdict == VERDICT_FAIL))
				fail_msg("%s is %s on %s with nothing collected: %s", l.v[i]->check, verdict_name(l.v[i]->verdict), platform_name(platforms[p]),
					l.v[i]->message);
		assert_int_equal(findings_verdict(&l), VERDICT_UNKNOWN);
		gather_free(e.gather);
	}
}

static void every_row_is_whole(void **state)
{
	const struct check *c;

	for (size_t i = 0; (c = check_nth(i)); i++) {
		assert_non_null(c->run);
		assert_true(c->platforms && c->runtimes && c->verbs);
		assert_true(c->title && c->why && c->looks_at && c->fix);
		assert_ptr_equal(check_find(c->id), c); /* no id twice */
		for (size_t k = 0; k < CHECK_REQUIRES_MAX && c->requires[k]; k++)
			if (!check_find(c->requires[k]))
				fail_msg("%s requires %s, which is none", c->id, c->requires[k]);
	}
}

static void every_id_of_the_contract_is_a_row(void **state)
{
	static const struct {
		const char *prefix;
		int n;
	} sets[] = { { "PF", 18 }, { "DR", 14 }, { "PP", 11 } };

	for (size_t s = 0; s < ARRAY_LEN(sets); s++)
		for (int i = 1; i <= sets[s].n; i++) {
			_cleanup_free_ char *id = mem_printf("%s-%02d", sets[s].prefix, i);
			if (!check_find(id))
				fail_msg("no %s", id);
		}
	assert_null(check_find("PF-19"));
	assert_non_null(check_find("pf-07"));
}

/* Following requires from any row ends. */
static void prerequisites_have_no_circle(void **state)
{
	const struct check *c;

	for (size_t i = 0; (c = check_nth(i)); i++) {
		const struct check *walk[64] = { c };
		size_t n = 1;
		for (size_t at = 0; at < n; at++)
			for (size_t k = 0; k < CHECK_REQUIRES_MAX && walk[at]->requires[k]; k++) {
				assert_true(n < ARRAY_LEN(walk));
				walk[n++] = check_find(walk[at]->requires[k]);
				assert_ptr_not_equal(walk[n - 1], c);
			}
	}
}

static struct answer *answer(const char *key, const char *out, const char *err, int status)
{
	struct answer *a = mem_alloc(sizeof(*a));

	a->rec = (struct record){ .key = mem_strdup(key), .outcome = OUTCOME_OK, .status = status };
	buf_adds(&a->out, out);
	buf_adds(&a->err, err);
	return a;
}

static void drop(struct answer *a)
{
	answer_free(a);
	free(a);
}

static void ac1_one_cause_one_failure(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };
	struct evidence e;
	struct agent a;
	struct answer *version = answer("v", "podman version 4.3.1", "", 0), *machines = answer("m", "[]", "", 0);
	struct answer *ps = answer("ps", "", "Error: failed to connect: dial tcp 127.0.0.1:1: connect: connection refused", 125);
	struct podman_machine m = { .name = (char[]){ "podman-machine-default" }, .is_default = true };

	empty_evidence(&e, &a, PLATFORM_LINUX);
	e.podman.version_answer = version;
	version_parse("4.3.1", &e.podman.version);
	e.podman.machines_answer = machines;
	e.podman.machines = &m;
	e.podman.n_machines = 1;
	e.podman.engines[0] = (struct engine){ .name = (char[]){ "machine" }, .connection = m.name, .asked = ps };
	e.podman.n_engines = 1;
	checks_run(&e, CHECK_PREFLIGHT | CHECK_PATTERNS, &l);
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i]->verdict == VERDICT_FAIL && strcmp(l.v[i]->check, "PF-07") != 0)
			fail_msg("%s: %s", l.v[i]->check, l.v[i]->message);
	assert_int_equal(findings_count(&l, VERDICT_FAIL), 1);
	const struct finding *f = findings_find(&l, "PF-07");
	assert_int_equal(f->verdict, VERDICT_FAIL);
	assert_non_null(strstr(f->message, "stopped"));
	assert_non_null(strstr(f->message, "refuses"));
	assert_non_null(strstr(f->remedy, "podman machine start podman-machine-default"));
	static const char *const blocked[] = { "PF-08", "PF-09", "PF-13" };
	for (size_t i = 0; i < ARRAY_LEN(blocked); i++) {
		f = findings_find(&l, blocked[i]);
		assert_int_equal(f->verdict, VERDICT_BLOCKED);
		assert_string_equal(f->blocked_by, "PF-07"); /* the root, not what stands between */
	}
	version_free(&e.podman.version);
	gather_free(e.gather);
	drop(version);
	drop(machines);
	drop(ps);
}

/* What fails at the way to the engine is what PF-08 judges: a failure with its command, and what needs the engine is blocked. */
static void PF08_of_a_way_that_fails_is_one_failure(void **state)
{
	static const struct {
		enum outcome ping;
		const char *asked; /* what Podman's command said; NULL: nothing was asked of it */
		bool machine;
		const char *message, *remedy;
	} cases[] = {
		{ OUTCOME_TIMEOUT, NULL, true, "the socket of m accepts and stays silent", "podman machine stop m" },
		{ OUTCOME_REFUSED, "connect: connection refused", true, "m is said to run, but nothing answers", "podman machine stop m" },
		{ OUTCOME_DENIED, "connect: connection refused", true, "a may not open the socket of m", "podman machine stop m" },
		{ OUTCOME_TIMEOUT, NULL, false, "the socket of the connection m accepts and stays silent", "connection list" },
		{ OUTCOME_REFUSED, "connect: connection refused", false, "nobody listens on the socket of the connection m", "connection list" },
		{ OUTCOME_DENIED, "permission denied", false, "the socket of the connection m is somebody else's", "connection list" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_findings_ struct findings l = { 0 };
		struct evidence e;
		struct agent a;
		struct answer *version = answer("v", "", "", 0), *machines = answer("m", "[]", "", 0), *ping = answer("ping", "", "", 0);
		struct answer *asked = cases[i].asked ? answer("c", "", cases[i].asked, 125) : NULL;
		struct podman_machine m = { .name = (char[]){ "m" }, .is_default = true, .running = true };

		empty_evidence(&e, &a, PLATFORM_LINUX);
		a.podman.require_machine = cases[i].machine;
		a.podman.connection = m.name;
		ping->rec.outcome = cases[i].ping;
		e.podman.version_answer = version;
		version_parse("4.3.1", &e.podman.version);
		e.podman.machines_answer = machines;
		e.podman.machines = &m;
		e.podman.n_machines = cases[i].machine;
		e.podman.engines[0] = (struct engine){ .name = (char[]){ "machine" }, .connection = m.name, .ping = ping, .asked = asked };
		e.podman.n_engines = 1;
		checks_run(&e, CHECK_PREFLIGHT, &l);
		const struct finding *f = findings_find(&l, "PF-08");
		if (f->verdict != VERDICT_FAIL || !strstr(f->message, cases[i].message) || !f->remedy || !strstr(f->remedy, cases[i].remedy))
			fail_msg("%zu: %s", i, f->message);
		assert_int_equal(findings_count(&l, VERDICT_FAIL), 1);
		assert_string_equal(findings_find(&l, "PF-09")->blocked_by, "PF-08");
		assert_string_equal(findings_find(&l, "PF-13")->blocked_by, "PF-08");
		version_free(&e.podman.version);
		gather_free(e.gather);
		drop(version);
		drop(machines);
		drop(ping);
		if (asked)
			drop(asked);
	}
}

/* The counter of a manager knows of the restarts that it made itself, and of no others. */
static void PP10_of_a_journal_that_was_not_read_is_unknown(void **state)
{
	static const struct {
		enum outcome outcome;
		int status;
		uint64_t restarts;
		enum agent_scope scope;
		bool denied;
		enum verdict dr12, pp10;
	} cases[] = {
		{ OUTCOME_OK, 0, 0, SCOPE_USER, false, VERDICT_OK, VERDICT_OK },
		{ OUTCOME_OK, 0, 0, SCOPE_USER, true, VERDICT_OK, VERDICT_OK },
		{ OUTCOME_OK, 1, 0, SCOPE_USER, true, VERDICT_UNKNOWN, VERDICT_UNKNOWN },
		{ OUTCOME_NOT_COLLECTED, 0, 0, SCOPE_USER, false, VERDICT_UNKNOWN, VERDICT_UNKNOWN },
		{ OUTCOME_TIMEOUT, 0, 2, SCOPE_USER, false, VERDICT_WARN, VERDICT_UNKNOWN },
		{ OUTCOME_TIMEOUT, 0, 900, SCOPE_USER, false, VERDICT_WARN, VERDICT_FAIL },
		/* a journal that was read, and does not reach back to the start */
		{ OUTCOME_OK, 0, 0, SCOPE_SYSTEM, false, VERDICT_OK, VERDICT_OK },
		{ OUTCOME_OK, 0, 0, SCOPE_SYSTEM, true, VERDICT_UNKNOWN, VERDICT_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_findings_ struct findings l = { 0 };
		struct answer *show = answer("show", "", "", 0), *events = answer("events", "", "", cases[i].status);
		struct unit_props props = { .load_state = (char[]){ "loaded" }, .active_state = (char[]){ "active" }, .n_restarts = cases[i].restarts,
			.exec_main_start_us = 1 };
		struct evidence e;
		struct agent a;
		empty_evidence(&e, &a, PLATFORM_LINUX);
		a.scope = cases[i].scope;
		e.host.journal_denied = cases[i].denied;
		events->rec.outcome = cases[i].outcome;
		e.service.unit.show = show;
		e.service.unit.props = &props;
		e.service.unit.n_props = 1;
		e.service.events.answer = events;
		checks_run(&e, CHECK_DOCTOR, &l);
		assert_int_equal(findings_find(&l, "DR-12")->verdict, cases[i].dr12);
		assert_int_equal(findings_find(&l, "PP-10")->verdict, cases[i].pp10);
		gather_free(e.gather);
		drop(show);
		drop(events);
	}
}

static void DR12_without_a_journal_counts_nothing_in_it(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };
	struct answer *show = answer("show", "", "", 0);
	struct unit_props props = { .load_state = (char[]){ "loaded" }, .active_state = (char[]){ "active" } };
	struct evidence e;
	struct agent a;

	empty_evidence(&e, &a, PLATFORM_LINUX);
	e.service.unit.show = show;
	e.service.unit.props = &props;
	e.service.unit.n_props = 1;
	checks_run(&e, CHECK_DOCTOR, &l);
	assert_string_equal(findings_find(&l, "DR-12")->detail, "the journal was not read");
	/* its manager's counter can tell of a storm, and not that there is none */
	assert_int_equal(findings_find(&l, "PP-10")->verdict, VERDICT_NOT_APPLICABLE);
	_cleanup_findings_ struct findings many = { 0 };
	props.n_restarts = 900;
	checks_run(&e, CHECK_LOCAL, &many);
	assert_int_equal(findings_find(&many, "PP-10")->verdict, VERDICT_FAIL);
	gather_free(e.gather);
	drop(show);
}

/* LA-01: what is loaded is what is compared, be it a command, a wrapper or a container; our own launcher reads the declaration. */
static void LA01_compares_what_the_service_comes_down_to(void **state)
{
	static const struct {
		enum agent_runtime runtime;
		const char *declared, *loaded, *script;
		enum verdict verdict;
		const char *detail;
	} cases[] = {
		{ RUNTIME_NATIVE, "/usr/bin/sleep 100", "/usr/bin/sleep 100", NULL, VERDICT_OK, NULL },
		{ RUNTIME_NATIVE, "sleep 100", "/bin/sleep 100", NULL, VERDICT_OK, NULL },
		{ RUNTIME_NATIVE, "/usr/bin/sleep 100", "/usr/bin/tail -f /dev/null", NULL, VERDICT_FAIL,
			"declared  /usr/bin/sleep\nservice   /usr/bin/tail" },
		{ RUNTIME_NATIVE, "/usr/bin/sleep 100", "/usr/bin/sleep 200", NULL, VERDICT_WARN, "declared  /usr/bin/sleep\nservice   /usr/bin/sleep" },
		{ RUNTIME_NATIVE, "/usr/bin/sleep 100", "/usr/bin/sleep $LONG", NULL, VERDICT_OK, NULL },
		{ RUNTIME_NATIVE, "/usr/bin/sleep 100", "/usr/bin/nice -n 5 /usr/bin/sleep 100", NULL, VERDICT_OK, NULL },
		{ RUNTIME_NATIVE, "/usr/bin/sleep 100", "/opt/wrap", "#!/bin/sh\nexec sleep 100\n", VERDICT_OK, NULL },
		{ RUNTIME_NATIVE, "/usr/bin/sleep 100", "/opt/wrap", "#!/bin/sh\nexec tail -f x\n", VERDICT_FAIL, NULL },
		{ RUNTIME_NATIVE, "/usr/bin/sleep 100", "/usr/local/bin/sourceos-agent exec x", NULL, VERDICT_OK, NULL },
		{ RUNTIME_PODMAN, NULL, "/bin/true", NULL, VERDICT_WARN, "declared  localhost/x:1\nservice   /bin/true" },
		{ RUNTIME_PODMAN, NULL, "/usr/bin/podman run --name x localhost/x:1", NULL, VERDICT_OK, NULL },
		{ RUNTIME_PODMAN, NULL, "/usr/bin/podman run --name x localhost/y:1", NULL, VERDICT_FAIL,
			"declared  localhost/x:1\nservice   localhost/y:1" },
		{ RUNTIME_PODMAN, NULL, "/usr/local/bin/sourceos-agent exec x", NULL, VERDICT_OK, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_findings_ struct findings l = { 0 };
		struct answer *show = answer("show", "", "", 0), *text = answer("file", cases[i].script ? cases[i].script : "", "", 0);
		_cleanup_free_ char *loaded = mem_strdup(cases[i].loaded);
		struct exec_status exec = { .argv = loaded };
		/* what lies on disk is older than what is loaded, but for the wrapper */
		struct unit_props props = { .load_state = (char[]){ "loaded" }, .active_state = (char[]){ "active" }, .exec_start = &exec, .n_exec_start = 1,
			.need_daemon_reload = !cases[i].script };
		struct evidence e;
		struct agent a;
		empty_evidence(&e, &a, PLATFORM_LINUX);
		a.runtime = cases[i].runtime;
		if (cases[i].declared)
			unit_words(cases[i].declared, &a.command, NULL);
		e.service.unit.show = show;
		e.service.unit.props = &props;
		e.service.unit.n_props = 1;
		unitcmd_parse(cases[i].script ? cases[i].loaded : "/usr/bin/podman run localhost/other:1", &e.service.exec_start, NULL);
		if (cases[i].script) {
			e.service.program = (struct file_evidence){ .path = loaded, .answer = text };
			shellscan(cases[i].script, strlen(cases[i].script), &e.service.script);
		}
		struct report r = { .e = &e, .check = check_find("LA-01"), .verbs = CHECK_DOCTOR, .out = &l, .verdict = VERDICT_NOT_APPLICABLE };
		r.check->run(&r);
		if (r.verdict != cases[i].verdict || (cases[i].detail && !text_eq(l.v[0]->detail, cases[i].detail)))
			fail_msg("%zu: %s: %s", i, l.v[0]->message, l.v[0]->detail ? l.v[0]->detail : "");
		strv_free(a.command);
		unit_cmds_free(&e.service.exec_start);
		shell_scan_free(&e.service.script);
		gather_free(e.gather);
		drop(show);
		drop(text);
	}
}

/* LA-02: each key that differs, with what is on disk and what is loaded; of what was not read nothing is made up. */
static void LA02_names_each_key_with_both_values(void **state)
{
	static const char text[] = "[Unit]\nStartLimitBurst=9\nStartLimitIntervalSec=1h\n[Service]\nExecStart=/usr/bin/tail -f x\nRestartSec=5\nRestart=always\n";
	static const struct {
		enum outcome outcome;
		const char *detail;
	} cases[] = {
		{ OUTCOME_OK, "disk    StartLimitBurst=9\nloaded  StartLimitBurst=3\ndisk    ExecStart=/usr/bin/tail\nloaded  ExecStart=/usr/bin/sleep" },
		{ OUTCOME_DENIED, "what differs is not known: /u/x.service was not read" },
		{ OUTCOME_ABSENT, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_findings_ struct findings l = { 0 };
		struct answer *show = answer("show", "", "", 0), *file = answer("file", text, "", 0);
		struct exec_status exec = { .argv = (char[]){ "/usr/bin/sleep 100" } };
		struct unit_props props = { .load_state = (char[]){ "loaded" }, .active_state = (char[]){ "active" }, .restart = (char[]){ "always" },
			.restart_us = 5000000, .start_limit_interval_us = 3600000000u, .start_limit_burst = 3, .exec_start = &exec, .n_exec_start = 1,
			.need_daemon_reload = true };
		struct evidence e;
		struct agent a;
		empty_evidence(&e, &a, PLATFORM_LINUX);
		file->rec.outcome = cases[i].outcome;
		e.service.unit.show = show;
		e.service.unit.props = &props;
		e.service.unit.n_props = 1;
		e.service.unit.fragment = (struct file_evidence){ .path = (char[]){ "/u/x.service" }, .answer = file };
		if (cases[i].outcome == OUTCOME_OK) {
			unitfile_add(&e.service.unit.definition, "/u/x.service", text, strlen(text));
			unitcmd_parse("/usr/bin/tail -f x", &e.service.exec_start, NULL);
		}
		struct report r = { .e = &e, .check = check_find("LA-02"), .verbs = CHECK_DOCTOR, .out = &l, .verdict = VERDICT_NOT_APPLICABLE };
		r.check->run(&r);
		assert_int_equal(r.verdict, VERDICT_WARN);
		if (!text_eq(l.v[0]->detail, cases[i].detail))
			fail_msg("%zu: %s", i, l.v[0]->detail ? l.v[0]->detail : "nothing");
		unitfile_free(&e.service.unit.definition);
		unit_cmds_free(&e.service.exec_start);
		gather_free(e.gather);
		drop(show);
		drop(file);
	}
}

/* PF-13: a start would remove what is not ours. */
static void whose_a_container_of_our_name_is(void **state)
{
	static struct {
		char key[24], value[12], image[20], active[12];
		enum container_state state;
		const char *whose; /* NULL: ours */
	} cases[] = {
		{ "io.sourceos.agent", "a", "localhost/other:1", "inactive", CONTAINER_RUNNING, NULL },
		{ "io.sourceos.agent", "b", "localhost/i:1", "active", CONTAINER_EXITED, "b" },
		{ "PODMAN_SYSTEMD_UNIT", "a.service", "localhost/i:1", "inactive", CONTAINER_RUNNING, NULL },
		{ "PODMAN_SYSTEMD_UNIT", "b.service", "localhost/i:1", "inactive", CONTAINER_EXITED, "b.service" },
		{ "maintainer", "x", "localhost/i:1", "inactive", CONTAINER_RUNNING, "somebody else" },
		{ "maintainer", "x", "localhost/i:1", "active", CONTAINER_RUNNING, NULL },
		{ "maintainer", "x", "localhost/i:1", "inactive", CONTAINER_EXITED, NULL },
		{ "maintainer", "x", "localhost/j:1", "active", CONTAINER_EXITED, "somebody else" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_findings_ struct findings l = { 0 };
		char *names[] = { (char[]){ "c" }, NULL };
		struct string_pair label = { cases[i].key, cases[i].value };
		struct podman_ps row = { .names = names, .image = cases[i].image, .state = cases[i].state, .labels = &label, .n_labels = 1 };
		struct unit_props props = { .active_state = cases[i].active };
		struct answer *ps = answer("ps", "[]", "", 0);
		struct evidence e;
		struct agent a;

		empty_evidence(&e, &a, PLATFORM_LINUX);
		a.name = (char[]){ "a" };
		a.podman.require_machine = false;
		e.target.unit = (char[]){ "a.service" };
		e.service.unit.props = &props;
		e.service.unit.n_props = 1;
		e.podman.container_name = names[0];
		e.podman.image_ref = (char[]){ "localhost/i:1" };
		e.podman.engines[0] = (struct engine){ .name = (char[]){ "local" }, .asked = ps, .answers = true, .containers = &row, .n_containers = 1 };
		e.podman.n_engines = 1;
		struct report r = { .e = &e, .check = check_find("PF-13"), .verbs = CHECK_PREFLIGHT, .out = &l };
		r.check->run(&r);
		const struct finding *f = findings_find(&l, "PF-13");
		assert_non_null(f);
		if (f->verdict != (cases[i].whose ? VERDICT_FAIL : VERDICT_OK) || (cases[i].whose && !strstr(f->message, cases[i].whose)))
			fail_msg("%zu: %s", i, f->message);
		gather_free(e.gather);
		drop(ps);
	}
}

static void findings_come_in_the_order_of_the_tables(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };
	struct evidence e;
	struct agent a;
	size_t at = 0;

	empty_evidence(&e, &a, PLATFORM_LINUX);
	checks_run(&e, CHECK_DOCTOR, &l);
	for (size_t i = 0; i < l.n; i++) {
		while (check_nth(at) && strcmp(check_nth(at)->id, l.v[i]->check) != 0)
			at++;
		assert_non_null(check_nth(at));
	}
	gather_free(e.gather);
}

static void other_runtimes_and_platforms_do_not_apply(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };
	struct evidence e;
	struct agent a;

	empty_evidence(&e, &a, PLATFORM_LINUX);
	a.runtime = RUNTIME_NATIVE;
	checks_run(&e, CHECK_DOCTOR | CHECK_PREFLIGHT, &l);
	assert_int_equal(findings_find(&l, "PF-07")->verdict, VERDICT_NOT_APPLICABLE);
	assert_int_equal(findings_find(&l, "DR-13")->verdict, VERDICT_NOT_APPLICABLE);
	gather_free(e.gather);
}

/* Through sudo, and through sh as well, a name is still a name. */
static void remedies_quote_for_every_shell_they_pass(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };
	struct evidence e;
	struct agent a;

	empty_evidence(&e, &a, PLATFORM_LINUX);
	struct finding *f = findings_add(&l, "DR-10", VERDICT_FAIL);
	e.target.owner.id.name = NULL;
	remedy_as_owner(f, &e, "mkdir -p %s", "/home/x/My Logs");
	assert_string_equal(f->remedy, "mkdir -p '/home/x/My Logs'");
	e.target.owner.id.name = text_a;
	e.target.owner.id.uid = 1000;
	remedy_as_owner(f, &e, "mkdir -p %s", "/home/x/My Logs");
	assert_string_equal(f->remedy, "sudo -iu a mkdir -p '/home/x/My Logs'");
	remedy_as_owner(f, &e, "mkdir -p %s", "/home/x/$HOME");
	assert_string_equal(f->remedy, "sudo -Hu a mkdir -p '/home/x/$HOME'");
	remedy_script_as_owner(f, &e, "umask 077; echo >%s", "/a/My Auth");
	assert_string_equal(f->remedy, "sudo -iu a sh -c 'umask 077; echo >'\\''/a/My Auth'\\'''");
	a.scope = SCOPE_USER;
	remedy_systemctl(f, &e, "status %s", "a;id.service");
	assert_string_equal(f->remedy, "sudo systemctl --user -M a@ status 'a;id.service'");
	gather_free(e.gather);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_collected_is_unknown_and_never_ok),
		cmocka_unit_test(every_row_is_whole),
		cmocka_unit_test(every_id_of_the_contract_is_a_row),
		cmocka_unit_test(prerequisites_have_no_circle),
		cmocka_unit_test(ac1_one_cause_one_failure),
		cmocka_unit_test(PF08_of_a_way_that_fails_is_one_failure),
		cmocka_unit_test(PP10_of_a_journal_that_was_not_read_is_unknown),
		cmocka_unit_test(DR12_without_a_journal_counts_nothing_in_it),
		cmocka_unit_test(LA01_compares_what_the_service_comes_down_to),
		cmocka_unit_test(LA02_names_each_key_with_both_values),
		cmocka_unit_test(whose_a_container_of_our_name_is),
		cmocka_unit_test(findings_come_in_the_order_of_the_tables),
		cmocka_unit_test(other_runtimes_and_platforms_do_not_apply),
		cmocka_unit_test(remedies_quote_for_every_shell_they_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
