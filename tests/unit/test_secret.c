/* SPDX-License-Identifier: MIT */
#include "bundle/secret.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char path[] = "/tmp/test_secret.XXXXXX";

static int setup(void **state)
{
	int fd = mkstemp(path);

	close(fd);
	return fd < 0;
}

static int teardown(void **state)
{
	return unlink(path);
}

static char *load_text(const char *text, size_t n, struct err *err)
{
	_cleanup_free_ char *spec = mem_printf("file:%s", path);
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, text, n), n);
	close(fd);
	return secret_load(spec, getenv, err);
}

static void test_first_line_of_a_file(void **state)
{
	static const char *const files[] = { "s3cret", "s3cret\n", "s3cret\r\n", "s3cret\nsecond line" };

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct err err = { 0 };
		_cleanup_secret_ char *s = load_text(files[i], strlen(files[i]), &err);
		assert_string_equal(s, "s3cret");
	}
}

static void test_what_is_no_secret(void **state)
{
	struct err err = { 0 };

	assert_null(load_text("", 0, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_null(load_text("\nsecond", 7, &err));
	assert_null(load_text("a\0b", 3, &err));
	_cleanup_free_ char *big = mem_alloc(SECRET_MAX + 1);
	memset(big, 'a', SECRET_MAX);
	assert_null(load_text(big, SECRET_MAX, &err));
	assert_int_equal(err.code, ERR_LIMIT);
	assert_null(secret_load("file:/nonexistent", getenv, &err));
	assert_int_equal(err.code, ERR_ABSENT);
}

static void test_environment(void **state)
{
	struct err err = { 0 };

	setenv("TEST_SECRET", "from the environment", 1);
	_cleanup_secret_ char *s = secret_load("env:TEST_SECRET", getenv, &err);
	assert_string_equal(s, "from the environment");
	setenv("TEST_SECRET", "", 1);
	assert_null(secret_load("env:TEST_SECRET", getenv, &err));
	unsetenv("TEST_SECRET");
	assert_null(secret_load("env:TEST_SECRET", getenv, &err));
	assert_int_equal(err.code, ERR_USAGE);
}

/* A secret where its name belongs must not come back in the message. */
static void test_a_bare_secret_is_not_echoed(void **state)
{
	struct err err = { 0 };

	assert_null(secret_load("hunter2", getenv, &err));
	assert_int_equal(err.code, ERR_USAGE);
	assert_null(strstr(err.msg, "hunter2"));
}

static void test_join(void **state)
{
	_cleanup_secret_ char *s = secret_join("user", ":", "password");

	assert_string_equal(s, "user:password");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_line_of_a_file),
		cmocka_unit_test(test_what_is_no_secret),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_a_bare_secret_is_not_echoed),
		cmocka_unit_test(test_join),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
