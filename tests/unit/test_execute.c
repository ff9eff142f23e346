/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lifecycle/execute.h"
#include "tests/unit/host_fake.h"
#include "tests/unit/scratch.h"

struct bench {
	char *dir, *vault, *unit, *journal_path;
	struct fake_host host;
	struct fake_command commands[8];
	struct journal *journal;
	struct executor x;
	struct plan *plan;
};

/* The service is active until it is stopped. */
static void stop_stops(struct fake_host *h, const char *words)
{
	if (strcmp(words, "systemctl stop x.service") == 0 && h->commands[0].status == 0)
		h->commands[1].out = "inactive\n";
}

static struct probe *command(const char *key, const char *a, const char *b)
{
	_cleanup_strv_ char **argv = strv_new("systemctl", a, b, NULL);

	return probe_cmd(key, argv, NULL, PAYLOAD_TEXT);
}

static struct plan *make_plan(const char *unit)
{
	struct plan *p = plan_new("quarantine", "x");
	struct step *s = plan_add(p, "stop", STEP_RUN, "stop %s", "x.service");

	s->cmd = command("stop", "stop", "x.service");
	s->holds = (struct expect){ .kind = EXPECT_WORD, .probe = command("is-active", "is-active", "x.service"),
		.words = strv_new("inactive", "failed", NULL) };
	s = plan_add(p, "move-0", STEP_MOVE, "take away %s", unit);
	s->path = mem_strdup(unit);
	s->vault = mem_strdup("000-x");
	s->holds = (struct expect){ .kind = EXPECT_ABSENT, .probe = probe_link(unit) };
	s = plan_add(p, "mask", STEP_LINK, "mask");
	s->path = mem_printf("%s.masked", unit);
	s->target = mem_strdup("/dev/null");
	s->holds = (struct expect){ .kind = EXPECT_TARGET, .probe = probe_link(s->path), .words = strv_new("/dev/null", NULL) };
	s->undone = (struct expect){ .kind = EXPECT_ABSENT, .probe = probe_link(s->path) };
	s = plan_add(p, "reload", STEP_RUN, "reload");
	s->cmd = command("reload", "daemon-reload", "");
	return p;
}

static int setup(void **state)
{
	struct bench *b = mem_alloc(sizeof(*b));

	b->dir = scratch_make();
	b->vault = mem_printf("%s/vault", b->dir);
	b->unit = mem_printf("%s/x.service", b->dir);
	b->journal_path = mem_printf("%s/journal.jsonl", b->dir);
	shell("mkdir '%s'; echo '[Unit]' >'%s'", b->vault, b->unit);
	b->commands[0] = (struct fake_command){ "systemctl stop x.service", 0, "", NULL, 0 };
	b->commands[1] = (struct fake_command){ "systemctl is-active x.service", 0, "active\n", NULL, 0 };
	b->commands[2] = (struct fake_command){ "systemctl daemon-reload ''", 0, "", NULL, 0 };
	b->host = (struct fake_host){ .source = { &fake_ops }, .commands = b->commands, .on_run = stop_stops };
	b->plan = make_plan(b->unit);
	assert_int_equal(journal_open(b->journal_path, &b->journal, NULL), 0);
	b->x = (struct executor){ .host = &b->host.source, .journal = b->journal, .vault = b->vault };
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	plan_free(b->plan);
	journal_close(b->journal);
	scratch_remove(&b->dir);
	free(b->vault);
	free(b->unit);
	free(b->journal_path);
	free(b);
	return 0;
}

static void all_steps_are_done_and_taken_back(void **state)
{
	struct bench *b = *state;
	struct err err = { 0 };

	assert_int_equal(plan_execute(b->plan, &b->x, &err), 0);
	assert_int_not_equal(access(b->unit, F_OK), 0);
	assert_int_equal(plan_holds(b->plan, &b->x, &err), 0);
	assert_int_equal(plan_undo(b->plan, &b->x, &err), 0);
	assert_int_equal(access(b->unit, F_OK), 0);
	assert_int_equal(plan_holds(b->plan, &b->x, &err), -ERR_CHANGE);
}

