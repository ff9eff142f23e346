/* SPDX-License-Identifier: MIT */
/* The generated files, byte for byte, beside tests/samples/generated/; GOLDEN_UPDATE=1 writes those anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "formats/budget.h"
#include "formats/plist_lint.h"
#include "formats/shlint.h"
#include "formats/text.h"
#include "formats/unitcmd.h"
#include "formats/unitlint.h"
#include "lifecycle/generate.h"
#include "tests/unit/samples.h"

static const char registry[] =
	"{\"schemaVersion\":\"sourceos.local-agent.v1\",\"name\":\"node-commander\",\"label\":\"org.socioprophet.node-commander\",\"scope\":\"user\","
	"\"runtime\":\"podman\",\"owner\":{\"project\":\"SocioProphet\"},\"container\":{\"name\":\"node-commander\","
	"\"runtimeImage\":\"localhost/socioprophet/node-commander:dev-boot\",\"pullPolicy\":\"never\"},%s"
	"\"auth\":{\"mode\":\"empty-authfile\"},"
	"\"linux\":{\"systemdUserUnit\":\"~/.config/systemd/user/org.socioprophet.node-commander.service\",\"restart\":\"on-failure\","
	"\"restartSec\":10,\"startLimitIntervalSec\":3600,\"startLimitBurst\":3},"
	"\"logs\":{\"app\":\"~/Library/Logs/SocioProphet/node-commander.log\"}}";
static const char machine[] = "\"podman\":{\"connection\":\"podman-machine-default\",\"requireMachine\":true},";

struct bench {
	struct agent *agent;
	struct install_paths paths;
	struct recipe recipe;
};

static void bench_free(struct bench *b)
{
	agent_free(b->agent);
	install_paths_free(&b->paths);
}
#define _cleanup_bench_ CLEANUP(bench_free)

static void bench_make(struct bench *b, const char *declaration, enum platform platform, enum install_form form)
{
	const struct user owner = { .id = { .name = (char[]){ "agent" }, .uid = 4242, .gid = 4242, .home = (char[]){ "/home/agent" } } };
	const struct user root = { .id = { .name = (char[]){ "root" }, .home = (char[]){ "/root" } } };
	struct agent **list = NULL;
	struct err err = { 0 };

	if (declaration_parse("/etc/sourceos/agents.d/a.json", declaration, strlen(declaration), &list, NULL, &err))
		fail_msg("%s", err.msg);
	b->agent = agent_copy(list[0]);
	agents_free(list);
	const struct user *who = b->agent->scope == SCOPE_SYSTEM ? &root : &owner;
	declaration_expand(b->agent, who->id.home);
	install_paths_make(b->agent, who, platform, form, &b->paths);
	b->recipe = (struct recipe){ b->agent, &b->paths, "/usr/local/bin/sourceos-agent", platform, form };
}

static void is_golden(const char *name, const struct buf *b)
{
	if (getenv("GOLDEN_UPDATE")) {
		_cleanup_free_ char *path = mem_printf("tests/samples/generated/%s", name);
		FILE *f = fopen(path, "wb");
		assert_non_null(f);
		fwrite(b->data, 1, b->len, f);
		fclose(f);
	}
	_cleanup_free_ char *sample = mem_printf("generated/%s", name);
	_cleanup_buf_ struct buf want = sample_read(sample);
	assert_string_equal(buf_str(b), buf_str(&want));
}

static void lints(const char *name, const struct buf *b, struct lints *l)
{
	struct unitfile u = { 0 };

	unitfile_add(&u, name, buf_str(b), b->len);
	unitfile_lint(&u, name, l);
	for (size_t i = 0; i < l->n; i++)
		fprintf(stderr, "%s: %s\n", name, l->v[i].text);
	unitfile_free(&u);
}

static void unit_is(const char *name, const char *declaration)
{
	_cleanup_bench_ struct bench b = { 0 };
	_cleanup_buf_ struct buf out = { 0 }, again = { 0 };
	_cleanup_lints_ struct lints l = { 0 };
	struct err err = { 0 };

	bench_make(&b, declaration, PLATFORM_LINUX, INSTALL_UNIT);
	assert_int_equal(recipe_check(&b.recipe, &err), 0);
	generate_definition(&b.recipe, &out);
	generate_definition(&b.recipe, &again);
	assert_string_equal(buf_str(&out), buf_str(&again));
	is_golden(name, &out);
	lints(name, &out, &l);
	assert_int_equal(l.n, 0);
}

static void a_podman_unit(void **state)
{
	_cleanup_free_ char *d = mem_printf(registry, "");

	unit_is("podman.service", d);
}

static void a_unit_of_an_agent_in_a_machine(void **state)
{
	_cleanup_free_ char *d = mem_printf(registry, machine);

	unit_is("podman-machine.service", d);
}

static void a_native_system_unit(void **state)
{
	unit_is("native-system.service",
		"{\"name\":\"watcher\",\"scope\":\"system\",\"runtime\":\"native\",\"command\":[\"/opt/watch er/bin/watcher\",\"--quiet\"],"
		"\"lifecycle\":{\"restart\":\"bounded\"}}");
}

static void a_nix_app_unit(void **state)
{
	unit_is("nix-app.service", "{\"name\":\"indexer\",\"runtime\":\"nix-app\",\"command\":[\"/nix/store/0abc-indexer/bin/indexer\"],"
				   "\"logs\":{\"stdout\":\"~/.local/state/indexer/out 1%.log\",\"stderr\":\"~/.local/state/indexer/err.log\"}}");
}

static void a_systemd_unit_runs_the_command_itself(void **state)
{
	unit_is("systemd.service", "{\"name\":\"ticker\",\"runtime\":\"systemd\",\"command\":[\"/usr/bin/tick\",\"--format\",\"%H:%M $HOME\",\"a \\\"b\\\"\"]}");
}

/* systemd reads the words that were declared, whatever is in them */
static void words_survive_quoting(void **state)
{
	static const char *const words[] = { "/usr/bin/x", "a b", "q\"q", "b\\s", "$HOME", "%n", "", ";", "tab\there", "it's" };
	_cleanup_buf_ struct buf line = { 0 };
	struct unit_cmds c = { 0 };
	struct err err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (i)
			buf_addc(&line, ' ');
		unit_add_word(&line, words[i]);
	}
	assert_int_equal(unitcmd_parse(buf_str(&line), &c, &err), 0);
	assert_int_equal(c.n, 1);
	assert_int_equal(strv_len(c.v[0].argv), ARRAY_LEN(words));
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		/* $$ and %% stand for one each, once the command runs */
		const char *want = strcmp(words[i], "$HOME") == 0 ? "$$HOME" : strcmp(words[i], "%n") == 0 ? "%%n" : words[i];
		assert_string_equal(c.v[0].argv[i], want);
	}
	unit_cmds_free(&c);
}

