/* SPDX-License-Identifier: MIT */
/* What the launcher executes, told from its argv and environment alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "formats/text.h"
#include "lifecycle/launch.h"

struct bench {
	struct agent *agent;
	struct install_paths paths;
	struct launch launch;
};

static void bench_free(struct bench *b)
{
	agent_free(b->agent);
	install_paths_free(&b->paths);
	launch_free(&b->launch);
}
#define _cleanup_bench_ CLEANUP(bench_free)

static void bench_make(struct bench *b, const char *more, enum platform platform)
{
	const struct user owner = { .id = { .name = (char[]){ "agent" }, .uid = 4242, .gid = 4242, .home = (char[]){ "/home/agent" } } };
	char *env[] = { (char[]){ "PATH=/usr/bin" }, (char[]){ "HOME=/home/agent" }, (char[]){ "DOCKER_CONFIG=/evil" },
		(char[]){ "REGISTRY_AUTH_FILE=/evil" }, (char[]){ "CONTAINER_HOST=ssh://evil" }, (char[]){ "DOCKER_HOST=tcp://evil" },
		(char[]){ "NOTIFY_SOCKET=/run/n" }, NULL };
	_cleanup_free_ char *text = mem_printf("{\"name\":\"nc\",\"runtime\":\"podman\",\"image\":\"localhost/nc:1\"%s}", more);
	struct agent **list = NULL;
	struct err err = { 0 };

	if (declaration_parse("a.json", text, strlen(text), &list, NULL, &err))
		fail_msg("%s", err.msg);
	b->agent = agent_copy(list[0]);
	agents_free(list);
	install_paths_make(b->agent, &owner, platform, INSTALL_UNIT, &b->paths);
	launch_start(b->agent, &b->paths, platform, env, &b->launch);
}

#define DIR "/home/agent/.local/state/sourceos-agent/agents/nc"

static void line_is(char *const *argv, const char *want)
{
	_cleanup_free_ char *line = text_shell_join(argv);

	assert_string_equal(line, want);
}

/* AC-3, RC-08 */
static void a_local_image_with_the_empty_authfile(void **state)
{
	_cleanup_bench_ struct bench b = { 0 };

	bench_make(&b, "", PLATFORM_LINUX);
	line_is(b.launch.argv, "podman run --name=nc --rm --replace --detach --sdnotify=conmon --cgroups=no-conmon --log-driver=passthrough --pull=never "
			       "--authfile=" DIR "/sourceos-empty-auth.json --stop-timeout=10 --label=io.sourceos.agent=nc localhost/nc:1");
	assert_true(strv_has(b.launch.env, "DOCKER_CONFIG=" DIR "/docker"));
	assert_true(strv_has(b.launch.env, "NOTIFY_SOCKET=/run/n"));
}

/* AC-2, RC-07 */
static void nothing_ambient_reaches_podman(void **state)
{
	_cleanup_bench_ struct bench b = { 0 };

	bench_make(&b, "", PLATFORM_LINUX);
	for (char **v = b.launch.env; *v; v++)
		assert_null(strstr(*v, "evil"));
}

static void a_remote_client_stays_and_is_isolated_as_well(void **state)
{
	_cleanup_bench_ struct bench b = { 0 }, unnamed = { 0 }, mac = { 0 };

	bench_make(&b, ",\"podman\":{\"connection\":\"m\",\"requireMachine\":true}", PLATFORM_LINUX);
	line_is(b.launch.argv, "podman --connection=m run --name=nc --rm --replace --pull=never --authfile=" DIR "/sourceos-empty-auth.json "
			       "--stop-timeout=10 --label=io.sourceos.agent=nc localhost/nc:1");
	assert_true(strv_has(b.launch.env, "DOCKER_CONFIG=" DIR "/docker"));
	bench_make(&unnamed, ",\"podman\":{\"requireMachine\":true}", PLATFORM_LINUX);
	assert_string_equal(unnamed.launch.argv[1], "--remote");
	bench_make(&mac, "", PLATFORM_DARWIN);
	assert_string_equal(mac.launch.argv[1], "run");
	assert_false(strv_has(mac.launch.argv, "--detach"));
}

static void the_auth_modes(void **state)
{
	_cleanup_bench_ struct bench none = { 0 }, account = { 0 }, declared = { 0 }, ambient = { 0 };

	bench_make(&none, ",\"auth\":{\"mode\":\"none\"}", PLATFORM_LINUX);
	for (char **v = none.launch.argv; *v; v++)
		assert_false(text_starts(*v, "--authfile"));
	assert_true(strv_has(none.launch.env, "DOCKER_CONFIG=" DIR "/docker"));

	bench_make(&account, ",\"podman\":{\"pull\":\"always\"},\"auth\":{\"mode\":\"service-account\",\"authfile\":\"/etc/nc/auth.json\"}", PLATFORM_LINUX);
	assert_true(strv_has(account.launch.argv, "--authfile=/etc/nc/auth.json"));
	assert_true(strv_has(account.launch.argv, "--pull=always"));
	assert_true(strv_has(account.launch.env, "DOCKER_CONFIG=" DIR "/docker"));

	/* only a service account may fetch */
	bench_make(&declared, ",\"podman\":{\"pull\":\"always\"},\"auth\":{\"authfile\":\"/home/agent/empty.json\"}", PLATFORM_LINUX);
	assert_true(strv_has(declared.launch.argv, "--authfile=/home/agent/empty.json"));
	assert_true(strv_has(declared.launch.argv, "--pull=never"));

	bench_make(&ambient, ",\"auth\":{\"allowAmbientDockerConfig\":true}", PLATFORM_LINUX);
	assert_true(strv_has(ambient.launch.env, "DOCKER_CONFIG=/evil"));
	assert_false(strv_has(ambient.launch.env, "CONTAINER_HOST=ssh://evil"));
}

static void a_command_and_a_stop(void **state)
{
	_cleanup_bench_ struct bench b = { 0 };
	_cleanup_launch_ struct launch stop = { 0 };

	bench_make(&b, ",\"command\":[\"/bin/x\",\"--flag\"],\"lifecycle\":{\"shutdownTimeoutSeconds\":7}", PLATFORM_LINUX);
	assert_string_equal(b.launch.argv[strv_len(b.launch.argv) - 2], "/bin/x");
	assert_string_equal(b.launch.argv[strv_len(b.launch.argv) - 1], "--flag");
	launch_stop(b.agent, &b.paths, PLATFORM_LINUX, NULL, &stop);
	line_is(stop.argv, "podman stop --ignore --time=7 nc");
}

static void how_a_refusal_ends(void **state)
{
	assert_int_equal(launch_refusal_status(PLATFORM_LINUX), 78);
	assert_int_equal(launch_refusal_status(PLATFORM_DARWIN), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_local_image_with_the_empty_authfile),
		cmocka_unit_test(nothing_ambient_reaches_podman),
		cmocka_unit_test(a_remote_client_stays_and_is_isolated_as_well),
		cmocka_unit_test(the_auth_modes),
		cmocka_unit_test(a_command_and_a_stop),
		cmocka_unit_test(how_a_refusal_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
