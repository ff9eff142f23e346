/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/journal.h"
#include "formats/journal_line.h"

#define ADD(l, text) journal_line_add(l, text, sizeof(text) - 1)

static void values_are_what_journalctl_makes_of_them(void **state)
{
	struct journal_line l = { 0 };
	struct buf b = { 0 };

	ADD(&l, "M=plain \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \"q\" \\ /");
	ADD(&l, "E=");
	ADD(&l, "L=a\n\tb");
	ADD(&l, "Q=a=b");
	journal_line_put(&l, &b);
	assert_string_equal(buf_str(&b), "{\"E\":\"\",\"L\":\"a\\n\\tb\",\"M\":\"plain \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \\\"q\\\" \\\\ /\",\"Q\":\"a=b\"}\n");
	buf_free(&b);
	journal_line_free(&l);
}

/* NUL, escape, carriage return, DEL, C1, a lone byte, overlong, a surrogate, what is no character */
static void what_is_not_printable_is_bytes(void **state)
{
	static const struct {
		const char *value;
		size_t n;
		const char *json;
	} rows[] = { { "a\0b", 3, "[97,0,98]" }, { "\x1b", 1, "[27]" }, { "\r", 1, "[13]" }, { "\x7f", 1, "[127]" }, { "\xc2\x85", 2, "[194,133]" },
		{ "\xff", 1, "[255]" }, { "\xc3", 1, "[195]" }, { "\xc0\xaf", 2, "[192,175]" }, { "\xed\xa0\x80", 3, "[237,160,128]" },
		{ "\xef\xb7\x90", 3, "[239,183,144]" }, { "\xef\xbf\xbf", 3, "[239,191,191]" }, { "\xc2\xa0", 2, "\"\xc2\xa0\"" } };
	struct journal_line l = { 0 };
	struct buf b = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *want = mem_printf("{\"V\":%s}\n", rows[i].json);
		_cleanup_buf_ struct buf field = { 0 };
		buf_adds(&field, "V=");
		buf_add(&field, rows[i].value, rows[i].n);
		buf_clear(&b);
		journal_line_add(&l, field.data, field.len);
		journal_line_put(&l, &b);
		assert_string_equal(buf_str(&b), want);
	}
	buf_free(&b);
	journal_line_free(&l);
}

static void a_field_that_stands_more_than_once_is_a_list(void **state)
{
	struct journal_line l = { 0 };
	struct buf b = { 0 };

	ADD(&l, "B=2");
	ADD(&l, "AB=x");
	ADD(&l, "B=1");
	ADD(&l, "A=y");
	ADD(&l, "B=\xff");
	ADD(&l, "no field");
	journal_line_put(&l, &b);
	journal_line_put(&l, &b);
	ADD(&l, "a\"\x01=1");
	journal_line_put(&l, &b);
	assert_string_equal(buf_str(&b), "{\"A\":\"y\",\"AB\":\"x\",\"B\":[\"2\",\"1\",[255]]}\n{}\n{\"a\\\"\\u0001\":\"1\"}\n");
	buf_free(&b);
	journal_line_free(&l);
}

static int as_it_was_added(const struct journal_entry *e, void *ctx)
{
	assert_string_equal(e->message, "a\x1b[1mb");
	assert_int_equal(e->time_us, 1795477803123456);
	assert_int_equal(e->event, JOURNAL_STARTED);
	++*(int *)ctx;
	return 0;
}

static void what_is_written_is_read_back(void **state)
{
	struct journal_line l = { 0 };
	struct buf b = { 0 };
	int calls = 0;

	ADD(&l, "MESSAGE=a\x1b[1mb");
	ADD(&l, "__REALTIME_TIMESTAMP=1795477803123456");
	ADD(&l, "USER_UNIT=x.service");
	ADD(&l, "MESSAGE_ID=39f53479d3a045ac8e11786248231fbf");
	journal_line_put(&l, &b);
	assert_int_equal(journal_each(b.data, b.len, as_it_was_added, &calls), 0);
	assert_int_equal(calls, 1);
	buf_free(&b);
	journal_line_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_what_journalctl_makes_of_them),
		cmocka_unit_test(what_is_not_printable_is_bytes),
		cmocka_unit_test(a_field_that_stands_more_than_once_is_a_list),
		cmocka_unit_test(what_is_written_is_read_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
