/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "formats/mem.h"
#include "formats/unitspec.h"

static void is(const char *s, const struct unit_context *c, const char *expected)
{
	_cleanup_free_ char *got = unit_specifiers(s, c);

	if (!expected || !got ? (expected || got) : strcmp(got, expected) != 0)
		fail_msg("%s: %s, not %s", s, got ? got : "unknown", expected ? expected : "unknown");
}

static void a_users_manager(void **state)
{
	struct unit_context c = { .unit = "my-app@one.service", .user = true, .name = "agent", .home = "/home/a", .uid = 1000,
		.runtime_dir = "/run/user/1000" };

	is("/plain/100%%", &c, "/plain/100%");
	is("%h/x.log", &c, "/home/a/x.log");
	is("%S/x.log", &c, "/home/a/.config/x.log");
	is("%L/x.log", &c, "/home/a/.config/log/x.log");
	is("%C/%E", &c, "/home/a/.cache//home/a/.config");
	is("%t/%u-%U", &c, "/run/user/1000/agent-1000");
	is("%n|%N|%p|%i|%j", &c, "my-app@one.service|my-app@one|my-app|one|app");
	is("%T/%V", &c, "/tmp//var/tmp");
	c.state_home = true;
	is("%S/x.log", &c, "/home/a/.local/state/x.log");
	is("%L/x.log", &c, "/home/a/.local/state/log/x.log");
}

static void the_systems_manager(void **state)
{
	const struct unit_context c = { .unit = "app.service", .name = "root", .home = "/root" };

	is("%S %L %C %E %t %h %u %U", &c, "/var/lib /var/log /var/cache /etc /run /root root 0");
	is("%p|%i|%j", &c, "app||app");
}

static void what_is_not_known_gives_no_path(void **state)
{
	const struct unit_context c = { .unit = "app.service", .user = true, .name = "a", .home = "/home/a" };

	is("/x/%b", &c, NULL);
	is("/x/%m/y", &c, NULL);
	is("%t/x", &c, NULL);
	is("/x/%H", &c, NULL);
	is("/x/%", &c, NULL);
}

static void word_is(const char *unit, const char *text, const char *expected)
{
	const struct unit_context of = { .unit = unit, .home = "/home/a", .name = "a" };
	_cleanup_free_ char *s = unit_specifiers_known(text, &of);

	assert_string_equal(s, expected);
}

static void names_are_taken_apart_as_systemd_does(void **state)
{
	word_is("tp@a.service", "quay.io/x/%i:%p", "quay.io/x/a:tp");
	word_is("tp@a.service", "%n %N", "tp@a.service tp@a");
	word_is("tp@x-y\\x2dz.service", "%i %I", "x-y\\x2dz x/y-z");
	word_is("a-b-c.service", "%p %P %j %N %n", "a-b-c a/b/c c a-b-c a-b-c.service");
	word_is("x.service", "[%i] %h/bin %u 100%%", "[] /home/a/bin a 100%");
	word_is("a.b@c.d.service", "%p %i", "a.b c.d");
}

static void what_is_not_known_is_kept_in_words(void **state)
{
	word_is("tp@.service", "%i %I %p", "%i %I tp");
	word_is("x.service", "%m %b %", "%m %b %");
	word_is(NULL, "%i %h", "%i %h");
	word_is("x.service", "plain", "plain");
	word_is("@.service", "%p", "");
	const struct unit_context nobody = { .unit = "x.service" };
	_cleanup_free_ char *s = unit_specifiers_known("%h/x %u", &nobody);
	assert_string_equal(s, "%h/x %u");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_users_manager),
		cmocka_unit_test(the_systems_manager),
		cmocka_unit_test(what_is_not_known_gives_no_path),
		cmocka_unit_test(names_are_taken_apart_as_systemd_does),
		cmocka_unit_test(what_is_not_known_is_kept_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
