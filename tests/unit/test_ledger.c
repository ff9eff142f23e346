/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "lifecycle/ledger.h"
#include "tests/unit/scratch.h"

#define NOW 1795503003000000ull
#define SEC 1000000ull

static struct ledger_count count(const char *text)
{
	return ledger_count(text, strlen(text), NOW);
}

static void only_the_last_hour_counts(void **state)
{
	assert_int_equal(count("").starts, 0);
	assert_int_equal(count("1795499403000000 start\n").starts, 0); /* exactly an hour ago */
	assert_int_equal(count("1795499403000001 start\n").starts, 1);
	assert_int_equal(count("1795499404000000 start\n1795503002000000 start\n").starts, 2);
	assert_int_equal(count("1795499404000000 start\n1795503002000000 start\n").oldest_us, 1795499404000000ull);
}

static void what_is_torn_or_foreign_is_passed_over(void **state)
{
	assert_int_equal(count("1795503002000000 start").starts, 0);
	assert_int_equal(count("17955030020000").starts, 0);
	assert_int_equal(count("x start\n1795503002000000 sta\n-1 start\n\n \n1795503002000000 start\n").starts, 1);
	assert_int_equal(count("99999999999999999999999999 start\n").starts, 0);
	assert_int_equal(count("18446744073709551615 start\n").starts, 0);
}

/* a clock that ran ahead once must not refuse for years */
static void starts_in_the_future_do_not_count(void **state)
{
	assert_int_equal(count("1795603003000000 start\n").starts, 0);
	assert_int_equal(count("1795503003500000 start\n").starts, 1);
}

static void refuses_beyond_the_limit_and_notes_it_once(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/starts", dir);
	struct ledger_verdict v;
	struct err err = { 0 };

	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(ledger_start(path, NOW + i * SEC, 3, &v, &err), 0);
		assert_true(v.allowed);
		assert_int_equal(v.count.starts, i);
	}
	assert_int_equal(ledger_start(path, NOW + 3 * SEC, 3, &v, &err), 0);
	assert_false(v.allowed);
	assert_false(v.count.refused_already);
	assert_int_equal(ledger_start(path, NOW + 4 * SEC, 3, &v, &err), 0);
	assert_false(v.allowed);
	assert_true(v.count.refused_already);
	assert_int_equal(shell("test $(wc -l <'%s') = 4", path), 0);
	/* an hour after the first start there is room for one */
	assert_int_equal(ledger_start(path, NOW + LEDGER_HOUR_US, 3, &v, &err), 0);
	assert_true(v.allowed);
	assert_int_equal(ledger_start(path, NOW + LEDGER_HOUR_US, 3, &v, &err), 0);
	assert_false(v.allowed);
	assert_false(v.count.refused_already);
	assert_int_equal(ledger_reset(path, &err), 0);
	assert_int_equal(ledger_start(path, NOW + LEDGER_HOUR_US, 3, &v, &err), 0);
	assert_true(v.allowed);
}

static void a_torn_tail_does_not_swallow_the_next_line(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/starts", dir);
	struct ledger_verdict v;
	struct err err = { 0 };

	scratch_write(dir, "starts", "1795503002000000 start\n17955", 28);
	assert_int_equal(ledger_start(path, NOW, 2, &v, &err), 0);
	assert_true(v.allowed);
	assert_int_equal(ledger_start(path, NOW, 2, &v, &err), 0);
	assert_false(v.allowed);
}

static void stays_small(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/starts", dir);
	struct ledger_verdict v;
	struct err err = { 0 };

	shell("i=0; while [ $i -lt 2000 ]; do echo 1695503002000000 start; i=$((i+1)); done >'%s'; echo 1795503002000000 start >>'%s'", path, path);
	assert_int_equal(ledger_start(path, NOW, 9, &v, &err), 0);
	assert_int_equal(v.count.starts, 1);
	assert_int_equal(shell("test $(wc -l <'%s') = 2", path), 0);
	assert_int_equal(ledger_start(path, NOW, 9, &v, &err), 0);
	assert_int_equal(v.count.starts, 2);
}

static void two_at_once_both_count(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/starts", dir);
	int allowed = 0;

	for (int i = 0; i < 8; i++)
		if (fork() == 0) {
			struct ledger_verdict v = { 0 };
			_exit(ledger_start(path, NOW, 5, &v, NULL) == 0 && v.allowed ? 7 : 0);
		}
	for (int i = 0, st; i < 8; i++) {
		wait(&st);
		allowed += WIFEXITED(st) && WEXITSTATUS(st) == 7;
	}
	assert_int_equal(allowed, 5);
}

static void is_no_way_to_another_file(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/starts", dir);
	struct ledger_verdict v;

	shell("echo keep >'%s/victim'; ln -s victim '%s'", dir, path);
	assert_true(ledger_start(path, NOW, 5, &v, NULL) < 0);
	assert_true(ledger_reset(path, NULL) < 0);
	assert_int_equal(shell("test \"$(cat '%s/victim')\" = keep", dir), 0);
	assert_int_equal(ledger_reset("/nowhere/at/all", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_last_hour_counts),
		cmocka_unit_test(what_is_torn_or_foreign_is_passed_over),
		cmocka_unit_test(starts_in_the_future_do_not_count),
		cmocka_unit_test(refuses_beyond_the_limit_and_notes_it_once),
		cmocka_unit_test(a_torn_tail_does_not_swallow_the_next_line),
		cmocka_unit_test(stays_small),
		cmocka_unit_test(two_at_once_both_count),
		cmocka_unit_test(is_no_way_to_another_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
