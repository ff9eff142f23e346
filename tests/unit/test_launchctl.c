/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/launchctl.h"
#include "tests/unit/samples.h"

static struct launchctl_overrides overrides(const char *name)
{
	_cleanup_free_ char *path = mem_printf("launchd/%s", name);
	_cleanup_buf_ struct buf b = sample_read(path);
	struct launchctl_overrides o;
	struct err err = { 0 };

	if (launchctl_disabled_parse(buf_str(&b), b.len, &o, &err) < 0)
		fail_msg("%s", err.msg);
	return o;
}

static void print_disabled_in_words(void **state)
{
	_cleanup_launchctl_overrides_ struct launchctl_overrides o = overrides("39-print-disabled-system-words.txt");

	assert_int_equal(o.n, 42);
	assert_int_equal(o.unknown_lines, 0);
	assert_int_equal(launchctl_overrides_get(&o, "com.apple.ftpd"), 1);
	assert_int_equal(launchctl_overrides_get(&o, "org.ntp.ntpd"), 0);
	assert_int_equal(launchctl_overrides_get(&o, "org.ntp"), -1);
}

/* RC-09 */
static void print_disabled_in_booleans_says_true_for_disabled(void **state)
{
	_cleanup_launchctl_overrides_ struct launchctl_overrides o = overrides("40-print-disabled-bools.txt");

	assert_int_equal(o.n, 8);
	assert_int_equal(launchctl_overrides_get(&o, "com.openssh.sshd"), 1);
	assert_int_equal(launchctl_overrides_get(&o, "com.apple.smbd"), 0);
}

static void print_disabled_with_any_indentation_and_cut(void **state)
{
	_cleanup_launchctl_overrides_ struct launchctl_overrides o = overrides("43-print-disabled-mixed-partial.txt");

	assert_int_equal(launchctl_overrides_get(&o, "homebrew.mxcl.postgresql@14"), 0);
	assert_int_equal(launchctl_overrides_get(&o, "com.carriez.RustDesk_service"), 1);
	assert_int_equal(launchctl_overrides_get(&o, "TechtoolProSnapshotDaemon"), 0);
	assert_int_equal(o.unknown_lines, 0);
}

static void print_disabled_of_nothing_and_with_a_second_block(void **state)
{
	static const char none[] = "\n\t(no disabled services)\n";
	static const char two[] = "\n\tdisabled services = {\n\t\t\"a.b\" => disabled\n\t}\n\tlogin item associations = {\n\t\t\"c.d\" => "
				  "disabled\n\t}\n";
	struct launchctl_overrides o;

	assert_int_equal(launchctl_disabled_parse(none, strlen(none), &o, NULL), 0);
	assert_int_equal(o.n, 0);
	launchctl_overrides_free(&o);
	assert_int_equal(launchctl_disabled_parse(two, strlen(two), &o, NULL), 0);
	assert_int_equal(o.n, 1);
	launchctl_overrides_free(&o);
	assert_int_equal(launchctl_disabled_parse("", 0, &o, NULL), -ERR_SYNTAX);
}

static struct launchctl_table table(const char *name)
{
	_cleanup_free_ char *path = mem_printf("launchd/%s", name);
	_cleanup_buf_ struct buf b = sample_read(path);
	struct launchctl_table t;

	assert_int_equal(launchctl_table_parse(buf_str(&b), b.len, &t, NULL), 0);
	assert_int_equal(t.unknown_lines, 0);
	return t;
}

static void list_tables(void **state)
{
	_cleanup_launchctl_table_ struct launchctl_table tabs = table("48-list-table-sequoia.txt");
	_cleanup_launchctl_table_ struct launchctl_table bare = table("49-list-table-brew-78.txt");
	_cleanup_launchctl_table_ struct launchctl_table blanks = table("51-list-table-spaces-catalina.txt");

	const struct launchctl_row *r = launchctl_table_find(&tabs, "com.apple.WindowServer");
	assert_int_equal(r->pid, 282); /* running now; the run before was killed by signal 11 */
	assert_int_equal(r->kind, LAUNCHCTL_ROW_SIGNAL);
	assert_int_equal(r->status, 11);
	r = launchctl_table_find(&bare, "homebrew.mxcl.postgresql");
	assert_int_equal(r->pid, 0);
	assert_int_equal(r->status, 78);
	assert_int_equal(blanks.n, 13);
	assert_int_equal(launchctl_table_find(&blanks, "com.microsoft.VSCodeInsiders.ShipIt")->pid, 3087);
}

static struct launchctl_job job(const char *name)
{
	_cleanup_free_ char *path = mem_printf("launchd/%s", name);
	_cleanup_buf_ struct buf b = sample_read(path);
	struct launchctl_job j;

	assert_int_equal(launchctl_job_parse(buf_str(&b), b.len, &j, NULL), 0);
	assert_int_equal(j.unknown_lines, 0);
	return j;
}

