/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "bundle/durable.h"
#include "bundle/tree.h"
#include "formats/buf.h"
#include "tests/unit/scratch.h"

static int open_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static char *content(int dirfd, const char *name)
{
	struct buf b = { 0 };

	if (file_read(dirfd, name, 1000, &b, NULL))
		return NULL;
	return buf_take(&b);
}

static void test_a_file_appears_whole_or_not_at_all(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_fd_ int fd = open_dir(dir);
	struct durable d;
	struct stat st;

	assert_int_equal(durable_open(fd, "a/b/x", 0640, &d, NULL), 0);
	assert_int_equal(write_all(d.fd, "half", 4), 0);
	assert_int_not_equal(fstatat(fd, "a/b/x", &st, 0), 0);
	durable_abort(&d);
	assert_int_equal(shell("test -z \"$(find '%s' -type f)\"", dir), 0);
	assert_int_equal(durable_open(fd, "a/b/x", 0640, &d, NULL), 0);
	assert_int_equal(write_all(d.fd, "whole", 5), 0);
	assert_int_equal(durable_commit(&d, 0, NULL), 0);
	durable_abort(&d); /* over: nothing happens */
	_cleanup_free_ char *got = content(fd, "a/b/x");
	assert_string_equal(got, "whole");
	assert_int_equal(fstatat(fd, "a/b/x", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void test_new_refuses_what_is_there_and_leaves_it(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_fd_ int fd = open_dir(dir);

	assert_int_equal(durable_write(fd, "x", 0600, "one", 3, DURABLE_NEW, NULL), 0);
	assert_int_equal(durable_write(fd, "x", 0600, "two", 3, DURABLE_NEW, NULL), -ERR_BUSY);
	_cleanup_free_ char *got = content(fd, "x");
	assert_string_equal(got, "one");
	assert_int_equal(durable_write(fd, "x", 0600, "two", 3, 0, NULL), 0);
	_cleanup_free_ char *again = content(fd, "x");
	assert_string_equal(again, "two");
	assert_int_equal(shell("test \"$(ls -A '%s')\" = x", dir), 0);
}

static void test_links_are_not_followed_on_the_way(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_fd_ int fd = open_dir(dir);
	_cleanup_buf_ struct buf b = { 0 };

	assert_int_equal(shell("cd '%s' && mkdir real && echo x >real/f && ln -s real link && ln -s real/f f && mkfifo fifo", dir), 0);
	_cleanup_free_ char *got = content(fd, "real/f");
	assert_string_equal(got, "x\n");
	assert_null(content(fd, "link/f"));
	assert_null(content(fd, "f"));
	assert_null(content(fd, "real/../real/f"));
	assert_int_equal(file_read(fd, "fifo", 10, &b, NULL), -ERR_SYNTAX);
	assert_int_equal(file_read(fd, "real/f", 1, &b, NULL), -ERR_LIMIT);
	assert_int_equal(file_read(fd, "none", 1, &b, NULL), -ERR_ABSENT);
}

static void test_tree_lists_files_and_links_sorted_and_bounded(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_fd_ int fd = open_dir(dir);
	_cleanup_strv_ char **v = NULL;

	assert_int_equal(shell("cd '%s' && mkdir -p b/c skip d && touch z b/y b/c/x skip/no && ln -s / d/root", dir), 0);
	assert_int_equal(tree_list(fd, "skip", 100, &v, NULL), 0);
	assert_int_equal(strv_len(v), 4);
	assert_string_equal(v[0], "b/c/x");
	assert_string_equal(v[1], "b/y");
	assert_string_equal(v[2], "d/root");
	assert_string_equal(v[3], "z");
	assert_int_equal(tree_list(fd, NULL, 4, &v, NULL), -ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_appears_whole_or_not_at_all),
		cmocka_unit_test(test_new_refuses_what_is_there_and_leaves_it),
		cmocka_unit_test(test_links_are_not_followed_on_the_way),
		cmocka_unit_test(test_tree_lists_files_and_links_sorted_and_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
