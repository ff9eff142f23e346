/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/declaration.h"
#include "tests/unit/sample.h"

static struct agent **load(const char *path, const char *text, struct warnings *w)
{
	struct agent **list = NULL;
	struct err err = { 0 };

	if (declaration_parse(path, text, strlen(text), &list, w, &err))
		fail_msg("%s", err.msg);
	return list;
}

/* The declaration must be refused with a message that holds `says`. */
static void refused(const char *text, int code, const char *says)
{
	struct agent **list = NULL;
	struct err err = { 0 };

	assert_int_equal(declaration_parse("f.json", text, strlen(text), &list, NULL, &err), -code);
	if (!strstr(err.msg, says))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, says);
	assert_null(list);
}

static void the_shipped_registry_file_loads_whole(void **state)
{
	_cleanup_buf_ struct buf text = { 0 };
	_cleanup_warnings_ struct warnings w = { 0 };

	sample_read("../../share/sourceos/agents.d/node-commander.json", &text);
	_cleanup_agents_ struct agent **list = load("node-commander.json", buf_str(&text), &w);
	assert_int_equal(w.n, 0);
	assert_non_null(list[0]);
	assert_null(list[1]);
	struct agent *a = list[0];
	assert_string_equal(a->name, "node-commander");
	assert_string_equal(a->label, "org.socioprophet.node-commander");
	assert_int_equal(a->spelling, SPELLING_REGISTRY);
	assert_int_equal(a->scope, SCOPE_USER);
	assert_int_equal(a->runtime, RUNTIME_PODMAN);
	assert_true(a->enable);
	assert_string_equal(a->image, "localhost/socioprophet/node-commander:dev-boot");
	assert_string_equal(a->source_image, "us-central1-docker.pkg.dev/socioprophet-web/node-commander/node-commander:dev-boot");
	assert_string_equal(a->container_name, "node-commander");
	assert_string_equal(a->owner.project, "SocioProphet");
	assert_int_equal(a->auth.mode, AUTH_EMPTY_AUTHFILE);
	assert_true(a->auth.has_mode);
	assert_false(a->auth.allow_ambient_docker_config);
	assert_string_equal(a->podman.connection, "podman-machine-default");
	assert_int_equal(a->podman.pull, PULL_NEVER);
	assert_true(a->podman.require_machine && a->podman.require_local_image && a->podman.rootless);
	assert_true(a->lifecycle.run_at_load);
	assert_false(a->lifecycle.keep_alive);
	assert_string_equal(a->linux_unit.restart, "on-failure");
	assert_true(a->linux_unit.has_start_limit && a->linux_unit.has_restart_sec);
	assert_int_equal(a->linux_unit.restart_sec, 10);
	assert_int_equal(a->linux_unit.start_limit_interval_sec, 3600);
	assert_int_equal(a->linux_unit.start_limit_burst, 3);
	assert_int_equal(a->lifecycle.restart, RESTART_BOUNDED);
	assert_int_equal(a->lifecycle.max_restarts_per_hour, 3);
	assert_int_equal(a->health.type, HEALTH_PODMAN_CONTAINER);
	assert_string_equal(a->health.expected, "running");
	assert_int_equal(a->quarantine, CAPTURE_ALL);
	assert_string_equal(a->macos.legacy_system_plist, "/Library/LaunchAgents/org.socioprophet.node-commander.plist");
}

static const char attrset[] =
	"{\n"
	"  \"node-commander\": {\n"
	"    \"enable\": true, \"scope\": \"user\", \"runtime\": \"podman\", \"command\": null,\n"
	"    \"image\": \"localhost/sourceos/node-commander:1\", \"containerName\": \"nc\",\n"
	"    \"owner\": { \"project\": \"SourceOS\", \"component\": \"local-runtime\", \"contact\": \"platform\" },\n"
	"    \"auth\": { \"mode\": \"service-account\", \"authfile\": \"$HOME/.config/containers/sourceos-empty-auth.json\" },\n"
	"    \"podman\": { \"pull\": \"explicit\", \"requireMachine\": false },\n"
	"    \"lifecycle\": { \"restart\": \"supervised\", \"maxRestartsPerHour\": 9, \"startupTimeoutSeconds\": 5 },\n"
	"    \"logs\": { \"app\": \"${HOME}/log/a.log\", \"stdout\": \"~/log/out\", \"stderr\": \"~/log/out\" },\n"
	"    \"health\": { \"type\": \"command\", \"command\": \"podman ps --filter 'name=a b'\" },\n"
	"    \"quarantine\": { \"captureLogs\": false }\n"
	"  },\n"
	"  \"indexer\": { \"scope\": \"system\", \"runtime\": \"native\", \"command\": [\"~/bin/indexer\", \"--fast\"] }\n"
	"}\n";

