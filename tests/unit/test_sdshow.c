/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/buf.h"
#include "formats/sdshow.h"
#include "formats/sdshow_value.h"
#include "tests/unit/sample.h"

struct loaded {
	struct unit_props *v;
	size_t n;
};

static void load(const char *sample, struct loaded *l)
{
	_cleanup_buf_ struct buf text = { 0 };

	sample_read(sample, &text);
	assert_int_equal(sdshow_parse(buf_str(&text), text.len, &l->v, &l->n, NULL), 0);
}

static void a_storming_service_is_read_whole(void **state)
{
	struct loaded l;

	load("systemd/show-user-252.txt", &l);
	assert_int_equal(l.n, 5);
	const struct unit_props *u = sdshow_find(l.v, l.n, "storm.service");
	assert_non_null(u);
	assert_string_equal(u->description, "Storm \"of\" restarts");
	assert_string_equal(u->active_state, "failed");
	assert_string_equal(u->restart, "always");
	assert_int_equal(u->restart_us, 100000);
	assert_int_equal(u->n_restarts, 5);
	assert_int_equal(u->start_limit_interval_us, 10000000);
	assert_int_equal(u->start_limit_burst, 5);
	assert_string_equal(u->result, "exit-code");
	assert_int_equal(u->exec_main_code, 1);
	assert_int_equal(u->exec_main_status, 125);
	assert_int_equal(u->exec_main_start_us, 1795505406904743);
	assert_int_equal(u->main_pid, 0);
	assert_int_equal(u->runtime_max_us, SDSHOW_INFINITY);
	assert_int_equal(u->memory_current, SDSHOW_UNSET);
	assert_string_equal(u->working_directory, "/home/agent");
	assert_int_equal(strv_len(u->drop_in_paths), 1);
	assert_string_equal(u->drop_in_paths[0], "/home/agent/.config/systemd/user/storm.service.d/10-env.conf");
	assert_int_equal(strv_len(u->environment), 4);
	assert_string_equal(u->environment[0], "A=b c");
	assert_string_equal(u->environment[1], "Q=say \"hi\" $x");
	assert_string_equal(u->environment[3], "DROP=in");
	assert_int_equal(strv_len(u->environment_files), 2);
	assert_string_equal(u->environment_files[1], "/etc/default/more");
	assert_string_equal(u->unit_file_state, "enabled");
	assert_string_equal(u->wanted_by[0], "default.target");
	assert_null(u->user);
	assert_null(u->load_error);
	assert_false(u->need_daemon_reload);
	assert_int_equal(u->n_other, 0);
	_cleanup_free_ char *words = unit_exit_words(u);
	assert_string_equal(words, "exited with code 125");
	unit_props_list_free(l.v, l.n);
}

static void exec_blocks_survive_what_their_arguments_hold(void **state)
{
	struct loaded l;

	load("systemd/show-user-252.txt", &l);
	const struct unit_props *u = sdshow_find(l.v, l.n, "storm.service");
	assert_int_equal(u->n_exec_start_pre, 2);
	assert_string_equal(u->exec_start_pre[0].path, "/bin/true");
	assert_true(u->exec_start_pre[0].ignore_errors);
	assert_string_equal(u->exec_start_pre[1].argv, "/bin/echo two ; pid=7");
	assert_false(u->exec_start_pre[1].ignore_errors);
	assert_int_equal(u->exec_start_pre[1].pid, 233);
	assert_string_equal(u->exec_start_pre[1].code, "exited");
	assert_int_equal(u->n_exec_start, 1);
	assert_string_equal(u->exec_start[0].argv, "/bin/sh -c exit 125");
	assert_int_equal(u->exec_start[0].status, 125);
	assert_int_equal(u->exec_start[0].stop_us, 1795505406914207);
	u = sdshow_find(l.v, l.n, "killed.service");
	assert_string_equal(u->exec_start[0].code, "killed");
	assert_int_equal(u->exec_start[0].status, 9);
	unit_props_list_free(l.v, l.n);
}

static void a_killed_a_missing_and_a_timer_unit(void **state)
{
	struct loaded l;

	load("systemd/show-user-252.txt", &l);
	const struct unit_props *killed = sdshow_find(l.v, l.n, "killed.service");
	assert_true(killed->need_daemon_reload);
	assert_string_equal(killed->triggered_by[0], "killed.timer");
	_cleanup_free_ char *words = unit_exit_words(killed);
	assert_string_equal(words, "killed by SIGKILL");
	const struct unit_props *none = sdshow_find(l.v, l.n, "nosuch.service");
	assert_string_equal(none->load_state, "not-found");
	assert_string_equal(none->load_error, "Unit nosuch.service not found.");
	assert_null(none->fragment_path);
	assert_int_equal(none->exec_main_start_us, 0);
	_cleanup_free_ char *never = unit_exit_words(none);
	assert_string_equal(never, "never ran");
	const struct unit_props *timer = sdshow_find(l.v, l.n, "killed.timer");
	assert_string_equal(timer->triggers[0], "killed.service");
	assert_null(sdshow_find(l.v, l.n, "other.service"));
	unit_props_list_free(l.v, l.n);
}

static void all_properties_and_unix_times_read_too(void **state)
{
	struct loaded all, unix_times;

	load("systemd/show-all-252.txt", &all);
	assert_int_equal(all.n, 1);
	assert_string_equal(all.v[0].restart, "always");
	assert_true(all.v[0].n_other > 100);
	assert_string_equal(sdshow_other(&all.v[0], "ExitType"), "main");
	assert_null(sdshow_other(&all.v[0], "Nope"));
	load("systemd/show-unix-252.txt", &unix_times);
	assert_int_equal(unix_times.v[0].exec_main_start_us, 1795505406000000);
	unit_props_list_free(all.v, all.n);
	unit_props_list_free(unix_times.v, unix_times.n);
	load("systemd/show-system-252.txt", &all);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.v[1].id, "dbus.service");
	unit_props_list_free(all.v, all.n);
}

