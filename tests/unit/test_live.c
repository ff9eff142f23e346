/* SPDX-License-Identifier: MIT */
#include "collect_test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

/* Counts its ends, and may ask more or stop the source at one of them. */
struct counter {
	struct sink sink;
	struct source *source;
	int ends;
	int outcomes[OUTCOMES];
	struct probe *next; /* asked at the first end */
	bool get_at_end;    /* asks and waits, from within the end */
	struct buf got;
	struct buf keys;    /* in the order of the ends */
};

static void counter_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	struct counter *c = (struct counter *)s;

	if (stream == STREAM_OUT)
		buf_add(&c->got, p, n);
}

static void counter_end(struct sink *s, const struct probe *p, const struct record *r)
{
	struct counter *c = (struct counter *)s;

	c->ends++;
	c->outcomes[r->outcome]++;
	buf_addf(&c->keys, "%s\n", r->key);
	assert_string_equal(p->key, r->key);
	if (c->next && c->ends == 1)
		source_ask(c->source, c->next, s);
	if (c->get_at_end) {
		_cleanup_answer_ struct answer a = { 0 };
		c->get_at_end = false;
		_cleanup_probe_ struct probe *inner = shell("echo inner");
		assert_int_equal(source_get(c->source, inner, &a, NULL), 0);
		assert_string_equal(buf_str(&a.out), "inner\n");
	}
}

static struct counter counter(struct source *s)
{
	return (struct counter){ .sink = { counter_chunk, counter_end }, .source = s };
}

static void counter_free(struct counter *c)
{
	buf_free(&c->got);
	buf_free(&c->keys);
}

static void ask_shell(struct source *s, struct sink *k, const char *key, const char *text, uint32_t timeout_ms)
{
	_cleanup_probe_ struct probe *p = shell(text);

	mem_set(&p->key, key);
	p->limits.timeout_ms = timeout_ms;
	source_ask(s, p, k);
}

/* Each of the two opens a FIFO that only opens when the other has come: one after the other they would hang. */
static void commands_overlap(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	_cleanup_free_ char *fifo = scratch("rendezvous");
	_cleanup_free_ char *left = mem_printf("echo met >%s", fifo);
	_cleanup_free_ char *right = mem_printf("cat %s", fifo);
	struct counter c = counter(s);

	assert_int_equal(mkfifo(fifo, 0600), 0);
	ask_shell(s, &c.sink, "test/left", left, 60000);
	ask_shell(s, &c.sink, "test/right", right, 60000);
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(c.outcomes[OUTCOME_OK], 2);
	assert_string_equal(buf_str(&c.got), "met\n");
	counter_free(&c);
}

static void fifty_probes_of_all_kinds_finish_in_one_run(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	struct counter c = counter(s);

	for (int i = 0; i < 50; i++) {
		_cleanup_free_ char *key = mem_printf("test/%d", i);
		_cleanup_probe_ struct probe *p = i % 5 == 0   ? probe_fact("host")
						  : i % 5 == 1 ? probe_file("/etc/passwd", PAYLOAD_TEXT)
						  : i % 5 == 2 ? probe_dir("/etc")
						  : i % 5 == 3 ? probe_http("x", "/no/such.sock", "/", NULL, PAYLOAD_TEXT)
							       : shell("echo x");
		mem_set(&p->key, key);
		source_ask(s, p, &c.sink);
	}
	assert_int_equal(c.ends, 0); /* asking answers nothing yet */
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(c.ends, 50);
	assert_int_equal(c.outcomes[OUTCOME_OK], 40);
	assert_int_equal(c.outcomes[OUTCOME_ABSENT], 10);
	counter_free(&c);
}

static void more_commands_than_run_at_once_all_end(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	struct counter c = counter(s);

	for (int i = 0; i < 3 * LIVE_COMMANDS; i++)
		ask_shell(s, &c.sink, "test/same", "echo x", 60000);
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(c.outcomes[OUTCOME_OK], 3 * LIVE_COMMANDS);
	assert_int_equal(c.got.len, 2 * 3 * LIVE_COMMANDS);
	counter_free(&c);
}

/* The hanging ones take all places of commands, until the end of a file lets them go: each takes one
 * line out of a FIFO. Did the file wait for them, nobody would ever end. */
struct releaser {
	struct sink sink;
	int fifo;
};

static void release(struct sink *s, const struct probe *p, const struct record *r)
{
	const struct releaser *l = (struct releaser *)s;

	for (int i = 0; i < LIVE_COMMANDS; i++)
		assert_int_equal(write(l->fifo, "x\n", 2), 2);
}

static void hanging_commands_hold_up_no_other_kind(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	_cleanup_free_ char *fifo = scratch("release");
	_cleanup_free_ char *wait = mem_printf("read line <%s", fifo);
	struct releaser l = { .sink = { counter_chunk, release } };
	_cleanup_probe_ struct probe *p = probe_file("/dev/null/none", PAYLOAD_TEXT);
	struct counter c = counter(s);

	assert_int_equal(mkfifo(fifo, 0600), 0);
	l.fifo = open(fifo, O_RDWR | O_CLOEXEC);
	for (int i = 0; i < LIVE_COMMANDS; i++)
		ask_shell(s, &c.sink, "test/hang", wait, 60000);
	source_ask(s, p, &l.sink);
	assert_int_equal(source_run(s, NULL), 0);
	close(l.fifo);
	assert_int_equal(c.outcomes[OUTCOME_OK], LIVE_COMMANDS);
	counter_free(&c);
}