static void never_always_unless_supervised(void **state)
{
	_cleanup_bench_ struct bench bounded = { 0 }, supervised = { 0 }, manual = { 0 };

	bench_make(&bounded, "{\"name\":\"a\",\"runtime\":\"native\",\"command\":[\"/a\"],\"linux\":{\"restart\":\"always\",\"startLimitBurst\":3,"
			     "\"startLimitIntervalSec\":3600}}", PLATFORM_LINUX, INSTALL_UNIT);
	assert_string_equal(restart_word(bounded.agent), "on-failure");
	bench_make(&supervised, "{\"name\":\"a\",\"runtime\":\"native\",\"command\":[\"/a\"],\"lifecycle\":{\"restart\":\"supervised\"},"
				"\"linux\":{\"restart\":\"always\"}}", PLATFORM_LINUX, INSTALL_UNIT);
	assert_string_equal(restart_word(supervised.agent), "always");
	bench_make(&manual, "{\"name\":\"a\",\"runtime\":\"native\",\"command\":[\"/a\"],\"lifecycle\":{\"restart\":\"manual\"}}", PLATFORM_LINUX, INSTALL_UNIT);
	assert_string_equal(restart_word(manual.agent), "no");
}

/* PP-11: what is generated gives up, at the declared number of starts */
static void the_generated_bound_trips(void **state)
{
	_cleanup_free_ char *d = mem_printf(registry, "");
	_cleanup_bench_ struct bench b = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	struct unitfile u = { 0 };

	bench_make(&b, d, PLATFORM_LINUX, INSTALL_UNIT);
	generate_unit(&b.recipe, &out);
	unitfile_add(&u, "x.service", buf_str(&out), out.len);
	struct budget_rule rule = budget_rule_written(&u);
	struct budget budget = budget_compute(&rule);
	assert_true(budget.gives_up);
	assert_int_equal(budget.per_hour, 3);
	assert_null(budget_ignored_key(&u));
	unitfile_free(&u);
}

