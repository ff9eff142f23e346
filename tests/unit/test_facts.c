/* SPDX-License-Identifier: MIT */
#include "collect_test.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "collect/facts.h"
#include "collect/host.h"

static json_t *fact(const char *name)
{
	_cleanup_answer_ struct answer a = ask(probe_fact(name));

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	json_t *j = json_loads(buf_str(&a.out), 0, NULL);
	assert_true(json_is_object(j));
	return j;
}

static const char *str(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

static void host_tells_of_this_one(void **state)
{
	struct utsname un;
	json_t *j = fact("host");

	uname(&un);
	assert_string_equal(str(j, "platform"), "linux");
	assert_string_equal(str(j, "release"), un.release);
	assert_string_equal(str(j, "hostname"), un.nodename);
	assert_true(text_starts(str(j, "kernel"), un.sysname));
	assert_int_equal(json_integer_value(json_object_get(j, "euid")), geteuid());
	assert_true(*str(j, "osRelease"));
	uint64_t now = 0, booted = 0;
	assert_int_equal(text_parse_time(str(j, "now"), &now), 0);
	assert_int_equal(text_parse_time(str(j, "bootedAt"), &booted), 0);
	assert_true(booted < now);
	assert_int_equal(strlen(str(j, "bootId")), 36);
	json_decref(j);
}

static void host_is_what_its_reader_expects(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	struct host h = { 0 };
	struct user u = { 0 };
	struct err err = { 0 };

	assert_int_equal(host_get(s, &h, NULL), 0);
	assert_int_equal(h.platform, PLATFORM_LINUX);
	assert_true(h.now_us > h.booted_us && h.booted_us > 0);
	assert_non_null(h.os_release);
	assert_non_null(h.pid1);
	host_free(&h);
	assert_int_equal(caller_get(s, &u, NULL), 0);
	user_free(&u);
	assert_int_equal(user_get(s, "root", &u, NULL), 0);
	assert_int_equal(u.id.uid, 0);
	user_free(&u);
	assert_int_equal(user_get(s, "no-such-user-here", &u, &err), -ERR_ABSENT);
}

static void host_tells_only_listed_variables(void **state)
{
	setenv("AWS_SECRET_ACCESS_KEY", "not-for-bundles", 1);
	setenv("DOCKER_CONFIG", "/somewhere/.docker", 1);
	setenv("SOURCEOS_AGENTS_PATH", "/agents", 1);
	_cleanup_answer_ struct answer a = ask(probe_fact("host"));
	_cleanup_answer_ struct answer child = ask(shell("env"));
	unsetenv("AWS_SECRET_ACCESS_KEY");
	unsetenv("DOCKER_CONFIG");
	unsetenv("SOURCEOS_AGENTS_PATH");
	assert_null(strstr(buf_str(&a.out), "not-for-bundles"));
	assert_non_null(strstr(buf_str(&a.out), "\"DOCKER_CONFIG\":\"/somewhere/.docker\""));
	assert_non_null(strstr(buf_str(&a.out), "\"SOURCEOS_AGENTS_PATH\":\"/agents\""));
	assert_null(strstr(buf_str(&child.out), "SOURCEOS_AGENTS_PATH"));
}

static void machine_tag_is_stable_short_and_does_not_show_the_id(void **state)
{
	static const char id[] = "0123456789abcdef0123456789abcdef";
	_cleanup_free_ char *a = facts_machine_tag(id);
	_cleanup_free_ char *b = facts_machine_tag(id);
	_cleanup_free_ char *c = facts_machine_tag("0123456789abcdef0123456789abcdee");

	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_int_equal(strlen(a), strlen("host-") + 12);
	assert_null(strstr(id, a + 5));
	assert_null(facts_machine_tag(NULL));
}

static void with_sudo(const char *uid, const char *user, bool want, const char *name)
{
	setenv("SUDO_UID", uid, 1);
	setenv("SUDO_USER", user, 1);
	json_t *j = fact("caller");
	unsetenv("SUDO_UID");
	unsetenv("SUDO_USER");
	assert_int_equal(json_is_true(json_object_get(j, "sudo")), want);
	assert_string_equal(str(j, "name"), name);
	json_decref(j);
}

static void sudos_user_is_believed_only_when_it_adds_up(void **state)
{
	const struct passwd *me = getpwuid(geteuid());
	const char *self = me ? me->pw_name : "?";

	if (geteuid() != 0)
		return with_sudo("65534", "nobody", false, self);
	with_sudo("65534", "nobody", true, "nobody");
	with_sudo("65533", "nobody", false, self);
	with_sudo("65534", "root", false, self);
	with_sudo("65534", "no-such-user-here", false, self);
	with_sudo("x", "nobody", false, self);
	with_sudo("", "", false, self);
}

static void sudos_user_is_not_believed_without_root(void **state)
{
	if (getuid() != 0)
		skip();
	assert_int_equal(seteuid(65534), 0);
	with_sudo("0", "root", false, "nobody");
	assert_int_equal(seteuid(0), 0);
}

static void unknown_names_are_told_apart(void **state)
{
	_cleanup_answer_ struct answer a = ask(probe_fact("user/no-such-user-here"));
	_cleanup_answer_ struct answer b = ask(probe_fact("user/"));
	_cleanup_answer_ struct answer c = ask(probe_fact("weather"));

	assert_int_equal(a.rec.outcome, OUTCOME_ABSENT);
	assert_int_equal(b.rec.outcome, OUTCOME_FAILED);
	assert_int_equal(c.rec.outcome, OUTCOME_FAILED);
	assert_int_equal(c.rec.status, EINVAL);
}

static void os_release_is_unquoted(void **state)
{
	json_t *j = json_object();

	facts_os_release("# comment\nNAME=ignored\nID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"A \\\"quoted\\\" name\"\nBUILD_ID='it\\s'", j);
	assert_string_equal(str(j, "id"), "debian");
	assert_string_equal(str(j, "version"), "12");
	assert_string_equal(str(j, "name"), "A \"quoted\" name");
	assert_string_equal(str(j, "build"), "it\\s");
	json_decref(j);
	j = json_object();
	facts_os_release("ID=\nVERSION_ID=\"\nPRETTY_NAME=\"open", j);
	assert_string_equal(str(j, "name"), "open");
	json_decref(j);
}

static void mac_image_is_told_by_its_system_version(void **state)
{
	static const char plist[] =
		"<?xml version=\"1.0\"?>\n<plist version=\"1.0\">\n<dict>\n\t<key>ProductBuildVersion</key>\n\t<string>24B83</string>\n"
		"\t<key>ProductName</key>\n\t<string>macOS</string>\n\t<key>ProductVersion</key>\n\t<string>15.1</string>\n</dict></plist>";
	static const char *const dirs[] = { "mac", "mac/System", "mac/System/Library", "mac/System/Library/CoreServices" };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		_cleanup_free_ char *d = scratch(dirs[i]);
		assert_int_equal(mkdir(d, 0755), 0);
	}
	free(scratch_write("mac/System/Library/CoreServices/SystemVersion.plist", plist, sizeof(plist) - 1));
	_cleanup_free_ char *mac = scratch("mac");
	_cleanup_answer_ struct answer a = ask_below(mac, probe_fact("host"));
	json_t *j = json_loads(buf_str(&a.out), 0, NULL);
	assert_string_equal(str(j, "platform"), "darwin");
	assert_string_equal(str(j, "osRelease"), "macOS 15.1");
	assert_string_equal(str(json_object_get(j, "os"), "build"), "24B83");
	/* nothing of the machine that looks at the image */
	assert_null(json_object_get(j, "kernel"));
	assert_null(json_object_get(j, "environment"));
	json_decref(j);
}

