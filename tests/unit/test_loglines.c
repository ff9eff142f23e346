/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/text.h"
#include "lifecycle/loglines.h"

static struct answer *answer(const char *text, uint64_t mtime_us)
{
	struct answer *a = mem_alloc(sizeof(*a));

	a->rec = (struct record){ .outcome = OUTCOME_OK, .stat = { .known = true, .mtime_us = (int64_t)mtime_us } };
	buf_adds(&a->out, text);
	return a;
}

static struct redactor *redact_with;
static enum outcome journal_outcome; /* OUTCOME_OK is 0 */
static enum via journal_via;

static void read_both(const char *app, const char *journal, unsigned sources, struct log_lines *ret)
{
	static char name[] = "x", path[] = "/var/log/x.log";
	struct agent agent = { .name = name };
	struct answer *a = app ? answer(app, 1000000000ull * 1000000) : NULL, *j = journal ? answer(journal, 0) : NULL;
	struct file_evidence log = { .path = path, .answer = a };
	if (j) {
		j->rec.outcome = journal_outcome;
		j->rec.via = journal_via;
	}
	struct evidence e = { .target.agent = &agent, .logs = &log, .n_logs = a ? 1 : 0, .service.journal = j, .service.journal_asked = 2 };

	log_lines_read(&e, sources, redact_with, ret);
	for (int i = 0; i < 2; i++) {
		struct answer *x = i ? j : a;
		if (x)
			answer_free(x);
		free(x);
	}
}

#define AT(us, text) "{\"__REALTIME_TIMESTAMP\":\"" us "\",\"MESSAGE\":\"" text "\"}\n"

static void sources_merge_in_the_order_of_time(void **state)
{
	_cleanup_log_lines_ struct log_lines l = { 0 };

	read_both("2001-09-09T01:46:41Z one\nno stamp\n2001-09-09T01:46:43Z three\n", AT("1000000000500000", "zero") AT("1000000002000000", "two"), ~0u, &l);
	assert_int_equal(l.n, 5);
	assert_string_equal(l.v[0].text, "zero");
	assert_string_equal(l.v[1].text, "2001-09-09T01:46:41Z one");
	assert_string_equal(l.v[2].text, "no stamp"); /* the time of the line before it */
	assert_string_equal(l.v[3].text, "two");
	assert_int_equal(l.v[3].source, LOG_JOURNAL);
	assert_non_null(strstr(l.v[4].text, "three"));
	/* as many entries as were asked for: who asks for all is to know */
	assert_int_equal(l.streams[0].window, 0);
	assert_int_equal(l.streams[1].window, 2);
}

/* The journal's own reader keeps the newest, journalctl begins with the oldest. */
static void which_end_of_the_journal_is_left_out_is_told(void **state)
{
	for (int direct = 0; direct < 2; direct++) {
		_cleanup_log_lines_ struct log_lines l = { 0 };
		journal_outcome = OUTCOME_CUT;
		journal_via = direct ? VIA_JOURNAL : VIA_COMMAND;
		read_both(NULL, AT("1000000000500000", "one"), ~0u, &l);
		journal_outcome = OUTCOME_OK;
		journal_via = VIA_COMMAND;
		assert_int_equal(l.n_streams, 1);
		assert_int_equal(l.streams[0].cut, !direct);
		assert_int_equal(l.streams[0].window, direct ? 1 : 0);
	}
}

static void a_file_without_stamps_has_its_own_time(void **state)
{
	_cleanup_log_lines_ struct log_lines l = { 0 };

	read_both("a\nb\n", AT("999999999000000", "before"), ~0u, &l);
	assert_string_equal(l.v[0].text, "before");
	assert_string_equal(l.v[1].text, "a");
	assert_string_equal(l.v[2].text, "b");
}

static void a_source_may_be_left_out(void **state)
{
	_cleanup_log_lines_ struct log_lines l = { 0 };

	read_both("a\n", AT("1", "j"), 1u << LOG_APP, &l);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0].source, LOG_APP);
}

