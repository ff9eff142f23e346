/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/plist_lint.h"
#include "tests/unit/samples.h"

static struct lints lint_sample(const char *name, const char *path)
{
	_cleanup_free_ char *file = mem_printf("launchd/plists/%s", name);
	_cleanup_buf_ struct buf b = sample_read(file);
	struct lints l;

	launchd_plist_lint(b.data, b.len, path, &l);
	return l;
}

static struct lints lint_keys(const char *keys, const char *path)
{
	_cleanup_free_ char *text = mem_printf("<plist version=\"1.0\"><dict>%s</dict></plist>", keys);
	struct lints l;

	launchd_plist_lint(text, strlen(text), path, &l);
	return l;
}

static void good_ones_have_no_errors(void **state)
{
	static const char *const good[] = { "good-hm-test-agent.plist", "good-nixdarwin-nix-daemon.plist",
		"good-podman-machine-start-abandon.plist" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		_cleanup_lints_ struct lints l = lint_sample(good[i], NULL);
		if (lints_count(&l, LINT_ERROR) || lints_count(&l, LINT_WARNING))
			fail_msg("%s: %s", good[i], l.v[0].text);
	}
}

static void launchd_refuses_what_plutil_accepts(void **state)
{
	_cleanup_lints_ struct lints l = lint_sample("bad-true-open-close-tag.plist", NULL);

	assert_int_equal(lints_find(&l, "plist.empty-boolean")->line, 10);
	assert_int_equal(lints_find(&l, "plist.empty-boolean")->level, LINT_ERROR);
}

static void syntax_is_a_finding_with_its_line(void **state)
{
	_cleanup_lints_ struct lints l = lint_sample("bad-unescaped-ampersand.plist", NULL);

	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0].id, "plist.syntax");
	assert_int_equal(l.v[0].line, 10);
}

/* PP-02, PP-08: the wrapper is taken off, what it starts is judged */
static void a_one_shot_command_must_not_be_kept_alive(void **state)
{
	_cleanup_lints_ struct lints l = lint_sample("bad-podman-machine-keepalive-true.plist", NULL);

	assert_non_null(lints_find(&l, "plist.keepalive-one-shot"));
	assert_non_null(strstr(lints_find(&l, "plist.keepalive-one-shot")->text, "125"));
}

/* PF-17 */
static void what_each_rule_says(void **state)
{
#define OK "<key>Label</key><string>a.b</string><key>ProgramArguments</key><array><string>/bin/x</string></array>"
	static const char agents[] = "/Users/u/Library/LaunchAgents/a.b.plist", daemons[] = "/Library/LaunchDaemons/a.b.plist";
	static const struct {
		const char *keys, *path, *id;
	} rows[] = {
		{ "<key>Program</key><string>/x</string>", NULL, "plist.no-label" },
		{ "<key>Label</key><string>a b</string><key>Program</key><string>/x</string>", NULL, "plist.label-characters" },
		{ "<key>Label</key><string>a</string>", NULL, "plist.no-program" },
		{ OK, "/Users/u/Library/LaunchAgents/other.plist", "plist.file-name" },
		{ "<key>Label</key><string>a</string><key>Program</key><string>~/bin/x</string>", NULL, "plist.program-expansion" },
		{ "<key>Label</key><string>a</string><key>Program</key><string>podman</string>", NULL, "plist.program-relative" },
		{ OK "<key>Program</key><string>/bin/y</string>", NULL, "plist.program-differs" },
		{ "<key>Label</key><string>a</string><key>ProgramArguments</key><array><string>/x</string><string>$HOME/y</string></array>",
			NULL, "plist.argument-expansion" },
		{ OK "<key>StandardOutPath</key><string>$HOME/a.log</string>", NULL, "plist.path-expansion" },
		{ OK "<key>StandardOutPath</key><string>a.log</string>", NULL, "plist.path-relative" },
		{ OK "<key>KeepAlive</key><dict/>", NULL, "plist.keepalive-empty" },
		{ OK "<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/><key>Crashed</key><false/></dict>", NULL,
			"plist.keepalive-ored" },
		{ OK "<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict><key>RunAtLoad</key><false/>", NULL,
			"plist.run-at-load-implied" },
		{ OK "<key>KeepAlive</key><dict><key>NetworkState</key><true/></dict>", NULL, "plist.network-state" },
		{ OK "<key>ThrottleInterval</key><integer>0</integer>", NULL, "plist.throttle-zero" },
		{ OK "<key>StartInterval</key><integer>0</integer>", NULL, "plist.start-interval" },
		{ OK "<key>StartInterval</key><integer>9</integer><key>KeepAlive</key><true/>", NULL, "plist.keepalive-timed" },
		{ OK "<key>UserName</key><string>u</string>", agents, "plist.username-in-agent" },
		{ OK "<key>LimitLoadToSessionType</key><string>Aqua</string>", daemons, "plist.session-in-daemon" },
		{ OK "<key>Disabled</key><true/>", NULL, "plist.disabled-key" },
		{ OK "<key>OnDemand</key><false/>", NULL, "plist.on-demand" },
		{ OK "<key>RunAtLoad</key><string>yes</string>", NULL, "plist.type" },
		{ OK "<key>RestartAlways</key><true/>", NULL, "plist.unknown-key" },
	};

	_cleanup_lints_ struct lints clean = lint_keys(OK, agents);
	assert_int_equal(clean.n, 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_lints_ struct lints l = lint_keys(rows[i].keys, rows[i].path);
		if (!lints_find(&l, rows[i].id))
			fail_msg("%s was not found", rows[i].id);
	}
}

