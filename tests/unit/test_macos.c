/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/macos.h"
#include "formats/macos_btm.h"
#include "tests/unit/samples.h"

/* DR-13 */
static void enrollment(void **state)
{
	_cleanup_buf_ struct buf none = sample_read("launchd/59-profiles-not-enrolled.txt");
	_cleanup_buf_ struct buf ade = sample_read("launchd/60-profiles-enrolled-ua.txt");
	_cleanup_macos_enrollment_ struct macos_enrollment a, b;

	assert_int_equal(macos_enrollment_parse(none.data, none.len, &a, NULL), 0);
	assert_false(a.dep || a.mdm || a.user_approved);
	assert_null(a.server);
	assert_int_equal(macos_enrollment_parse(ade.data, ade.len, &b, NULL), 0);
	assert_true(b.dep && b.mdm && b.user_approved);
	assert_string_equal(b.server, "https://mdm.example.com/mdm/checkin");
	struct macos_enrollment c;
	assert_int_equal(macos_enrollment_parse("profiles: error\n", 16, &c, NULL), -ERR_SYNTAX);
}

/* Login Items in System Settings. */
static void background_items(void **state)
{
	static const char agent[] = "org.socioprophet.node-commander", old[] = "Records for UID 0 : X\n #1:\n  Identifier: a.b\n  Disposition: [enabled, "
									       "disallowed, visible, notified] (9)\n";
	_cleanup_buf_ struct buf b = sample_read("launchd/66-sfltool-dumpbtm.txt");
	_cleanup_macos_btm_ struct macos_btm t, o;
	struct macos_btm none;

	assert_int_equal(macos_btm_parse(b.data, b.len, &t, NULL), 0);
	assert_int_equal(t.n, 6); /* what is embedded in a record is none */
	const struct macos_btm_item *it = macos_btm_find(&t, 501, agent, NULL);
	assert_non_null(it);
	assert_ptr_equal(it, macos_btm_find(&t, 501, "", "/Users/alice/Library/LaunchAgents/org.socioprophet.node-commander.plist"));
	assert_true(it->known && it->enabled && !it->allowed);
	assert_string_equal(it->executable, "/Users/alice/.local/bin/node-commander-launch");
	assert_null(it->developer); /* "(null)" */
	assert_null(macos_btm_find(&t, 502, agent, NULL)); /* another user's */
	assert_false(macos_btm_find(&t, 502, "com.example.authservice", NULL)->allowed); /* the system's is everybody's */
	assert_true(macos_btm_find(&t, 501, "com.example.sync", NULL)->allowed); /* (3), a relative URL */
	assert_null(macos_btm_find(&t, 501, "com.example.menu", NULL)); /* an app, no list */
	assert_string_equal(t.v[4].path, "/Applications/Example Menu.app/");
	assert_int_equal(macos_btm_parse(old, strlen(old), &o, NULL), 0); /* macOS 13: the label alone, the number in decimal */
	assert_false(macos_btm_find(&o, 0, "a.b", NULL)->allowed);
	assert_int_equal(macos_btm_parse("sfltool: must be root\n", 22, &none, NULL), -ERR_SYNTAX);
}

static void versions(void **state)
{
	_cleanup_buf_ struct buf b = sample_read("launchd/63-sw_vers.txt");
	_cleanup_macos_version_ struct macos_version v, old;
	static const char rsr[] = "ProductName:\tMac OS X\nProductVersion:\t10.15.7\nProductVersionExtra:\t(a)\nBuildVersion:\t19H15\n";

	assert_int_equal(macos_version_parse(b.data, b.len, &v, NULL), 0);
	assert_string_equal(v.version, "15.6.1");
	assert_string_equal(v.build, "24G90");
	assert_int_equal(v.major, 15);
	assert_int_equal(v.minor, 6);
	struct macos_version odd;
	assert_int_equal(macos_version_parse("ProductVersion: 8.-6.1\n", 23, &odd, NULL), 0);
	assert_int_equal(odd.minor, 0);
	macos_version_free(&odd);
	assert_null(v.extra);
	assert_int_equal(macos_version_parse(rsr, strlen(rsr), &old, NULL), 0);
	assert_int_equal(old.major, 10);
	assert_int_equal(old.minor, 15);
	assert_string_equal(old.extra, "(a)");
}

