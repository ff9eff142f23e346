/* SPDX-License-Identifier: MIT */
/* An installed agent started, stopped and restarted under launchd, on a simulated Mac. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "lifecycle/execute.h"
#include "lifecycle/service.h"
#include "tests/unit/recorded.h"
#include "tests/unit/scratch.h"

#define LABEL "com.example.alpha"
#define PLIST "/Users/alice/Library/LaunchAgents/" LABEL ".plist"
#define TARGET "gui/501/" LABEL

struct mac {
	char *dir;
	struct source *source;
	struct journal *journal;
	struct agent *agent;
	struct identity owner;
	struct service service;
	struct plan *plan;
	struct err err;
};

static void sim(const struct mac *m, int want, const char *command)
{
	assert_int_equal(shell("SIM_ROOT=%s PATH=tests/sim/bin:tests/sim:$PATH %s >/dev/null 2>&1", m->dir, command), want);
}

static void open_mac(struct mac *m, const char *keys)
{
	_cleanup_free_ char *path = NULL;

	static char alice[] = "alice", home[] = "/Users/alice";

	*m = (struct mac){ .dir = scratch_make(), .owner = { .name = alice, .uid = 501, .gid = 20, .home = home } };
	setenv("SIM_UID", "501", 1);
	assert_int_equal(shell("mkdir -p %s/root/Users/alice/Library/LaunchAgents", m->dir), 0);
	assert_int_equal(shell("printf '%%s' '<plist version=\"1.0\"><dict><key>Label</key><string>" LABEL "</string><key>ProgramArguments</key>"
			       "<array><string>/bin/run</string></array>%s</dict></plist>' >%s/root" PLIST, keys, m->dir), 0);
	sim(m, 0, "sim init");
	sim(m, 0, "sim set programs '{\"/bin/run\":{}}'");
	path = mem_printf("%s/journal.jsonl", m->dir);
	m->source = recorded_open("tests/replay/mac-healthy", m->dir);
	m->agent = mem_alloc(sizeof(*m->agent));
	m->agent->name = mem_strdup("alpha");
	m->agent->label = mem_strdup(LABEL);
	m->agent->runtime = RUNTIME_NATIVE;
	m->agent->lifecycle.run_at_load = true;
	m->agent->lifecycle.shutdown_timeout_sec = 10;
	m->service = (struct service){ .agent = m->agent, .owner = &m->owner, .platform = PLATFORM_DARWIN, .form = INSTALL_PLIST, .unit = LABEL,
		.definition = PLIST, .domain = "gui/501" };
	m->plan = plan_new("install", "alpha");
	assert_int_equal(journal_open(path, &m->journal, &m->err), 0);
}

static int execute(struct mac *m)
{
	struct executor x = { .host = m->source, .journal = m->journal, .vault = m->dir };

	return plan_execute(m->plan, &x, &m->err);
}

static int undo(struct mac *m)
{
	struct executor x = { .host = m->source, .journal = m->journal, .vault = m->dir };

	return plan_undo(m->plan, &x, &m->err);
}

static void close_mac(struct mac *m)
{
	plan_free(m->plan);
	journal_close(m->journal);
	source_close(m->source);
	agent_free(m->agent);
	scratch_remove(&m->dir);
}

static void activated_it_is_enabled_and_loaded(void **state)
{
	struct mac m;

	open_mac(&m, "<key>RunAtLoad</key><true/>");
	service_launchd.activate(&m.service, true, m.plan);
	if (execute(&m))
		fail_msg("%s", m.err.msg);
	sim(&m, 0, "launchctl print " TARGET " | grep -q 'state = running'");
	close_mac(&m);
}

/* RC-09: an override that was there is lifted by an install, and comes back with its undoing */
static void a_disabled_label_is_enabled_first(void **state)
{
	struct mac m;

	open_mac(&m, "<key>RunAtLoad</key><true/>");
	sim(&m, 0, "launchctl disable " TARGET);
	service_launchd.activate(&m.service, true, m.plan);
	if (execute(&m))
		fail_msg("%s", m.err.msg);
	sim(&m, 0, "launchctl print " TARGET);
	if (undo(&m))
		fail_msg("%s", m.err.msg);
	sim(&m, 0, "launchctl print-disabled user/501 | grep -q '\"" LABEL "\" => disabled'");
	close_mac(&m);
}

static void enabled_only_it_is_not_started(void **state)
{
	struct mac m;

	open_mac(&m, "<key>RunAtLoad</key><true/>");
	service_launchd.activate(&m.service, false, m.plan);
	assert_int_equal(execute(&m), 0);
	sim(&m, 113, "launchctl print " TARGET);
	close_mac(&m);
}

static void stopped_it_is_out_of_its_domain(void **state)
{
	struct mac m;

	open_mac(&m, "<key>KeepAlive</key><true/>");
	sim(&m, 0, "launchctl bootstrap gui/501 " PLIST);
	sim(&m, 0, "sim set bootout_code 36");
	service_launchd.stop(&m.service, m.plan);
	if (execute(&m))
		fail_msg("%s", m.err.msg);
	sim(&m, 113, "launchctl print " TARGET);
	close_mac(&m);
}

/* A bootstrap that launchd refuses (owner, mode) is a failed change, and says launchctl's words */
static void a_refused_bootstrap_is_told(void **state)
{
	struct mac m;

	open_mac(&m, "<key>RunAtLoad</key><true/>");
	sim(&m, 0, "sim set owners '{\"" PLIST "\":502}'");
	service_launchd.activate(&m.service, true, m.plan);
	for (size_t i = 0; i < m.plan->n_steps; i++)
		m.plan->steps[i]->settle_ms = 200;
	assert_int_equal(execute(&m), -ERR_CHANGE);
	assert_non_null(strstr(m.err.msg, "Input/output error"));
	close_mac(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(activated_it_is_enabled_and_loaded),
		cmocka_unit_test(a_disabled_label_is_enabled_first),
		cmocka_unit_test(enabled_only_it_is_not_started),
		cmocka_unit_test(stopped_it_is_out_of_its_domain),
		cmocka_unit_test(a_refused_bootstrap_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