static void environment_with_newlines_does_not_make_properties(void **state)
{
	static const char text[] = "Id=a.service\nEnvironment=\"K=-----BEGIN\n\nRestart=always\nx\\\"y\" B=2\nRestart=no\n\n\nId=b.service\n";
	struct loaded l;

	assert_int_equal(sdshow_parse(text, strlen(text), &l.v, &l.n, NULL), 0);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].restart, "no");
	assert_int_equal(strv_len(l.v[0].environment), 2);
	assert_string_equal(l.v[0].environment[0], "K=-----BEGIN\n\nRestart=always\nx\"y");
	assert_string_equal(l.v[1].id, "b.service");
	assert_int_equal(l.v[1].start_limit_interval_us, SDSHOW_UNSET);
	unit_props_list_free(l.v, l.n);
	assert_int_equal(sdshow_parse("", 0, &l.v, &l.n, NULL), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(sdshow_parse("", SDSHOW_MAX + 1, &l.v, &l.n, NULL), -ERR_LIMIT);
}

static void times_and_spans(void **state)
{
	assert_int_equal(sdshow_time("Tue 2026-11-24 07:30:06.904743 UTC"), 1795505406904743);
	assert_int_equal(sdshow_time("Tue 2026-11-24 07:30:06 UTC"), 1795505406000000);
	assert_int_equal(sdshow_time("2026-11-24 07:30:06"), 1795505406000000);
	assert_int_equal(sdshow_time("@1795505406.5"), 1795505406500000);
	assert_int_equal(sdshow_time("Tue 2026-11-24 07:30:06 CET"), 0);
	assert_int_equal(sdshow_time("n/a"), 0);
	assert_int_equal(sdshow_time(""), 0);
	assert_int_equal(sdshow_span("1min 30s"), 90000000);
	assert_int_equal(sdshow_span("infinity"), SDSHOW_INFINITY);
	assert_int_equal(sdshow_span("[not set]"), SDSHOW_UNSET);
	assert_int_equal(sdshow_span("what"), SDSHOW_UNSET);
}

static void the_property_list_asks_for_what_is_read(void **state)
{
	_cleanup_free_ char *arg = sdshow_property_arg();

	assert_non_null(strstr(arg, "Id,Names,"));
	assert_non_null(strstr(arg, ",NRestarts,"));
	assert_null(strstr(arg, ",,"));
	assert_string_equal(sdshow_properties[0], "Id");
}

/* What is written is what systemctl 252 printed for these, and is read back as the same. */
static void times_and_spans_written(void **state)
{
	static const struct {
		uint64_t us;
		const char *text;
	} spans[] = { { 0, "0" }, { UINT64_MAX, "infinity" }, { 100000, "100ms" }, { 1500000, "1.500000s" }, { 90000000, "1min 30s" },
		{ 3782005000, "1h 3min 2.005000s" }, { 250, "250us" }, { 3456000000000, "1month 1w 2d 13h 30min" }, { 1001, "1.001ms" } };
	struct buf b = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		buf_clear(&b);
		sdshow_add_span(&b, spans[i].us);
		assert_string_equal(buf_str(&b), spans[i].text);
		assert_int_equal(sdshow_span(spans[i].text), spans[i].us == UINT64_MAX ? SDSHOW_INFINITY : spans[i].us);
	}
	buf_clear(&b);
	assert_true(sdshow_add_time(&b, 1795477803123456, "n/a"));
	assert_int_equal(sdshow_time(buf_str(&b)), 1795477803123456);
	assert_string_equal(buf_str(&b), "Mon 2026-11-23 23:50:03.123456 UTC");
	buf_clear(&b);
	assert_true(sdshow_add_time(&b, 0, "n/a"));
	assert_string_equal(buf_str(&b), "n/a");
	buf_free(&b);
}

static void words_written(void **state)
{
	static const char *const words[][2] = { { "app-x\\x2dy.slice", "\"app-x\\\\x2dy.slice\"" }, { "a@b=/:,%+-_.~#{}^]", "a@b=/:,%+-_.~#{}^]" }, { "", "\"\"" },
		{ "a b", "\"a b\"" }, { "$x`\"", "\"\\$x\\`\\\"\"" }, { "it's", "\"it's\"" } };
	struct buf b = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		_cleanup_strv_ char **back = NULL;
		buf_clear(&b);
		assert_true(sdshow_add_word(&b, words[i][0]));
		assert_string_equal(buf_str(&b), words[i][1]);
		show_add_words(&back, buf_str(&b));
		assert_string_equal(back[0], words[i][0]);
		assert_null(back[1]);
	}
	buf_clear(&b);
	assert_false(sdshow_add_word(&b, "tab\t"));
	assert_false(sdshow_add_word(&b, "\xc3\xa9"));
	assert_int_equal(b.len, 0);
	buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_storming_service_is_read_whole),
		cmocka_unit_test(exec_blocks_survive_what_their_arguments_hold),
		cmocka_unit_test(a_killed_a_missing_and_a_timer_unit),
		cmocka_unit_test(all_properties_and_unix_times_read_too),
		cmocka_unit_test(environment_with_newlines_does_not_make_properties),
		cmocka_unit_test(times_and_spans),
		cmocka_unit_test(times_and_spans_written),
		cmocka_unit_test(words_written),
		cmocka_unit_test(the_property_list_asks_for_what_is_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
