/* SPDX-License-Identifier: MIT */
/* A quarantine under launchd, planned from evidence and carried out on a simulated Mac. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "collect/agents.h"
#include "lifecycle/backend.h"
#include "lifecycle/execute.h"
#include "tests/unit/recorded.h"
#include "tests/unit/scratch.h"

#define LABEL "org.socioprophet.node-commander"
#define PLIST "/Library/LaunchAgents/" LABEL ".plist"

/* A Mac like the incident's: what lies on it is recorded, launchd is simulated, and has run it for three hours. */
struct mac {
	char *dir;
	struct source *source;
	struct evidence *evidence;
	struct plan *plan;
	struct journal *journal;
	char *vault;
	struct executor x;
	struct err err;
};

static void sim(const struct mac *m, int want, const char *command)
{
	assert_int_equal(shell("SIM_UID=0 SIM_ROOT=%s PATH=tests/sim/bin:tests/sim:$PATH %s >/dev/null 2>&1", m->dir, command), want);
}

static void gather(struct mac *m)
{
	struct host host = { 0 };
	struct agents agents = { 0 };
	struct target t = { .declared = true };
	const struct gather_options o = { .want = WANT_ALL & ~(unsigned)(WANT_EVENTS | WANT_JOURNAL | WANT_INFO) };

	if (host_get(m->source, &host, &m->err) || user_get(m->source, "alice", &t.owner, &m->err) ||
		agents_load(m->source, &host, &t.owner.id, &agents, &m->err))
		fail_msg("%s", m->err.msg);
	t.agent = agent_copy(agents_find(&agents, "node-commander"));
	target_complete(&t);
	agents_close(&agents);
	host_free(&host);
	if (evidence_gather(m->source, &t, &o, &m->evidence, &m->err))
		fail_msg("%s", m->err.msg);
}

/* The simulated Mac's files lie below a directory: what is moved is moved there, with our own rights. */
static void move_below(struct mac *m)
{
	for (size_t i = 0; i < m->plan->n_steps; i++) {
		struct step *s = m->plan->steps[i];
		if (!s->path)
			continue;
		char *real = mem_printf("%s/root%s", m->dir, s->path);
		free(s->path);
		s->path = real;
		identity_free(s->as);
		s->as = NULL;
	}
}

static void open_mac(struct mac *m, const char *settings)
{
	*m = (struct mac){ .dir = scratch_make() };
	setenv("SIM_UID", "0", 1);
	assert_int_equal(shell("cp -a tests/replay/mac-incident/root %s/", m->dir), 0);
	sim(m, 0, "sim init");
	sim(m, 0, "sim set programs '{\"/nix/store/zv883l8g80caw3lhmwxnnylqss7bsrhb-node-commander-launch/bin/node-commander-launch\":"
		  "{\"exit\":125,\"runtime\":1}}'");
	sim(m, 0, settings);
	sim(m, 0, "launchctl bootstrap gui/501 " PLIST);
	sim(m, 0, "sim tick 10800");
	m->source = recorded_open("tests/replay/mac-incident", m->dir);
	gather(m);
}

static void plan(struct mac *m)
{
	_cleanup_free_ char *path = mem_printf("%s/journal.jsonl", m->dir);

	m->vault = mem_printf("%s/vault", m->dir);
	assert_int_equal(shell("mkdir %s", m->vault), 0);
	m->plan = plan_new("quarantine", "node-commander");
	if (launchd_plan_quarantine(m->evidence, "20261124-070003", m->plan, &m->err) || journal_open(path, &m->journal, &m->err))
		fail_msg("%s", m->err.msg);
	move_below(m);
	m->x = (struct executor){ .host = m->source, .journal = m->journal, .vault = m->vault };
}

static void close_mac(struct mac *m)
{
	plan_free(m->plan);
	evidence_free(m->evidence);
	source_close(m->source);
	journal_close(m->journal);
	free(m->vault);
	scratch_remove(&m->dir);
}

