/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/buf.h"
#include "formats/shellscan.h"
#include "formats/unitcmd.h"

/* Every container command as "line program verb image; ". */
static void scan_is(const char *text, const char *expected)
{
	_cleanup_shell_scan_ struct shell_scan s = { 0 };
	_cleanup_buf_ struct buf b = { 0 };

	shellscan(text, strlen(text), &s);
	for (size_t i = 0; i < s.n; i++)
		buf_addf(&b, "%u %s %s %s; ", s.v[i].line, s.v[i].program, s.v[i].verb ? s.v[i].verb : "-", s.v[i].image ? s.v[i].image : "-");
	assert_string_equal(buf_str(&b), expected);
}

static void PP08_the_nix_wrapper_of_the_incident(void **state)
{
	static const char text[] =
		"#! /nix/store/abc-bash-5.2/bin/bash -e\n"
		"# a wrapper\n"
		"export PATH='/nix/store/x/bin'${PATH:+':'}$PATH\n"
		"exec -a \"$0\" /nix/store/9z-podman-4.9/bin/podman \\\n"
		"  run --rm --name node-commander \\\n"
		"  -e FOO=\"a b\" -it --pull always \\\n"
		"  us-central1-docker.pkg.dev/socioprophet-web/node-commander/node-commander:dev-boot \"$@\"\n";
	_cleanup_shell_scan_ struct shell_scan s = { 0 };

	shellscan(text, strlen(text), &s);
	assert_string_equal(s.interpreter, "/nix/store/abc-bash-5.2/bin/bash -e");
	assert_int_equal(s.n, 1);
	assert_string_equal(s.v[0].program, "podman");
	assert_string_equal(s.v[0].argv[0], "/nix/store/9z-podman-4.9/bin/podman");
	assert_string_equal(s.v[0].image, "us-central1-docker.pkg.dev/socioprophet-web/node-commander/node-commander:dev-boot");
	assert_true(s.v[0].exec);
	assert_true(s.v[0].variable);
	assert_int_equal(s.v[0].line, 4);
	assert_string_equal(argv_option(s.v[0].argv, "--name"), "node-commander");
	assert_string_equal(argv_option(s.v[0].argv, "--pull"), "always");
	assert_string_equal(argv_option(s.v[0].argv, "--rm"), "");
	assert_null(argv_option(s.v[0].argv, "--authfile"));
}

static void PP06_commands_are_found_behind_what_stands_before_them(void **state)
{
	scan_is("podman run a/b", "1 podman run a/b; ");
	scan_is("A=1 B='x y' env -i -u C D=2 podman run img", "1 podman run img; ");
	scan_is("sudo -u agent -- nohup timeout -k 5 60 podman start nc &", "1 podman start -; ");
	scan_is("cd /x && podman pull q.io/a || docker run b; true", "1 podman pull q.io/a; 1 docker run b; ");
	scan_is("if ! podman container exists nc; then\n  podman create --name nc localhost/x\nfi", "1 podman exists -; 2 podman create localhost/x; ");
	scan_is("(podman run x) | tee log", "1 podman run x; ");
	scan_is("for i in podman run; do docker run $i; done", "1 docker run $i; ");
	scan_is("f() { podman run x; }\nfunction g { podman run y; }", "1 podman run x; 2 podman run y; ");
	scan_is("case $1 in\nrun|podman) podman run x ;;\n(stop) podman stop y;;\nesac", "2 podman run x; 3 podman stop -; ");
	scan_is("case \"$1\" in a) docker run x;; esac; podman run y", "1 docker run x; 1 podman run y; ");
	scan_is("podman >/dev/null 2>&1 run -d img <in", "1 podman run img; ");
	scan_is("PODMAN=/usr/bin/podman\n\"$PODMAN\" run x\n${P:-docker} run y", "2 podman run x; 3 docker run y; ");
	scan_is("id=$(podman run -d x)\necho \"`docker run y`\"", "1 podman run x; 2 docker run y; ");
	scan_is("bash -lc 'podman run x'\neval \"podman run y\"", "1 podman run x; 2 podman run y; ");
	scan_is("podman --connection m --log-level=debug run --name n -v /a:/b:ro -p 80:80 --env K=V -- img cmd --rm", "1 podman run img; ");
	scan_is("podman image pull --quiet q.io/x", "1 podman pull q.io/x; ");
	scan_is("podman-remote run x; docker-compose up -d", "1 podman-remote run x; 1 docker-compose up -; ");
}

/* What a script comes down to, as "verb starts". */
static void start_is(const char *text, const char *verb, enum container_start starts)
{
	_cleanup_shell_scan_ struct shell_scan s = { 0 };

	shellscan(text, strlen(text), &s);
	const struct shell_command *c = shell_scan_start(&s);
	assert_int_equal(c ? c->starts : STARTS_NONE, starts);
	if (c)
		assert_string_equal(c->verb, verb);
}