/* PP-11: restarts per hour as launchd will really make them */
static void restart_budgets(void **state)
{
	static const struct {
		const char *keys;
		enum restart_cause cause;
		uint32_t per_hour;
	} rows[] = {
		{ "", RESTART_NEVER, 0 },
		{ "<key>RunAtLoad</key><true/>", RESTART_NEVER, 0 },
		{ "<key>KeepAlive</key><false/>", RESTART_NEVER, 0 },
		{ "<key>KeepAlive</key><true/>", RESTART_ALWAYS, 360 },
		{ "<key>KeepAlive</key><true/><key>ThrottleInterval</key><integer>0</integer>", RESTART_ALWAYS, 360 },
		{ "<key>KeepAlive</key><true/><key>ThrottleInterval</key><integer>1</integer>", RESTART_ALWAYS, 3600 },
		{ "<key>KeepAlive</key><true/><key>ThrottleInterval</key><integer>1800</integer>", RESTART_ALWAYS, 2 },
		{ "<key>KeepAlive</key><true/><key>LaunchOnlyOnce</key><true/>", RESTART_NEVER, 0 },
		{ "<key>OnDemand</key><false/>", RESTART_ALWAYS, 360 },
		{ "<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>", RESTART_ON_FAILURE, 360 },
		{ "<key>KeepAlive</key><dict><key>SuccessfulExit</key><true/></dict>", RESTART_ON_SUCCESS, 360 },
		{ "<key>KeepAlive</key><dict><key>Crashed</key><true/></dict>", RESTART_ON_FAILURE, 360 },
		{ "<key>KeepAlive</key><dict><key>SuccessfulExit</key><false/><key>Crashed</key><false/></dict>", RESTART_ALWAYS, 360 },
		{ "<key>KeepAlive</key><dict><key>PathState</key><dict><key>/x</key><true/></dict></dict>", RESTART_CONDITION, 360 },
		{ "<key>StartInterval</key><integer>60</integer>", RESTART_TIMED, 60 },
		{ "<key>StartInterval</key><integer>2</integer>", RESTART_TIMED, 360 },
		{ "<key>StartCalendarInterval</key><dict><key>Minute</key><integer>5</integer></dict>", RESTART_TIMED, 1 },
		{ "<key>StartCalendarInterval</key><dict><key>Hour</key><integer>5</integer></dict>", RESTART_TIMED, 60 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *text = mem_printf("<plist version=\"1.0\"><dict>" OK "%s</dict></plist>", rows[i].keys);
		_cleanup_launchd_plist_ struct launchd_plist p;

		assert_int_equal(launchd_plist_parse(text, strlen(text), &p, NULL), 0);
		struct restart_budget b = launchd_restart_budget(&p);
		if (b.cause != rows[i].cause || b.per_hour != rows[i].per_hour)
			fail_msg("%s: %s, %u an hour", rows[i].keys, restart_cause_name(b.cause), b.per_hour);
		assert_int_equal(b.gives_up, b.cause == RESTART_NEVER);
	}
}

/* DR-03 */
static void owner_and_mode_rules(void **state)
{
	static const struct {
		uint32_t mode, uid;
		enum launchd_dir dir;
		const char *id;
	} rows[] = {
		{ S_IFREG | 0644, 0, LAUNCHD_DIR_LOCAL_DAEMONS, NULL },
		{ S_IFREG | 0600, 0, LAUNCHD_DIR_LOCAL_AGENTS, NULL },
		{ S_IFREG | 0444, 501, LAUNCHD_DIR_USER_AGENTS, NULL },
		{ S_IFREG | 0644, 501, LAUNCHD_DIR_LOCAL_AGENTS, "file.owner" },
		{ S_IFREG | 0644, 502, LAUNCHD_DIR_USER_AGENTS, "file.owner" },
		{ S_IFREG | 0664, 0, LAUNCHD_DIR_LOCAL_DAEMONS, "file.mode" },
		{ S_IFREG | 0666, 501, LAUNCHD_DIR_USER_AGENTS, "file.mode" },
		{ S_IFLNK | 0755, 501, LAUNCHD_DIR_USER_AGENTS, "file.symlink" },
		{ S_IFDIR | 0755, 0, LAUNCHD_DIR_LOCAL_DAEMONS, "file.type" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_lints_ struct lints l = { 0 };
		struct file_stat st = { .known = true, .mode = rows[i].mode, .uid = rows[i].uid };

		launchd_file_lint(&st, rows[i].dir, 501, &l);
		assert_int_equal(l.n, rows[i].id != NULL);
		if (rows[i].id)
			assert_string_equal(l.v[0].id, rows[i].id);
	}
	_cleanup_lints_ struct lints none = { 0 };
	launchd_file_lint(&(struct file_stat){ 0 }, LAUNCHD_DIR_LOCAL_DAEMONS, 501, &none);
	assert_int_equal(none.n, 0);
}

static void directories_are_told_apart(void **state)
{
	assert_int_equal(launchd_dir_of("/Library/LaunchAgents/a.plist"), LAUNCHD_DIR_LOCAL_AGENTS);
	assert_int_equal(launchd_dir_of("/Users/u/Library/LaunchAgents/a.plist"), LAUNCHD_DIR_USER_AGENTS);
	assert_int_equal(launchd_dir_of("/Library/LaunchDaemons/a.plist"), LAUNCHD_DIR_LOCAL_DAEMONS);
	assert_int_equal(launchd_dir_of("/System/Library/LaunchDaemons/a.plist"), LAUNCHD_DIR_SYSTEM);
	assert_int_equal(launchd_dir_of("/Library/LaunchDaemons/sub/a.plist"), LAUNCHD_DIR_OTHER);
	assert_int_equal(launchd_dir_of("/private/tmp/a.plist"), LAUNCHD_DIR_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_have_no_errors),
		cmocka_unit_test(launchd_refuses_what_plutil_accepts),
		cmocka_unit_test(syntax_is_a_finding_with_its_line),
		cmocka_unit_test(a_one_shot_command_must_not_be_kept_alive),
		cmocka_unit_test(what_each_rule_says),
		cmocka_unit_test(restart_budgets),
		cmocka_unit_test(owner_and_mode_rules),
		cmocka_unit_test(directories_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
