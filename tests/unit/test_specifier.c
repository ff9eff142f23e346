/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/mem.h"
#include "formats/specifier.h"

static void is(const char *unit, const char *text, const char *expected)
{
	const struct unit_specifiers of = { .unit = unit, .home = "/home/a", .user = "a" };
	_cleanup_free_ char *s = unit_specifiers_expand(text, &of);

	assert_string_equal(s, expected);
}

static void names_are_taken_apart_as_systemd_does(void **state)
{
	is("tp@a.service", "quay.io/x/%i:%p", "quay.io/x/a:tp");
	is("tp@a.service", "%n %N", "tp@a.service tp@a");
	is("tp@x-y\\x2dz.service", "%i %I", "x-y\\x2dz x/y-z");
	is("a-b-c.service", "%p %P %j %N %n", "a-b-c a/b/c c a-b-c a-b-c.service");
	is("x.service", "[%i] %h/bin %u 100%%", "[] /home/a/bin a 100%");
	is("a.b@c.d.service", "%p %i", "a.b c.d");
}

static void what_is_not_known_is_kept(void **state)
{
	is("tp@.service", "%i %I %p", "%i %I tp");
	is("x.service", "%m %b %", "%m %b %");
	is(NULL, "%i %h", "%i %h");
	is("x.service", "plain", "plain");
	is("@.service", "%p", "");
	const struct unit_specifiers nobody = { .unit = "x.service" };
	_cleanup_free_ char *s = unit_specifiers_expand("%h/x %u", &nobody);
	assert_string_equal(s, "%h/x %u");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_taken_apart_as_systemd_does),
		cmocka_unit_test(what_is_not_known_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
