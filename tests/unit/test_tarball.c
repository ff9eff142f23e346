/* SPDX-License-Identifier: MIT */
/* A member of many segments, and disks that fill up. The rest of a tarball is in test_finish.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/sha256.h"
#include "bundle/squeeze.h"
#include "bundle/tarball.h"
#include "tests/unit/scratch.h"

#define BIG (5 * SQUEEZE_SEGMENT + 3)

/* dir/files/ with a small and a big member; noise in a quarter of the lines, so that the tarball is large as well. */
static void make(const char *dir, struct manifest_artifact m[2], struct tarball *t)
{
	_cleanup_free_ char *files = mem_printf("%s/files", dir);
	_cleanup_free_ uint8_t *p = mem_alloc(BIG);

	randombytes_buf_deterministic(p, BIG, (const unsigned char *)"a log that is always the same !!");
	for (size_t i = 0; i < BIG; i++)
		p[i] = i % 400 < 300 ? (uint8_t)('a' + i % 7) : p[i];
	shell("mkdir '%s'", files);
	scratch_write(files, "big.log", p, BIG);
	scratch_write(files, "a", "small\n", 6);
	m[0] = (struct manifest_artifact){ .path = (char *)(uintptr_t)"a", .bytes = 6, .mode = 0600 };
	m[1] = (struct manifest_artifact){ .path = (char *)(uintptr_t)"big.log", .bytes = BIG, .mode = 0600 };
	sha256_of(m[0].sha256, "small\n", 6);
	sha256_of(m[1].sha256, p, BIG);
	*t = (struct tarball){ .dirfd = open(files, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .top = "top", .members = m, .n_members = 2 };
}

static void test_stock_tools_read_a_tarball_of_many_frames(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/t.tar.zst", dir);
	_cleanup_tarball_result_ struct tarball_result res = { 0 };
	struct manifest_artifact m[2];
	struct tarball t;
	uint8_t digest[SIGN_DIGEST_BYTES];
	uint64_t size;

	make(dir, m, &t);
	t.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(tarball_write(&t, &res, NULL), 0);
	assert_int_equal(sign_digest_fd(t.fd, digest, &size, NULL), 0);
	assert_int_equal(size, res.bytes);
	assert_memory_equal(digest, res.digest, sizeof(digest));
	assert_int_equal(shell("zstd -tq '%s'", path), 0);
	assert_int_equal(shell("mkdir '%s/x' '%s/y' && tar xf '%s' -C '%s/x' && diff -r '%s/x/top' '%s/files'", dir, dir, path, dir, dir, dir), 0);
	assert_int_equal(shell("! command -v bsdtar >/dev/null || { bsdtar -xf '%s' -C '%s/y' && diff -r '%s/y/top' '%s/files'; }", path, dir, dir, dir), 0);
	close(t.fd);
	close(t.dirfd);
}

static void test_a_full_disk_is_an_error_and_not_a_short_tarball(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_tarball_result_ struct tarball_result res = { 0 };
	struct manifest_artifact m[2];
	struct tarball t;
	struct err e = { 0 };

	make(dir, m, &t);
	t.fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_int_equal(tarball_write(&t, &res, &e), -ERR_IO);
	assert_non_null(strstr(e.msg, "No space left on device"));
	assert_int_equal(res.bytes, 0);
	/* the small one alone: nothing is written before the end */
	t.n_members = 1;
	assert_int_equal(tarball_write(&t, &res, &e), -ERR_IO);
	assert_non_null(strstr(e.msg, "No space left on device"));
	close(t.fd);
	close(t.dirfd);
}

static void test_a_member_that_is_not_what_was_captured_stops_it(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/t.tar.zst", dir);
	_cleanup_tarball_result_ struct tarball_result res = { 0 };
	struct manifest_artifact m[2];
	struct tarball t;
	struct err e = { 0 };

	make(dir, m, &t);
	t.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	/* its last byte, so that it shows when all else is compressed and written */
	assert_int_equal(shell("printf '\\0' | dd of='%s/files/big.log' bs=1 seek=%u conv=notrunc status=none", dir, BIG - 1), 0);
	assert_int_equal(tarball_write(&t, &res, &e), -ERR_TRUST);
	assert_non_null(strstr(e.msg, "big.log was changed"));
	close(t.fd);
	close(t.dirfd);
}

/* What is marked is taken at its word, and only as long as nobody wrote to it: also when size and time were set back. */
static bool marked(void *ctx, const struct manifest_artifact *m, const struct stat *st)
{
	return file_mark_fits(ctx, st);
}

static void test_a_member_is_hashed_again_unless_it_is_as_it_was_left(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/t.tar.zst", dir), *big = mem_printf("%s/files/big.log", dir);
	_cleanup_tarball_result_ struct tarball_result res = { 0 };
	struct manifest_artifact m[2];
	struct tarball t;
	struct file_mark mark;
	struct stat st;
	struct err e = { 0 };

	make(dir, m, &t);
	t.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	t.known = marked;
	t.ctx = &mark;
	for (size_t i = 0; i < 2; i++)
		if (strstr(m[i].path, "big.log"))
			m[i].sha256[0] ^= 1; /* so that hashing it shows */
	assert_int_equal(stat(big, &st), 0);
	mark = file_mark_take(AT_FDCWD, big, &st);
	assert_int_equal(tarball_write(&t, &res, &e), 0);
	tarball_result_free(&res);
	/* a write within the same tick of the file system's clock could not be told */
	assert_int_equal(shell("cd '%s/files' && touch -r big.log ../time && was=$(stat -c %%z big.log) && "
			       "printf '\\0' | dd of=big.log bs=1 seek=9 conv=notrunc status=none && "
			       "until touch -r ../time big.log && [ \"$(stat -c %%z big.log)\" != \"$was\" ]; do :; done", dir), 0);
	assert_int_equal(tarball_write(&t, &res, &e), -ERR_TRUST);
	assert_non_null(strstr(e.msg, "big.log was changed"));
	/* written to between the last write and its naming: no mark is made */
	st.st_size++;
	mark = file_mark_take(AT_FDCWD, big, &st);
	assert_int_equal(stat(big, &st), 0);
	assert_false(file_mark_fits(&mark, &st));
	close(t.fd);
	close(t.dirfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stock_tools_read_a_tarball_of_many_frames),
		cmocka_unit_test(test_a_full_disk_is_an_error_and_not_a_short_tarball),
		cmocka_unit_test(test_a_member_that_is_not_what_was_captured_stops_it),
		cmocka_unit_test(test_a_member_is_hashed_again_unless_it_is_as_it_was_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