static void what_holds_already_is_left_alone(void **state)
{
	struct bench *b = *state;
	struct err err = { 0 };

	b->commands[1].out = "inactive\n";
	assert_int_equal(plan_execute(b->plan, &b->x, &err), 0);
	assert_int_equal(b->commands[0].ran, 0);
	assert_non_null(journal_last(b->journal, "already", "stop"));
}

static void a_command_that_says_ok_and_did_not_is_a_failure(void **state)
{
	struct bench *b = *state;
	struct err err = { 0 };

	b->host.on_run = NULL; /* stop exits with 0, and the service goes on */
	assert_int_equal(plan_execute(b->plan, &b->x, &err), -ERR_CHANGE);
	assert_non_null(strstr(err.msg, "stop x.service"));
	/* and nothing after it was touched */
	assert_int_equal(access(b->unit, F_OK), 0);
}

static void an_optional_step_may_fail(void **state)
{
	struct bench *b = *state;
	struct err err = { 0 };

	b->host.on_run = NULL;
	b->plan->steps[0]->optional = true;
	assert_int_equal(plan_execute(b->plan, &b->x, &err), 0);
	assert_non_null(journal_last(b->journal, "failed", "stop"));
}

/* The journal as a crash leaves it after any of its lines: the plan run again ends in the same state. */
static void resumes_after_a_crash_at_every_line(void **state)
{
	struct bench *b = *state;
	struct err err = { 0 };

	assert_int_equal(plan_execute(b->plan, &b->x, &err), 0);
	size_t lines = json_array_size(journal_events(b->journal));
	assert_true(lines >= 6);
	for (size_t keep = 0; keep <= lines; keep++) {
		plan_undo(b->plan, &b->x, NULL);
		b->commands[1].out = "active\n";
		journal_close(b->journal);
		assert_int_equal(shell("head -n %zu '%s' >'%s.cut' && mv '%s.cut' '%s'", keep, b->journal_path, b->journal_path, b->journal_path,
					 b->journal_path), 0);
		assert_int_equal(journal_open(b->journal_path, &b->journal, &err), 0);
		b->x.journal = b->journal;
		assert_int_equal(plan_execute(b->plan, &b->x, &err), 0);
		assert_int_equal(plan_holds(b->plan, &b->x, &err), 0);
		assert_int_equal(plan_undo(b->plan, &b->x, &err), 0);
		assert_int_equal(access(b->unit, F_OK), 0);
		assert_int_equal(plan_execute(b->plan, &b->x, &err), 0);
	}
}

static void undo_touches_nothing_that_was_not_begun(void **state)
{
	struct bench *b = *state;
	struct err err = { 0 };

	assert_int_equal(plan_undo(b->plan, &b->x, &err), 0);
	assert_int_equal(b->commands[2].ran, 0);
}

static void undo_goes_on_past_a_failure_and_names_it(void **state)
{
	struct bench *b = *state;
	struct err err = { 0 };

	assert_int_equal(plan_execute(b->plan, &b->x, &err), 0);
	shell("rm '%s.masked'; ln -s /elsewhere '%s.masked'", b->unit, b->unit);
	assert_int_equal(plan_undo(b->plan, &b->x, &err), -ERR_CHANGE);
	assert_non_null(strstr(err.msg, "mask"));
	assert_int_equal(access(b->unit, F_OK), 0);
}

