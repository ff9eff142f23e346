/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <string.h>

#include "formats/launchctl_print.h"
#include "tests/unit/samples.h"

static struct launchctl_service service(const char *text)
{
	struct launchctl_service s;
	struct err err = { 0 };

	if (launchctl_service_parse(text, strlen(text), &s, &err) < 0)
		fail_msg("%s", err.msg);
	return s;
}

static struct launchctl_service sample(const char *name)
{
	_cleanup_free_ char *path = mem_printf("launchd/%s", name);
	_cleanup_buf_ struct buf b = sample_read(path);

	return service(buf_str(&b));
}

static void every_sample_is_understood_without_a_line_left_over(void **state)
{
	glob_t g;

	assert_int_equal(glob("tests/samples/launchd/*-svc-*.txt", 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 25);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		_cleanup_launchctl_service_ struct launchctl_service s = sample(strrchr(g.gl_pathv[i], '/') + 1);

		if (s.unknown_lines)
			fail_msg("%s: not understood: %s", g.gl_pathv[i], s.unknown[0]);
		assert_int_equal(s.repeated, 0);
		/* a fragment has no header, and one daemon was cut before anything else */
		if (!strstr(g.gl_pathv[i], "fragment"))
			assert_non_null(s.label);
		assert_int_equal(s.truncated, strstr(g.gl_pathv[i], "truncated") != NULL);
		/* a job's runs are the one thing that every capture shows, but for the two that were cut early */
		if (!strstr(g.gl_pathv[i], "21-svc"))
			assert_true(s.runs >= 0);
	}
	globfree(&g);
}

static void a_running_daemon_has_all_its_fields(void **state)
{
	_cleanup_launchctl_service_ struct launchctl_service s = sample("01-svc-daemon-running-semaphores.txt");

	assert_string_equal(s.target, "system/ai.promptctl.vhid.vhidd.dev");
	assert_string_equal(s.label, "ai.promptctl.vhid.vhidd.dev");
	assert_string_equal(s.domain, "system");
	assert_false(s.old_style);
	assert_string_equal(s.path, "/Library/LaunchDaemons/ai.promptctl.vhid.vhidd.dev.plist");
	assert_int_equal(s.state, LAUNCHCTL_STATE_RUNNING);
	assert_int_equal(strv_len(s.arguments), 3);
	assert_string_equal(s.arguments[2], "ai.promptctl.vhid.vhidd.dev");
	assert_string_equal(launchctl_pairs_get(&s.default_environment, "PATH"), "/usr/bin:/bin:/usr/sbin:/sbin");
	assert_int_equal(s.pid, 573);
	assert_int_equal(s.minimum_runtime, 10);
	assert_int_equal(s.exit_timeout, 5);
	assert_int_equal(s.active_count, 2); /* not the coalition's 1 */
	assert_int_equal(s.exit, LAUNCHCTL_EXIT_NEVER);
	assert_string_equal(launchctl_pairs_get(&s.semaphores, "successful exit"), "0");
	assert_string_equal(s.immediate_reason, "semaphore");
	assert_true(launchctl_service_respawns(&s));
	assert_true(launchctl_service_has(&s, "managed LWCR"));
	assert_false(launchctl_service_has(&s, "keepalive"));
	assert_string_equal(s.endpoints[0], "ai.promptctl.vhid.vhidd.dev");
}

