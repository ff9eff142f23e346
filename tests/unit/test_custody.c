/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bundle/sha256.h"
#include "formats/custody.h"

static void add_lines(struct buf *b, int n)
{
	uint8_t prev[32] = { 0 };

	for (int i = 1; i <= n; i++) {
		struct custody c = { .seq = (uint64_t)i,
			.time_us = 1795503003000000,
			.actor = mem_strdup("root"),
			.tool = mem_strdup("t 1"),
			.action = mem_printf("act \"%d\"\n", i),
			.detail = i % 2 ? mem_strdup("\xff") : NULL,
			.case_id = i % 2 ? NULL : mem_strdup("INC-1"),
			.exit = -i };
		size_t from = b->len;
		memcpy(c.prev, prev, 32);
		custody_add(b, &c);
		sha256_of(prev, b->data + from, b->len - from - 1);
		custody_free(&c);
	}
}

static void test_a_chain_holds_and_says_what_comes_next(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };
	uint8_t prev[32], want[32];
	uint64_t lines;

	assert_int_equal(custody_check("", 0, sha256_of, &lines, prev, NULL), 0);
	assert_int_equal(lines, 0);
	add_lines(&b, 3);
	assert_int_equal(custody_check(b.data, b.len, sha256_of, &lines, prev, NULL), 0);
	assert_int_equal(lines, 3);
	const char *last = memmem(b.data, b.len, "{\"seq\":3", 8);
	sha256_of(want, last, strlen(last) - 1);
	assert_memory_equal(prev, want, 32);
}

static void test_any_change_drop_or_move_breaks_it(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct err e = { 0 };

	add_lines(&b, 3);
	size_t first = strcspn(b.data, "\n") + 1, two = first + strcspn(b.data + first, "\n") + 1;
	for (size_t i = 0; i < two; i++) {
		b.data[i] ^= 1;
		assert_int_not_equal(custody_check(b.data, b.len, sha256_of, NULL, NULL, &e), 0);
		b.data[i] ^= 1;
	}
	/* without the first, without the second, torn */
	assert_int_equal(custody_check(b.data + first, b.len - first, sha256_of, NULL, NULL, &e), -ERR_TRUST);
	_cleanup_buf_ struct buf c = { 0 };
	buf_add(&c, b.data, first);
	buf_add(&c, b.data + two, b.len - two);
	assert_int_equal(custody_check(c.data, c.len, sha256_of, NULL, NULL, &e), -ERR_TRUST);
	assert_non_null(strstr(e.msg, "line 2"));
	assert_int_equal(custody_check(b.data, b.len - 1, sha256_of, NULL, NULL, &e), -ERR_SYNTAX);
}

static void test_lines_survive_a_round_trip(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_custody_ struct custody c = { 0 };

	add_lines(&b, 1);
	assert_int_equal(custody_parse(b.data, b.len - 1, &c, NULL), 0);
	assert_string_equal(c.action, "act \"1\"\n");
	assert_string_equal(c.detail, "\\xff");
	assert_int_equal(c.exit, -1);
	assert_int_not_equal(custody_parse("{}", 2, &c, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_chain_holds_and_says_what_comes_next),
		cmocka_unit_test(test_any_change_drop_or_move_breaks_it),
		cmocka_unit_test(test_lines_survive_a_round_trip),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
