/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/journal.h"
#include "tests/unit/sample.h"

struct seen {
	size_t n, starts, restarts, exits;
	int64_t last_restart;
};

static int count(const struct journal_entry *e, void *ctx)
{
	struct seen *s = ctx;

	s->n++;
	s->starts += e->event == JOURNAL_STARTED;
	s->exits += e->event == JOURNAL_PROCESS_EXIT;
	if (e->event == JOURNAL_RESTART_SCHEDULED) {
		s->restarts++;
		s->last_restart = e->n_restarts;
	}
	if (e->event == JOURNAL_PROCESS_EXIT) {
		assert_string_equal(e->unit, "storm.service");
		assert_string_equal(e->exit_code, "exited");
		assert_string_equal(e->exit_status, "125");
		assert_int_equal(e->priority, 5);
		assert_true(e->time_us > 1795505400000000);
	}
	return 0;
}

static void PP10_a_storm_is_counted_from_message_ids(void **state)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct seen s = { 0 };

	sample_read("systemd/journal-unit-252.jsonl", &text);
	assert_int_equal(journal_each(buf_str(&text), text.len, count, &s), 0);
	assert_int_equal(s.n, 30);
	assert_int_equal(s.starts, 4);
	assert_int_equal(s.exits, 4);
	assert_int_equal(s.restarts, 4);
	assert_int_equal(s.last_restart, 4);
}

static struct journal_entry parse(const char *line)
{
	struct journal_entry e = { 0 };

	assert_int_equal(journal_parse(line, strlen(line), &e, NULL), 0);
	return e;
}

static void messages_come_as_text_bytes_lists_or_not_at_all(void **state)
{
	_cleanup_journal_entry_ struct journal_entry text = parse("{\"MESSAGE\":\"a\\u0000b\",\"_PID\":\"7\",\"_COMM\":\"x\"}");
	_cleanup_journal_entry_ struct journal_entry bytes = parse("{\"MESSAGE\":[104,105,10,255,0,999]}");
	_cleanup_journal_entry_ struct journal_entry null = parse("{\"MESSAGE\":null,\"PRIORITY\":\"9\"}");
	_cleanup_journal_entry_ struct journal_entry twice = parse("{\"MESSAGE\":[\"first\",\"second\"],\"_SYSTEMD_UNIT\":\"a.service\"}");
	_cleanup_journal_entry_ struct journal_entry nested = parse("{\"MESSAGE\":[[104,105],[1]]}");

	assert_string_equal(text.message, "a\xef\xbf\xbd" "b");
	assert_int_equal(text.pid, 7);
	assert_string_equal(text.identifier, "x");
	assert_string_equal(bytes.message, "hi\n\xff\xef\xbf\xbd\xef\xbf\xbd");
	assert_int_equal(bytes.message_len, strlen(bytes.message));
	assert_null(null.message);
	assert_int_equal(null.priority, -1);
	assert_int_equal(null.pid, -1);
	assert_string_equal(twice.message, "first");
	assert_string_equal(twice.unit, "a.service");
	assert_string_equal(nested.message, "hi");
}

static int stop_at_once(const struct journal_entry *e, void *ctx)
{
	++*(int *)ctx;
	return 1;
}

static void events_are_asked_for_without_the_text(void **state)
{
	_cleanup_strv_ char **whole = journal_argv(JOURNAL_WHOLE, 7), **events = journal_argv(JOURNAL_EVENTS, 7);

	assert_string_equal(whole[strv_len(whole) - 1], "--lines=7");
	assert_string_equal(events[strv_len(events) - 1], "--lines=7");
	assert_string_equal(events[strv_len(events) - 2], "--output-fields=MESSAGE_ID,UNIT,USER_UNIT,_SYSTEMD_USER_UNIT,_SYSTEMD_UNIT");
	assert_true(journal_detail_has(JOURNAL_WHOLE, "MESSAGE", 7));
	assert_false(journal_detail_has(JOURNAL_EVENTS, "MESSAGE", 7));
	assert_false(journal_detail_has(JOURNAL_EVENTS, "UNIT", 3));
	assert_true(journal_detail_has(JOURNAL_EVENTS, "UNIT_RESULT", 4));
}

static void bad_lines_are_counted_and_skipped(void **state)
{
	static const char text[] = "-- No entries --\n{\"MESSAGE\":\"a\"}\n\n[1]\n{\"MESSAGE\":\"b\"}";
	struct seen s = { 0 };
	struct err err = { 0 };
	struct journal_entry e = { 0 };
	int calls = 0;

	assert_int_equal(journal_each(text, strlen(text), count, &s), 2);
	assert_int_equal(s.n, 2);
	journal_each(text, strlen(text), stop_at_once, &calls);
	assert_int_equal(calls, 1);
	assert_int_equal(journal_parse("3", 1, &e, &err), -ERR_SYNTAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(PP10_a_storm_is_counted_from_message_ids),
		cmocka_unit_test(events_are_asked_for_without_the_text),
		cmocka_unit_test(messages_come_as_text_bytes_lists_or_not_at_all),
		cmocka_unit_test(bad_lines_are_counted_and_skipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