/* A Mac's journal is launchd's lines of the unified log. */
static void the_unified_log_is_a_macs_journal(void **state)
{
	_cleanup_log_lines_ struct log_lines l = { 0 };
	static char name[] = "x";
	struct agent agent = { .name = name };
	struct answer *log = answer("{\"timestamp\":\"2026-11-24 07:00:00.000000+0100\",\"eventMessage\":\"Service exited\"}\n"
				    "{\"count\":1,\"finished\":1}\n", 0);
	struct evidence e = { .target.agent = &agent, .launchd.log.answer = log };

	log_lines_read(&e, 1u << LOG_APP, NULL, &l);
	assert_int_equal(l.n, 0);
	log_lines_read(&e, 1u << LOG_JOURNAL, NULL, &l);
	answer_free(log);
	free(log);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.v[0].source, LOG_JOURNAL);
	assert_string_equal(l.v[0].text, "Service exited");
	assert_int_equal(l.v[0].time_us / 1000000, 1795500000);
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
	_cleanup_log_lines_ struct log_lines l = { 0 };

	read_both("\033[2Jgone\n", NULL, ~0u, &l);
	assert_null(strchr(l.v[0].text, '\033'));
}

static struct log_lines read_file(const char *text, uint64_t dropped)
{
	static char name[] = "x", path[] = "/var/log/x.log";
	struct agent agent = { .name = name };
	struct answer *a = answer(text, 1000000000ull * 1000000);
	struct file_evidence log = { .path = path, .answer = a };
	struct evidence e = { .target.agent = &agent, .logs = &log, .n_logs = 1 };
	struct log_lines l = { 0 };

	a->dropped = dropped;
	log_lines_read(&e, ~0u, NULL, &l);
	answer_free(a);
	free(a);
	return l;
}

/* The file was written to later than any of these lines was. */
static void what_stands_before_the_first_stamp_was_written_by_then(void **state)
{
	_cleanup_log_lines_ struct log_lines l = read_file("no stamp\n2001-09-09T01:00:00Z one\n2001-09-09T01:00:05Z two\n", 0);

	assert_int_equal(l.v[0].time_us, l.v[1].time_us);
	assert_int_equal(l.v[2].time_us - l.v[1].time_us, 5000000);
	assert_false(l.streams[0].untimed);
	_cleanup_log_lines_ struct log_lines none = read_file("no stamp\n", 0);
	assert_true(none.streams[0].untimed);
}

static void half_a_line_at_the_beginning_is_none(void **state)
{
	_cleanup_log_lines_ struct log_lines l = read_file("half\nwhole\nopen", 100), none = read_file("half", 100);

	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].text, "whole");
	assert_int_equal(l.streams[0].left_out, 105);
	assert_true(l.streams[0].open);
	assert_int_equal(none.n, 0);
	assert_int_equal(none.streams[0].left_out, 104);
}

static void a_million_lines_of_a_file_are_the_most(void **state)
{
	struct buf b = { 0 };

	buf_adds(&b, "first\nsecond\n");
	for (size_t i = 2; i < LOG_LINES_MAX + 1; i++)
		buf_addc(&b, '\n');
	_cleanup_log_lines_ struct log_lines l = read_file(buf_str(&b), 0);
	assert_int_equal(l.n, LOG_LINES_MAX);
	assert_string_equal(l.v[0].text, "second");
	assert_int_equal(l.streams[0].left_out, 6);
	buf_free(&b);
}

static void a_line_knows_the_bytes_behind_it(void **state)
{
	_cleanup_log_lines_ struct log_lines l = read_file("a\n\nbc\ne\n", 0);

	assert_int_equal(l.v[0].left, 8);
	assert_int_equal(l.v[1].left, 6);
	assert_string_equal(l.v[1].text, ""); /* an empty line is one */
	assert_int_equal(l.v[3].left, 2);
}

/* Podman's frames, over the API; and its head, which is no log. */
static void a_container_has_said(const char *out, size_t n, struct log_lines *ret)
{
	static char name[] = "x", head[] = "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\n\r\n";
	struct agent agent = { .name = name };
	struct answer log = { .rec = { .outcome = OUTCOME_OK, .status = 200 } };
	struct evidence e = { .target.agent = &agent, .podman = { .engines = { { .name = name, .log = &log } }, .n_engines = 1 } };

	buf_add(&log.out, out, n);
	buf_adds(&log.err, head);
	log_lines_read(&e, 1u << LOG_CONTAINER, NULL, ret);
	answer_free(&log);
}