static void a_plan_survives_its_journal(void **state)
{
	struct bench *b = *state;
	struct err err = { 0 };
	json_t *before = plan_to_json(b->plan);

	b->plan->steps[1]->as = identity_copy(&(struct identity){ .name = (char[]){ "a" }, .uid = 4, .gid = 5, .home = (char[]){ "/h" } });
	json_decref(before);
	before = plan_to_json(b->plan);
	CLEANUP(plan_freep) struct plan *again = plan_from_json(before, &err);
	assert_non_null(again);
	json_t *after = plan_to_json(again);
	assert_true(json_equal(before, after));
	json_decref(after);
	/* what is not whole is refused, never half understood */
	json_object_del(json_array_get(json_object_get(before, "steps"), 1), "vault");
	assert_null(plan_from_json(before, &err));
	assert_int_equal(err.code, ERR_SYNTAX);
	json_decref(before);
}

/* ---- files that a plan writes ---- */

static struct plan *make_writing_plan(const struct bench *b)
{
	struct plan *p = plan_new("install", "x");
	_cleanup_free_ char *dir = mem_printf("%s/new", b->dir), *file = mem_printf("%s/new/run", b->dir);

	plan_add_mkdir(p, "dir", dir, 0700);
	plan_add_write(p, "run", "wrapper", file, "#!/bin/sh\n", 0755, NULL);
	plan_add_write(p, "unit", "unit", b->unit, "[Unit]\n# ours\n", 0644, "000-unit");
	struct step *s = plan_add(p, "stop", STEP_RUN, "stop");
	s->cmd = command("stop", "stop", "x.service");
	return p;
}

static bool is_text(const char *path, const char *text)
{
	return shell("test \"$(cat '%s' 2>/dev/null)\" = '%s'", path, text) == 0;
}

static void writes_and_puts_back(void **state)
{
	struct bench *b = *state;
	CLEANUP(plan_freep) struct plan *p = make_writing_plan(b);
	_cleanup_free_ char *file = mem_printf("%s/new/run", b->dir);
	struct err err = { 0 };

	shell("chmod 640 '%s'", b->unit);
	assert_int_equal(plan_execute(p, &b->x, &err), 0);
	assert_true(is_text(b->unit, "[Unit]\n# ours") || shell("grep -q ours '%s'", b->unit) == 0);
	assert_int_equal(shell("test $(stat -c %%a '%s') = 755", file), 0);
	assert_int_equal(plan_holds(p, &b->x, &err), 0);
	/* executed again it changes nothing */
	assert_int_equal(plan_execute(p, &b->x, &err), 0);
	assert_int_equal(plan_undo(p, &b->x, &err), 0);
	assert_true(is_text(b->unit, "[Unit]"));
	assert_int_equal(shell("test $(stat -c %%a '%s') = 640", b->unit), 0);
	assert_int_equal(shell("test ! -e '%s/new'", b->dir), 0);
	assert_int_equal(shell("test -z \"$(find '%s' -name '*sourceos-new*')\"", b->dir), 0);
}

static void a_failing_step_leaves_the_state_before(void **state)
{
	struct bench *b = *state;
	CLEANUP(plan_freep) struct plan *p = make_writing_plan(b);
	struct err err = { 0 };

	b->commands[0].status = 1;
	assert_int_equal(plan_execute(p, &b->x, &err), -ERR_CHANGE);
	assert_int_equal(plan_undo(p, &b->x, &err), 0);
	assert_true(is_text(b->unit, "[Unit]"));
	assert_int_equal(shell("test ! -e '%s/new'", b->dir), 0);
}

static void a_new_file_takes_nobodys_place(void **state)
{
	struct bench *b = *state;
	CLEANUP(plan_freep) struct plan *p = plan_new("install", "x");
	struct err err = { 0 };

	plan_add_write(p, "unit", "unit", b->unit, "ours\n", 0644, NULL);
	assert_int_equal(plan_execute(p, &b->x, &err), -ERR_CHANGE);
	plan_undo(p, &b->x, NULL);
	assert_true(is_text(b->unit, "[Unit]"));
}