static void linux_image_is_told_by_os_release(void **state)
{
	_cleanup_free_ char *image = scratch("image");
	_cleanup_free_ char *etc = scratch("image/etc");

	assert_int_equal(mkdir(image, 0755), 0);
	assert_int_equal(mkdir(etc, 0755), 0);
	free(scratch_write("image/etc/os-release", "ID=x\nPRETTY_NAME=X 1\n", 21));
	free(scratch_write("image/etc/hostname", "elsewhere\n", 10));
	free(scratch_write("image/etc/machine-id", "0123456789abcdef0123456789abcdef\n", 33));
	_cleanup_answer_ struct answer a = ask_below(image, probe_fact("host"));
	_cleanup_free_ char *tag = facts_machine_tag("0123456789abcdef0123456789abcdef");
	json_t *j = json_loads(buf_str(&a.out), 0, NULL);
	assert_string_equal(str(j, "platform"), "linux");
	assert_string_equal(str(j, "hostname"), "elsewhere");
	assert_string_equal(str(j, "machineTag"), tag);
	json_decref(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_tells_of_this_one),
		cmocka_unit_test(host_is_what_its_reader_expects),
		cmocka_unit_test(host_tells_only_listed_variables),
		cmocka_unit_test(machine_tag_is_stable_short_and_does_not_show_the_id),
		cmocka_unit_test(sudos_user_is_believed_only_when_it_adds_up),
		cmocka_unit_test(sudos_user_is_not_believed_without_root),
		cmocka_unit_test(unknown_names_are_told_apart),
		cmocka_unit_test(os_release_is_unquoted),
		cmocka_unit_test(mac_image_is_told_by_its_system_version),
		cmocka_unit_test(linux_image_is_told_by_os_release),
	};

	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