static void a_containers_log_over_the_api(void **state)
{
	_cleanup_log_lines_ struct log_lines none = { 0 }, few = { 0 }, many = { 0 };
	_cleanup_buf_ struct buf b = { 0 };

	a_container_has_said("", 0, &none);
	assert_int_equal(none.n, 0);
	/* a frame of 266 bytes has a line feed in its head */
	for (int i = 0; i < 2600; i++)
		buf_add(&b, "\1\0\0\0\0\0\1\n", 8), buf_addf(&b, "%0265d\n", i);
	a_container_has_said(b.data, b.len, &few);
	assert_int_equal(few.n, 2600);
	assert_int_equal(few.streams[0].window, 0);
	for (int i = 2600; i < GATHER_CONTAINER_LINES; i++)
		buf_add(&b, "\1\0\0\0\0\0\1\n", 8), buf_addf(&b, "%0265d\n", i);
	a_container_has_said(b.data, b.len, &many);
	assert_int_equal(many.streams[0].window, GATHER_CONTAINER_LINES);
}

#define LINE64 "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"

static void a_key_that_the_window_cuts_is_not_shown(void **state)
{
	static const char app[] = "one\n" LINE64 "\n" LINE64 "\nc2hvcnQ=\n-----END PRIVATE KEY-----\ntwo " LINE64 "\n";
	static const char journal[] = AT("1", LINE64) AT("2", LINE64) AT("3", "then this");
	static const uint8_t redact_key[REDACT_KEY_BYTES] = { 1 };
	struct redactor *r = redactor_new(redact_key, NULL);
	_cleanup_log_lines_ struct log_lines l = { 0 };

	redact_with = r;
	read_both(app, journal, ~0u, &l);
	redact_with = NULL;
	redactor_free(r);
	size_t tokens = 0;
	for (size_t i = 0; i < l.n; i++) {
		tokens += text_starts(l.v[i].text, "REDACTED_privateKey_");
		assert_true(!strstr(l.v[i].text, "MIIEvQ") || text_starts(l.v[i].text, "two "));
		assert_null(strstr(l.v[i].text, "c2hvcnQ="));
	}
	assert_int_equal(l.n, 9);
	assert_int_equal(tokens, 6);
}

static void lines_beyond_the_limit_are_left_out_of_the_journal_too(void **state)
{
	_cleanup_log_lines_ struct log_lines l = { 0 };
	_cleanup_buf_ struct buf b = { 0 };

	buf_adds(&b, "{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":\"first");
	for (size_t i = 0; i < 2 * LOG_LINES_MAX + 5; i++)
		buf_adds(&b, "\\n");
	buf_adds(&b, "last\"}\n");
	read_both(NULL, buf_str(&b), ~0u, &l);
	assert_int_equal(l.n, LOG_LINES_MAX);
	assert_string_equal(l.v[l.n - 1].text, "last");
	assert_true(l.streams[0].left_out > LOG_LINES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sources_merge_in_the_order_of_time), cmocka_unit_test(a_file_without_stamps_has_its_own_time),
		cmocka_unit_test(a_source_may_be_left_out), cmocka_unit_test(control_characters_do_not_reach_the_terminal),
		cmocka_unit_test(the_unified_log_is_a_macs_journal),
		cmocka_unit_test(what_stands_before_the_first_stamp_was_written_by_then),
		cmocka_unit_test(a_million_lines_of_a_file_are_the_most),
		cmocka_unit_test(a_containers_log_over_the_api),
		cmocka_unit_test(which_end_of_the_journal_is_left_out_is_told),
		cmocka_unit_test(a_key_that_the_window_cuts_is_not_shown), cmocka_unit_test(lines_beyond_the_limit_are_left_out_of_the_journal_too),
		cmocka_unit_test(half_a_line_at_the_beginning_is_none), cmocka_unit_test(a_line_knows_the_bytes_behind_it) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
