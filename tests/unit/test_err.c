/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "formats/err.h"

static void test_message_as_its_own_argument(void **state)
{
	struct err e = { 0 };

	assert_int_equal(err_set(&e, ERR_ABSENT, "no such %s", "key"), -ERR_ABSENT);
	assert_int_equal(err_set(&e, ERR_USAGE, "%s; see %s", e.msg, "key list"), -ERR_USAGE);
	assert_int_equal(e.code, ERR_USAGE);
	assert_string_equal(e.msg, "no such key; see key list");
}

static void test_long_and_dirty(void **state)
{
	char much[2 * sizeof(((struct err *)0)->msg)];
	struct err e = { 0 };

	memset(much, 'x', sizeof(much));
	much[sizeof(much) - 1] = '\0';
	err_set(&e, ERR_LIMIT, "\x1b[31m%s", much);
	assert_int_equal(strlen(e.msg), sizeof(e.msg) - 1);
	assert_memory_equal(e.msg, "?[31mxxx", 8);
	assert_int_equal(err_set(NULL, ERR_LIMIT, "nobody asks"), -ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_message_as_its_own_argument),
		cmocka_unit_test(test_long_and_dirty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
