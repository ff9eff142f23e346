/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/json.h"

static json_t *parse(const char *s)
{
	struct err err = { 0 };
	json_t *j = NULL;

	assert_int_equal(json_read("t", s, strlen(s), 0, &j, &err), 0);
	return j;
}

static void bad_json_names_file_and_line_but_never_the_text(void **state)
{
	static const char text[] = "{\n\"auth\": hunter2secret\n}";
	struct err err = { 0 };
	json_t *j = NULL;

	assert_int_equal(json_read("auth.json", text, strlen(text), 0, &j, &err), -ERR_SYNTAX);
	assert_non_null(strstr(err.msg, "auth.json:2: not JSON"));
	assert_null(strstr(err.msg, "hunter2"));
	assert_null(j);
	assert_int_equal(json_read("x", "{\"a\":1,\"a\":2}", 13, JSON_READ_UNIQUE, &j, &err), -ERR_SYNTAX);
	assert_int_equal(json_read("x", "", 0, 0, &j, &err), -ERR_SYNTAX);
	assert_int_equal(json_read("x", NULL, 0, 0, &j, &err), -ERR_SYNTAX);
	assert_int_equal(json_read("x", "{\"a\":\"\\u0000\"}", 14, 0, &j, &err), -ERR_SYNTAX);
}

static void deep_nesting_and_size_are_bounded(void **state)
{
	enum { N = 100000 };
	char *deep = mem_alloc(N + 1);
	struct err err = { 0 };
	json_t *j = NULL;

	memset(deep, '[', N);
	assert_int_equal(json_read("x", deep, N, 0, &j, &err), -ERR_SYNTAX);
	assert_int_equal(json_read("x", deep, JSON_READ_MAX + 1, 0, &j, &err), -ERR_LIMIT);
	free(deep);
}

static void numbers_beyond_int64_do_not_cost_the_document(void **state)
{
	json_t *j = parse("{\"a\": 18446744073709551615, \"b\": \"x\", \"c\": 7}");

	assert_string_equal(json_get(j, "b"), "x");
	assert_int_equal(json_int(j, "c", 0), 7);
	assert_int_equal(json_int(j, "a", -5), -5);
	json_decref(j);
}

static void getters_answer_defaults_for_what_is_missing_or_of_another_type(void **state)
{
	json_t *j = parse("\xef\xbb\xbf{\"s\":\"v\",\"e\":\"\",\"n\":3,\"b\":true,\"l\":[\"x\",1,\"y\"],\"z\":null,\"t\":\"2026-11-23T23:33:43.592604404Z\",\"u\":1795476250}");
	char **list = json_strv(j, "l");

	assert_null(json_get(j, "n"));
	assert_null(json_dup(j, "e"));
	assert_int_equal(json_int(j, "s", 9), 9);
	assert_true(json_bool(j, "s", true));
	assert_false(json_bool(j, "nope", false));
	assert_int_equal(strv_len(list), 2);
	assert_string_equal(list[1], "y");
	strv_free(list);
	list = json_strv(j, "s");
	assert_int_equal(strv_len(list), 1);
	strv_free(list);
	assert_null(json_strv(j, "e"));
	assert_null(json_strv(j, "z"));
	assert_int_equal(json_time(j, "t"), 1795476823592604);
	assert_int_equal(json_time(j, "u"), 1795476250000000);
	assert_int_equal(json_time(j, "s"), 0);
	assert_null(json_get(NULL, "x"));
	json_decref(j);
}

static unsigned line_of(const char *text, const char *const *path)
{
	return json_line(text, strlen(text), path);
}

static void lines_of_keys_are_found(void **state)
{
	static const char text[] = "\n{\n\"a\": {\"x}\": 1,\n \"b\\\"\": [1, {\"c\":\n2}, \"]\",\n{\"d\": 3}]\n},\n\"\\u0061a\": null }";

	assert_int_equal(line_of(text, (const char *[]){ NULL }), 2);
	assert_int_equal(line_of(text, (const char *[]){ "a", NULL }), 3);
	assert_int_equal(line_of(text, (const char *[]){ "a", "x}", NULL }), 3);
	assert_int_equal(line_of(text, (const char *[]){ "a", "b\"", NULL }), 4);
	assert_int_equal(line_of(text, (const char *[]){ "a", "b\"", "1", "c", NULL }), 4);
	assert_int_equal(line_of(text, (const char *[]){ "a", "b\"", "3", "d", NULL }), 6);
	assert_int_equal(line_of(text, (const char *[]){ "aa", NULL }), 8);
	assert_int_equal(line_of(text, (const char *[]){ "a", "nope", NULL }), 0);
	assert_int_equal(line_of(text, (const char *[]){ "a", "b\"", "9", NULL }), 0);
	assert_int_equal(line_of(text, (const char *[]){ "a", "x}", "deeper", NULL }), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_json_names_file_and_line_but_never_the_text),
		cmocka_unit_test(deep_nesting_and_size_are_bounded),
		cmocka_unit_test(numbers_beyond_int64_do_not_cost_the_document),
		cmocka_unit_test(getters_answer_defaults_for_what_is_missing_or_of_another_type),
		cmocka_unit_test(lines_of_keys_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
