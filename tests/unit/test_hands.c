/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <cmocka.h>

#include "bundle/hands.h"
#include "bundle/trustmark.h"
#include "tests/unit/scratch.h"

struct desk {
	char *dir;
	struct sign_key *key;
	char *path;
};

static void desk_open(struct desk *d, const char *dir, const char *name)
{
	*d = (struct desk){ .dir = mem_printf("%s/%s", dir, name), .path = mem_printf("%s/b.tar.zst.custody.jsonl", dir) };
	assert_int_equal(sign_key_host(d->dir, &d->key, NULL, NULL), 0);
}

static void desk_free(struct desk *d)
{
	free(d->dir);
	free(d->path);
	sign_key_free(d->key);
}
#define _cleanup_desk_ CLEANUP(desk_free)

static void append(const struct desk *d, const char *action, const char *detail)
{
	struct hands_entry e = { .action = action, .actor = "alice", .uid = 1000, .host = "desk", .case_id = "INC-1234", .detail = detail,
		.time_us = 1795000000000000, .name = "/var/lib/x/b.tar.zst", .bytes = 12, .sha256 = { 7 } };
	struct err err = { 0 };

	if (hands_append(d->path, d->key, &e, &err))
		fail_msg("%s", err.msg);
}

static void test_each_hand_appends_and_the_chain_is_shown(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_desk_ struct desk host = { 0 }, desk = { 0 };
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_hands_ struct hands h = { 0 };
	struct err err = { 0 };
	uint8_t sha[32] = { 7 };

	desk_open(&host, dir, "host");
	desk_open(&desk, dir, "desk");
	append(&host, "collected", NULL);
	append(&host, "sealed", "for age1…\x1b[2J");
	append(&desk, "received", NULL);
	assert_int_equal(trust_load(&t, host.dir, &err), 0);
	assert_int_equal(hands_read(host.path, &t, sha, &h, &err), 0);
	assert_int_equal(h.n, 3);
	assert_true(h.about_file);
	assert_string_equal(h.rows[0].hand.action, "collected");
	assert_string_equal(h.rows[0].hand.file, "b.tar.zst");
	assert_string_equal(h.rows[0].signer->name, "this host");
	assert_null(h.rows[0].remark);
	assert_null(strchr(h.rows[1].hand.detail, 0x1b));
	assert_null(h.rows[2].signer);
	assert_non_null(strstr(h.rows[2].remark, "not trusted"));
	assert_true(h.rows[2].fits);
}

static void test_another_file_is_remarked_on(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_desk_ struct desk host = { 0 };
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_hands_ struct hands h = { 0 };
	struct err err = { 0 };
	uint8_t sha[32] = { 8 };

	desk_open(&host, dir, "host");
	append(&host, "collected", NULL);
	assert_int_equal(trust_load(&t, host.dir, &err), 0);
	assert_int_equal(hands_read(host.path, &t, sha, &h, &err), 0);
	assert_false(h.about_file);
	assert_non_null(strstr(h.rows[0].remark, "other bytes"));
}

/* Any line changed, dropped, doubled, moved or torn, any signer swapped: which line it was is said. */
static void test_any_change_of_the_chain_is_found(void **state)
{
	static const struct {
		const char *sed;
		size_t line;
	} harm[] = { { "2s/alice/mallory/", 2 }, { "1s/INC-1234/INC-9999/", 1 }, { "1d", 1 }, { "2d", 2 }, { "2{p}", 3 },
		{ "1{h;d};2{G}", 1 }, { "3s/\"seq\":3/\"seq\":4/", 3 }, { "3s/$/ /", 3 }, { "2s/,\"sig\".*/}/", 2 }, { "2s/^/[/", 2 },
		{ "2s/sealed/stolen/", 2 }, { "3s/prev\":\"./prev\":\"x/", 3 } };

	for (size_t i = 0; i < ARRAY_LEN(harm); i++) {
		_cleanup_scratch_ char *dir = scratch_make();
		_cleanup_desk_ struct desk host = { 0 };
		_cleanup_hands_ struct hands h = { 0 };
		struct err err = { 0 };

		desk_open(&host, dir, "host");
		append(&host, "collected", NULL);
		append(&host, "sealed", NULL);
		append(&host, "attached", NULL);
		assert_int_equal(shell("sed -i '%s' '%s'", harm[i].sed, host.path), 0);
		int r = hands_read(host.path, NULL, NULL, &h, &err);
		_cleanup_free_ char *want = mem_printf("line %zu:", harm[i].line);
		if ((r != -ERR_TRUST && r != -ERR_SYNTAX) || !strstr(err.msg, want))
			fail_msg("%s: %d %s", harm[i].sed, r, err.msg);
		/* and nobody appends to it as if it held */
		struct hands_entry e = { .action = "note", .actor = "alice", .name = "b" };
		assert_int_not_equal(hands_append(host.path, host.key, &e, &err), 0);
	}
}

