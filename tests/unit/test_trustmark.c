/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "bundle/sign.h"
#include "bundle/trustmark.h"
#include "tests/unit/scratch.h"

#define SECOND 1000000ull
#define THEN (1795478400ull * SECOND) /* 2026-11-24 */

static void load(struct trust *t, const char *dir)
{
	struct err err = { 0 };

	if (trust_load(t, dir, &err))
		fail_msg("%s", err.msg);
}

static struct sign_key *host(const char *dir)
{
	struct sign_key *k = NULL;

	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	return k;
}

static void mark(const char *dir, const struct sign_key *k, enum key_state state)
{
	struct keymark m = { .pub = *sign_key_pub(k), .state = state, .since_us = THEN, .note = mem_strdup("laptop stolen") };

	assert_int_equal(trust_mark_write(dir, &m, NULL), 0);
	keymark_free(&m);
}

static void test_a_leaked_key_counts_only_before_its_date_and_with_a_remark(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *k = host(dir);
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_free_ char *remark = NULL, *none = NULL;
	struct err err = { 0 };

	load(&t, dir);
	assert_int_equal(trust_judge(&t, sign_key_pub(k), THEN, &none, &err), 0);
	assert_null(none);
	trust_free(&t);

	mark(dir, k, KEY_LEAKED);
	load(&t, dir);
	assert_int_equal(trust_judge(&t, sign_key_pub(k), THEN - SECOND, &remark, &err), 0);
	assert_non_null(strstr(remark, "leaked since 2026-11-24T00:00:00Z (laptop stolen)"));
	assert_int_equal(trust_judge(&t, sign_key_pub(k), THEN, &none, &err), -ERR_TRUST);
	assert_non_null(strstr(err.msg, "laptop stolen"));
	assert_int_equal(trust_judge(&t, sign_key_pub(k), 0, &none, &err), -ERR_TRUST);
	assert_null(none);

	trust_free(&t);
	assert_int_equal(trust_mark_remove(dir, sign_key_pub(k), &err), 0);
	assert_int_equal(trust_mark_remove(dir, sign_key_pub(k), &err), -ERR_ABSENT);
	load(&t, dir);
	assert_int_equal(trust_judge(&t, sign_key_pub(k), THEN, &none, &err), 0);
}

/* The mark is on the key: another name, another id on the same 32 bytes, or trust taken away do not lift it. */
static void test_a_mark_follows_the_key_not_the_name(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *k = host(dir);
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_free_ char *remark = NULL;
	struct minisign_pub alias = *sign_key_pub(k);
	struct err err = { 0 };

	alias.id[0] ^= 1;
	assert_int_equal(trust_install(dir, "other-name", &alias, NULL), 0);
	mark(dir, k, KEY_LOST);
	load(&t, dir);
	assert_int_equal(trust_judge(&t, &alias, THEN + SECOND, &remark, &err), -ERR_TRUST);
	assert_int_equal(trust_remove(dir, "other-name", &err), 0);
	assert_int_equal(trust_remove(dir, "other-name", &err), -ERR_ABSENT);
	assert_int_equal(trust_remove(dir, "../host", &err), -ERR_USAGE);
	trust_free(&t);
	load(&t, dir);
	assert_int_equal(t.n, 1);
	assert_non_null(trust_mark_of(&t, &alias));
}

static void test_a_mark_that_is_broken_or_open_to_others_fails_closed(void **state)
{
	static const char *const harm[] = { "chmod 666", "truncate -s 5" };

	for (size_t i = 0; i < ARRAY_LEN(harm); i++) {
		_cleanup_scratch_ char *dir = scratch_make();
		_cleanup_sign_key_ struct sign_key *k = host(dir);
		_cleanup_trust_ struct trust t = { 0 };
		_cleanup_free_ char *remark = NULL;
		struct err err = { 0 };

		mark(dir, k, KEY_REPLACED);
		assert_int_equal(shell("%s '%s'/marked.d/*.json", harm[i], dir), 0);
		load(&t, dir);
		assert_int_equal(strv_len(t.problems), 1);
		assert_int_equal(trust_judge(&t, sign_key_pub(k), THEN - SECOND, &remark, &err), -ERR_TRUST);
	}
}

