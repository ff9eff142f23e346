/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/mem.h"
#include "lifecycle/table.h"

static void fits(const char *text, size_t width, enum table_cut cut, const char *expected)
{
	_cleanup_free_ char *s = table_fit(text, width, cut);

	assert_string_equal(s, expected);
}

static void what_fits_is_whole_and_what_does_not_is_cut_between_characters(void **state)
{
	fits("abc", 3, TABLE_CUT_END, "abc");
	fits("abcd", 3, TABLE_CUT_END, "ab…");
	fits("/var/log/x.log", 6, TABLE_CUT_BEGIN, "…x.log");
	fits("äöüß", 3, TABLE_CUT_END, "äö…");
	fits("äöüß", 3, TABLE_CUT_BEGIN, "…üß");
	fits("äöüß", 4, TABLE_CUT_BEGIN, "äöüß");
	fits("", 3, TABLE_CUT_END, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_fits_is_whole_and_what_does_not_is_cut_between_characters) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
