/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/unitlint.h"

static void lint(const char *name, const char *text, struct lints *ret)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };

	unitfile_add(&u, name, text, strlen(text));
	unitfile_lint(&u, name, ret);
}

static void expect(const char *name, const char *text, const char *id, int line)
{
	_cleanup_lints_ struct lints l = { 0 };

	lint(name, text, &l);
	const struct lint *x = lints_find(&l, id);
	if (!x)
		fail_msg("%s is not found in:\n%s", id, text);
	assert_int_equal(x->line, line);
}

static void a_good_unit_has_none(void **state)
{
	_cleanup_lints_ struct lints l = { 0 };

	lint("x.service", "[Unit]\nDescription=x\nStartLimitIntervalSec=1h\nStartLimitBurst=3\n[Service]\nType=notify\nExecStart=/bin/x \"a b\" %h\n"
			  "Restart=on-failure\nRestartSec=10s\nX-Note=kept\n[Install]\nWantedBy=default.target\n[X-Ours]\nanything=1\n", &l);
	assert_int_equal(l.n, 0);
}

static void pf17_what_systemd_ignores_is_named_with_its_line(void **state)
{
	expect("x.service", "[Unit]\n[Service]\nExecStart=/bin/x\nStartLimitIntervalSec=3\n", "unit.wrong-section", 4);
	expect("x.service", "Restart=no\n[Service]\nExecStart=/bin/x\n", "unit.no-section", 1);
	expect("x.service", "[Service]\nExecStart=/bin/x\nRestart=allways\n", "unit.value", 3);
	expect("x.service", "[Service]\nExecStart=/bin/x\nRestartSec=soon\n", "unit.value", 3);
	expect("x.service", "[Service]\nExecStart=/bin/x\nRemainAfterExit=maybe\n", "unit.value", 3);
	expect("x.service", "[Service]\nExecStart=/bin/x \"unbalanced\n", "unit.command", 2);
	expect("x.service", "[Service]\nExecStart=bin/x\n", "unit.relative-program", 2);
	expect("x.service", "[Service]\nExecStart=/bin/x\nwhat is this\n", "unit.syntax", 3);
}

static void pf17_what_systemd_refuses(void **state)
{
	expect("x.service", "[Unit]\nDescription=x\n", "unit.no-exec", 0);
	expect("x.service", "[Service]\nExecStart=/bin/a\nExecStart=/bin/b\n", "unit.many-exec", 3);
	expect("x.service", "[Service]\nType=oneshot\nExecStart=/bin/a\nRestart=always\n", "unit.oneshot-restart", 4);
}

static void a_service_that_only_ends_something_is_fine(void **state)
{
	_cleanup_lints_ struct lints l = { 0 };

	lint("systemd-exit.service", "[Unit]\nSuccessAction=exit-force\n", &l);
	assert_int_equal(l.n, 0);
}

static void quadlets_have_rules_of_their_own(void **state)
{
	expect("x.container", "[Container]\nContainerName=x\n", "quadlet.no-image", 0);
	expect("x.container", "[Container]\nImage=localhost/x\nAuthFile=/x\n", "quadlet.authfile", 3);
	expect("x.container", "[Container]\nImage=localhost/x\nAutoUpdate=yes\n", "unit.value", 3);
}

static void a_drop_in_is_named_as_the_file(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };
	_cleanup_lints_ struct lints l = { 0 };
	static const char unit[] = "[Service]\nExecStart=/bin/x\n", drop[] = "[Service]\nRestart=sometimes\n";

	unitfile_add(&u, "/x.service", unit, strlen(unit));
	unitfile_add(&u, "/x.service.d/a.conf", drop, strlen(drop));
	unitfile_lint(&u, "x.service", &l);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0].file, 1);
	assert_int_equal(l.v[0].line, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_unit_has_none),
		cmocka_unit_test(pf17_what_systemd_ignores_is_named_with_its_line),
		cmocka_unit_test(pf17_what_systemd_refuses),
		cmocka_unit_test(a_service_that_only_ends_something_is_fine),
		cmocka_unit_test(quadlets_have_rules_of_their_own),
		cmocka_unit_test(a_drop_in_is_named_as_the_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
