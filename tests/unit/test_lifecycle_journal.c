/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "formats/mem.h"
#include "lifecycle/journal.h"

static char dir[64], path[128];

static int setup(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/test-journal-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/journal.jsonl", dir);
	return 0;
}

static int teardown(void **state)
{
	unlink(path);
	return rmdir(dir);
}

static struct journal *open_ok(void)
{
	struct journal *j = NULL;
	struct err err = { 0 };

	assert_int_equal(journal_open(path, &j, &err), 0);
	return j;
}

static void write_raw(const char *text)
{
	FILE *f = fopen(path, "a");

	fputs(text, f);
	fclose(f);
}

static void events_survive_reopening(void **state)
{
	struct journal *j = open_ok();

	assert_int_equal(journal_event(j, 0, "intent", "stop", NULL, NULL, NULL), 0);
	assert_int_equal(journal_event(j, 0, "done", "stop", "result", json_string("ok"), NULL), 0);
	journal_close(j);
	j = open_ok();
	assert_int_equal(json_array_size(journal_events(j)), 2);
	assert_non_null(journal_last(j, "intent", "stop"));
	assert_null(journal_last(j, "intent", "other"));
	assert_int_equal(json_integer_value(json_object_get(journal_last(j, "done", NULL), "seq")), 2);
	journal_close(j);
}

static void a_torn_last_line_never_happened(void **state)
{
	struct journal *j = open_ok();

	journal_event(j, 0, "intent", "stop", NULL, NULL, NULL);
	journal_close(j);
	write_raw("{\"seq\":2,\"event\":\"do");
	j = open_ok();
	assert_int_equal(json_array_size(journal_events(j)), 1);
	/* and what is appended next stands on a line of its own */
	assert_int_equal(journal_event(j, 0, "done", "stop", NULL, NULL, NULL), 0);
	journal_close(j);
	j = open_ok();
	assert_int_equal(json_array_size(journal_events(j)), 2);
	journal_close(j);
}

/* Another process may be about to finish that line. */
static void who_only_reads_touches_nothing(void **state)
{
	struct journal *j = open_ok();
	struct stat before, after;

	journal_event(j, 0, "intent", "stop", NULL, NULL, NULL);
	journal_close(j);
	write_raw("{\"seq\":2,\"event\":\"do");
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(journal_read(path, &j, NULL), 0);
	assert_int_equal(json_array_size(journal_events(j)), 1);
	assert_true(journal_event(j, 0, "done", "stop", NULL, NULL, NULL) < 0);
	journal_close(j);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(after.st_size, before.st_size);
	assert_int_equal(after.st_mtim.tv_sec, before.st_mtim.tv_sec);
	assert_int_equal(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
	write_raw("ne\"}\n");
	j = open_ok();
	assert_int_equal(json_array_size(journal_events(j)), 2);
	journal_close(j);
	_cleanup_free_ char *none = mem_printf("%s.none", path);
	assert_int_equal(journal_read(none, &j, NULL), -ERR_ABSENT);
	assert_int_equal(access(none, F_OK), -1);
}

static void damage_in_the_middle_is_named(void **state)
{
	struct journal *j = open_ok();
	struct err err = { 0 };

	journal_event(j, 0, "intent", "stop", NULL, NULL, NULL);
	journal_close(j);
	write_raw("garbage\n");
	assert_int_equal(journal_open(path, &j, &err), -ERR_SYNTAX);
	assert_non_null(strstr(err.msg, "journal.jsonl:2"));
}

static void a_full_disk_leaves_no_half_line(void **state)
{
	struct journal *j = NULL;
	struct err err = { 0 };

	/* /dev/full takes the open and refuses the write, as a full disk does */
	if (journal_open("/dev/full", &j, &err)) {
		assert_int_not_equal(err.code, 0);
		return;
	}
	assert_true(journal_event(j, 0, "intent", "stop", NULL, NULL, &err) < 0);
	assert_int_equal(json_array_size(journal_events(j)), 0);
	journal_close(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_survive_reopening, setup, teardown),
		cmocka_unit_test_setup_teardown(a_torn_last_line_never_happened, setup, teardown),
		cmocka_unit_test_setup_teardown(who_only_reads_touches_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(damage_in_the_middle_is_named, setup, teardown),
		cmocka_unit_test(a_full_disk_leaves_no_half_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
