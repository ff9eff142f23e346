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
	size_t n, starts, restarts, failures;
	uint64_t first_us, last_us;
};

static int count(const struct journal_entry *e, void *ctx)
{
	struct seen *s = ctx;

	s->n++;
	s->starts += e->event == JOURNAL_STARTED;
	s->failures += e->event == JOURNAL_FAILED;
	s->restarts += e->event == JOURNAL_RESTART_SCHEDULED;
	s->first_us = s->first_us ? s->first_us : e->time_us;
	s->last_us = e->time_us;
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
	assert_int_equal(s.restarts, 4);
	assert_true(s.first_us > 1795505400000000);
	assert_true(s.last_us > s.first_us);
}

/* What journal_each hands over is gone once it returns. */
struct kept {
	size_t calls, message_len;
	char *message;
	enum journal_event event;
	uint64_t time_us;
};

static int keep(const struct journal_entry *e, void *ctx)
{
	struct kept *k = ctx;

	mem_set(&k->message, e->message);
	k->message_len = e->message_len;
	k->event = e->event;
	k->time_us = e->time_us;
	k->calls++;
	return 0;
}

static struct kept parse(const char *line)
{
	struct kept k = { 0 };

	assert_int_equal(journal_each(line, strlen(line), keep, &k), 0);
	assert_int_equal(k.calls, 1);
	return k;
}

static void assert_message(const char *line, const char *message)
{
	struct kept k = parse(line);

	if (message)
		assert_string_equal(k.message, message);
	else
		assert_null(k.message);
	assert_int_equal(k.message_len, message ? strlen(message) : 0);
	free(k.message);
}

static void messages_come_as_text_bytes_lists_or_not_at_all(void **state)
{
	assert_message("{\"MESSAGE\":\"plain\",\"_PID\":\"7\"}", "plain");
	assert_message("{\"MESSAGE\":\"\"}", "");
	assert_message("{\"MESSAGE\":\"a\\u0000b\",\"_PID\":\"7\"}", "a\xef\xbf\xbd" "b");
	assert_message("{\"MESSAGE\":\"\xc3\xa9\"}", "\xc3\xa9");
	assert_message("{\"MESSAGE\":\"say \\\"so\\\"\"}", "say \"so\"");
	assert_message("{\"MESSAGE\":[104,105,10,255,0,999]}", "hi\n\xff\xef\xbf\xbd\xef\xbf\xbd");
	assert_message("{\"MESSAGE\":null,\"PRIORITY\":\"9\"}", NULL);
	assert_message("{\"MESSAGE\":[\"first\",\"second\"],\"_SYSTEMD_UNIT\":\"a.service\"}", "first");
	assert_message("{\"MESSAGE\":[[104,105],[1]]}", "hi");
	assert_message("{}", NULL);
}

/* Read in place or by jansson: the same line, plain and with what only the other can tell. */
static void a_plain_line_is_read_as_any_other(void **state)
{
	static const char *const lines[] = {
		"{\"MESSAGE\":\"a\",\"__REALTIME_TIMESTAMP\":\"17\",\"MESSAGE_ID\":\"39f53479d3a045ac8e11786248231fbf\"}",
		"{\"MESSAGE\":\"a\", \"__REALTIME_TIMESTAMP\":\"17\",\"MESSAGE_ID\":\"39f53479d3a045ac8e11786248231fbf\"}",
		"{\"MESSAGE\":\"a\",\"__REALTIME_TIMESTAMP\":\"17\",\"MESSAGE_ID\":\"39f53479d3a045ac8e11786248231fb\\u0066\"}",
		"{\"MESSAGE\":\"a\",\"__REALTIME_TIMESTAMP\":\"17\",\"MESSAGE_ID\":\"39f53479d3a045ac8e11786248231fbf\",\"X\":null}",
		"{\"MESSAGE\":\"b\",\"MESSAGE\":\"a\",\"__REALTIME_TIMESTAMP\":\"17\",\"MESSAGE_ID\":\"39f53479d3a045ac8e11786248231fbf\"}",
	};

	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct kept k = parse(lines[i]);
		assert_string_equal(k.message, "a");
		assert_int_equal(k.time_us, 17);
		assert_int_equal(k.event, JOURNAL_STARTED);
		free(k.message);
	}
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
	assert_string_equal(events[strv_len(events) - 2], "--output-fields=MESSAGE_ID");
	assert_int_equal(strv_len(whole) + 1, strv_len(events));
}

static void bad_lines_are_counted_and_skipped(void **state)
{
	static const char text[] = "-- No entries --\n{\"MESSAGE\":\"a\"}\n\n[1]\n3\n{\"MESSAGE\":\"a\"\n{\"MESSAGE\":\"a\"}x\n{\"MESSAGE\":\"b\"}";
	struct seen s = { 0 };
	int calls = 0;

	assert_int_equal(journal_each(text, strlen(text), count, &s), 5);
	assert_int_equal(s.n, 2);
	journal_each(text, strlen(text), stop_at_once, &calls);
	assert_int_equal(calls, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(PP10_a_storm_is_counted_from_message_ids),
		cmocka_unit_test(events_are_asked_for_without_the_text),
		cmocka_unit_test(messages_come_as_text_bytes_lists_or_not_at_all),
		cmocka_unit_test(a_plain_line_is_read_as_any_other),
		cmocka_unit_test(bad_lines_are_counted_and_skipped),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
