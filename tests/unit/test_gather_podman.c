/* SPDX-License-Identifier: MIT */
/* What Podman is asked about one agent, and what its answers mean. Whatever goes through the API fails here, so that each question is a command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "collect/agents.h"
#include "collect/evidence.h"
#include "tests/unit/host_fake.h"
#include "tests/unit/sample.h"

#define INSPECT "GOGC=800 podman container inspect -- "
#define IMAGE "GOGC=800 podman image inspect -- localhost/x/local:1"
#define LIST "GOGC=800 podman ps --all --format json"
#define LOG "GOGC=800 podman container logs --timestamps --tail 5000 -- "
#define NO_CONTAINER "Error: inspecting object: no such container rs-run\n"

static bool pause_lives;
static const char *connection;
static enum outcome http;

static struct evidence *gather(struct fake_command *commands, const char *container, unsigned want)
{
	struct fake_host h = { .source = { &fake_ops }, .commands = commands, .http = http };
	struct agent a = { .name = (char[]){ "a1" }, .label = (char[]){ "org.example.a1" }, .scope = SCOPE_USER, .runtime = RUNTIME_PODMAN,
		.container_name = mem_strdup(container), .image = (char[]){ "localhost/x/local:1" } };
	struct target t = { .declared = true, .agent = agent_copy(&a) };
	struct evidence *e = NULL;
	struct err err = { 0 };
	const struct gather_options o = { .want = want };

	t.owner.id = (struct identity){ .name = mem_strdup("agent"), .uid = 4242, .gid = 4242, .home = mem_strdup("/nowhere") };
	t.owner.podman_pause = t.owner.bus = pause_lives;
	mem_set(&t.agent->podman.connection, connection);
	free(a.container_name);
	if (evidence_gather(&h.source, &t, &o, &e, &err))
		fail_msg("%s", err.msg);
	target_free(&t);
	return e;
}

static unsigned ran(const struct fake_command *c, const char *words)
{
	while (!text_eq(c->words, words))
		c++;
	return c->ran;
}

static void the_container_alone_is_asked_for(void **state)
{
	_cleanup_buf_ struct buf inspect = { 0 };
	sample_read("podman/cli-inspect-running-4.3.1.json", &inspect);
	struct fake_command commands[] = {
		{ INSPECT "rs-run", 0, buf_str(&inspect), NULL, 0 },
		{ LIST, 0, "[]", NULL, 0 },
		{ IMAGE, 125, NULL, "Error: image not known", 0 },
		{ 0 },
	};
	_cleanup_evidence_ struct evidence *e = gather(commands, "rs-run", WANT_CONTAINER | WANT_IMAGE);
	const struct engine *g = evidence_engine(e);

	assert_true(engine_answers(g));
	assert_ptr_equal(g->asked, g->container);
	assert_int_equal(g->n_containers, 1);
	assert_int_equal(podman_ps_find(g->containers, 1, "rs-run")->state, CONTAINER_RUNNING);
	assert_string_equal(g->inspect->name, "rs-run");
	assert_int_equal(ran(commands, LIST), 0);
	assert_int_equal(ran(commands, IMAGE), 1);
}

static void where_podman_need_not_make_a_scope_it_makes_none(void **state)
{
	struct fake_command commands[] = {
		{ "GOGC=800 DBUS_SESSION_BUS_ADDRESS=unix:path=/dev/null podman container inspect -- rs-run", 125, "[]\n", NO_CONTAINER, 0 },
		{ "GOGC=800 DBUS_SESSION_BUS_ADDRESS=unix:path=/dev/null podman image inspect -- localhost/x/local:1", 125, NULL,
			"Error: image not known", 0 },
		{ "GOGC=800 podman --version", 0, "podman version 4.3.1\n", NULL, 0 },
		/* it tells of the control group that it runs in, and whether it has a manager to ask */
		{ "GOGC=800 podman info --format json", 0, "{}", NULL, 0 },
		{ 0 },
	};

	pause_lives = true;
	_cleanup_evidence_ struct evidence *e = gather(commands, "rs-run", WANT_CONTAINER | WANT_IMAGE | WANT_INFO | WANT_PODMAN);
	pause_lives = false;
	assert_true(engine_answers(evidence_engine(e)));
	for (size_t i = 0; commands[i].words; i++)
		assert_int_equal(commands[i].ran, 1);
}

