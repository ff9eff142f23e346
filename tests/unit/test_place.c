/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lifecycle/place.h"
#include "tests/unit/scratch.h"

static int open_made(const char *dir, const char *below, struct err *err)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, below);
	_cleanup_place_ struct place p = { .dir = -1 };

	return place_open_made(path, NULL, &p, err);
}

static mode_t mode_of(const char *dir, const char *below)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, below);
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_mode;
}

static void directories_that_are_missing_are_made_for_all_to_pass(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	mode_t before = umask(077);

	assert_int_equal(open_made(dir, "a/b/file", NULL), 0);
	umask(before);
	assert_int_equal(mode_of(dir, "a") & 07777, 0755);
	assert_int_equal(mode_of(dir, "a/b") & 07777, 0755);
	assert_int_equal(open_made(dir, "a/b/other", NULL), 0);
}

static void what_stands_in_the_way_stays_and_is_named(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	struct err err = { 0 };

	scratch_write(dir, "file", "x", 1);
	assert_int_equal(shell("ln -s nowhere '%s/link'", dir), 0);
	assert_int_not_equal(open_made(dir, "file/x", &err), 0);
	assert_non_null(strstr(err.msg, "/file"));
	assert_int_not_equal(open_made(dir, "link/x", &err), 0);
	assert_int_not_equal(open_made(dir, "link/x", NULL), 0);
	assert_true(S_ISREG(mode_of(dir, "file")));
	assert_true(S_ISLNK(mode_of(dir, "link")));
	_cleanup_free_ char *nowhere = mem_printf("%s/nowhere", dir);
	assert_int_equal(access(nowhere, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(directories_that_are_missing_are_made_for_all_to_pass),
		cmocka_unit_test(what_stands_in_the_way_stays_and_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