static void what_nix_eval_prints_of_all_agents_loads(void **state)
{
	_cleanup_agents_ struct agent **list = load("eval", attrset, NULL);
	struct agent *a = list[0], *b = list[1];

	assert_non_null(b);
	assert_null(list[2]);
	assert_string_equal(a->name, "node-commander");
	assert_int_equal(a->line, 2);
	assert_int_equal(a->spelling, SPELLING_ATTRSET);
	assert_string_equal(a->container_name, "nc");
	assert_string_equal(a->label, "node-commander");
	assert_int_equal(a->auth.mode, AUTH_SERVICE_ACCOUNT);
	assert_int_equal(a->podman.pull, PULL_EXPLICIT);
	assert_false(a->podman.require_machine);
	assert_int_equal(a->lifecycle.restart, RESTART_SUPERVISED);
	assert_int_equal(a->lifecycle.max_restarts_per_hour, 9);
	assert_int_equal(a->lifecycle.startup_timeout_sec, 5);
	assert_int_equal(a->lifecycle.shutdown_timeout_sec, 10);
	assert_int_equal(a->quarantine, CAPTURE_ALL & ~CAPTURE_LOGS);
	assert_int_equal(strv_len(a->health.command), 4);
	assert_string_equal(a->health.command[3], "name=a b");
	assert_int_equal(b->line, 13);
	assert_int_equal(b->runtime, RUNTIME_NATIVE);
	assert_null(b->container_name);
	assert_int_equal(b->lifecycle.restart, RESTART_MANUAL);
	assert_int_equal(b->lifecycle.max_restarts_per_hour, 3);
}

static void the_examples_of_the_schema_load_without_a_warning(void **state)
{
	static const char *const examples[] = { "attrset.json", "agents.json" };

	for (size_t i = 0; i < ARRAY_LEN(examples); i++) {
		_cleanup_free_ char *path = mem_printf("../../docs/formats/examples/declaration/%s", examples[i]);
		_cleanup_warnings_ struct warnings w = { 0 };
		_cleanup_buf_ struct buf text = { 0 };
		sample_read(path, &text);
		_cleanup_agents_ struct agent **list = load(examples[i], buf_str(&text), &w);
		assert_non_null(list[0]);
		assert_int_equal(w.n, 0);
	}
}

static void what_nix_eval_prints_of_one_agent_takes_its_name_from_the_file(void **state)
{
	_cleanup_agents_ struct agent **list = load("/etc/sourceos/agents.d/web.json", "{\"runtime\":\"systemd\",\"scope\":\"user\"}", NULL);

	assert_string_equal(list[0]->name, "web");
	assert_string_equal(list[0]->label, "web");
	_cleanup_agents_ struct agent **none = load("x", "{}", NULL);
	assert_null(none[0]);
}

static void home_is_the_owners_and_other_variables_stay(void **state)
{
	_cleanup_agents_ struct agent **list = load("eval", attrset, NULL);
	struct agent *a = list[0];

	declaration_expand(a, "/home/agent");
	assert_string_equal(a->auth.authfile, "/home/agent/.config/containers/sourceos-empty-auth.json");
	assert_string_equal(a->logs.app, "/home/agent/log/a.log");
	char **logs = agent_log_paths(a);
	assert_int_equal(strv_len(logs), 2);
	assert_string_equal(logs[1], "/home/agent/log/out");
	strv_free(logs);
	mem_set(&a->logs.app, "/x/$HOMEPAGE/$HOME/~/${HOME}y");
	declaration_expand(a, "/h");
	assert_string_equal(a->logs.app, "/x/$HOMEPAGE//h/~//hy");
	declaration_expand(list[1], "/h");
	assert_string_equal(list[1]->command[0], "/h/bin/indexer");
}