static void PP06_compose_and_kube_files_run_containers_too(void **state)
{
	start_is("docker compose pull\ndocker compose -f /x/y.yml up -d", "compose", STARTS_COMPOSE);
	start_is("docker-compose --file x.yml -p n up", "up", STARTS_COMPOSE);
	start_is("podman-compose -f x.yml down", "", STARTS_NONE);
	start_is("podman play kube x.yml", "play", STARTS_KUBE);
	start_is("podman kube play --replace x.yml", "kube", STARTS_KUBE);
	start_is("podman kube down x.yml; podman play kube --down x.yml", "", STARTS_NONE);
	start_is("podman start x || podman run --name x y", "run", STARTS_NEW);
	start_is("podman rm -f x\npodman start x", "start", STARTS_OLD);
	scan_is("docker-compose -f x.yml -p n up", "1 docker-compose up -; ");
}

static void PP06_another_users_shell_is_looked_into(void **state)
{
	scan_is("su - agent -c 'podman run x'", "1 podman run x; ");
	scan_is("su -s /bin/sh -lc 'podman run x' agent", "1 podman run x; ");
	scan_is("exec runuser -l agent --command='podman run x'", "1 podman run x; ");
	scan_is("runuser -u agent -- podman run x", "1 podman run x; ");
	scan_is("su agent podman run x", "");
}

/* The program that an argv runs in truth. */
static void program_is(const char *line, const char *expected)
{
	_cleanup_strv_ char **argv = NULL;

	assert_int_equal(unit_words(line, &argv, NULL), 0);
	const char *s = argv_program(argv);
	assert_string_equal(s ? s : "", expected);
}

static void the_script_behind_shells_and_their_options_is_the_program(void **state)
{
	program_is("/bin/sh -e /opt/w.sh", "/opt/w.sh");
	program_is("/bin/bash -l -o pipefail /opt/w.sh x", "/opt/w.sh");
	program_is("/bin/bash --rcfile /x /opt/w.sh", "/opt/w.sh");
	program_is("/usr/bin/env FOO=1 /opt/w.sh", "/opt/w.sh");
	program_is("/usr/bin/env bash /opt/w.sh", "/opt/w.sh");
	program_is("/usr/bin/nice -n 5 /opt/w.sh", "/opt/w.sh");
	program_is("/opt/w.sh -c x", "/opt/w.sh");
	program_is("/bin/sh -c 'x y'", "/bin/sh");
	program_is("/bin/bash", "/bin/bash");
	program_is("/usr/bin/env", "");
}

static void what_runs_nothing_is_not_told(void **state)
{
	scan_is("# podman run x\necho podman run x\necho 'podman run y'", "");
	scan_is("command -v podman >/dev/null", "");
	scan_is("cat <<EOF\npodman run x\nEOF\ncat <<-'E F'\n\tpodman run y\n\tE F\ndocker run z", "7 docker run z; ");
	scan_is("cat podman; /usr/bin/podmanx run y; grep podman run", "");
	scan_is("x=\"podman run a\"", "");
	scan_is("", "");
	scan_is("echo a#podman run\\\npodman run", "");
}

static void programs_that_a_wrapper_hands_over_to_are_told(void **state)
{
	static const char text[] = "#!/bin/sh\nset -e\n/bin/wait4path /nix/store && exec /nix/store/abc-nc/bin/node-commander --x\n";
	_cleanup_shell_scan_ struct shell_scan s = { 0 };

	shellscan(text, strlen(text), &s);
	assert_int_equal(s.n, 0);
	assert_true(strv_has(s.programs, "/nix/store/abc-nc/bin/node-commander"));
	assert_true(strv_has(s.programs, "set"));
	shell_scan_free(&s);
	static const char more[] = ". /opt/lib.sh\nsource /opt/more.sh\nexec bash -e /opt/inner.sh\n";
	shellscan(more, strlen(more), &s);
	assert_true(strv_has(s.programs, "/opt/lib.sh"));
	assert_true(strv_has(s.programs, "/opt/more.sh"));
	assert_true(strv_has(s.programs, "/opt/inner.sh"));
}

static void hostile_texts_end(void **state)
{
	enum { N = 1 << 20 };
	static const char *const units[] = { "$(", "${", "`", "\"", "'", "<<a\n", "(", "$(podman run x;", "\\\n", "case x in ", "podman run x\n", "a;", "\"$(", "eval ", "<(" };
	char *text = mem_alloc(N);

	for (size_t u = 0; u < ARRAY_LEN(units); u++) {
		_cleanup_shell_scan_ struct shell_scan s = { 0 };
		for (size_t i = 0; i < N; i++)
			text[i] = units[u][i % strlen(units[u])];
		shellscan(text, N, &s);
		assert_true(s.n <= 1000);
	}
	free(text);
	_cleanup_shell_scan_ struct shell_scan nul = { 0 };
	shellscan("a\0podman run x", 14, &nul);
	_cleanup_shell_scan_ struct shell_scan bang = { 0 };
	shellscan("#!  ", 4, &bang);
	assert_string_equal(bang.interpreter, "");
}

static char **words(const char *line)
{
	char **argv = NULL;

	assert_int_equal(unit_words(line, &argv, NULL), 0);
	return argv;
}