static void launchd_log_lines(void **state)
{
	_cleanup_buf_ struct buf b = sample_read("launchd/65-launchd-log-nixdaemon-start.txt");
	int n = 0, states = 0, on_demand = 0;

	for (char *line = b.data, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		_cleanup_macos_log_line_ struct macos_log_line l;
		assert_int_equal(macos_log_parse(line, strlen(line), &l, NULL), 1);
		assert_true(l.local_time);
		states += l.event == MACOS_LOG_STATE;
		on_demand += l.event == MACOS_LOG_ON_DEMAND;
		if (++n == 7) {
			assert_string_equal(l.target, "system/org.nixos.darwin-store");
			assert_int_equal(l.pid, 70);
			assert_string_equal(l.level, "Notice");
			assert_int_equal(l.time_us % 1000000, 168707);
		}
	}
	assert_int_equal(n, 9);
	assert_int_equal(states, 3);
	assert_int_equal(on_demand, 2);
}

static void unified_log_lines(void **state)
{
	static const char line[] =
		"{\"timestamp\":\"2026-11-24 08:00:03.000001+0100\",\"processImagePath\":\"\\/sbin\\/launchd\",\"processID\":1,"
		"\"messageType\":\"Default\",\"subsystem\":\"com.apple.xpc.launchd\","
		"\"eventMessage\":\"Service only ran for 2 seconds. Pushing respawn out by 8 seconds.\"}";
	static const char last[] = "{\"count\":1,\"finished\":1}";
	_cleanup_macos_log_line_ struct macos_log_line l;
	struct macos_log_line none;

	assert_int_equal(macos_log_parse(line, strlen(line), &l, NULL), 1);
	assert_int_equal(l.event, MACOS_LOG_THROTTLED);
	assert_int_equal(l.seconds, 8);
	assert_string_equal(l.process, "launchd");
	assert_false(l.local_time);
	assert_int_equal(l.time_us, UINT64_C(1795503603000001));
	assert_int_equal(macos_log_parse(last, strlen(last), &none, NULL), 0);
	assert_int_equal(macos_log_parse("Filtering the log data", 22, &none, NULL), 0);
	assert_int_equal(macos_log_parse("{", 1, &none, NULL), -ERR_SYNTAX);
}

static bool unwrap(const char *script, char ***ret)
{
	char *argv[] = { mem_strdup("/bin/sh"), mem_strdup("-c"), mem_strdup(script), NULL };
	bool wrapped = nix_unwrap(argv, ret);

	for (size_t i = 0; i < 3; i++)
		free(argv[i]);
	return wrapped;
}

/* PP-08, RC-15 */
static void the_nix_wrapper_is_taken_off_and_nothing_else(void **state)
{
	char **v = NULL;

	assert_true(unwrap("/bin/wait4path /nix/store && exec /nix/store/x/bin/podman machine start", &v));
	assert_int_equal(strv_len(v), 3);
	assert_string_equal(v[0], "/nix/store/x/bin/podman");
	strv_free(v);
	assert_true(unwrap("/bin/wait4path /nix/store && exec '/some/command' --with 'two words' \"and\"'these'", &v));
	assert_int_equal(strv_len(v), 4);
	assert_string_equal(v[2], "two words");
	assert_string_equal(v[3], "andthese");
	strv_free(v);
	assert_true(unwrap("/bin/wait4path /nix/store && curl x | sh", &v));
	assert_int_equal(strv_len(v), 3);
	assert_string_equal(v[2], "curl x | sh");
	strv_free(v);
	assert_true(unwrap("/bin/wait4path /run/wrappers/bin && x", &v));
	strv_free(v);
	assert_false(unwrap("/bin/wait4path /tmp/store && exec x", &v));
	assert_false(unwrap("/bin/wait4path /nix/store; exec x", &v));
	assert_false(unwrap("true && /bin/wait4path /nix/store && exec x", &v));
	assert_false(unwrap("/bin/wait4path /nix/store && ", &v));
	assert_false(unwrap("exec x", &v));
}

static void store_items(void **state)
{
	_cleanup_free_ char *item = nix_store_item("/nix/store/zv883l8g80caw3lhmwxnnylqss7bsrhb-activate/bin/x");

	assert_string_equal(item, "/nix/store/zv883l8g80caw3lhmwxnnylqss7bsrhb-activate");
	assert_null(nix_store_item("/nix/store/short-x"));
	_cleanup_free_ char *guix = nix_store_item("/gnu/store/zv883l8g80caw3lhmwxnnylqss7bsrhb-hello-2.12/bin/hello");
	assert_string_equal(guix, "/gnu/store/zv883l8g80caw3lhmwxnnylqss7bsrhb-hello-2.12");
	assert_null(nix_store_item("/usr/bin/true"));
	assert_null(nix_store_item("/nix/store"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(enrollment),
		cmocka_unit_test(background_items),
		cmocka_unit_test(versions),
		cmocka_unit_test(launchd_log_lines),
		cmocka_unit_test(unified_log_lines),
		cmocka_unit_test(the_nix_wrapper_is_taken_off_and_nothing_else),
		cmocka_unit_test(store_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
