/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/unitcmd.h"

/* The words of the only command, joined by '|'. */
static void command_is(const char *value, const char *expected)
{
	_cleanup_unit_cmds_ struct unit_cmds c = { 0 };
	struct err err = { 0 };
	char joined[1024] = "";

	if (unitcmd_parse(value, &c, &err))
		fail_msg("%s: %s", value, err.msg);
	for (size_t k = 0; k < c.n; k++)
		for (size_t i = 0; c.v[k].argv[i]; i++) {
			size_t n = strlen(joined);
			snprintf(joined + n, sizeof(joined) - n, "%s%s", i ? "|" : k ? ";;" : "", c.v[k].argv[i]);
		}
	assert_string_equal(joined, expected);
}

static void words_are_split_as_systemd_splits_them(void **state)
{
	command_is("/usr/bin/podman run --name rs -c \"echo out; echo err >&2; exit 3\"",
		"/usr/bin/podman|run|--name|rs|-c|echo out; echo err >&2; exit 3");
	command_is("/bin/a 'b c' d\"e f\"g ''", "/bin/a|b c|de fg|");
	command_is("/bin/a \\x41 \\101 \\u00e9 \\s \\\\ \\\"", "/bin/a|A|A|\xc3\xa9| |\\|\"");
	command_is("/bin/a \\q \\x00", "/bin/a|\\q|\\x00");
	command_is("/bin/a ${X} $Y %n %%", "/bin/a|${X}|$Y|%n|%%");
	command_is("/bin/a | b > c && d", "/bin/a|||b|>|c|&&|d");
}

static void semicolons_part_commands_only_when_they_stand_alone(void **state)
{
	command_is("/bin/a x ; /bin/b y;z \\; ';' ; ", "/bin/a|x;;/bin/b|y;z|;|;");
}

static void prefixes_are_told(void **state)
{
	_cleanup_unit_cmds_ struct unit_cmds c = { 0 };

	assert_int_equal(unitcmd_parse("-@/bin/sh told -c x ; +:/bin/b ; !!/bin/c", &c, NULL), 0);
	assert_int_equal(c.n, 3);
	assert_true(c.v[0].ignore_failure);
	assert_string_equal(c.v[0].told_name, "told");
	assert_string_equal(c.v[0].argv[0], "/bin/sh");
	assert_string_equal(c.v[0].argv[1], "-c");
	assert_true(c.v[1].full_privileges && c.v[1].no_env && !c.v[1].ignore_failure);
	assert_true(c.v[2].ambient);
	assert_string_equal(c.v[2].argv[0], "/bin/c");
}

static void what_systemd_would_ignore_is_an_error(void **state)
{
	static const char *const bad[] = { "", "   ", "/bin/a 'b", "/bin/a \"b", "/bin/a \\", "-", "@/bin/a" };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct unit_cmds c = { 0 };
		assert_int_equal(unitcmd_parse(bad[i], &c, NULL), -ERR_SYNTAX);
		assert_null(c.v);
	}
}

static void environment_keeps_assignments_only(void **state)
{
	_cleanup_strv_ char **env = NULL, **none = NULL;

	assert_int_equal(unit_environment("\"A=b c\" 'Q=say \"hi\"' 9X=1 word D=e=f G=", &env, NULL), 0);
	assert_int_equal(strv_len(env), 4);
	assert_string_equal(env[0], "A=b c");
	assert_string_equal(env[1], "Q=say \"hi\"");
	assert_string_equal(env[2], "D=e=f");
	assert_string_equal(env[3], "G=");
	assert_int_equal(unit_environment("x y", &none, NULL), 0);
	assert_null(none);
	/* the line of the sample that systemd 252 refuses: the quote of MULTI is not closed */
	assert_int_equal(unit_environment("\"A=b c\" 'Q=say \"hi\" $x' MULTI=\"one", &none, NULL), -ERR_SYNTAX);
}

static void spans_are_those_of_systemd_time(void **state)
{
	static const struct {
		const char *s;
		uint64_t us;
	} rows[] = {
		{ "10", 10000000 }, { "0", 0 }, { "100ms", 100000 }, { "1min 30s", 90000000 }, { "1h3min", 3780000000 },
		{ "1.5s", 1500000 }, { ".5s", 500000 }, { "2 weeks", 1209600000000 }, { "5us", 5 }, { " infinity ", UNIT_TIME_INFINITY },
		{ "1y 0.5y", 47336400000000 }, { "7\xc2\xb5s", 7 }, { "1M", 2629800000000 }, { "1m", 60000000 },
	};
	uint64_t us;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(unit_time_parse(rows[i].s, &us), 0);
		assert_int_equal(us, rows[i].us);
	}
	static const char *const bad[] = { "", " ", "x", "1 parsec", "-1", "1..5", "1.", "99999999999999999999", "18446744073709551615", "infinity x" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(unit_time_parse(bad[i], &us), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split_as_systemd_splits_them),
		cmocka_unit_test(semicolons_part_commands_only_when_they_stand_alone),
		cmocka_unit_test(prefixes_are_told),
		cmocka_unit_test(what_systemd_would_ignore_is_an_error),
		cmocka_unit_test(environment_keeps_assignments_only),
		cmocka_unit_test(spans_are_those_of_systemd_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
