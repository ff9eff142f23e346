/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "collect/gather.h"
#include "tests/unit/host_fake.h"

struct trace {
	unsigned first, second, other;
	char said[64];
};

static struct probe *ask(const char *word)
{
	_cleanup_strv_ char **argv = strv_new("echo", word, NULL);

	return probe_cmd(word, argv, NULL, PAYLOAD_TEXT);
}

static void second(struct task *t, void *ctx)
{
	struct trace *r = ctx;
	const struct answer *a = gather_answer(task_gather(t), "a"), *b = gather_answer(task_gather(t), "b");

	r->second++;
	assert_non_null(a);
	assert_non_null(b);
	snprintf(r->said, sizeof(r->said), "%s%s", buf_str(&a->out), buf_str(&b->out));
}

static void other(struct task *t, void *ctx)
{
	((struct trace *)ctx)->other++;
}

static void first(struct task *t, void *ctx)
{
	struct trace *r = ctx;

	r->first++;
	task_ask(t, ask("a"));
	task_ask(t, ask("b"));
	assert_null(gather_answer(task_gather(t), "a"));
	task_then(t, second);
	/* a task that another starts runs as well, at once */
	gather_start(task_gather(t), other, ctx);
	assert_int_equal(r->other, 1);
}

static void a_step_runs_when_its_answers_are_in(void **state)
{
	struct fake_command commands[] = { { "echo a", 0, "A", NULL, 0 }, { "echo b", 0, "B", NULL, 0 }, { NULL, 0, NULL, NULL, 0 } };
	struct fake_host host = { .source = { &fake_ops }, .commands = commands };
	struct trace r = { 0 };
	struct gather *g = gather_new(&host.source);

	gather_start(g, first, &r);
	assert_int_equal(r.first, 0);
	assert_int_equal(gather_run(g, NULL), 0);
	assert_int_equal(r.first, 1);
	assert_int_equal(r.second, 1);
	assert_string_equal(r.said, "AB");
	assert_int_equal(gather_count(g), 2);
	gather_free(g);
}

static void only_a(struct task *t, void *ctx)
{
	task_ask(t, ask("a"));
	task_then(t, other);
}

static void the_same_question_is_asked_once(void **state)
{
	struct fake_command commands[] = { { "echo a", 0, "A", NULL, 0 }, { NULL, 0, NULL, NULL, 0 } };
	struct fake_host host = { .source = { &fake_ops }, .commands = commands };
	struct trace r = { 0 };
	struct gather *g = gather_new(&host.source);

	gather_start(g, only_a, &r);
	gather_start(g, only_a, &r);
	gather_run(g, NULL);
	assert_int_equal(commands[0].ran, 1);
	assert_int_equal(r.other, 2);
	/* and one that is answered already does not make a step wait for ever */
	gather_start(g, only_a, &r);
	gather_run(g, NULL);
	assert_int_equal(commands[0].ran, 1);
	assert_int_equal(r.other, 3);
	gather_free(g);
}

static void stream(struct task *t, void *ctx)
{
	struct probe *p = ask("long");

	p->flags |= PROBE_STREAM;
	task_ask(t, p);
}

static void a_stream_keeps_only_its_tail(void **state)
{
	char *text = mem_alloc(9 * STREAM_KEPT + 2);
	struct fake_command commands[] = { { "echo long", 0, text, NULL, 0 }, { NULL, 0, NULL, NULL, 0 } };
	struct fake_host host = { .source = { &fake_ops }, .commands = commands };
	struct gather *g = gather_new(&host.source);

	memset(text, 'x', 9 * STREAM_KEPT);
	text[9 * STREAM_KEPT] = 'Z';
	gather_start(g, stream, NULL);
	gather_run(g, NULL);
	const struct answer *a = gather_answer(g, "long");
	assert_int_equal(a->out.len, STREAM_KEPT);
	assert_int_equal(a->out.data[a->out.len - 1], 'Z');
	assert_int_equal(a->dropped, 8 * STREAM_KEPT + 1);
	gather_free(g);
	g = gather_new(&host.source);
	gather_keep(g, 3 * STREAM_KEPT);
	gather_start(g, stream, NULL);
	gather_run(g, NULL);
	a = gather_answer(g, "long");
	assert_int_equal(a->out.len, 3 * STREAM_KEPT);
	assert_int_equal(a->dropped, 6 * STREAM_KEPT + 1);
	gather_free(g);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_runs_when_its_answers_are_in),
		cmocka_unit_test(the_same_question_is_asked_once),
		cmocka_unit_test(a_stream_keeps_only_its_tail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
