/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <wchar.h>

#include "formats/buf.h"

/* Whatever room there was: none, too little by each number of bytes, enough. */
static void printed_text_is_whole_in_any_room(void **state)
{
	for (size_t room = 0; room < 100; room++) {
		_cleanup_buf_ struct buf b = { 0 };
		if (room)
			buf_reserve(&b, room);
		size_t cap = b.cap;
		while (cap && b.len < cap - 1 - room % cap)
			buf_addc(&b, '.');
		size_t before = b.len;
		buf_addf(&b, "%s-%d", "twelve bytes", 345);
		assert_int_equal(b.len, before + 16);
		assert_string_equal(b.data + before, "twelve bytes-345");
		assert_int_equal(strspn(b.data, "."), before);
	}
}

static void nothing_printed_changes_nothing(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };

	buf_addf(&b, "%s", "");
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_str(&b), "");
	buf_adds(&b, "kept");
	buf_addf(&b, "%s", "");
	buf_addf(&b, "begun %lc", (wint_t)0x7fffffff); /* no character */
	assert_int_equal(b.len, 4);
	assert_string_equal(b.data, "kept");
}

static void the_beginning_can_be_dropped(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };

	buf_adds(&b, "abcdef");
	buf_drop(&b, 2);
	assert_string_equal(b.data, "cdef");
	buf_drop(&b, 9);
	assert_int_equal(b.len, 0);
	buf_add(&b, "x\0y", 3);
	assert_int_equal(b.len, 3);
	_cleanup_free_ char *s = buf_take(&b);
	assert_memory_equal(s, "x\0y", 4);
	assert_null(b.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(printed_text_is_whole_in_any_room),
		cmocka_unit_test(nothing_printed_changes_nothing),
		cmocka_unit_test(the_beginning_can_be_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