/* What is asked from an end joins what runs: it meets, through a FIFO, a command that was there before. */
static void an_end_may_ask_more_which_joins_what_is_under_way(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	_cleanup_free_ char *fifo = scratch("late");
	_cleanup_free_ char *wait = mem_printf("cat %s", fifo);
	_cleanup_free_ char *wake = mem_printf("echo late >%s", fifo);
	struct counter c = counter(s);

	assert_int_equal(mkfifo(fifo, 0600), 0);
	_cleanup_probe_ struct probe *next = shell(wake);
	c.next = next;
	ask_shell(s, &c.sink, "test/waits", wait, 60000);
	ask_shell(s, &c.sink, "test/first", "true", 60000);
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(c.outcomes[OUTCOME_OK], 3);
	assert_string_equal(buf_str(&c.got), "late\n");
	counter_free(&c);
}

static void an_end_may_even_wait_for_an_answer(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	struct counter c = counter(s);

	c.get_at_end = true;
	ask_shell(s, &c.sink, "test/a", "echo a", 60000);
	ask_shell(s, &c.sink, "test/b", "echo b", 60000);
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(c.ends, 2);
	counter_free(&c);
}

static void same_key_asked_again_is_answered_anew(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	_cleanup_free_ char *path = scratch_write("changing", "one", 3);
	_cleanup_probe_ struct probe *p = probe_file(path, PAYLOAD_TEXT);
	_cleanup_answer_ struct answer a = { 0 }, b = { 0 };

	assert_int_equal(source_get(s, p, &a, NULL), 0);
	free(scratch_write("changing", "two", 3));
	assert_int_equal(source_get(s, p, &b, NULL), 0);
	assert_string_equal(buf_str(&a.out), "one");
	assert_string_equal(buf_str(&b.out), "two");
}

static void run_without_questions_is_nothing(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);

	assert_int_equal(source_run(s, NULL), 0);
	assert_true(source_now_us(s) > 1000000000ull * 1000000);
}

static void closing_kills_what_runs_and_drops_what_was_asked(void **state)
{
	struct source *s = source_live(NULL, NULL);
	struct counter c = counter(s);

	ask_shell(s, &c.sink, "test/never", "exec sleep 1000", 600000);
	source_close(s);
	assert_int_equal(c.ends, 0);
	counter_free(&c);
}

static struct source *to_stop;

static void on_signal(int sig)
{
	source_live_stop(to_stop);
}

/* The child tells us that it runs, by the signal itself; then it must be killed for the run to end. */
static void stop_from_a_signal_handler_ends_everything(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	_cleanup_free_ char *text = mem_printf("kill -USR1 %d; exec sleep 1000", getpid());
	const struct sigaction act = { .sa_handler = on_signal }, plain = { .sa_handler = SIG_DFL };
	struct counter c = counter(s);
	struct err err = { 0 };

	to_stop = s;
	assert_false(source_live_stopped(s));
	sigaction(SIGUSR1, &act, NULL);
	ask_shell(s, &c.sink, "test/signals", text, 600000);
	for (int i = 0; i < 40; i++)
		ask_shell(s, &c.sink, "test/hangs", "exec sleep 1000", 600000);
	assert_int_equal(source_run(s, &err), -ERR_IO);
	sigaction(SIGUSR1, &plain, NULL);
	assert_non_null(strstr(err.msg, "interrupted"));
	assert_true(source_live_stopped(s));
	assert_int_equal(c.ends, 41);
	assert_int_equal(c.outcomes[OUTCOME_FAILED], 41);
	/* and so for every later one */
	ask_shell(s, &c.sink, "test/later", "echo x", 600000);
	assert_int_equal(source_run(s, &err), -ERR_IO);
	assert_int_equal(c.ends, 42);
	counter_free(&c);
}

static void root_that_is_not_there_is_an_error(void **state)
{
	struct err err = { 0 };

	assert_null(source_live("/no/such/root", &err));
	assert_int_equal(err.code, ERR_ABSENT);
}

static void below_a_root_nobody_runs_commands(void **state)
{
	_cleanup_answer_ struct answer a = ask_below(scratch_dir, shell("echo x"));
	_cleanup_answer_ struct answer b = ask_below(scratch_dir, probe_http("x", "/run/p.sock", "/", NULL, PAYLOAD_TEXT));
	_cleanup_answer_ struct answer c = ask_below(scratch_dir, probe_fact("caller"));

	assert_int_equal(a.rec.outcome, OUTCOME_NOT_COLLECTED);
	assert_int_equal(b.rec.outcome, OUTCOME_NOT_COLLECTED);
	assert_int_equal(c.rec.outcome, OUTCOME_NOT_COLLECTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_overlap),
		cmocka_unit_test(fifty_probes_of_all_kinds_finish_in_one_run),
		cmocka_unit_test(more_commands_than_run_at_once_all_end),
		cmocka_unit_test(hanging_commands_hold_up_no_other_kind),
		cmocka_unit_test(an_end_may_ask_more_which_joins_what_is_under_way),
		cmocka_unit_test(an_end_may_even_wait_for_an_answer),
		cmocka_unit_test(same_key_asked_again_is_answered_anew),
		cmocka_unit_test(run_without_questions_is_nothing),
		cmocka_unit_test(closing_kills_what_runs_and_drops_what_was_asked),
		cmocka_unit_test(stop_from_a_signal_handler_ends_everything),
		cmocka_unit_test(root_that_is_not_there_is_an_error),
		cmocka_unit_test(below_a_root_nobody_runs_commands),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