static void list_of_a_label(void **state)
{
	_cleanup_launchctl_job_ struct launchctl_job running = job("52-list-label-running.txt");
	_cleanup_launchctl_job_ struct launchctl_job idle = job("53-list-label-idle.txt");
	_cleanup_launchctl_job_ struct launchctl_job failed = job("55-list-label-args-exit1.txt");

	assert_string_equal(running.label, "com.taskctl.daemon");
	assert_int_equal(running.pid, 85615);
	assert_int_equal(running.on_demand, 0);
	assert_int_equal(idle.pid, 0);
	assert_int_equal(idle.on_demand, 1);
	assert_int_equal(failed.exit_code, 1);
	assert_int_equal(strv_len(failed.arguments), 3);
	assert_string_equal(failed.arguments[2], "--port=8443");
}

static void wait_statuses_are_macos(void **state)
{
	static const struct {
		int64_t raw;
		int code, sig;
	} rows[] = { { 0, 0, 0 }, { 256, 1, 0 }, { 19968, 78, 0 }, { 15, 0, 15 }, { 9, 0, 9 } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int code, sig;
		launchctl_wait_status(rows[i].raw, &code, &sig);
		assert_int_equal(code, rows[i].code);
		assert_int_equal(sig, rows[i].sig);
	}
}

static void the_recorded_error_table_is_ours(void **state)
{
	_cleanup_buf_ struct buf b = sample_read("launchd/58-xpc-strerror-table.txt");
	size_t n = 0;

	for (char *line = b.data, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		const struct launchctl_error *e = launchctl_error_find(LAUNCHCTL_ANY, (int)strtol(line, NULL, 10));
		assert_non_null(e);
		/* what is printed differs by system for 159 and 161: theirs hold ours */
		if (!strstr(line, e->text))
			fail_msg("%s: ours is %s", line, e->text);
		n++;
	}
	assert_int_equal(n, 54);
}

static void errors_mean_what_the_verb_makes_of_them(void **state)
{
	static const int explained[] = { 5, 36, 37, 113, 119, 125, 78 };

	for (size_t i = 0; i < ARRAY_LEN(explained); i++) {
		const struct launchctl_error *e = launchctl_error_find(LAUNCHCTL_BOOTSTRAP, explained[i]);
		assert_non_null(e->meaning);
		assert_non_null(e->remedy);
	}
	assert_true(launchctl_error_find(LAUNCHCTL_BOOTOUT, 3)->harmless);
	assert_false(launchctl_error_find(LAUNCHCTL_KICKSTART, 3)->harmless);
	assert_true(launchctl_error_find(LAUNCHCTL_BOOTOUT, 113)->harmless);
	assert_false(launchctl_error_find(LAUNCHCTL_BOOTSTRAP, 113)->harmless);
	assert_true(launchctl_error_find(LAUNCHCTL_BOOTOUT, 36)->harmless);
	assert_non_null(strstr(launchctl_error_find(LAUNCHCTL_BOOTSTRAP, 5)->meaning, "disabled"));
	assert_null(launchctl_error_find(LAUNCHCTL_ANY, 200));
}

static void numbers_are_found_in_what_was_printed(void **state)
{
	static const struct {
		const char *text;
		int code;
	} rows[] = {
		{ "Bootstrap failed: 5: Input/output error\nTry re-running the command as root for richer errors.\n", 5 },
		{ "Boot-out failed: 36: Operation now in progress\n", 36 },
		{ "Bad request.\nCould not find service \"a\" in domain for user gui: 501\n", 113 },
		{ "Bad request.\nCould not find domain for user gui: 99999\n", 112 },
		{ "Could not kickstart service \"x\": 1: Operation not permitted\n", 1 },
		{ "Load failed: 122: Path had bad ownership/permissions\n", 122 },
		{ "/Library/LaunchDaemons/co.kolide.runload.plist: Invalid property list\n", 109 },
		{ "/nix/store/x/Library/LaunchDaemons/org.nixos.nix-daemon.plist: Service is disabled\n", 119 },
		{ "127: The specified service did not ship with the operating system\n", 127 },
		{ "nothing of the kind\n", -1 },
		{ "", -1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(launchctl_error_code(rows[i].text, strlen(rows[i].text)), rows[i].code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(print_disabled_in_words),
		cmocka_unit_test(print_disabled_in_booleans_says_true_for_disabled),
		cmocka_unit_test(print_disabled_with_any_indentation_and_cut),
		cmocka_unit_test(print_disabled_of_nothing_and_with_a_second_block),
		cmocka_unit_test(list_tables),
		cmocka_unit_test(list_of_a_label),
		cmocka_unit_test(wait_statuses_are_macos),
		cmocka_unit_test(the_recorded_error_table_is_ours),
		cmocka_unit_test(errors_mean_what_the_verb_makes_of_them),
		cmocka_unit_test(numbers_are_found_in_what_was_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
