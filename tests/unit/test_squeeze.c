/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <cmocka.h>

#include "bundle/squeeze.h"
#include "bundle/thread.h"
#include "formats/buf.h"
#include "tests/unit/scratch.h"

static int to_buf(void *data, const void *p, size_t n, struct err *err)
{
	buf_add(data, p, n);
	return 0;
}

/* Lines that compress like a log's, each another one. */
static void fill(struct buf *b, size_t n)
{
	for (uint64_t i = 1; b->len < n; i++)
		buf_addf(b, "2026-11-24T06:50:%02u INFO request id=%016llx\n", (unsigned)i % 60, (unsigned long long)(i * 0x9e3779b97f4a7c15ull));
	b->len = n;
}

static void squeeze_all(const struct buf *in, size_t piece, struct buf *out)
{
	struct squeeze *s;

	assert_int_equal(squeeze_new(to_buf, out, &s, NULL), 0);
	for (size_t at = 0, n; at < in->len; at += n) {
		n = in->len - at < piece ? in->len - at : piece;
		assert_int_equal(squeeze_add(s, in->data + at, n, NULL), 0);
	}
	assert_int_equal(squeeze_end(s, NULL), 0);
	squeeze_free(s);
}

static void test_zstd_reads_the_frames_as_one_stream(void **state)
{
	static const size_t sizes[] = { 0, 1, SQUEEZE_SEGMENT - 1, SQUEEZE_SEGMENT, SQUEEZE_SEGMENT + 1, SQUEEZE_SLOTS * SQUEEZE_SEGMENT,
		(SQUEEZE_SLOTS + 5) * SQUEEZE_SEGMENT + 77 };
	_cleanup_scratch_ char *dir = scratch_make();

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		_cleanup_buf_ struct buf in = { 0 }, out = { 0 };
		fill(&in, sizes[i]);
		squeeze_all(&in, 100000, &out);
		scratch_write(dir, "in", buf_str(&in), in.len);
		scratch_write(dir, "out.zst", out.data, out.len);
		assert_int_equal(shell("zstd -dqc '%s/out.zst' | cmp - '%s/in'", dir, dir), 0);
		/* a frame for each segment, and one when there is nothing */
		size_t frames = sizes[i] ? (sizes[i] + SQUEEZE_SEGMENT - 1) / SQUEEZE_SEGMENT : 1;
		assert_int_equal(shell("test \"$(zstd -lv '%s/out.zst' 2>/dev/null | sed -n 's/^# Zstandard Frames: //p')\" = %zu", dir, frames), 0);
	}
}

static void test_pieces_do_not_change_the_stream(void **state)
{
	_cleanup_buf_ struct buf in = { 0 }, want = { 0 };

	fill(&in, 6 * SQUEEZE_SEGMENT + 5);
	squeeze_all(&in, in.len, &want);
	static const size_t pieces[] = { 511, 65536, SQUEEZE_SEGMENT, 3 * SQUEEZE_SEGMENT - 1 };
	for (size_t i = 0; i < ARRAY_LEN(pieces); i++) {
		_cleanup_buf_ struct buf got = { 0 };
		squeeze_all(&in, pieces[i], &got);
		assert_int_equal(got.len, want.len);
		assert_memory_equal(got.data, want.data, want.len);
	}
}

static void *nothing(void *data)
{
	return data;
}

/* In a process of its own that may start no threads. */
static int without_threads(const struct buf *in, const struct buf *want)
{
	_cleanup_buf_ struct buf got = { 0 };
	pthread_t t;

	if (geteuid() == 0 && setuid(65534))
		return 2;
	if (setrlimit(RLIMIT_NPROC, &(struct rlimit){ 0, 0 }) || thread_start(&t, nothing, NULL))
		return 3;
	squeeze_all(in, 300000, &got);
	return got.len != want->len || memcmp(got.data, want->data, want->len) != 0;
}

static void test_without_a_second_thread_the_stream_is_the_same(void **state)
{
	_cleanup_buf_ struct buf in = { 0 }, want = { 0 };
	int status;

	fill(&in, 7 * SQUEEZE_SEGMENT + 5);
	squeeze_all(&in, in.len, &want);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(without_threads(&in, &want));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

struct full {
	size_t room;
	int calls;
};

static int to_full(void *data, const void *p, size_t n, struct err *err)
{
	struct full *f = data;

	f->calls++;
	if (n > f->room)
		return err_set(err, ERR_IO, "no space left");
	f->room -= n;
	return 0;
}

static void test_what_cannot_be_written_stops_it(void **state)
{
	_cleanup_buf_ struct buf in = { 0 };
	struct squeeze *s;
	struct err e = { 0 };
	int r = 0;

	fill(&in, SQUEEZE_SEGMENT);
	for (size_t segments = 1; segments < 12; segments += 5) {
		struct full f = { .room = 1000 };
		r = 0;
		assert_int_equal(squeeze_new(to_full, &f, &s, NULL), 0);
		for (size_t i = 0; i < segments && !r; i++)
			r = squeeze_add(s, in.data, in.len, &e);
		if (!r)
			r = squeeze_end(s, &e);
		assert_int_equal(r, -ERR_IO);
		assert_string_equal(e.msg, "no space left");
		/* and it says so again, without trying */
		assert_int_equal(squeeze_add(s, in.data, 1, &e), -ERR_IO);
		assert_int_equal(squeeze_end(s, &e), -ERR_IO);
		assert_int_equal(f.calls, 1);
		squeeze_free(s);
	}
}

static void test_freeing_in_the_middle_waits_for_what_is_under_way(void **state)
{
	_cleanup_buf_ struct buf in = { 0 }, out = { 0 };
	struct squeeze *s;

	fill(&in, 3 * SQUEEZE_SEGMENT);
	assert_int_equal(squeeze_new(to_buf, &out, &s, NULL), 0);
	assert_int_equal(squeeze_add(s, in.data, in.len, NULL), 0);
	squeeze_free(s);
	squeeze_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zstd_reads_the_frames_as_one_stream),
		cmocka_unit_test(test_pieces_do_not_change_the_stream),
		cmocka_unit_test(test_without_a_second_thread_the_stream_is_the_same),
		cmocka_unit_test(test_what_cannot_be_written_stops_it),
		cmocka_unit_test(test_freeing_in_the_middle_waits_for_what_is_under_way),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
