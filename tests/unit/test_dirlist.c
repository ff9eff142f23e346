/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "collect/dirlist.h"

static void entries_come_in_order(void **state)
{
	struct answer a = { .rec.outcome = OUTCOME_OK };

	buf_adds(&a.out, "{\"name\":\"a.service\",\"type\":\"l\",\"uid\":0,\"owner\":\"root\",\"link\":\"/dev/null\"}\nnonsense\n\n[1]\n"
			 "{\"type\":\"f\"}\n{\"name\":\"b\",\"type\":\"d\",\"uid\":1000}\n{\"name\":\"c\"}");
	struct dirlist d = dirlist_of(&a);
	assert_true(dirlist_next(&d));
	assert_string_equal(d.name, "a.service");
	assert_string_equal(d.type, "l");
	assert_string_equal(d.link, "/dev/null");
	assert_string_equal(d.owner, "root");
	assert_int_equal(d.uid, 0);
	assert_true(dirlist_next(&d));
	assert_string_equal(d.name, "b");
	assert_null(d.link);
	assert_int_equal(d.uid, 1000);
	assert_true(dirlist_next(&d));
	assert_string_equal(d.name, "c");
	assert_string_equal(d.type, "");
	assert_int_equal(d.uid, -1);
	assert_false(dirlist_next(&d));
	assert_false(dirlist_next(&d));
	d = dirlist_of(&a);
	assert_true(dirlist_next(&d));
	dirlist_end(&d);
	assert_false(dirlist_next(&d));
	answer_free(&a);
}

/* However a row is written: in place or parsed, the same is told. */
static void rows_are_read_however_they_are_written(void **state)
{
	static const char *const rows[] = {
		"{\"name\":\"a\",\"type\":\"l\",\"uid\":7,\"owner\":\"o\",\"link\":\"/x\",\"size\":1}",
		"{ \"name\":\"a\",\"type\":\"l\",\"uid\":7,\"owner\":\"o\",\"link\":\"/x\",\"size\":1}",
		"{\"name\":\"\\u0061\",\"type\":\"l\",\"uid\":7,\"owner\":\"o\",\"link\":\"/x\"}",
		"{\"name\":\"b\",\"name\":\"a\",\"uid\":7,\"type\":\"l\",\"link\":5,\"link\":\"/x\",\"owner\":\"o\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct answer a = { .rec.outcome = OUTCOME_OK };
		buf_adds(&a.out, rows[i]);
		struct dirlist d = dirlist_of(&a);
		assert_true(dirlist_next(&d));
		assert_string_equal(d.name, "a");
		assert_string_equal(d.type, "l");
		assert_string_equal(d.owner, "o");
		assert_string_equal(d.link, "/x");
		assert_int_equal(d.uid, 7);
		assert_false(dirlist_next(&d));
		answer_free(&a);
	}
}

static void a_member_of_another_type_is_none(void **state)
{
	struct answer a = { .rec.outcome = OUTCOME_OK };

	buf_adds(&a.out, "{\"name\":5}\n{\"name\":\"a\",\"type\":1,\"uid\":\"7\",\"owner\":2,\"link\":3}\n{ \"name\":\"b\",\"type\":1,\"uid\":\"7\"}");
	struct dirlist d = dirlist_of(&a);
	for (int i = 0; i < 2; i++) {
		assert_true(dirlist_next(&d));
		assert_string_equal(d.name, i ? "b" : "a");
		assert_string_equal(d.type, "");
		assert_null(d.link);
		assert_null(d.owner);
		assert_int_equal(d.uid, -1);
	}
	assert_false(dirlist_next(&d));
	answer_free(&a);
}

static void without_an_answer_there_are_none(void **state)
{
	struct answer denied = { .rec.outcome = OUTCOME_DENIED };
	struct dirlist d = dirlist_of(NULL);

	assert_false(dirlist_next(&d));
	buf_adds(&denied.out, "{\"name\":\"a\"}\n");
	d = dirlist_of(&denied);
	assert_false(dirlist_next(&d));
	answer_free(&denied);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_come_in_order),
		cmocka_unit_test(rows_are_read_however_they_are_written),
		cmocka_unit_test(a_member_of_another_type_is_none),
		cmocka_unit_test(without_an_answer_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
