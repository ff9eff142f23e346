/* SPDX-License-Identifier: MIT */
/* What the journal is asked about a unit, and which answer counts. Commands that are not in the table cannot be had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "collect/agents.h"
#include "collect/evidence.h"
#include "formats/sdshow.h"
#include "tests/unit/host_fake.h"

#define EVENTS "journalctl --no-pager --quiet --all --output=json --output-fields=MESSAGE_ID --lines=10000 "
#define STARTED "{\"MESSAGE_ID\":\"39f53479d3a045ac8e11786248231fbf\",\"__REALTIME_TIMESTAMP\":\"17\"}\n"
#define STARTING "{\"MESSAGE_ID\":\"7d4958e842da4a758f6c1cdc7b36dcc5\",\"__REALTIME_TIMESTAMP\":\"16\"}\n"

static struct evidence *gather(struct fake_command *commands, enum agent_scope scope)
{
	struct fake_host h = { .source = { &fake_ops }, .commands = commands };
	struct agent a = { .name = (char[]){ "known" }, .label = (char[]){ "known" }, .scope = scope, .runtime = RUNTIME_NATIVE };
	struct target t = { .agent = agent_copy(&a), .unit = mem_strdup("known.service") };
	const struct gather_options o = { .want = WANT_SERVICE | WANT_EVENTS };
	struct evidence *e = NULL;
	struct err err = { 0 };

	t.owner.id = (struct identity){ .name = mem_strdup("agent"), .uid = 4242, .gid = 4242, .home = mem_strdup("/nowhere") };
	if (evidence_gather(&h.source, &t, &o, &e, &err))
		fail_msg("%s", err.msg);
	target_free(&t);
	return e;
}

/* What systemctl says of known.service under its own name. */
static char *show(bool user)
{
	_cleanup_strv_ char **argv = strv_add(sdshow_argv(user), "known.service");

	return text_shell_join(argv);
}

static void of_a_system_unit_counts_what_pid_1_wrote(void **state)
{
	_cleanup_free_ char *words = show(false);
	struct fake_command commands[] = {
		{ words, 0, "Id=known.service\nLoadState=loaded\n", NULL, 0 },
		{ EVENTS "UNIT=known.service _PID=1", 0, STARTED STARTED, NULL, 0 },
		{ 0 },
	};
	_cleanup_evidence_ struct evidence *e = gather(commands, SCOPE_SYSTEM);

	assert_int_equal(commands[1].ran, 1);
	assert_int_equal(e->service.events.n_starts, 2);
	assert_int_equal(e->service.events.start_times[1], 17);
}

static void what_is_under_another_name_does_not_tell_for_the_unit(void **state)
{
	_cleanup_free_ char *words = show(true);
	struct fake_command with_own[] = {
		{ words, 0, "Id=own.service\nLoadState=loaded\n", NULL, 0 },
		{ EVENTS "USER_UNIT=known.service _UID=4242", 0, STARTING, NULL, 0 },
		{ EVENTS "USER_UNIT=own.service _UID=4242", 0, STARTED, NULL, 0 },
		{ 0 },
	};
	struct fake_command without[] = { with_own[0], with_own[1], { 0 } };
	_cleanup_evidence_ struct evidence *both = gather(with_own, SCOPE_USER), *alias = gather(without, SCOPE_USER);

	/* that start is another's, and has not become this one */
	assert_int_equal(both->service.events.n_starts, 2);
	assert_true(record_answered(&both->service.events.answer->rec));
	assert_int_equal(without[1].ran, 1);
	assert_false(record_answered(&alias->service.events.answer->rec));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_system_unit_counts_what_pid_1_wrote),
		cmocka_unit_test(what_is_under_another_name_does_not_tell_for_the_unit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
