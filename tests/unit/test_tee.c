/* SPDX-License-Identifier: MIT */
#include "collect_test.h"

/* What both readers of a probe saw, in one log in the order of seeing. */
struct reader {
	struct sink sink;
	const char *name;
	struct buf *log;
};

static void reader_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	struct reader *r = (struct reader *)s;

	buf_addf(r->log, "%s:%.*s", r->name, (int)n, (const char *)p);
}

static void reader_end(struct sink *s, const struct probe *probe, const struct record *rec)
{
	struct reader *r = (struct reader *)s;

	buf_addf(r->log, "%s:end %s %s\n", r->name, probe->key, outcome_name(rec->outcome));
}

struct recorder {
	struct tap tap;
	struct reader reader;
	const char *skip; /* this key is not recorded */
};

static struct sink *recorder_begin(struct tap *t, const struct probe *p)
{
	struct recorder *r = (struct recorder *)t;

	return strcmp(p->key, r->skip) == 0 ? NULL : &r->reader.sink;
}

static void both_see_the_answer_and_the_recorder_first(void **state)
{
	_cleanup_source_ struct source *live = source_live(NULL, NULL);
	struct buf log = { 0 };
	struct reader asker = { { reader_chunk, reader_end }, "asker", &log };
	struct recorder rec = { { recorder_begin }, { { reader_chunk, reader_end }, "tap", &log }, "link/etc" };
	struct source *tee = source_tee(live, &rec.tap);
	_cleanup_probe_ struct probe *p = shell("echo hi");
	_cleanup_probe_ struct probe *skipped = probe_link("/etc");

	source_ask(tee, p, &asker.sink);
	assert_int_equal(source_run(tee, NULL), 0);
	source_ask(tee, skipped, &asker.sink);
	assert_int_equal(source_run(tee, NULL), 0);
	assert_true(source_now_us(tee) > 0);
	assert_string_equal(buf_str(&log), "tap:hi\nasker:hi\ntap:end test/shell ok\nasker:end test/shell ok\nasker:end link/etc ok\n");
	source_close(tee); /* the live one is still ours */
	_cleanup_answer_ struct answer a = { 0 };
	assert_int_equal(source_get(live, p, &a, NULL), 0);
	assert_string_equal(buf_str(&a.out), "hi\n");
	buf_free(&log);
}

/* A source that breaks, and one that forgets to answer. */
static void forgetful_ask(struct source *s, const struct probe *p, struct sink *k)
{
}
static int broken_run(struct source *s, struct err *err)
{
	return err_set(err, ERR_TRUST, "broken");
}
static int forgetful_run(struct source *s, struct err *err)
{
	return 0;
}
static void no_close(struct source *s)
{
}

static void get_fails_when_the_source_does(void **state)
{
	static const struct source_ops broken_ops = { forgetful_ask, broken_run, NULL, no_close };
	static const struct source_ops forgetful_ops = { forgetful_ask, forgetful_run, NULL, no_close };
	struct source broken = { &broken_ops }, forgetful = { &forgetful_ops };
	_cleanup_probe_ struct probe *p = shell("echo hi");
	struct answer a = { .rec.status = 77 };
	struct err err = { 0 };

	assert_int_equal(source_get(&broken, p, &a, &err), -ERR_TRUST);
	assert_int_equal(source_get(&forgetful, p, &a, &err), -ERR_IO);
	assert_int_equal(a.rec.status, 77); /* untouched */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_see_the_answer_and_the_recorder_first),
		cmocka_unit_test(get_fails_when_the_source_does),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