static void that_there_is_none_is_an_answer(void **state)
{
	struct fake_command commands[] = {
		{ INSPECT "rs-run", 125, "[]\n", NO_CONTAINER, 0 },
		{ LIST, 0, "[]", NULL, 0 },
		{ 0 },
	};
	_cleanup_evidence_ struct evidence *e = gather(commands, "rs-run", WANT_CONTAINER);
	const struct engine *g = evidence_engine(e);

	assert_true(engine_answers(g));
	assert_null(g->inspect);
	assert_int_equal(g->n_containers, 0);
	assert_int_equal(ran(commands, LIST), 0);
}

/* A damaged container is no dead engine: the list tells which it is. */
static void a_failure_of_another_kind_asks_for_the_list(void **state)
{
	_cleanup_buf_ struct buf list = { 0 };
	sample_read("podman/cli-ps-a-4.3.1.json", &list);
	struct fake_command commands[] = {
		{ INSPECT "rs-run", 125, "[]\n", "Error: layer not known", 0 },
		{ LIST, 0, buf_str(&list), NULL, 0 },
		{ 0 },
	};
	_cleanup_evidence_ struct evidence *e = gather(commands, "rs-run", WANT_CONTAINER);
	const struct engine *g = evidence_engine(e);

	assert_int_equal(ran(commands, LIST), 1);
	assert_true(engine_answers(g));
	assert_null(g->inspect);
	assert_int_equal(podman_ps_find(g->containers, g->n_containers, "rs-run")->state, CONTAINER_RUNNING);
}

static void an_inspect_that_cannot_be_read_asks_for_the_list(void **state)
{
	_cleanup_buf_ struct buf list = { 0 };
	sample_read("podman/cli-ps-a-4.3.1.json", &list);
	static const char *const causes[] = { "Error: permission denied", "Error: unexpected end of JSON input", "Error: no such image", NULL };

	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		struct fake_command commands[] = {
			{ INSPECT "rs-run", causes[i] ? 125 : 0, "[{\"Id\":\"e57", causes[i], 0 },
			{ LIST, 0, buf_str(&list), NULL, 0 },
			{ 0 },
		};
		_cleanup_evidence_ struct evidence *e = gather(commands, "rs-run", WANT_CONTAINER);
		const struct engine *g = evidence_engine(e);
		assert_int_equal(ran(commands, LIST), 1);
		assert_true(engine_answers(g));
		assert_non_null(podman_ps_find(g->containers, g->n_containers, "rs-run"));
	}
}

static void the_log_of_another_is_not_ours(void **state)
{
	_cleanup_buf_ struct buf inspect = { 0 };
	sample_read("podman/cli-inspect-running-4.3.1.json", &inspect);
	struct fake_command commands[] = {
		{ INSPECT "e5756", 0, buf_str(&inspect), NULL, 0 },
		{ INSPECT "rs-run", 0, buf_str(&inspect), NULL, 0 },
		{ INSPECT "gone", 125, "[]\n", NO_CONTAINER, 0 },
		{ LOG "e5756", 0, "x\n", NULL, 0 },
		{ LOG "rs-run", 0, "x\n", NULL, 0 },
		{ LOG "gone", 0, "x\n", NULL, 0 },
		{ 0 },
	};
	_cleanup_evidence_ struct evidence *other = gather(commands, "e5756", WANT_CONTAINER | WANT_CONTAINER_LOG);
	_cleanup_evidence_ struct evidence *ours = gather(commands, "rs-run", WANT_CONTAINER | WANT_CONTAINER_LOG);
	_cleanup_evidence_ struct evidence *none = gather(commands, "gone", WANT_CONTAINER | WANT_CONTAINER_LOG);
	assert_null(evidence_engine(other)->log);
	assert_non_null(evidence_engine(ours)->log);
	assert_null(evidence_engine(none)->log);
}

static void a_dead_engine_is_not_asked_again(void **state)
{
	struct fake_command commands[] = {
		{ INSPECT "rs-run", 125, "", "Error: dial unix /x: connect: connection refused", 0 },
		{ LIST, 0, "[]", NULL, 0 },
		{ 0 },
	};
	_cleanup_evidence_ struct evidence *e = gather(commands, "rs-run", WANT_CONTAINER);
	const struct engine *g = evidence_engine(e);

	assert_false(engine_answers(g));
	assert_ptr_equal(g->asked, g->container);
	assert_int_equal(ran(commands, LIST), 0);
}

static void a_damaged_engine_fails_both(void **state)
{
	struct fake_command commands[] = {
		{ INSPECT "rs-run", 125, "", "Error: cannot open database", 0 },
		{ LIST, 125, "", "Error: cannot open database", 0 },
		{ 0 },
	};
	_cleanup_evidence_ struct evidence *e = gather(commands, "rs-run", WANT_CONTAINER);
	const struct engine *g = evidence_engine(e);

	assert_false(engine_answers(g));
	assert_int_equal(g->asked->rec.status, 125);
	assert_int_equal(ran(commands, LIST), 1);
}