static void undo_leaves_what_was_edited_since(void **state)
{
	struct bench *b = *state;
	CLEANUP(plan_freep) struct plan *p = make_writing_plan(b);
	_cleanup_free_ char *file = mem_printf("%s/new/run", b->dir);
	struct err err = { 0 };

	assert_int_equal(plan_execute(p, &b->x, &err), 0);
	shell("echo mine >'%s'", file);
	assert_int_equal(plan_undo(p, &b->x, &err), -ERR_CHANGE);
	assert_true(is_text(file, "mine"));
	assert_true(is_text(b->unit, "[Unit]"));
}

/* The journal as a crash leaves it after any of its lines, and undone from there */
static void a_crash_at_every_line_is_undone(void **state)
{
	struct bench *b = *state;
	struct err err = { 0 };

	for (size_t keep = 0; keep < 9; keep++) {
		CLEANUP(plan_freep) struct plan *p = make_writing_plan(b);
		assert_int_equal(plan_execute(p, &b->x, &err), 0);
		journal_close(b->journal);
		/* an intent is on the disk before what it announces: cut only results */
		shell("head -n %zu '%s' >'%s.cut'; grep '\"intent\"' '%s' >>'%s.cut'; mv '%s.cut' '%s'", keep, b->journal_path, b->journal_path,
			b->journal_path, b->journal_path, b->journal_path, b->journal_path);
		assert_int_equal(journal_open(b->journal_path, &b->journal, &err), 0);
		b->x.journal = b->journal;
		assert_int_equal(plan_undo(p, &b->x, &err), 0);
		assert_true(is_text(b->unit, "[Unit]"));
		assert_int_equal(shell("test ! -e '%s/new'", b->dir), 0);
		journal_close(b->journal);
		shell("rm -f '%s' '%s'/*", b->journal_path, b->vault);
		assert_int_equal(journal_open(b->journal_path, &b->journal, &err), 0);
		b->x.journal = b->journal;
	}
}

static void a_wait_ends_when_it_is_doomed(void **state)
{
	struct bench *b = *state;
	CLEANUP(plan_freep) struct plan *p = plan_new("start", "x");
	struct step *s = plan_add(p, "health", STEP_WAIT, "wait until it is well");
	struct err err = { 0 };

	/* the clock of the fake host stands still: without the doom this would never end */
	s->settle_ms = 1000;
	s->holds = (struct expect){ .kind = EXPECT_WORD, .probe = command("is-active", "is-active", "x.service"), .words = strv_new("well", NULL) };
	s->doomed = (struct expect){ .kind = EXPECT_WORD, .probe = command("is-active", "is-active", "x.service"), .words = strv_new("active", NULL) };
	json_t *j = plan_to_json(p);
	CLEANUP(plan_freep) struct plan *again = plan_from_json(j, &err);
	json_decref(j);
	assert_non_null(again);
	assert_int_equal(plan_execute(again, &b->x, &err), -ERR_CHANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_steps_are_done_and_taken_back, setup, teardown),
		cmocka_unit_test_setup_teardown(what_holds_already_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_command_that_says_ok_and_did_not_is_a_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(an_optional_step_may_fail, setup, teardown),
		cmocka_unit_test_setup_teardown(resumes_after_a_crash_at_every_line, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_touches_nothing_that_was_not_begun, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_goes_on_past_a_failure_and_names_it, setup, teardown),
		cmocka_unit_test_setup_teardown(a_plan_survives_its_journal, setup, teardown),
		cmocka_unit_test_setup_teardown(writes_and_puts_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failing_step_leaves_the_state_before, setup, teardown),
		cmocka_unit_test_setup_teardown(a_new_file_takes_nobodys_place, setup, teardown),
		cmocka_unit_test_setup_teardown(undo_leaves_what_was_edited_since, setup, teardown),
		cmocka_unit_test_setup_teardown(a_crash_at_every_line_is_undone, setup, teardown),
		cmocka_unit_test_setup_teardown(a_wait_ends_when_it_is_doomed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
