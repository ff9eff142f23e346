/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/text.h"
#include "lifecycle/logfollow.h"

/* A look at a file of `size` bytes whose end is `text`; size 0: no file, each line's time is its length. */
static struct log_lines look(const char *name, uint64_t size, const char *text)
{
	struct log_lines l = { 0 };
	size_t n = strlen(text);

	struct log_stream *s = log_lines_stream(&l, name);
	s->size = size;
	s->open = n && text[n - 1] != '\n';
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		size_t len = strcspn(p, "\n");
		log_lines_put(&l, (struct log_line){ .entry_us = size ? 0 : len, .left = strlen(p), .text = mem_strndup(p, len) });
	}
	return l;
}

static size_t known(const char *before, const char *now, uint64_t dropped, bool *ret_gap)
{
	_cleanup_log_lines_ struct log_lines a = look("/x.log", strlen(before), before), b = look("/x.log", strlen(now) + dropped, now);

	return log_follow_known(&a, &b, 0, ret_gap);
}

static void what_follows_the_last_line_is_new(void **state)
{
	bool gap;

	assert_int_equal(known("one\ntwo\n", "one\ntwo\nthree\n", 0, &gap), 2);
	assert_false(gap);
	assert_int_equal(known("one\ntwo\n", "one\ntwo\n", 0, &gap), 2);
	assert_int_equal(known("", "one\n", 0, &gap), 0);
	assert_false(gap);
}

static void a_window_that_moved_on_is_found_by_its_lines(void **state)
{
	bool gap;

	assert_int_equal(known("one\ntwo\n", "two\nthree\nfour\n", 4, &gap), 1);
	assert_false(gap);
	/* as many lines as before, and all are new: nothing of it may be lost */
	assert_int_equal(known("one\ntwo\n", "three\nfour\n", 8, &gap), 0);
	assert_true(gap);
}

/* A storm says the same over and over: the bytes by which the file grew tell how often. */
static void lines_that_are_all_alike_are_counted_by_their_bytes(void **state)
{
	bool gap;

	assert_int_equal(known("no\nno\nno\n", "no\nno\nno\nno\n", 0, &gap), 3);
	assert_int_equal(known("no\nno\nno\n", "no\nno\nno\n", 6, &gap), 1);
	assert_false(gap);
	assert_int_equal(known("no\nno\nno\n", "no\nno\nno\n", 12, &gap), 0);
	assert_true(gap);
}

static void a_file_that_became_shorter_was_begun_anew(void **state)
{
	bool gap;

	assert_int_equal(known("start\nwork\nstart\n", "start\n", 0, &gap), 0);
	assert_true(gap);
}

static void a_line_without_an_end_is_told_again_when_it_has_become_longer(void **state)
{
	bool gap;

	assert_int_equal(known("one\ntw", "one\ntw", 0, &gap), 2);
	assert_int_equal(known("one\ntw", "one\ntwo\n", 0, &gap), 1);
	assert_int_equal(known("x\nx\nx", "x\nx\nx\nx\n", 0, &gap), 3);
	assert_int_equal(known("tw", "two\n", 0, &gap), 0);
	assert_false(gap);
}

static void an_entry_is_its_time_too(void **state)
{
	_cleanup_log_lines_ struct log_lines a = look("journal", 0, "up\nfailed\nup\n"), b = look("journal", 0, "up\nfailed\nup\nup\n");
	bool gap;

	b.v[3].entry_us = 1000;
	assert_int_equal(log_follow_known(&a, &b, 0, &gap), 3);
	/* of a window as narrow as one entry the next has nothing but its time */
	_cleanup_log_lines_ struct log_lines last = look("journal", 0, "up\n"), next = look("journal", 0, "up\n");
	next.v[0].entry_us = 1000;
	assert_int_equal(log_follow_known(&last, &next, 0, &gap), 0);
	assert_true(gap);
}

static void a_stream_that_did_not_answer_once_is_still_known(void **state)
{
	_cleanup_log_lines_ struct log_lines a = look("journal", 0, "one\ntwo\n"), b = look("/x.log", 4, "app\n"), c = look("journal", 0, "one\ntwo\nthree\n");
	bool gap;

	log_follow_carry(&a, &b);
	assert_int_equal(b.n_streams, 2);
	assert_int_equal(log_follow_known(&b, &c, 0, &gap), 2);
	/* and one that was never there is new */
	assert_int_equal(log_follow_known(&c, &b, 0, &gap), 0);
	assert_false(gap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_follows_the_last_line_is_new),
		cmocka_unit_test(a_window_that_moved_on_is_found_by_its_lines),
		cmocka_unit_test(lines_that_are_all_alike_are_counted_by_their_bytes),
		cmocka_unit_test(a_file_that_became_shorter_was_begun_anew),
		cmocka_unit_test(a_line_without_an_end_is_told_again_when_it_has_become_longer),
		cmocka_unit_test(an_entry_is_its_time_too),
		cmocka_unit_test(a_stream_that_did_not_answer_once_is_still_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
