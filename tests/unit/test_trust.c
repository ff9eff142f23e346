/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "bundle/sign.h"
#include "bundle/trust.h"
#include "tests/unit/scratch.h"

static void test_keys_come_from_host_trusted_and_command_line(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *sub = mem_printf("%s/sub", dir);
	_cleanup_free_ char *file = mem_printf("%s/sub/host.pub", dir);
	_cleanup_sign_key_ struct sign_key *k = NULL, *desk = NULL;
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_buf_ struct buf text = { 0 };
	size_t at = 0;

	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	assert_int_equal(sign_key_host(sub, &desk, NULL, NULL), 0);
	assert_int_equal(trust_install(dir, "desk", sign_key_pub(desk), NULL), 0);
	assert_int_equal(trust_load(&t, dir, NULL), 0);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.keys[0].name, "this host");
	assert_string_equal(t.keys[1].name, "desk");
	assert_null(t.problems);
	assert_ptr_equal(trust_next(&t, sign_key_pub(desk)->id, &at), &t.keys[1]);
	assert_null(trust_next(&t, sign_key_pub(desk)->id, &at));
	minisign_add_pub_text(&text, sign_key_pub(k));
	assert_int_equal(trust_add(&t, text.data, NULL), 0);
	assert_int_equal(trust_add(&t, file, NULL), 0);
	assert_memory_equal(&t.keys[2].pub, sign_key_pub(k), sizeof(struct minisign_pub));
	assert_memory_equal(&t.keys[3].pub, sign_key_pub(desk), sizeof(struct minisign_pub));
}

static void test_no_key_directory_is_no_error(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *none = mem_printf("%s/none", dir);
	_cleanup_trust_ struct trust t = { 0 };

	assert_int_equal(trust_load(&t, none, NULL), 0);
	assert_int_equal(t.n, 0);
}

static void test_key_that_others_may_write_or_that_is_broken_is_passed_over_and_named(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *k = NULL;
	_cleanup_trust_ struct trust t = { 0 };

	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	assert_int_equal(trust_install(dir, "open", sign_key_pub(k), NULL), 0);
	assert_int_equal(shell("cd '%s/trusted.d' && chmod 666 open.pub && echo no >broken.pub && ln -s ../host.pub link.pub", dir), 0);
	assert_int_equal(trust_load(&t, dir, NULL), 0);
	assert_int_equal(t.n, 1);
	assert_int_equal(strv_len(t.problems), 3);
	assert_non_null(strstr(t.problems[0], "broken.pub"));
	assert_non_null(strstr(t.problems[1], "link.pub: not a regular file"));
	assert_non_null(strstr(t.problems[2], "open.pub: others may write"));
}

static void test_a_name_keeps_its_key(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *sub = mem_printf("%s/sub", dir);
	_cleanup_sign_key_ struct sign_key *a = NULL, *b = NULL;
	static const char *const bad[] = { "", ".x", "a/b", "../x", "a b", "a\n" };

	assert_int_equal(sign_key_host(dir, &a, NULL, NULL), 0);
	assert_int_equal(sign_key_host(sub, &b, NULL, NULL), 0);
	assert_int_equal(trust_install(dir, "x", sign_key_pub(a), NULL), 0);
	assert_int_equal(trust_install(dir, "x", sign_key_pub(a), NULL), 0);
	assert_int_equal(trust_install(dir, "x", sign_key_pub(b), NULL), -ERR_BUSY);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(trust_install(dir, bad[i], sign_key_pub(a), NULL), -ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_come_from_host_trusted_and_command_line),
		cmocka_unit_test(test_no_key_directory_is_no_error),
		cmocka_unit_test(test_key_that_others_may_write_or_that_is_broken_is_passed_over_and_named),
		cmocka_unit_test(test_a_name_keeps_its_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
