/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "bundle/durable.h"
#include "tests/unit/evidence.h"

static char *slurp(const char *dir, const char *name)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, name);
	struct buf b = { 0 };

	if (file_read(AT_FDCWD, path, 1 << 24, &b, NULL))
		return NULL;
	return buf_take(&b);
}

static bool there(const char *dir, const char *name)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, name);

	return access(path, F_OK) == 0;
}

static struct capture *open_in(const char *dir)
{
	_cleanup_free_ char *path = mem_printf("%s/ev", dir);
	struct capture *c = NULL;
	struct err e = { 0 };

	if (capture_open(path, &c, &e))
		fail_msg("%s", e.msg);
	return c;
}

static void test_Q04_answers_become_files_with_their_names(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir);

	evidence_fill(c);
	assert_int_equal(capture_sync(c, NULL), 0);
	const struct captured *r = capture_find(c, "systemd/user/show/node-commander.service");
	assert_string_equal(r->files[STREAM_OUT].path, "probes/systemd_user_show_node-commander.service.out");
	assert_string_equal(r->files[STREAM_ERR].path, "probes/empty");
	_cleanup_free_ char *show = slurp(capture_dir(c), r->files[STREAM_OUT].path);
	assert_string_equal(show, "Id=node-commander.service\nActiveState=activating\n");
	_cleanup_free_ char *log = slurp(capture_dir(c), "app.log");
	assert_string_equal(log, "line one\nline two\n");
	/* an empty log that was read is a file of its name; a link has no payload */
	assert_true(there(capture_dir(c), "empty.log"));
	assert_string_equal(capture_find(c, "link/etc/localtime")->files[STREAM_OUT].path, "probes/empty");
	r = capture_find(c, "podman/info");
	assert_int_equal(r->outcome, OUTCOME_TIMEOUT);
	_cleanup_free_ char *err = slurp(capture_dir(c), r->files[STREAM_ERR].path);
	assert_string_equal(err, "still waiting\n");
	assert_null(capture_find(c, "podman/version"));
	_cleanup_free_ char *lines = slurp(capture_dir(c), "records.jsonl");
	assert_non_null(strstr(lines, "\"volatile\":true"));
	assert_int_equal(shell("test \"$(stat -c %%a '%s' '%s/private' | tr '\\n' ' ')\" = '700 700 ' && test -z \"$(find '%s' -type f ! -perm 600)\"",
				 capture_dir(c), capture_dir(c), capture_dir(c)),
		0);
}

static void test_a_later_answer_to_the_same_key_is_kept_beside_the_first(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir);

	answer(c, log_probe("/l/app.log", "app.log"), OUTCOME_OK, NULL, "before", NULL);
	answer(c, log_probe("/l/app.log", "app.log"), OUTCOME_OK, NULL, "after", NULL);
	answer(c, log_probe("/other/App.log", "App.log"), OUTCOME_OK, NULL, "other", NULL);
	_cleanup_free_ char *first = slurp(capture_dir(c), "app.log");
	_cleanup_free_ char *second = slurp(capture_dir(c), "app.log#2");
	assert_string_equal(first, "before");
	assert_string_equal(second, "after");
	assert_string_equal(capture_find(c, "file/l/app.log")->files[STREAM_OUT].path, "app.log");
	/* the same name but for letter case would be one file on a Mac */
	assert_string_equal(capture_find(c, "file/other/App.log")->files[STREAM_OUT].path, "App.log#3");
}

static void test_the_first_answer_counts_unless_a_later_one_is_better(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir);
	_cleanup_manifest_ struct manifest m = { 0 };

	answer(c, show_probe(), OUTCOME_TIMEOUT, "slow", NULL, NULL);
	capture_gaps(c, &m);
	assert_int_equal(m.n_gaps, 1);
	manifest_free(&m);
	answer(c, show_probe(), OUTCOME_OK, NULL, "x", NULL);
	assert_int_equal(capture_find(c, "systemd/user/show/node-commander.service")->outcome, OUTCOME_OK);
	capture_gaps(c, &m);
	assert_int_equal(m.n_gaps, 0);
}

static void test_what_is_there_and_cannot_be_read_is_a_gap_and_what_is_absent_is_not(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir);
	_cleanup_manifest_ struct manifest m = { 0 };

	answer(c, log_probe("/l/fifo.log", "fifo.log"), OUTCOME_REFUSED, "a FIFO, not a regular file", NULL, NULL);
	answer(c, log_probe("/l/none.log", "none.log"), OUTCOME_ABSENT, "No such file or directory", NULL, NULL);
	capture_gaps(c, &m);
	assert_int_equal(m.n_gaps, 1);
	assert_string_equal(m.gaps[0].what, "file/l/fifo.log");
	assert_string_equal(m.gaps[0].reason, "a FIFO, not a regular file");
}