static void the_exit_line_in_all_its_forms(void **state)
{
	static const struct {
		const char *line;
		enum launchctl_exit kind;
		int code, sig;
		bool failed;
	} rows[] = {
		{ "last exit code = 0", LAUNCHCTL_EXIT_CODE, 0, 0, false },
		{ "last exit code = 78: EX_CONFIG", LAUNCHCTL_EXIT_CODE, 78, 0, true },
		{ "last exit code = (never exited)", LAUNCHCTL_EXIT_NEVER, 0, 0, false },
		{ "last exit code = (failed reap)", LAUNCHCTL_EXIT_ABANDONED, 0, 0, true },
		{ "last terminating signal = Terminated: 15", LAUNCHCTL_EXIT_SIGNAL, 0, 15, false },
		{ "last terminating signal = Segmentation fault: 11", LAUNCHCTL_EXIT_SIGNAL, 0, 11, true },
		{ "last exit reason = OS_REASON_CODESIGNING", LAUNCHCTL_EXIT_REASON, 0, 0, true },
		{ "last exit reason = JETSAM_REASON_MEMORY_IDLE_EXIT", LAUNCHCTL_EXIT_REASON, 0, 0, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *text = mem_printf("gui/501/a = {\n\truns = 1\n\t%s\n}\n", rows[i].line);
		_cleanup_launchctl_service_ struct launchctl_service s = service(text);

		assert_int_equal(s.exit, rows[i].kind);
		assert_int_equal(s.exit_code, rows[i].code);
		assert_int_equal(s.exit_signal, rows[i].sig);
		assert_int_equal(launchctl_service_failed(&s), rows[i].failed);
	}
}

static void old_spelling_has_a_bare_label_and_a_block_of_properties(void **state)
{
	_cleanup_launchctl_service_ struct launchctl_service s = sample("31-svc-oldstyle-catalina-agent-full.txt");

	assert_true(s.old_style);
	assert_string_equal(s.label, "com.microsoft.VSCodeInsiders.ShipIt");
	assert_string_equal(s.domain, "gui/501");
	assert_null(s.path);
	assert_string_equal(s.submitted_by, "Electron.3066");
	assert_int_equal(strv_len(s.properties), 2);
	assert_true(launchctl_service_has(&s, "inferred program"));
	assert_null(s.triggers);
}

static void a_submitted_job_in_a_crash_loop(void **state)
{
	_cleanup_launchctl_service_ struct launchctl_service s = sample("24-svc-smappservice-crashloop-78-runs22138.txt");

	assert_string_equal(s.submitted_by, "smd.553");
	assert_null(s.program);
	assert_string_equal(s.parent_bundle, "yyh.CLI-Pulse");
	assert_int_equal(s.state, LAUNCHCTL_STATE_SPAWN_SCHEDULED);
	assert_int_equal(s.runs, 22138);
	assert_int_equal(s.exit_code, 78);
	assert_string_equal(s.job_state, "spawn failed");
	assert_false(launchctl_service_triggered(&s));
}

static void a_bracket_closed_by_a_binary_value_does_not_lose_the_rest(void **state)
{
	_cleanup_launchctl_service_ struct launchctl_service s = sample("06-svc-agent-keepalive-dict-running.txt");

	assert_int_equal(s.runs, 1);
	assert_int_equal(s.pid, 1082);
	assert_true(launchctl_service_has(&s, "runatload"));
}

static void triggers_and_intervals_tell_a_periodic_job(void **state)
{
	_cleanup_launchctl_service_ struct launchctl_service timed = sample("07-svc-agent-startinterval-idle.txt");
	_cleanup_launchctl_service_ struct launchctl_service watch = sample("04-svc-agent-watchpaths-exit1.txt");

	assert_true(timed.run_interval > 0);
	assert_true(launchctl_service_triggered(&timed));
	assert_string_equal(watch.triggers[0], "com.apple.launchd.WatchPaths");
	assert_true(launchctl_service_triggered(&watch));
	assert_true(launchctl_service_failed(&watch));
}

static void arguments_cannot_imitate_what_stands_before_or_behind_them(void **state)
{
	_cleanup_launchctl_service_ struct launchctl_service s = service("gui/501/a = {\n"
		"\tstate = running\n\tprogram = /bin/sh\n\targuments = {\n\t\t/bin/sh\n\t\t-c\n\t\tif x; then\n\ty = 1\n}\n"
		"\t}\n\n\tstate = not running\n\tprogram = /bin/true\n\truns = 0\n\tlast exit code = 0\n"
		"\t\tend\n\t}\n\n\tenvironment = {\n\t\tA => 1\nB = 2\n\t\tC => 3\n\t}\n\n"
		"\truns = 9962\n\tlast exit code = 78: EX_CONFIG\n}\n");

	assert_int_equal(s.state, LAUNCHCTL_STATE_RUNNING);
	assert_string_equal(s.program, "/bin/sh");
	assert_int_equal(s.runs, 9962);
	assert_int_equal(s.exit_code, 78);
	assert_int_equal(s.repeated, 4);
	assert_string_equal(s.arguments[2], "if x; then\n\ty = 1\n}");
	assert_string_equal(launchctl_pairs_get(&s.environment, "A"), "1\nB = 2");
	assert_string_equal(launchctl_pairs_get(&s.environment, "C"), "3");
	assert_false(s.truncated);
}

static void unknown_lines_are_kept_and_counted(void **state)
{
	_cleanup_launchctl_service_ struct launchctl_service s =
		service("gui/501/a = {\n\truns = 3\n\tquantum mode engaged\n\tflux = 7\n\tnew block = {\n\t\tx\n\t}\n\n\tstate = exited\n}\n");

	assert_int_equal(s.runs, 3);
	assert_int_equal(s.state, LAUNCHCTL_STATE_EXITED);
	assert_int_equal(s.unknown_lines, 3);
	assert_string_equal(s.unknown[0], "quantum mode engaged");
	assert_string_equal(launchctl_pairs_get(&s.other, "flux"), "7");
}

static void an_error_text_is_not_a_service(void **state)
{
	_cleanup_buf_ struct buf b = sample_read("launchd/09-err-print-unknown-service-gui.txt");
	struct launchctl_service s;
	struct err err = { 0 };

	assert_int_equal(launchctl_service_parse(buf_str(&b), b.len, &s, &err), -ERR_SYNTAX);
	assert_int_equal(launchctl_service_parse("", 0, &s, &err), -ERR_SYNTAX);
}

static struct launchctl_domain domain(const char *name)
{
	_cleanup_free_ char *path = mem_printf("launchd/%s", name);
	_cleanup_buf_ struct buf b = sample_read(path);
	struct launchctl_domain d;
	struct err err = { 0 };

	if (launchctl_domain_parse(buf_str(&b), b.len, &d, &err) < 0)
		fail_msg("%s", err.msg);
	return d;
}

static void a_login_domain_lists_its_services_and_overrides(void **state)
{
	_cleanup_launchctl_domain_ struct launchctl_domain d = domain("44-domain-gui.txt");

	assert_string_equal(d.target, "gui/501");
	assert_string_equal(d.session, "Aqua");
	assert_int_equal(d.uid, 501);
	assert_int_equal(d.service_count, 424);
	assert_int_equal(d.n_services, 2);
	assert_int_equal(launchctl_domain_find(&d, "net.jwpconsulting.postgresql")->pid, 887);
	assert_int_equal(launchctl_overrides_get(&d.disabled, "com.apple.rcd"), 1);
	assert_int_equal(launchctl_overrides_get(&d.disabled, "com.example.none"), -1);
	assert_int_equal(d.on_demand_count, -1);
	assert_int_equal(d.unknown_lines, 0);
	assert_false(d.truncated);
}

static void the_system_domain_has_tables_and_no_uid(void **state)
{
	_cleanup_launchctl_domain_ struct launchctl_domain d = domain("45-domain-system.txt");
	_cleanup_launchctl_domain_ struct launchctl_domain old = domain("46-domain-dumpstate-head.txt");

	assert_int_equal(d.uid, -1);
	assert_int_equal(d.n_services, 4);
	assert_int_equal(d.services[0].pid, 0);
	assert_int_equal(d.services[0].kind, LAUNCHCTL_ROW_NONE);
	assert_int_equal(launchctl_overrides_get(&d.disabled, "net.jwpconsulting.nagios"), 0);
	assert_int_equal(old.on_demand_count, 0);
	assert_true(old.truncated);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_is_understood_without_a_line_left_over),
		cmocka_unit_test(a_running_daemon_has_all_its_fields),
		cmocka_unit_test(the_exit_line_in_all_its_forms),
		cmocka_unit_test(old_spelling_has_a_bare_label_and_a_block_of_properties),
		cmocka_unit_test(a_submitted_job_in_a_crash_loop),
		cmocka_unit_test(a_bracket_closed_by_a_binary_value_does_not_lose_the_rest),
		cmocka_unit_test(triggers_and_intervals_tell_a_periodic_job),
		cmocka_unit_test(arguments_cannot_imitate_what_stands_before_or_behind_them),
		cmocka_unit_test(unknown_lines_are_kept_and_counted),
		cmocka_unit_test(an_error_text_is_not_a_service),
		cmocka_unit_test(a_login_domain_lists_its_services_and_overrides),
		cmocka_unit_test(the_system_domain_has_tables_and_no_uid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