static void units_and_plists_have_the_places_of_the_contract(void **state)
{
	_cleanup_agents_ struct agent **list = load("eval", attrset, NULL);
	_cleanup_free_ char *name = agent_unit_name(list[0]), *path = agent_unit_path(list[0], "/h");
	_cleanup_free_ char *system = agent_unit_path(list[1], "/h"), *plist = agent_plist_path(list[0], "/h");
	_cleanup_free_ char *daemon = agent_plist_path(list[1], "/h");

	assert_string_equal(name, "sourceos-agent@node-commander.service");
	assert_string_equal(path, "/h/.config/systemd/user/sourceos-agent@node-commander.service");
	assert_string_equal(system, "/etc/systemd/system/sourceos-agent@indexer.service");
	assert_string_equal(plist, "/h/Library/LaunchAgents/node-commander.plist");
	assert_string_equal(daemon, "/Library/LaunchDaemons/indexer.plist");

	_cleanup_agent_ struct agent *a = agent_copy(list[0]);
	mem_set(&a->linux_unit.user_unit, "~/.config/systemd/user/org.x.service");
	_cleanup_free_ char *own = agent_unit_name(a), *own_path = agent_unit_path(a, "/h");
	assert_string_equal(own, "org.x.service");
	assert_string_equal(own_path, "/h/.config/systemd/user/org.x.service");
	mem_set(&a->linux_unit.user_unit, "web.container");
	_cleanup_free_ char *quadlet = agent_unit_name(a), *source = agent_unit_path(a, "/h");
	assert_string_equal(quadlet, "web.service");
	assert_string_equal(source, "/h/.config/containers/systemd/web.container");
}

static void an_unknown_key_is_a_warning_that_names_it_and_its_line(void **state)
{
	_cleanup_warnings_ struct warnings w = { 0 };
	_cleanup_agents_ struct agent **list = load("f.json",
		"{\"name\":\"a\",\"runtime\":\"systemd\",\n\"podman\":{\"conection\":\"x\"},\n\"container\\u001b[31m\":1,\n\"auth.mode\":\"none\"}", &w);

	assert_int_equal(w.n, 3);
	assert_string_equal(w.v[0].text, "f.json:2: unknown key \"podman.conection\" is ignored");
	assert_int_equal(w.v[0].line, 2);
	assert_string_equal(w.v[0].key, "podman.conection");
	assert_null(strchr(w.v[1].text, 27));
	assert_int_equal(w.v[2].line, 4);
	assert_int_equal(list[0]->auth.mode, AUTH_EMPTY_AUTHFILE);

	_cleanup_warnings_ struct warnings other = { 0 };
	_cleanup_agents_ struct agent **b = load("g", "{\"schemaVersion\":\"sourceos.local-agent.v1\",\"name\":\"a\",\"runtime\":\"systemd\",\"image\":\"x\"}", &other);
	assert_int_equal(other.n, 1);
	assert_non_null(strstr(other.v[0].text, "other spelling"));
	assert_null(b[0]->image);
}

static void a_wrong_value_names_file_line_key_and_what_is_allowed(void **state)
{
	refused("{\"name\":\"a\",\n\"scope\":\"usr\"}", ERR_USAGE, "f.json:2: scope is \"usr\"; allowed: user, system");
	refused("{\"name\":\"a\",\"auth\":{\n\"mode\":\"ambient\"}}", ERR_USAGE,
		"f.json:2: auth.mode is \"ambient\"; allowed: empty-authfile, service-account, none, forbidden-ambient");
	refused("{\"name\":\"a\",\"podman\":{\"requireMachine\":\"yes\"}}", ERR_USAGE, "podman.requireMachine is a string; allowed: true, false");
	refused("{\"name\":\"a\",\"podman\":true}", ERR_USAGE, "podman is a boolean; allowed: an object");
	refused("{\"name\":\"a\",\"lifecycle\":{\"maxRestartsPerHour\":-1}}", ERR_USAGE, "lifecycle.maxRestartsPerHour is -1; allowed: 0 to 3600");
	refused("{\"name\":\"a\",\"lifecycle\":{\"startupTimeoutSeconds\":1.5}}", ERR_USAGE, "is a number; allowed: 0 to 86400");
	refused("{\"name\":\"a\",\"linux\":{\"restart\":\"on_failure\"}}", ERR_USAGE, "allowed: no, on-success, on-failure");
	refused("{\"name\":\"a\",\"logs\":{\"app\":\"log/a\"}}", ERR_USAGE, "logs.app is \"log/a\"; allowed: an absolute path");
	refused("{\"name\":\"a\",\"logs\":{\"app\":\"~root/a\"}}", ERR_USAGE, "logs.app");
	refused("{\"name\":\"a\",\"image\":\"--privileged\"}", ERR_USAGE, "image is \"--privileged\"");
	refused("{\"name\":\"a\",\"podman\":{\"connection\":\"-x\"}}", ERR_USAGE, "podman.connection");
	refused("{\"name\":\"a\",\"linux\":{\"systemdUserUnit\":\"../x.service\"}}", ERR_USAGE, "linux.systemdUserUnit");
	refused("{\"name\":\"a\",\"linux\":{\"systemdUserUnit\":\"x.timer\"}}", ERR_USAGE, "linux.systemdUserUnit");
	refused("{\"name\":\"a\",\"runtime\":\"native\",\"command\":[]}", ERR_USAGE, "command is empty");
	refused("{\"name\":\"a\",\"runtime\":\"native\",\"command\":\"a 'b\"}", ERR_USAGE, "balanced quotes");
	refused("{\"schemaVersion\":\"v2\",\"name\":\"a\"}", ERR_USAGE, "allowed: sourceos.local-agent.v1");
}

