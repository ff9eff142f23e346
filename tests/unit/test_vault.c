/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sys/stat.h>

#include "lifecycle/vault.h"
#include "tests/unit/scratch.h"

struct place_test {
	char *dir, *vault, *file;
};

static int setup(void **state)
{
	struct place_test *t = mem_alloc(sizeof(*t));

	t->dir = scratch_make();
	t->vault = mem_printf("%s/vault", t->dir);
	t->file = mem_printf("%s/x.service", t->dir);
	mkdir(t->vault, 0700);
	scratch_write(t->dir, "x.service", "[Service]\nExecStart=/bin/true\n", 30);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct place_test *t = *state;

	scratch_remove(&t->dir);
	free(t->vault);
	free(t->file);
	free(t);
	return 0;
}

static int is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* AC-5, Q-03: bytes, mode and time come back as they were */
static void a_file_comes_back_as_it_was(void **state)
{
	struct place_test *t = *state;
	struct stat before, after;
	struct err err = { 0 };

	chmod(t->file, 0640);
	stat(t->file, &before);
	assert_int_equal(shell("cp -p '%s' '%s.copy'", t->file, t->file), 0);
	assert_int_equal(vault_take(t->vault, "000-x", t->file, NULL, &err), 0);
	assert_false(is_there(t->file));
	assert_true(vault_has(t->vault, "000-x"));
	assert_int_equal(vault_return(t->vault, "000-x", NULL, &err), 0);
	stat(t->file, &after);
	assert_int_equal(before.st_mode, after.st_mode);
	assert_int_equal(before.st_uid, after.st_uid);
	assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	assert_int_equal(before.st_mtim.tv_nsec, after.st_mtim.tv_nsec);
	assert_int_equal(shell("cmp -s '%s' '%s.copy'", t->file, t->file), 0);
}

static void a_link_comes_back_with_its_target(void **state)
{
	struct place_test *t = *state;
	_cleanup_free_ char *link = mem_printf("%s/wants", t->dir);
	char target[64] = "";
	struct err err = { 0 };

	assert_int_equal(symlink("../no/such.service", link), 0);
	assert_int_equal(vault_take(t->vault, "001-wants", link, NULL, &err), 0);
	assert_false(is_there(link));
	assert_int_equal(vault_return(t->vault, "001-wants", NULL, &err), 0);
	assert_true(readlink(link, target, sizeof(target) - 1) > 0);
	assert_string_equal(target, "../no/such.service");
}

/* a crash between the copy and the removal: both are there, and taking goes on */
static void taking_twice_only_finishes_the_removal(void **state)
{
	struct place_test *t = *state;
	struct err err = { 0 };

	assert_int_equal(vault_take(t->vault, "000-x", t->file, NULL, &err), 0);
	assert_int_equal(vault_take(t->vault, "000-x", t->file, NULL, &err), 0);
	assert_int_equal(vault_return(t->vault, "000-x", NULL, &err), 0);
	assert_int_equal(vault_take(t->vault, "000-x", t->file, NULL, &err), 0);
	assert_false(is_there(t->file));
}

static void what_changed_since_is_not_removed(void **state)
{
	struct place_test *t = *state;
	struct err err = { 0 };

	assert_int_equal(vault_take(t->vault, "000-x", t->file, NULL, &err), 0);
	scratch_write(t->dir, "x.service", "another", 7);
	assert_int_equal(vault_take(t->vault, "000-x", t->file, NULL, &err), -ERR_CHANGE);
	assert_true(is_there(t->file));
	/* nor overwritten by what was taken */
	assert_int_equal(vault_return(t->vault, "000-x", NULL, &err), -ERR_CHANGE);
	assert_int_equal(shell("grep -q another '%s'", t->file), 0);
}

static void a_damaged_original_is_not_put_back(void **state)
{
	struct place_test *t = *state;
	struct err err = { 0 };

	assert_int_equal(vault_take(t->vault, "000-x", t->file, NULL, &err), 0);
	scratch_write(t->vault, "000-x", "evil", 4);
	assert_int_equal(vault_return(t->vault, "000-x", NULL, &err), -ERR_TRUST);
	assert_false(is_there(t->file));
}

static void what_is_no_file_is_refused(void **state)
{
	struct place_test *t = *state;
	_cleanup_free_ char *fifo = mem_printf("%s/fifo", t->dir);
	struct err err = { 0 };

	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(vault_take(t->vault, "000-x", fifo, NULL, &err), -ERR_CHANGE);
	assert_int_equal(vault_take(t->vault, "000-x", "relative", NULL, &err), -ERR_USAGE);
	assert_int_equal(vault_take(t->vault, "000-x", t->dir, NULL, &err), -ERR_CHANGE);
	_cleanup_free_ char *none = mem_printf("%s/none", t->dir);
	assert_int_equal(vault_take(t->vault, "000-x", none, NULL, &err), -ERR_ABSENT);
}

/* root works in a user's directory with that user's rights: a swapped directory gets them nothing */
static void a_users_symlink_does_not_lead_root_astray(void **state)
{
	struct place_test *t = *state;
	struct identity nobody = { .name = (char[]){ "nobody" }, .uid = 65534, .gid = 65534 };
	_cleanup_free_ char *secret = mem_printf("%s/root-only", t->dir), *inside = mem_printf("%s/root-only/x.service", t->dir);
	_cleanup_free_ char *users = mem_printf("%s/users", t->dir), *through = mem_printf("%s/users/units/x.service", t->dir);
	struct err err = { 0 };

	if (geteuid() != 0) {
		print_message("skipped: needs root, to act as another user\n");
		skip();
	}
	chmod(t->dir, 0755);
	mkdir(secret, 0755);
	assert_int_equal(shell("echo root >'%s'; mkdir '%s'; ln -s '%s' '%s/units'; chown nobody '%s'", inside, users, secret, users, users), 0);
	assert_true(vault_take(t->vault, "000-x", through, &nobody, &err) < 0);
	assert_true(is_there(inside));
	assert_int_equal(geteuid(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_file_comes_back_as_it_was, setup, teardown),
		cmocka_unit_test_setup_teardown(a_link_comes_back_with_its_target, setup, teardown),
		cmocka_unit_test_setup_teardown(taking_twice_only_finishes_the_removal, setup, teardown),
		cmocka_unit_test_setup_teardown(what_changed_since_is_not_removed, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_original_is_not_put_back, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_file_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_users_symlink_does_not_lead_root_astray, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