static void test_a_torn_end_is_found(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_desk_ struct desk host = { 0 };
	_cleanup_hands_ struct hands h = { 0 };
	struct err err = { 0 };

	desk_open(&host, dir, "host");
	append(&host, "collected", NULL);
	assert_int_equal(shell("truncate -s -1 '%s'", host.path), 0);
	assert_int_equal(hands_read(host.path, NULL, NULL, &h, &err), -ERR_TRUST);
}

static void test_a_line_signed_with_the_key_it_does_not_name(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_desk_ struct desk a = { 0 }, b = { 0 };
	_cleanup_hands_ struct hands h = { 0 };
	_cleanup_buf_ struct buf ka = { 0 }, kb = { 0 };
	struct err err = { 0 };

	desk_open(&a, dir, "a");
	desk_open(&b, dir, "b");
	append(&a, "collected", NULL);
	minisign_add_pub_text(&ka, sign_key_pub(a.key));
	minisign_add_pub_text(&kb, sign_key_pub(b.key));
	assert_int_equal(shell("sed -i 's|%s|%s|' '%s'", buf_str(&ka), buf_str(&kb), a.path), 0);
	assert_int_equal(hands_read(a.path, NULL, NULL, &h, &err), -ERR_TRUST);
	assert_int_equal(h.n, 1);
	assert_false(h.rows[0].fits);
}

static void test_a_sealed_file_continues_the_chain(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_desk_ struct desk host = { 0 };
	_cleanup_hands_ struct hands h = { 0 };
	_cleanup_free_ char *to = mem_printf("%s/b.tar.zst.age.custody.jsonl", dir);
	_cleanup_free_ char *none = mem_printf("%s/none", dir);
	struct err err = { 0 };

	desk_open(&host, dir, "host");
	assert_int_equal(hands_continue(none, to, &err), 0);
	append(&host, "collected", NULL);
	assert_int_equal(hands_continue(host.path, to, &err), 0);
	assert_int_equal(hands_continue(none, to, &err), 0);
	mem_set(&host.path, to);
	append(&host, "sealed", NULL);
	assert_int_equal(hands_read(to, NULL, NULL, &h, &err), 0);
	assert_int_equal(h.n, 2);
	assert_int_equal(hands_read(none, NULL, NULL, &h, &err), -ERR_ABSENT);
}

static void test_a_lock_is_not_waited_for(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_desk_ struct desk host = { 0 };
	struct hands_entry e = { .action = "note", .actor = "a", .name = "b" };
	struct err err = { 0 };

	desk_open(&host, dir, "host");
	append(&host, "collected", NULL);
	_cleanup_fd_ int fd = open(host.path, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(hands_append(host.path, host.key, &e, &err), -ERR_BUSY);
	e.action = "stolen";
	assert_int_equal(hands_append(host.path, host.key, &e, &err), -ERR_USAGE);
}

static void test_hash_of_a_file(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/f", dir);
	uint8_t sha[32];
	uint64_t n = 0;

	scratch_write(dir, "f", "abc", 3);
	assert_int_equal(hands_hash(path, sha, &n, NULL), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(sha, "\xba\x78\x16\xbf\x8f\x01\xcf\xea", 8);
	assert_int_equal(hands_hash(dir, sha, &n, NULL), -ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_hand_appends_and_the_chain_is_shown),
		cmocka_unit_test(test_another_file_is_remarked_on),
		cmocka_unit_test(test_any_change_of_the_chain_is_found),
		cmocka_unit_test(test_a_torn_end_is_found),
		cmocka_unit_test(test_a_line_signed_with_the_key_it_does_not_name),
		cmocka_unit_test(test_a_sealed_file_continues_the_chain),
		cmocka_unit_test(test_a_lock_is_not_waited_for),
		cmocka_unit_test(test_hash_of_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