static void test_names_from_the_host_cannot_leave_the_directory(void **state)
{
	static const struct {
		const char *artifact, *path;
	} v[] = { { "../../etc/passwd", "_./_./etc/passwd" }, { "/etc/x", "_/etc/x" }, { "private/redaction.key", "private_redaction.key" },
		{ "manifest.json", "manifest.json#2" }, { "a b\x1b[31m.log", "a_b__31m.log" }, { ".hidden", "_hidden" }, { "Records.jsonl", "Records.jsonl#2" } };
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir);

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		_cleanup_free_ char *path = mem_printf("/%zu", i), *key = mem_printf("file/%zu", i);
		answer(c, log_probe(path, v[i].artifact), OUTCOME_OK, NULL, "x", NULL);
		assert_string_equal(capture_find(c, key)->files[STREAM_OUT].path, v[i].path);
	}
	_cleanup_free_ char *longname = mem_alloc(5000);
	memset(longname, 'a', 4990);
	answer(c, log_probe("/long", longname), OUTCOME_OK, NULL, "x", NULL);
	assert_true(manifest_path_ok(capture_find(c, "file/long")->files[STREAM_OUT].path));
}

static void test_an_interrupted_capture_goes_on(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir);
	_cleanup_free_ char *ev = mem_strdup(capture_dir(c));
	const struct capture_act act = { EVIDENCE_TIME, "root", 0, "t", "one", NULL, NULL, 0 };

	answer(c, log_probe("/l/app.log", "app.log"), OUTCOME_OK, NULL, "before", NULL);
	assert_int_equal(capture_add_document(c, "remediation.md", PAYLOAD_TEXT, "x", 1, NULL), 0);
	assert_int_equal(capture_custody(c, &act, NULL), 0);
	answer(c, log_probe("/l/late.log", "late.log"), OUTCOME_OK, NULL, "no line says so", NULL);
	capture_close(TAKE_PTR(c)); /* without sync: a crash */
	assert_int_equal(shell("cd '%s' && printf '{\"key\":\"torn' >>records.jsonl && printf '{\"seq' >>custody.jsonl && touch .tmp-1 probes/.tmp-2", ev), 0);

	c = open_in(dir);
	assert_string_equal(capture_find(c, "file/l/app.log")->files[STREAM_OUT].path, "app.log");
	assert_null(capture_find(c, "file/l/late.log"));
	assert_true(there(ev, "remediation.md"));
	assert_false(there(ev, ".tmp-1"));
	assert_false(there(ev, "probes/.tmp-2"));
	assert_false(there(ev, "late.log"));
	assert_true(there(ev, "private/stray/late.log"));
	answer(c, log_probe("/l/app.log", "app.log"), OUTCOME_OK, NULL, "after", NULL);
	assert_int_equal(capture_custody(c, &act, NULL), 0);
	assert_int_equal(capture_sync(c, NULL), 0);
	assert_true(there(ev, "app.log#2"));
	assert_int_equal(shell("cd '%s' && ! grep torn records.jsonl && test $(wc -l <custody.jsonl) = 2 && "
			       "test \"$(head -1 custody.jsonl | tr -d '\\n' | sha256sum | cut -d' ' -f1)\" = \"$(tail -1 custody.jsonl | jq -r .prev)\"",
				 ev),
		0);
}

static void test_a_command_that_tells_nothing_unless_it_succeeds_is_a_gap_when_it_does_not(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir);
	_cleanup_manifest_ struct manifest m = { 0 };
	_cleanup_free_ char *reason = NULL;

	/* no manager to ask; and launchctl print, say, which ends with 113 for what is not loaded: an answer */
	struct probe *p = show_probe();
	answer_status(c, p, OUTCOME_OK, 1, NULL, NULL, "Failed to connect to bus");
	capture_gaps(c, &m);
	assert_int_equal(m.n_gaps, 0);
	p = show_probe();
	mem_set(&p->key, "systemd/user/show/other.service");
	p->flags |= PROBE_EXIT_0;
	answer_status(c, p, OUTCOME_OK, 1, NULL, NULL, "Failed to connect to bus");
	capture_gaps(c, &m);
	assert_int_equal(m.n_gaps, 1);
	assert_string_equal(m.gaps[0].outcome, "failed");
	reason = mem_printf("the command ended with 1; what it said is in %s",
		capture_find(c, "systemd/user/show/other.service")->files[STREAM_ERR].path);
	assert_string_equal(m.gaps[0].reason, reason);
}