static void a_quadlet(void **state)
{
	_cleanup_free_ char *d = mem_printf(registry, "");
	_cleanup_bench_ struct bench b = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_lints_ struct lints l = { 0 };
	struct err err = { 0 };

	bench_make(&b, d, PLATFORM_LINUX, INSTALL_QUADLET);
	assert_int_equal(recipe_check(&b.recipe, &err), 0);
	generate_definition(&b.recipe, &out);
	is_golden("podman.container", &out);
	lints("node-commander.container", &out, &l);
	assert_int_equal(l.n, 0);
	assert_string_equal(b.paths.unit, "/home/agent/.config/containers/systemd/node-commander.container");
	/* not a key of [Container] in any version */
	assert_null(strstr(out.data, "AuthFile="));
}

/* Podman 4.3 has no generator to ask: the keys of [Container] are those that podman-systemd.unit(5) of 4.4 lists. What
 * came later (Pull= 4.6, StopTimeout= 5.0) or never was a key (AuthFile=) makes the generator refuse the file. */
static void a_quadlet_has_only_keys_of_4_4(void **state)
{
	static const char *const keys[] = { "AddCapability", "AddDevice", "Annotation", "AutoUpdate", "ContainerName", "DropCapability", "Environment",
		"EnvironmentFile", "EnvironmentHost", "Exec", "ExposeHostPort", "Group", "IP", "IP6", "Image", "Label", "Mount", "Network",
		"NoNewPrivileges", "Notify", "PodmanArgs", "PublishPort", "ReadOnly", "RemapGid", "RemapUid", "RemapUidSize", "RemapUsers", "RunInit",
		"SeccompProfile", "SecurityLabelDisable", "SecurityLabelFileType", "SecurityLabelLevel", "SecurityLabelType", "Secret", "Timezone", "Tmpfs",
		"User", "UserNS", "VolatileTmp", "Volume" };
	static const char *const more[] = { "", ",\"auth\":{\"mode\":\"none\"}", ",\"auth\":{\"mode\":\"service-account\",\"authfile\":\"/etc/a.json\"}" };

	for (size_t m = 0; m < ARRAY_LEN(more); m++) {
		_cleanup_free_ char *d = mem_printf("{\"name\":\"nc\",\"runtime\":\"podman\",\"image\":\"localhost/nc:1\",\"command\":[\"/bin/sh\",\"-c\",\"a b\"]%s}", more[m]);
		_cleanup_bench_ struct bench b = { 0 };
		_cleanup_buf_ struct buf out = { 0 };
		struct unitfile u = { 0 };
		size_t n = 0;

		bench_make(&b, d, PLATFORM_LINUX, INSTALL_QUADLET);
		generate_definition(&b.recipe, &out);
		unitfile_add(&u, "nc.container", buf_str(&out), out.len);
		for (size_t i = 0; i < u.n; i++) {
			bool known = false;
			if (strcmp(u.entries[i].section, "Container") != 0)
				continue;
			for (size_t k = 0; k < ARRAY_LEN(keys); k++)
				known = known || strcmp(keys[k], u.entries[i].key) == 0;
			if (!known)
				fail_msg("%s= is no key of [Container] in 4.4", u.entries[i].key);
			n++;
		}
		assert_int_equal(n, 4);
		unitfile_free(&u);
	}
}

static void a_quadlet_cannot_run_in_a_machine(void **state)
{
	_cleanup_free_ char *d = mem_printf(registry, machine);
	_cleanup_bench_ struct bench b = { 0 };
	struct err err = { 0 };

	bench_make(&b, d, PLATFORM_LINUX, INSTALL_QUADLET);
	assert_int_equal(recipe_check(&b.recipe, &err), -ERR_USAGE);
}