/* podman finds a container by the beginning of its id, too. */
static void another_container_whose_id_begins_so_is_not_ours(void **state)
{
	_cleanup_buf_ struct buf inspect = { 0 };
	sample_read("podman/cli-inspect-running-4.3.1.json", &inspect);
	struct fake_command commands[] = {
		{ INSPECT "e5756", 0, buf_str(&inspect), NULL, 0 },
		{ INSPECT "e5756558f586", 0, buf_str(&inspect), NULL, 0 },
		{ 0 },
	};
	_cleanup_evidence_ struct evidence *e = gather(commands, "e5756", WANT_CONTAINER);
	assert_true(engine_answers(evidence_engine(e)));
	assert_null(evidence_engine(e)->inspect);
	assert_int_equal(evidence_engine(e)->n_containers, 0);
	_cleanup_evidence_ struct evidence *by_id = gather(commands, "e5756558f586", WANT_CONTAINER);
	assert_non_null(evidence_engine(by_id)->inspect);
}

static void without_a_name_and_for_people_all_are_listed(void **state)
{
	_cleanup_buf_ struct buf list = { 0 };
	sample_read("podman/cli-ps-a-4.3.1.json", &list);
	struct fake_command commands[] = {
		{ INSPECT "rs-run", 125, "[]\n", NO_CONTAINER, 0 },
		{ LIST, 0, buf_str(&list), NULL, 0 },
		{ 0 },
	};
	_cleanup_evidence_ struct evidence *nameless = gather(commands, NULL, WANT_CONTAINER);
	assert_true(engine_answers(evidence_engine(nameless)));
	assert_int_equal(evidence_engine(nameless)->n_containers, 3);
	_cleanup_evidence_ struct evidence *people = gather(commands, "rs-run", WANT_CONTAINER | WANT_INFO);
	assert_int_equal(evidence_engine(people)->n_containers, 3);
	assert_ptr_equal(evidence_engine(people)->asked, evidence_engine(people)->container);
}

/* Its socket is known, so that one ping with a short deadline tells; Podman's command would wait for its own, time and again. */
static void of_a_silent_connection_nothing_more_is_asked(void **state)
{
	struct fake_command commands[] = {
		{ "GOGC=800 podman --version", 0, "podman version 4.3.1\n", NULL, 0 },
		{ "GOGC=800 podman machine list --format json", 0, "[]", NULL, 0 },
		{ "GOGC=800 podman system connection list --format json", 0,
			"[{\"Name\":\"far\",\"URI\":\"unix:///nowhere/far.sock\",\"Identity\":\"\",\"Default\":false}]", NULL, 0 },
		{ "GOGC=800 podman --connection far container inspect -- rs-run", 125, "[]\n", NO_CONTAINER, 0 },
		{ 0 },
	};

	connection = "far";
	http = OUTCOME_TIMEOUT;
	_cleanup_evidence_ struct evidence *silent = gather(commands, "rs-run", WANT_CONTAINER | WANT_PODMAN);
	http = OUTCOME_REFUSED;
	assert_int_equal(silent->podman.n_engines, 2);
	assert_string_equal(silent->podman.engines[1].socket, "/nowhere/far.sock");
	assert_int_equal(silent->podman.engines[1].ping->rec.outcome, OUTCOME_TIMEOUT);
	assert_null(silent->podman.engines[1].asked);
	assert_int_equal(commands[3].ran, 0);
	_cleanup_evidence_ struct evidence *refused = gather(commands, "rs-run", WANT_CONTAINER | WANT_PODMAN);
	connection = NULL;
	assert_int_equal(commands[3].ran, 1);
	assert_true(engine_answers(&refused->podman.engines[1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_container_alone_is_asked_for),
		cmocka_unit_test(where_podman_need_not_make_a_scope_it_makes_none),
		cmocka_unit_test(that_there_is_none_is_an_answer),
		cmocka_unit_test(a_failure_of_another_kind_asks_for_the_list),
		cmocka_unit_test(an_inspect_that_cannot_be_read_asks_for_the_list),
		cmocka_unit_test(the_log_of_another_is_not_ours),
		cmocka_unit_test(a_dead_engine_is_not_asked_again),
		cmocka_unit_test(a_damaged_engine_fails_both),
		cmocka_unit_test(another_container_whose_id_begins_so_is_not_ours),
		cmocka_unit_test(without_a_name_and_for_people_all_are_listed),
		cmocka_unit_test(of_a_silent_connection_nothing_more_is_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
