/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "collect/cache.h"

/* Answers each key with itself, and counts. */
struct counting {
	struct source source;
	int asked;
	struct {
		struct probe *p;
		struct sink *k;
	} queue[16];
	int n;
};

static void counting_ask(struct source *s, const struct probe *p, struct sink *k)
{
	struct counting *c = (struct counting *)(void *)s;

	c->asked++;
	c->queue[c->n].p = probe_copy(p);
	c->queue[c->n++].k = k;
}

static int counting_run(struct source *s, struct err *err)
{
	struct counting *c = (struct counting *)(void *)s;

	for (int i = 0; i < c->n; i++) {
		struct record r = { .key = c->queue[i].p->key, .outcome = OUTCOME_OK };
		c->queue[i].k->chunk(c->queue[i].k, STREAM_OUT, r.key, strlen(r.key));
		c->queue[i].k->end(c->queue[i].k, c->queue[i].p, &r);
		probe_free(c->queue[i].p);
	}
	c->n = 0;
	return 0;
}

static uint64_t counting_now(struct source *s)
{
	return 42;
}

static const struct source_ops counting_ops = { counting_ask, counting_run, counting_now, NULL };

static void get(struct source *s, const char *path, const char *expected)
{
	_cleanup_probe_ struct probe *p = probe_file(path, PAYLOAD_TEXT);
	_cleanup_answer_ struct answer a = { 0 };

	assert_int_equal(source_get(s, p, &a, NULL), 0);
	assert_string_equal(buf_str(&a.out), expected);
}

static void a_key_is_asked_once(void **state)
{
	struct counting c = { .source = { &counting_ops } };
	struct source *s = source_cache(&c.source);

	get(s, "/a", "file/a");
	get(s, "/a", "file/a");
	get(s, "/b", "file/b");
	assert_int_equal(c.asked, 2);
	assert_int_equal(source_now_us(s), 42);
	source_close(s);
}

static void what_was_put_in_is_not_asked(void **state)
{
	struct counting c = { .source = { &counting_ops } };
	struct source *s = source_cache(&c.source);
	char other[] = "other";
	const struct record r = { .key = other, .outcome = OUTCOME_OK };

	source_cache_put(s, "file/a", &r, "text", 4);
	get(s, "/a", "text");
	assert_int_equal(c.asked, 0);
	source_close(s);
}

static void one_key_of_two_sockets_is_asked_twice(void **state)
{
	struct counting c = { .source = { &counting_ops } };
	struct source *s = source_cache(&c.source);
	static const char *const sockets[] = { "/run/a.sock", "/run/b.sock", "/run/a.sock" };

	for (size_t i = 0; i < ARRAY_LEN(sockets); i++) {
		_cleanup_probe_ struct probe *p = probe_http("user:a/podman/machine/ping", sockets[i], "/_ping", NULL, PAYLOAD_TEXT);
		_cleanup_answer_ struct answer a = { 0 };
		assert_int_equal(source_get(s, p, &a, NULL), 0);
	}
	assert_int_equal(c.asked, 2);
	source_close(s);
}

/* Two wait for one answer. */
struct waiting {
	struct sink sink;
	int ends;
};

static void no_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
}

static void count_end(struct sink *s, const struct probe *p, const struct record *r)
{
	((struct waiting *)(void *)s)->ends++;
}

static void many_may_wait_for_one_answer(void **state)
{
	struct counting c = { .source = { &counting_ops } };
	struct source *s = source_cache(&c.source);
	struct waiting w = { .sink = { no_chunk, count_end } };
	_cleanup_probe_ struct probe *p = probe_file("/a", PAYLOAD_TEXT);

	source_ask(s, p, &w.sink);
	source_ask(s, p, &w.sink);
	assert_int_equal(w.ends, 0);
	source_run(s, NULL);
	assert_int_equal(w.ends, 2);
	assert_int_equal(c.asked, 1);
	source_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(a_key_is_asked_once), cmocka_unit_test(what_was_put_in_is_not_asked),
		cmocka_unit_test(one_key_of_two_sockets_is_asked_twice),
		cmocka_unit_test(many_may_wait_for_one_answer) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