static void argv_of_services_answer_the_same_questions(void **state)
{
	_cleanup_strv_ char **run = words("/usr/bin/env A=b /usr/bin/docker run -dit -eX=Y -e Z img:1 --name inner");
	_cleanup_strv_ char **sh = words("/bin/sh -ec 'exec podman run x' arg0"), **other = words("/usr/bin/python3 podman");
	_cleanup_strv_ char **file = words("/bin/bash /x/podman"), **none = strv_dup(NULL);
	struct shell_command c = { 0 };

	assert_true(argv_container_command(run, &c));
	assert_string_equal(c.image, "img:1");
	assert_string_equal(c.verb, "run");
	assert_null(argv_option(c.argv, "--name"));
	assert_false(c.variable);
	shell_command_free(&c);
	assert_false(argv_container_command(sh, &c));
	assert_string_equal(argv_script(sh), "exec podman run x");
	assert_false(argv_container_command(other, &c));
	assert_null(argv_script(other));
	assert_null(argv_script(file));
	assert_null(argv_script(none));
	assert_null(argv_script(NULL));
	assert_false(argv_container_command(none, &c));
	assert_false(argv_container_command(NULL, &c));
	assert_null(argv_option(NULL, "--name"));
}

/* What decides about credentials is kept as the container command would see it. */
static void the_environment_of_a_command_is_told(void **state)
{
	static const struct {
		const char *text, *env;
	} rows[] = {
		{ "export DOCKER_CONFIG=/empty\npodman run x", "DOCKER_CONFIG=/empty" },
		{ "DOCKER_CONFIG=/empty podman run x", "DOCKER_CONFIG=/empty" },
		{ "exec env DOCKER_CONFIG=/empty FOO=bar podman run x", "DOCKER_CONFIG=/empty" },
		{ "dir=$HOME/.empty; export DOCKER_CONFIG=\"${dir}\"; podman run x", "DOCKER_CONFIG=$HOME/.empty" },
		{ "DOCKER_CONFIG=/a; export DOCKER_CONFIG; DOCKER_CONFIG=/b; podman run x", "DOCKER_CONFIG=/b" },
		{ "DOCKER_CONFIG=/a; podman run x", "" },
		{ "HOME=/elsewhere; podman run x", "HOME=/elsewhere" },
		{ "declare -x REGISTRY_AUTH_FILE=/a.json; podman run x", "REGISTRY_AUTH_FILE=/a.json" },
		{ "export DOCKER_CONFIG=/a; unset DOCKER_CONFIG; podman run x", "DOCKER_CONFIG" },
		{ "env -u DOCKER_CONFIG podman run x", "DOCKER_CONFIG" },
		{ "DOCKER_CONFIG=/a sh -c 'podman run x'", "DOCKER_CONFIG=/a" },
		{ "DOCKER_CONFIG=/a sh -c true; podman run x", "" },
		{ "export DOCKER_CONFIG=$(mktemp -d); podman run x", "DOCKER_CONFIG=$(mktemp -d)" },
		{ "export TOKEN=s3cret; podman run x", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_shell_scan_ struct shell_scan s = { 0 };
		shellscan(rows[i].text, strlen(rows[i].text), &s);
		const struct shell_command *c = s.n ? &s.v[s.n - 1] : NULL;
		assert_non_null(c);
		const char *got = strv_len(c->env) ? c->env[strv_len(c->env) - 1] : "";
		if (strcmp(got, rows[i].env) != 0)
			fail_msg("%s: %s", rows[i].text, got);
	}
}

static void a_remote_client_is_known_by_its_command(void **state)
{
	static const struct {
		const char *text;
		bool remote;
	} rows[] = {
		{ "podman run x", false },
		{ "podman --connection svc run x", true },
		{ "podman -c svc run x", true },
		{ "podman --url=unix:///x run x", true },
		{ "podman --remote run x", true },
		{ "podman -r run x", true },
		{ "podman --remote=false run x", false },
		{ "podman-remote run x", true },
		{ "CONTAINER_HOST=unix:///x podman run x", true },
		{ "podman --log-level error run -c 5 x --remote", false },
		{ "docker -c other run x", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_shell_scan_ struct shell_scan s = { 0 };
		shellscan(rows[i].text, strlen(rows[i].text), &s);
		assert_int_equal(s.n, 1);
		if (shell_command_is_remote(&s.v[0]) != rows[i].remote)
			fail_msg("%s", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(PP08_the_nix_wrapper_of_the_incident),
		cmocka_unit_test(PP06_commands_are_found_behind_what_stands_before_them),
		cmocka_unit_test(PP06_compose_and_kube_files_run_containers_too),
		cmocka_unit_test(PP06_another_users_shell_is_looked_into),
		cmocka_unit_test(the_script_behind_shells_and_their_options_is_the_program),
		cmocka_unit_test(what_runs_nothing_is_not_told),
		cmocka_unit_test(programs_that_a_wrapper_hands_over_to_are_told),
		cmocka_unit_test(hostile_texts_end),
		cmocka_unit_test(argv_of_services_answer_the_same_questions),
		cmocka_unit_test(the_environment_of_a_command_is_told),
		cmocka_unit_test(a_remote_client_is_known_by_its_command),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