/* RC-11: nothing loaded, enabled or on disk; and back byte for byte */
static void the_incident_is_quarantined_and_restored(void **state)
{
	struct mac m;

	open_mac(&m, "true");
	assert_int_equal(launchd_loaded(&m.evidence->launchd)->service->runs, 1081);
	assert_int_equal(shell("cp -p %s/root" PLIST " %s/before", m.dir, m.dir), 0);
	plan(&m);
	if (plan_execute(m.plan, &m.x, &m.err))
		fail_msg("%s", m.err.msg);
	sim(&m, 113, "launchctl print gui/501/" LABEL);
	sim(&m, 0, "launchctl print-disabled user/501 | grep -q '\"" LABEL "\" => disabled'");
	assert_int_not_equal(shell("test -e %s/root" PLIST, m.dir), 0);
	sim(&m, 0, "sim tick 3600");
	if (plan_holds(m.plan, &m.x, &m.err))
		fail_msg("%s", m.err.msg);
	/* even if the list comes back, nothing loads it */
	assert_int_equal(shell("cp %s/before %s/root/Library/LaunchAgents/again.plist", m.dir, m.dir), 0);
	sim(&m, 5, "launchctl bootstrap gui/501 /Library/LaunchAgents/again.plist");

	if (plan_undo(m.plan, &m.x, &m.err))
		fail_msg("%s", m.err.msg);
	assert_int_equal(shell("cmp %s/before %s/root" PLIST, m.dir, m.dir), 0);
	assert_int_equal(shell("test \"$(stat -c '%%a %%u %%g %%Y' %s/before)\" = \"$(stat -c '%%a %%u %%g %%Y' %s/root" PLIST ")\"", m.dir, m.dir), 0);
	sim(&m, 0, "launchctl print-disabled user/501 | grep -q '\"" LABEL "\" => enabled'");
	/* it is as it was, and nobody started it */
	sim(&m, 113, "launchctl print gui/501/" LABEL);
	sim(&m, 0, "launchctl bootstrap gui/501 " PLIST);
	close_mac(&m);
}

static void bootout_that_goes_on_is_waited_for(void **state)
{
	struct mac m;

	open_mac(&m, "sim set bootout_polls 7");
	plan(&m);
	sim(&m, 0, "sim set bootout_code 36");
	if (plan_execute(m.plan, &m.x, &m.err))
		fail_msg("%s", m.err.msg);
	sim(&m, 113, "launchctl print gui/501/" LABEL);
	close_mac(&m);
}

static void a_job_that_does_not_go_is_a_failure(void **state)
{
	struct mac m;

	open_mac(&m, "sim set bootout_polls 100000");
	plan(&m);
	for (size_t i = 0; i < m.plan->n_steps; i++)
		m.plan->steps[i]->settle_ms = 200;
	assert_int_equal(plan_execute(m.plan, &m.x, &m.err), -ERR_CHANGE);
	assert_non_null(strstr(m.err.msg, "boot " LABEL " out of gui/501"));
	/* nothing was taken away while it runs */
	assert_int_equal(shell("test -e %s/root" PLIST, m.dir), 0);
	close_mac(&m);
}

static void what_was_disabled_before_stays_so(void **state)
{
	struct mac m;

	open_mac(&m, "true");
	sim(&m, 0, "launchctl disable gui/501/" LABEL);
	plan(&m);
	assert_int_equal(plan_execute(m.plan, &m.x, &m.err), 0);
	assert_int_equal(plan_undo(m.plan, &m.x, &m.err), 0);
	sim(&m, 0, "launchctl print-disabled user/501 | grep -q '\"" LABEL "\" => disabled'");
	close_mac(&m);
}

/* RC-11: said with the one command */
static void a_user_is_told_the_command_that_root_must_run(void **state)
{
	struct mac m;

	open_mac(&m, "true");
	m.evidence->host.euid = 501;
	m.plan = plan_new("quarantine", "node-commander");
	assert_int_equal(launchd_plan_quarantine(m.evidence, "x", m.plan, &m.err), -ERR_DENIED);
	assert_non_null(strstr(m.err.msg, "sudo sourceos-agent quarantine node-commander"));
	assert_int_equal(m.plan->n_steps, 0);
	close_mac(&m);
}

static void nothing_is_planned_when_launchd_does_not_say(void **state)
{
	struct mac m;

	open_mac(&m, "true");
	for (size_t i = 0; i < m.evidence->launchd.n_domains; i++)
		m.evidence->launchd.domains[i].print = NULL;
	m.plan = plan_new("quarantine", "node-commander");
	assert_int_equal(launchd_plan_quarantine(m.evidence, "x", m.plan, &m.err), -ERR_CHANGE);
	close_mac(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_incident_is_quarantined_and_restored),
		cmocka_unit_test(bootout_that_goes_on_is_waited_for),
		cmocka_unit_test(a_job_that_does_not_go_is_a_failure),
		cmocka_unit_test(what_was_disabled_before_stays_so),
		cmocka_unit_test(a_user_is_told_the_command_that_root_must_run),
		cmocka_unit_test(nothing_is_planned_when_launchd_does_not_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