static void test_find_by_name_id_fingerprint_or_text(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *k = host(dir);
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_buf_ struct buf text = { 0 };
	struct minisign_pub got;
	struct err err = { 0 };
	char id[17], print[TRUST_PRINT_TEXT];

	load(&t, dir);
	minisign_id_text(id, sign_key_pub(k)->id);
	trust_fingerprint(print, sign_key_pub(k));
	assert_int_equal(strlen(print), 39);
	minisign_add_pub_text(&text, sign_key_pub(k));
	const char *given[] = { "this host", id, print, buf_str(&text) };
	for (size_t i = 0; i < ARRAY_LEN(given); i++) {
		assert_int_equal(trust_find(&t, given[i], &got, &err), 0);
		assert_memory_equal(&got, sign_key_pub(k), sizeof(got));
	}
	assert_int_equal(trust_find(&t, "nobody", &got, &err), -ERR_ABSENT);
}

static void test_rotation_keeps_old_bundles_verifiable(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *old = host(dir), *now = NULL;
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_free_ char *remark = NULL, *none = NULL;
	struct err err = { 0 };
	struct stat st;

	if (trust_rotate_host(dir, THEN, &err))
		fail_msg("%s", err.msg);
	now = host(dir);
	assert_memory_not_equal(sign_key_pub(now), sign_key_pub(old), sizeof(struct minisign_pub));
	load(&t, dir);
	assert_null(t.problems);
	assert_int_equal(t.n, 2);
	assert_memory_equal(&t.keys[0].pub, sign_key_pub(now), sizeof(struct minisign_pub));
	assert_memory_equal(&t.keys[1].pub, sign_key_pub(old), sizeof(struct minisign_pub));
	assert_int_equal(trust_judge(&t, sign_key_pub(now), THEN, &none, &err), 0);
	assert_null(none);
	assert_int_equal(trust_judge(&t, sign_key_pub(old), THEN - SECOND, &remark, &err), 0);
	assert_non_null(strstr(remark, "replaced"));
	assert_int_equal(trust_judge(&t, sign_key_pub(old), THEN + SECOND, &none, &err), -ERR_TRUST);
	_cleanup_free_ char *retired = mem_printf("%s/retired.key", dir), *key = mem_printf("%s/host.key", dir);
	assert_int_equal(stat(retired, &st), -1);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(shell("ls '%s'/*.key | wc -l | grep -qx 1", dir), 0);
	/* stock minisign sees who vouches for the new key */
	if (!shell("command -v minisign >/dev/null"))
		assert_int_equal(shell("cd '%s' && minisign -Vqm host.pub -p trusted.d/host-*.pub", dir), 0);
}

static void test_rotate_of_a_leaked_key(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *old = host(dir);
	_cleanup_trust_ struct trust t = { 0 };
	struct keymark m = { .pub = *sign_key_pub(old), .state = KEY_LEAKED, .since_us = THEN - SECOND };
	struct err err = { 0 };
	char *none = NULL;

	assert_int_equal(trust_mark_write(dir, &m, &err), 0);
	assert_int_equal(trust_rotate_host(dir, THEN + SECOND, &err), 0);
	load(&t, dir);
	assert_int_equal(trust_mark_of(&t, sign_key_pub(old))->state, KEY_LEAKED);
	/* with "replaced" in its place this would be trusted again */
	assert_int_equal(trust_judge(&t, sign_key_pub(old), THEN, &none, &err), -ERR_TRUST);
}

static void test_signed_bytes_are_of_one_domain(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *k = host(dir);
	uint8_t sig[MINISIGN_SIG_BYTES];

	sign_bytes(k, "a", "bytes", 5, sig);
	assert_true(sign_bytes_hold(sign_key_pub(k), "a", "bytes", 5, sig));
	assert_false(sign_bytes_hold(sign_key_pub(k), "b", "bytes", 5, sig));
	assert_false(sign_bytes_hold(sign_key_pub(k), "a", "bytez", 5, sig));
	sig[0] ^= 1;
	assert_false(sign_bytes_hold(sign_key_pub(k), "a", "bytes", 5, sig));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_leaked_key_counts_only_before_its_date_and_with_a_remark),
		cmocka_unit_test(test_a_mark_follows_the_key_not_the_name),
		cmocka_unit_test(test_a_mark_that_is_broken_or_open_to_others_fails_closed),
		cmocka_unit_test(test_find_by_name_id_fingerprint_or_text),
		cmocka_unit_test(test_rotation_keeps_old_bundles_verifiable),
		cmocka_unit_test(test_rotate_of_a_leaked_key),
		cmocka_unit_test(test_signed_bytes_are_of_one_domain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