static void test_a_file_that_is_gone_is_a_gap_after_reopening(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir);
	_cleanup_manifest_ struct manifest m = { 0 };

	answer(c, log_probe("/l/app.log", "app.log"), OUTCOME_OK, NULL, "before", NULL);
	assert_int_equal(capture_sync(c, NULL), 0);
	assert_int_equal(shell("rm '%s/app.log'", capture_dir(c)), 0);
	capture_close(TAKE_PTR(c));
	c = open_in(dir);
	capture_gaps(c, &m);
	assert_int_equal(m.n_gaps, 1);
	assert_string_equal(m.gaps[0].what, "file/l/app.log");
}

static void test_two_processes_cannot_fill_one_directory(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir), *other = NULL;

	assert_int_equal(capture_open(capture_dir(c), &other, NULL), -ERR_BUSY);
}

static void test_a_directory_that_others_may_write_is_refused(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *ev = mem_printf("%s/ev", dir);
	_cleanup_capture_ struct capture *c = NULL;

	assert_int_equal(shell("mkdir -m 777 '%s'", ev), 0);
	assert_int_equal(capture_open(ev, &c, NULL), -ERR_TRUST);
	assert_int_equal(shell("rmdir '%s' && ln -s /tmp '%s'", ev, ev), 0);
	assert_int_not_equal(capture_open(ev, &c, NULL), 0);
}

static void test_no_space_is_recorded_and_nothing_is_half_named(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();

	/* 64 KiB of space: the payload does not fit */
	if (getuid() != 0 || shell("mkdir '%s/small' && mount -t tmpfs -o size=64k none '%s/small' 2>/dev/null", dir, dir) != 0)
		skip();
	_cleanup_free_ char *small = mem_printf("%s/small", dir);
	struct capture *c = open_in(small);
	_cleanup_free_ char *big = mem_alloc(100001);
	memset(big, 'x', 100000);
	answer(c, log_probe("/l/app.log", "app.log"), OUTCOME_OK, NULL, big, NULL);
	const struct captured *r = capture_find(c, "file/l/app.log");
	assert_int_equal(r->outcome, OUTCOME_FAILED);
	assert_non_null(strstr(r->reason, "No space left"));
	assert_false(there(capture_dir(c), "app.log"));
	assert_int_equal(shell("! ls -a '%s' | grep -q '^.tmp'", capture_dir(c)), 0);
	capture_close(c);
	assert_int_equal(shell("umount '%s'", small), 0);
}

static void test_absent_is_said_by_name_until_it_is_there(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_capture_ struct capture *c = open_in(dir);
	_cleanup_manifest_ struct manifest m = { 0 };

	answer(c, log_probe("/l/app.log", "app.log"), OUTCOME_OK, NULL, "x", NULL);
	assert_int_equal(capture_note_absent(c, "app.log", "no", NULL), 0);
	assert_int_equal(capture_note_absent(c, "image-inspect.json", "not \"local\"", NULL), 0);
	assert_int_equal(capture_note_absent(c, "service.unit.disabled", "no unit", NULL), 0);
	assert_int_equal(shell("cd '%s' && test \"$(jq -r '.captured,.reason' image-inspect.json | tr '\\n' ' ')\" = 'false not \"local\" ' && "
			       "grep -qx '# not captured: no unit' service.unit.disabled && grep -qx x app.log",
				 capture_dir(c)),
		0);
	capture_gaps(c, &m);
	assert_int_equal(m.n_gaps, 2);
	assert_string_equal(m.gaps[0].outcome, "not-captured");
	manifest_free(&m);
	assert_int_equal(capture_add_document(c, "image-inspect.json", PAYLOAD_JSON, "{}", 2, NULL), 0);
	capture_gaps(c, &m);
	assert_int_equal(m.n_gaps, 1);
	assert_int_equal(capture_add_document(c, "app.log", PAYLOAD_TEXT, "y", 1, NULL), -ERR_BUSY);
	assert_int_equal(capture_add_document(c, "private/x", PAYLOAD_TEXT, "y", 1, NULL), -ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_Q04_answers_become_files_with_their_names),
		cmocka_unit_test(test_a_later_answer_to_the_same_key_is_kept_beside_the_first),
		cmocka_unit_test(test_the_first_answer_counts_unless_a_later_one_is_better),
		cmocka_unit_test(test_what_is_there_and_cannot_be_read_is_a_gap_and_what_is_absent_is_not),
		cmocka_unit_test(test_names_from_the_host_cannot_leave_the_directory),
		cmocka_unit_test(test_an_interrupted_capture_goes_on),
		cmocka_unit_test(test_a_command_that_tells_nothing_unless_it_succeeds_is_a_gap_when_it_does_not),
		cmocka_unit_test(test_a_file_that_is_gone_is_a_gap_after_reopening),
		cmocka_unit_test(test_two_processes_cannot_fill_one_directory),
		cmocka_unit_test(test_a_directory_that_others_may_write_is_refused),
		cmocka_unit_test(test_no_space_is_recorded_and_nothing_is_half_named),
		cmocka_unit_test(test_absent_is_said_by_name_until_it_is_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
