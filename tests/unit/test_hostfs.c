/* SPDX-License-Identifier: MIT */
#include "collect_test.h"

#include <errno.h>

/* A host's files below scratch_dir/root, with a secret beside it that no path may reach. */
static char *root;

static void put(const char *name, const char *text)
{
	_cleanup_free_ char *below = mem_printf("root/%s", name);

	free(scratch_write(below, text, strlen(text)));
}

static void dir(const char *name)
{
	_cleanup_free_ char *path = mem_printf("%s/root/%s", scratch_dir, name);

	assert_int_equal(mkdir(path, 0755), 0);
}

static void link_to(const char *name, const char *target)
{
	_cleanup_free_ char *path = mem_printf("%s/root/%s", scratch_dir, name);

	assert_int_equal(symlink(target, path), 0);
}

static int root_make(void **state)
{
	if (scratch_make(state))
		return -1;
	root = scratch("root");
	free(scratch_write("secret", "outside\n", 8));
	dir("");
	dir("etc");
	dir("var");
	dir("var/log");
	put("etc/passwd", "root:x:0:0:root:/root:/bin/bash\nbroken line\nme:x:1000:1000:Me,,,:/home/me:/bin/sh\n");
	put("var/log/app.log", "logged\n");
	put("secret", "inside\n");
	link_to("var/run", "/var/log");	       /* absolute: of the root, not of us */
	link_to("up", "../../../../../secret"); /* stops at the root */
	link_to("abs", "/secret");
	link_to("var/log/latest", "app.log");
	link_to("var/log/loop", "loop");
	link_to("outside", scratch_dir);	/* where we really are, seen from our own root */
	link_to("var/log/hop", "../run/../log/./latest");
	return 0;
}

static int root_remove(void **state)
{
	free(root);
	return scratch_remove(state);
}

static struct answer read_below(const char *path, unsigned flags)
{
	struct probe *p = probe_file(path, PAYLOAD_TEXT);

	p->flags |= flags;
	return ask_below(root, p);
}

static void assert_reads(const char *path, const char *text)
{
	_cleanup_answer_ struct answer a = read_below(path, PROBE_FOLLOW);

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_string_equal(buf_str(&a.out), text);
}

static void paths_mean_what_they_mean_below_the_root(void **state)
{
	assert_reads("/var/log/app.log", "logged\n");
	assert_reads("/var/run/app.log", "logged\n");
	assert_reads("//var/./log/../log//app.log", "logged\n");
	assert_reads("/var/log/latest", "logged\n");
	assert_reads("/var/log/hop", "logged\n");
}

static void nothing_leads_out_of_the_root(void **state)
{
	assert_reads("/up", "inside\n");
	assert_reads("/abs", "inside\n");
	assert_reads("/../../secret", "inside\n");
	assert_reads("/var/log/../../../../secret", "inside\n");
	_cleanup_answer_ struct answer a = read_below("/outside/secret", PROBE_FOLLOW);
	assert_int_equal(a.rec.outcome, OUTCOME_ABSENT);
}

static void final_link_is_followed_only_when_it_may_be(void **state)
{
	_cleanup_answer_ struct answer a = read_below("/var/log/latest", 0);
	_cleanup_answer_ struct answer b = read_below("/var/log/latest", PROBE_FOLLOW);
	_cleanup_answer_ struct answer c = ask_below(root, probe_link("/var/run"));

	assert_int_equal(a.rec.outcome, OUTCOME_REFUSED);
	assert_string_equal(a.rec.stat.link, "app.log");
	assert_string_equal(b.rec.stat.link, "app.log");
	assert_int_equal(c.rec.outcome, OUTCOME_OK);
	assert_string_equal(c.rec.stat.link, "/var/log");
}

static void loops_files_as_directories_and_depth_are_refused(void **state)
{
	struct buf deep = { 0 };

	_cleanup_answer_ struct answer a = read_below("/var/log/loop", PROBE_FOLLOW);
	_cleanup_answer_ struct answer b = read_below("/etc/passwd/x", PROBE_FOLLOW);
	_cleanup_answer_ struct answer c = read_below("/", PROBE_FOLLOW);
	for (int i = 0; i < 1000; i++)
		buf_adds(&deep, "/var/..");
	buf_adds(&deep, "/var/log/app.log");
	assert_int_equal(a.rec.outcome, OUTCOME_REFUSED);
	assert_int_equal(a.rec.status, ELOOP);
	assert_int_equal(b.rec.outcome, OUTCOME_ABSENT);
	assert_int_equal(c.rec.outcome, OUTCOME_REFUSED);
	assert_reads(buf_str(&deep), "logged\n");
	buf_free(&deep);
}

static void directories_are_listed_below_the_root(void **state)
{
	struct probe *p = probe_dir("/var/run");

	p->flags |= PROBE_FOLLOW;
	_cleanup_answer_ struct answer a = ask_below(root, p);
	_cleanup_answer_ struct answer b = ask_below(root, probe_dir("/"));
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_string_equal(a.rec.stat.link, "/var/log");
	assert_non_null(strstr(buf_str(&a.out), "\"app.log\""));
	assert_int_equal(b.rec.outcome, OUTCOME_OK);
	assert_non_null(strstr(buf_str(&b.out), "\"etc\""));
}

static void users_are_those_of_the_root(void **state)
{
	_cleanup_answer_ struct answer a = ask_below(root, probe_fact("user/me"));
	_cleanup_answer_ struct answer b = ask_below(root, probe_fact("user/broken line"));
	_cleanup_answer_ struct answer c = ask_below(root, probe_fact("user/1000"));
	json_t *j = json_loads(buf_str(&a.out), 0, NULL);

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_string_equal(json_string_value(json_object_get(j, "name")), "me");
	assert_int_equal(json_integer_value(json_object_get(j, "uid")), 1000);
	assert_string_equal(json_string_value(json_object_get(j, "home")), "/home/me");
	assert_string_equal(json_string_value(json_object_get(j, "shell")), "/bin/sh");
	assert_true(json_is_false(json_object_get(j, "manager")));
	json_decref(j);
	assert_int_equal(b.rec.outcome, OUTCOME_ABSENT);
	assert_string_equal(buf_str(&c.out), buf_str(&a.out));
}

static void owner_is_named_by_the_roots_users(void **state)
{
	if (geteuid() != 0)
		skip();
	_cleanup_free_ char *path = scratch("root/var/log/app.log");
	assert_int_equal(chown(path, 1000, 1000), 0);
	_cleanup_answer_ struct answer a = read_below("/var/log/app.log", 0);
	assert_int_equal(a.rec.stat.uid, 1000);
	assert_string_equal(a.rec.stat.owner, "me");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_mean_what_they_mean_below_the_root),
		cmocka_unit_test(nothing_leads_out_of_the_root),
		cmocka_unit_test(final_link_is_followed_only_when_it_may_be),
		cmocka_unit_test(loops_files_as_directories_and_depth_are_refused),
		cmocka_unit_test(directories_are_listed_below_the_root),
		cmocka_unit_test(users_are_those_of_the_root),
		cmocka_unit_test(owner_is_named_by_the_roots_users),
	};

	return cmocka_run_group_tests(tests, root_make, root_remove);
}
