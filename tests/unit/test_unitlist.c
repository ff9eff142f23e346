/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/sdshow.h"
#include "tests/unit/sample.h"

static void tables_of_units_files_and_timers(void **state)
{
	_cleanup_buf_ struct buf units = { 0 }, files = { 0 }, timers = { 0 };
	struct unit_row *v = NULL;
	size_t n = 0;

	sample_read("systemd/list-units-252.json", &units);
	assert_int_equal(unit_rows_parse("list-units", buf_str(&units), units.len, &v, &n, NULL), 0);
	assert_int_equal(n, 6);
	assert_string_equal(v[5].unit, "storm.service");
	assert_string_equal(v[5].sub, "failed");
	assert_string_equal(v[5].description, "Storm \"of\" restarts");
	unit_rows_free(v, n);

	sample_read("systemd/list-unit-files-252.json", &files);
	assert_int_equal(unit_rows_parse("list-unit-files", buf_str(&files), files.len, &v, &n, NULL), 0);
	assert_string_equal(v[0].unit, "app-print\\x2dapplet@autostart.service");
	assert_string_equal(v[0].state, "generated");
	assert_null(v[0].preset);
	unit_rows_free(v, n);

	sample_read("systemd/list-timers-252.json", &timers);
	assert_int_equal(unit_rows_parse("list-timers", buf_str(&timers), timers.len, &v, &n, NULL), 0);
	assert_string_equal(v[0].unit, "killed.timer");
	assert_string_equal(v[0].activates, "killed.service");
	unit_rows_free(v, n);
}

static void a_table_of_something_else_is_refused_or_empty(void **state)
{
	struct unit_row *v = NULL;
	struct err err = { 0 };
	size_t n = 9;

	assert_int_equal(unit_rows_parse("x", "{}", 2, &v, &n, &err), -ERR_SYNTAX);
	assert_int_equal(unit_rows_parse("x", "UNIT LOAD", 9, &v, &n, &err), -ERR_SYNTAX);
	assert_null(v);
	static const char nothing[] = "[1,null,{},[],{\"unit\":3},{\"unit\":\"\"}]";
	assert_int_equal(unit_rows_parse("x", nothing, strlen(nothing), &v, &n, &err), 0);
	assert_int_equal(n, 0);
	unit_rows_free(v, n);
}

static void words_of_enablement(void **state)
{
	assert_int_equal(enablement_parse("enabled\n"), ENABLEMENT_ENABLED);
	assert_int_equal(enablement_parse("masked-runtime"), ENABLEMENT_MASKED_RUNTIME);
	assert_int_equal(enablement_parse("Failed to get unit file state"), ENABLEMENT_UNKNOWN);
	assert_int_equal(enablement_parse("unknown"), ENABLEMENT_UNKNOWN);
	assert_int_equal(enablement_parse(""), ENABLEMENT_UNKNOWN);
	assert_int_equal(enablement_parse(NULL), ENABLEMENT_UNKNOWN);
	assert_string_equal(enablement_name(ENABLEMENT_LINKED), "linked");
	assert_true(enablement_starts(ENABLEMENT_ENABLED));
	assert_false(enablement_starts(ENABLEMENT_STATIC));
	assert_false(enablement_starts(ENABLEMENT_DISABLED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_of_units_files_and_timers),
		cmocka_unit_test(a_table_of_something_else_is_refused_or_empty),
		cmocka_unit_test(words_of_enablement),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