static void a_plist(void **state)
{
	_cleanup_free_ char *d = mem_printf(registry, machine);
	_cleanup_bench_ struct bench b = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_lints_ struct lints l = { 0 };
	struct launchd_plist p;
	struct err err = { 0 };

	bench_make(&b, d, PLATFORM_DARWIN, INSTALL_PLIST);
	generate_definition(&b.recipe, &out);
	is_golden("org.socioprophet.node-commander.plist", &out);
	launchd_plist_lint(out.data, out.len, "/x/org.socioprophet.node-commander.plist", &l);
	assert_int_equal(lints_count(&l, LINT_ERROR) + lints_count(&l, LINT_WARNING), 0);
	assert_int_equal(launchd_plist_parse(out.data, out.len, &p, &err), 0);
	assert_string_equal(p.label, "org.socioprophet.node-commander");
	assert_int_equal(launchd_restart_budget(&p).cause, RESTART_ON_FAILURE);
	/* what launchd does not give, and no bound that is none */
	assert_non_null(strstr(launchctl_pairs_get(&p.environment, "PATH"), "/opt/homebrew/bin"));
	assert_int_not_equal(launchd_restart_budget(&p).cause, RESTART_ALWAYS);
	launchd_plist_free(&p);
}

static void a_path_with_dashes_stays_xml(void **state)
{
	_cleanup_free_ char *d = mem_printf(registry, "");
	_cleanup_bench_ struct bench b = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	struct launchd_plist p;
	struct err err = { 0 };

	bench_make(&b, d, PLATFORM_DARWIN, INSTALL_PLIST);
	mem_set(&b.agent->path, "/a--b/---/c.json");
	generate_plist(&b.recipe, &out);
	assert_int_equal(launchd_plist_parse(out.data, out.len, &p, &err), 0);
	launchd_plist_free(&p);
}

/* PF-18, RC-13 */
static void the_wrapper_is_three_lines_of_posix_sh(void **state)
{
	_cleanup_free_ char *d = mem_printf(registry, "");
	_cleanup_bench_ struct bench b = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	_cleanup_lints_ struct lints l = { 0 };
	size_t lines = 0;

	bench_make(&b, d, PLATFORM_LINUX, INSTALL_UNIT);
	mem_set(&b.agent->path, "/home/agent/it's mine/a.json");
	generate_wrapper(&b.recipe, &out);
	is_golden("run", &out);
	for (size_t i = 0; i < out.len; i++)
		lines += out.data[i] == '\n';
	assert_int_equal(lines, 3);
	sh_lint(out.data, out.len, &l);
	assert_int_equal(l.n, 0);
	assert_int_equal(system("sh -n tests/samples/generated/run && { ! command -v dash >/dev/null || dash -n tests/samples/generated/run; }"), 0);
}

static void what_cannot_be_a_service_is_refused(void **state)
{
	static const char *const bad[] = {
		"{\"name\":\"a\",\"runtime\":\"systemd\"}",
		"{\"name\":\"a\",\"runtime\":\"native\",\"command\":[\"relative\"]}",
		"{\"name\":\"a\",\"runtime\":\"podman\",\"image\":\"localhost/a:1\",\"auth\":{\"mode\":\"service-account\"}}",
		"{\"name\":\"a\",\"runtime\":\"native\",\"command\":[\"/a\"],\"logs\":{\"app\":\"/x/y\\nExecStart=/evil\"}}",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		_cleanup_bench_ struct bench b = { 0 };
		struct agent **list = NULL;
		struct err err = { 0 };
		/* some the declaration's own parser refuses */
		if (declaration_parse("a.json", bad[i], strlen(bad[i]), &list, NULL, &err))
			continue;
		agents_free(list);
		bench_make(&b, bad[i], PLATFORM_LINUX, INSTALL_UNIT);
		assert_int_equal(recipe_check(&b.recipe, &err), -ERR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_podman_unit),
		cmocka_unit_test(a_unit_of_an_agent_in_a_machine),
		cmocka_unit_test(a_native_system_unit),
		cmocka_unit_test(a_nix_app_unit),
		cmocka_unit_test(a_systemd_unit_runs_the_command_itself),
		cmocka_unit_test(words_survive_quoting),
		cmocka_unit_test(never_always_unless_supervised),
		cmocka_unit_test(the_generated_bound_trips),
		cmocka_unit_test(a_quadlet),
		cmocka_unit_test(a_quadlet_has_only_keys_of_4_4),
		cmocka_unit_test(a_quadlet_cannot_run_in_a_machine),
		cmocka_unit_test(a_plist),
		cmocka_unit_test(a_path_with_dashes_stays_xml),
		cmocka_unit_test(the_wrapper_is_three_lines_of_posix_sh),
		cmocka_unit_test(what_cannot_be_a_service_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
