/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <cmocka.h>

#include "bundle/durable.h"
#include "bundle/sign.h"
#include "tests/unit/scratch.h"

static int open_in(const char *dir, const char *name)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, name);

	return open(path, O_RDONLY | O_CLOEXEC);
}

static void sign_to(const struct sign_key *k, const char *dir, const char *name, const char *comment)
{
	_cleanup_fd_ int fd = open_in(dir, name);
	_cleanup_buf_ struct buf sig = { 0 };
	_cleanup_free_ char *out = mem_printf("%s.minisig", name);
	uint8_t digest[SIGN_DIGEST_BYTES];
	uint64_t size;

	assert_int_equal(sign_digest_fd(fd, digest, &size, NULL), 0);
	sign_make(k, digest, comment, "signature from sourceos-agent", &sig);
	scratch_write(dir, out, sig.data, sig.len);
}

static int verify_in(const char *dir, const char *name, const struct minisign_pub *pub, struct err *err)
{
	_cleanup_fd_ int fd = open_in(dir, name);
	_cleanup_free_ char *sigpath = mem_printf("%s/%s.minisig", dir, name);
	_cleanup_buf_ struct buf b = { 0 };
	struct minisign_sig s;
	uint8_t digest[SIGN_DIGEST_BYTES];
	uint64_t size;

	assert_int_equal(file_read(AT_FDCWD, sigpath, MINISIGN_FILE_MAX, &b, NULL), 0);
	assert_int_equal(minisign_parse_sig(b.data, b.len, &s, NULL), 0);
	assert_int_equal(sign_digest_fd(fd, digest, &size, NULL), 0);
	int r = sign_verify(&s, pub, digest, fd, err);
	minisign_sig_free(&s);
	return r;
}

static void test_host_key_is_made_once_and_is_private(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *keys = mem_printf("%s/a/keys", dir);
	_cleanup_free_ char *key = mem_printf("%s/host.key", keys);
	_cleanup_free_ char *pub = mem_printf("%s/host.pub", keys);
	_cleanup_sign_key_ struct sign_key *k = NULL, *again = NULL;
	bool made;
	struct stat st;

	assert_int_equal(sign_key_host(keys, &k, &made, NULL), 0);
	assert_true(made);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(keys, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(unlink(pub), 0);
	assert_int_equal(sign_key_host(keys, &again, &made, NULL), 0);
	assert_false(made);
	assert_memory_equal(sign_key_pub(k), sign_key_pub(again), sizeof(struct minisign_pub));
	assert_int_equal(access(pub, R_OK), 0);
	sign_key_free(TAKE_PTR(again));
	assert_int_equal(sign_key_generate(keys, "host", &again, NULL), -ERR_BUSY);
}

static void test_secret_key_open_to_others_is_refused(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *key = mem_printf("%s/host.key", dir);
	_cleanup_sign_key_ struct sign_key *k = NULL, *again = NULL;
	struct err e = { 0 };

	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	assert_int_equal(chmod(key, 0640), 0);
	assert_int_equal(sign_key_host(dir, &again, NULL, &e), -ERR_TRUST);
	assert_non_null(strstr(e.msg, "0640"));
	assert_non_null(strstr(e.msg, key));
}

static void test_damaged_secret_key_is_refused(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *k = NULL, *again = NULL;
	_cleanup_free_ char *key = mem_printf("%s/host.key", dir);
	struct err e = { 0 };

	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	_cleanup_buf_ struct buf b = { 0 };
	assert_int_equal(file_read(AT_FDCWD, key, MINISIGN_FILE_MAX, &b, NULL), 0);
	char *seed = strchr(b.data, '\n') + 100;
	*seed = *seed == 'A' ? 'B' : 'A';
	scratch_write(dir, "host.key", b.data, b.len);
	assert_int_equal(sign_key_load(key, &again, &e), -ERR_TRUST);
	assert_non_null(strstr(e.msg, "damaged"));
}

static void test_stock_minisign_accepts_ours(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *k = NULL;

	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	scratch_write(dir, "x", "hello", 5);
	sign_to(k, dir, "x", "agent=node-commander manifest=sha256:00");
	assert_int_equal(shell("cd '%s' && test \"$(minisign -QVm x -p host.pub)\" = 'agent=node-commander manifest=sha256:00'", dir), 0);
	/* and signs with our key */
	scratch_write(dir, "y", "you", 3);
	assert_int_equal(shell("cd '%s' && minisign -S -s host.key -m y >/dev/null && minisign -QVm y -p host.pub >/dev/null", dir), 0);
	assert_int_equal(verify_in(dir, "y", sign_key_pub(k), NULL), 0);
}

static void test_ours_accepts_stock_minisign_new_and_legacy(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_sign_key_ struct sign_key *k = NULL;
	_cleanup_free_ char *key = mem_printf("%s/m.key", dir);

	assert_int_equal(shell("cd '%s' && minisign -GW -p m.pub -s m.key >/dev/null && echo hi >x && echo ho >y && minisign -S -s m.key -m x "
			       ">/dev/null && minisign -Sl -s m.key -m y >/dev/null",
				 dir),
		0);
	assert_int_equal(sign_key_load(key, &k, NULL), 0);
	assert_int_equal(verify_in(dir, "x", sign_key_pub(k), NULL), 0);
	assert_int_equal(verify_in(dir, "y", sign_key_pub(k), NULL), 0);
	assert_int_equal(shell("cd '%s' && echo hu >x && echo hu >y", dir), 0);
	assert_int_equal(verify_in(dir, "x", sign_key_pub(k), NULL), -ERR_TRUST);
	assert_int_equal(verify_in(dir, "y", sign_key_pub(k), NULL), -ERR_TRUST);
}

static void test_changed_comment_and_other_key_are_refused(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *other_dir = mem_printf("%s/other", dir);
	_cleanup_sign_key_ struct sign_key *k = NULL, *other = NULL;
	struct err e = { 0 };

	assert_int_equal(sign_key_host(dir, &k, NULL, NULL), 0);
	assert_int_equal(sign_key_host(other_dir, &other, NULL, NULL), 0);
	scratch_write(dir, "x", "hello", 5);
	sign_to(k, dir, "x", "agent=a");
	assert_int_equal(verify_in(dir, "x", sign_key_pub(k), &e), 0);
	assert_int_equal(verify_in(dir, "x", sign_key_pub(other), &e), -ERR_TRUST);
	assert_int_equal(shell("sed -i s/agent=a/agent=b/ '%s/x.minisig'", dir), 0);
	assert_int_equal(verify_in(dir, "x", sign_key_pub(k), &e), -ERR_TRUST);
	assert_non_null(strstr(e.msg, "comment"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_host_key_is_made_once_and_is_private),
		cmocka_unit_test(test_secret_key_open_to_others_is_refused),
		cmocka_unit_test(test_damaged_secret_key_is_refused),
		cmocka_unit_test(test_stock_minisign_accepts_ours),
		cmocka_unit_test(test_ours_accepts_stock_minisign_new_and_legacy),
		cmocka_unit_test(test_changed_comment_and_other_key_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
