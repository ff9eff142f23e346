/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/json_plain.h"

static bool is_whole(const char *text)
{
	struct json_plain j = json_plain_of(text, strlen(text));
	struct json_plain_member m;

	while (json_plain_next(&j, &m))
		;
	assert_false(json_plain_next(&j, &m)); /* once it has ended it stays so */
	return j.whole;
}

static void members_come_in_order(void **state)
{
	static const char text[] = "{\"name\":\"a b\",\"uid\":-12,\"\":\"\"}";
	struct json_plain j = json_plain_of(text, strlen(text));
	struct json_plain_member m;

	assert_true(json_plain_next(&j, &m));
	assert_true(json_plain_is(&m, "name") && m.is_string && m.value_len == 3 && memcmp(m.value, "a b", 3) == 0);
	assert_false(j.whole);
	assert_true(json_plain_next(&j, &m));
	assert_true(json_plain_is(&m, "uid") && !m.is_string && m.value_len == 3 && memcmp(m.value, "-12", 3) == 0);
	assert_false(json_plain_is(&m, "ui"));
	assert_true(json_plain_next(&j, &m));
	assert_true(json_plain_is(&m, "") && m.is_string && m.value_len == 0);
	assert_true(j.whole);
	assert_false(json_plain_next(&j, &m));
}

static void numbers_have_18_digits_at_most(void **state)
{
	assert_true(is_whole("{\"a\":0}"));
	assert_true(is_whole("{\"a\":-7}"));
	assert_true(is_whole("{\"a\":123456789012345678}"));
	assert_false(is_whole("{\"a\":1234567890123456789}"));
	assert_false(is_whole("{\"a\":-0}"));
	assert_false(is_whole("{\"a\":01}"));
	assert_false(is_whole("{\"a\":-}"));
	assert_false(is_whole("{\"a\":1.5}"));
	assert_false(is_whole("{\"a\":1e3}"));
}

static void anything_else_is_for_the_parser(void **state)
{
	static const char *const others[] = { "", "[]", "{}", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":\"", "{\"a\":\"b\"", "{\"a\":\"b\",",
		"{\"a\":\"b\",}", "{\"a\":\"b\"} ", " {\"a\":\"b\"}", "{ \"a\":\"b\"}", "{\"a\" :\"b\"}", "{\"a\":\"b\\n\"}", "{\"\xc3\xa9\":\"b\"}",
		"{\"a\":\"\x7f\"}", "{\"a\":\"\t\"}", "{\"a\":null}", "{\"a\":true}", "{\"a\":{}}", "{\"a\":[1]}", "{\"a\":\"b\"}{\"a\":\"b\"}",
		"{\"a\":\"b\"\"c\":1}", "{\"a\":\"b\",\"c\",\"d\":1}", "\"a\":\"b\"}" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (is_whole(others[i]))
			fail_msg("%s was read in place", others[i]);
}

static void plain_text_has_nothing_to_escape(void **state)
{
	assert_true(json_is_plain("", 0));
	assert_true(json_is_plain("a/b ~", 5));
	assert_false(json_is_plain("a\"", 2));
	assert_false(json_is_plain("a\\", 2));
	assert_false(json_is_plain("a\n", 2));
	assert_false(json_is_plain("\xc3\xa9", 2));
	assert_false(json_is_plain("\x7f", 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_come_in_order),
		cmocka_unit_test(numbers_have_18_digits_at_most),
		cmocka_unit_test(anything_else_is_for_the_parser),
		cmocka_unit_test(plain_text_has_nothing_to_escape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