static void what_is_necessary_is_asked_for(void **state)
{
	refused("{\"name\":\"a\"}", ERR_USAGE, "agent a has no runtime");
	refused("{\"name\":\"a\",\"runtime\":\"podman\"}", ERR_USAGE, "agent a has no image");
	refused("{\"name\":\"a\",\"runtime\":\"nix-app\"}", ERR_USAGE, "agent a has no command");
	refused("{\"name\":\"a\",\"runtime\":\"podman\",\"container\":{\"runtimeImage\":\"x\"}}", ERR_USAGE, "agent a has no schemaVersion");
	refused("[1]", ERR_USAGE, "a declaration is an object");
	refused("{\"name\":\"a\",", ERR_SYNTAX, "f.json:1: not JSON");
	refused("{\"name\":\"a\",\n\"name\":\"b\"}", ERR_SYNTAX, "f.json:2: not JSON: duplicate");
}

static void names_are_safe_in_paths_units_and_terminals(void **state)
{
	assert_true(agent_name_valid("node-commander"));
	assert_true(agent_name_valid("A.b_c-9"));
	assert_false(agent_name_valid(""));
	assert_false(agent_name_valid("../x"));
	assert_false(agent_name_valid(".x"));
	assert_false(agent_name_valid("-x"));
	assert_false(agent_name_valid("a/b"));
	assert_false(agent_name_valid("a b"));
	assert_false(agent_name_valid("a\nb"));
	assert_false(agent_name_valid("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
	refused("{\"../../etc\":{\"runtime\":\"systemd\"}}", ERR_USAGE, "cannot be an agent's name");
	refused("{\"a\":{\"name\":\"b\",\"runtime\":\"systemd\"}}", ERR_USAGE, "they must be the same");
	refused("{\"name\":\"a\\u001b[2J\",\"runtime\":\"systemd\"}", ERR_USAGE, "name is \"a\\x1b[2J\"");
}

static void systemds_words_tell_the_restart_policy(void **state)
{
	static const struct {
		const char *linux_part;
		enum restart_policy restart;
	} rows[] = {
		{ "{\"restart\":\"no\"}", RESTART_MANUAL },
		{ "{\"restart\":\"always\"}", RESTART_SUPERVISED },
		{ "{\"restart\":\"always\",\"startLimitBurst\":3}", RESTART_SUPERVISED },
		{ "{\"restart\":\"always\",\"startLimitBurst\":3,\"startLimitIntervalSec\":0}", RESTART_SUPERVISED },
		{ "{\"restart\":\"always\",\"startLimitBurst\":3,\"startLimitIntervalSec\":60}", RESTART_BOUNDED },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *text = mem_printf("{\"name\":\"a\",\"runtime\":\"systemd\",\"linux\":%s}", rows[i].linux_part);
		_cleanup_agents_ struct agent **list = load("f", text, NULL);
		assert_int_equal(list[0]->lifecycle.restart, rows[i].restart);
		if (rows[i].restart == RESTART_BOUNDED)
			assert_int_equal(list[0]->lifecycle.max_restarts_per_hour, 180);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shipped_registry_file_loads_whole),
		cmocka_unit_test(what_nix_eval_prints_of_all_agents_loads),
		cmocka_unit_test(the_examples_of_the_schema_load_without_a_warning),
		cmocka_unit_test(what_nix_eval_prints_of_one_agent_takes_its_name_from_the_file),
		cmocka_unit_test(home_is_the_owners_and_other_variables_stay),
		cmocka_unit_test(units_and_plists_have_the_places_of_the_contract),
		cmocka_unit_test(an_unknown_key_is_a_warning_that_names_it_and_its_line),
		cmocka_unit_test(a_wrong_value_names_file_line_key_and_what_is_allowed),
		cmocka_unit_test(what_is_necessary_is_asked_for),
		cmocka_unit_test(names_are_safe_in_paths_units_and_terminals),
		cmocka_unit_test(systemds_words_tell_the_restart_policy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
