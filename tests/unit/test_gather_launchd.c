/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "collect/agents.h"
#include "collect/evidence.h"
#include "tests/unit/recorded.h"

#define LABEL "org.socioprophet.node-commander"

/* The evidence of the one declared agent of a recorded host; its source stays open in *ret_source. */
static struct evidence *evidence_of(const char *name, struct source **ret_source)
{
	_cleanup_free_ char *dir = mem_printf("tests/replay/%s", name);
	struct source *s = recorded_open(dir, NULL);
	struct host host = { 0 };
	struct agents agents = { 0 };
	struct target t = { .declared = true };
	struct user alice = { 0 };
	struct evidence *e = NULL;
	struct err err = { 0 };
	const struct gather_options o = { .want = WANT_ALL };

	if (host_get(s, &host, &err) || user_get(s, "alice", &alice, &err) || agents_load(s, &host, &alice.id, &agents, &err))
		fail_msg("%s", err.msg);
	const struct agent *a = agents_find(&agents, "node-commander");
	assert_non_null(a);
	t.agent = agent_copy(a);
	t.owner = alice;
	target_complete(&t);
	if (evidence_gather(s, &t, &o, &e, &err))
		fail_msg("%s", err.msg);
	agents_close(&agents);
	host_free(&host);
	*ret_source = s;
	return e;
}

static void a_healthy_agent_is_found_loaded_and_defined(void **state)
{
	_cleanup_source_ struct source *s = NULL;
	_cleanup_evidence_ struct evidence *e = evidence_of("mac-healthy", &s);
	const struct launchd_evidence *l = &e->launchd;

	assert_string_equal(launchd_loaded(l)->target, "gui/501");
	assert_true(launchd_loaded_known(l));
	assert_int_equal(launchd_loaded(l)->service->pid, 1082);
	assert_int_equal(launchd_claims(l), 1);
	assert_string_equal(l->definitions[0].file.path, "/Users/alice/Library/LaunchAgents/" LABEL ".plist");
	assert_int_equal(l->definitions[0].budget.cause, RESTART_NEVER);
	assert_int_equal(lints_count(&l->definitions[0].lints, LINT_ERROR), 0);
	assert_int_equal(l->disabled[0].override, -1);
	assert_int_equal(l->version.major, 15);
	assert_true(l->has_enrollment && !l->enrollment.mdm);
	assert_string_equal(e->service.program.path, "/Users/alice/.local/bin/node-commander-launch");
	assert_string_equal(e->service.script.interpreter, "/bin/sh");
	assert_null(e->service.run.program);
	assert_int_equal(e->podman.n_machine, 1);
	/* RC-11: looked for, and absent */
	assert_int_equal(l->n_definitions, 2);
	assert_int_equal(file_outcome(&l->definitions[1].file), OUTCOME_ABSENT);
}

/* The incident, DR-12, PP-01, PP-02, PP-05, PP-06, PP-08 */
static void the_incident_is_seen_whole(void **state)
{
	_cleanup_source_ struct source *s = NULL;
	_cleanup_evidence_ struct evidence *e = evidence_of("mac-incident", &s);
	const struct launchd_evidence *l = &e->launchd;
	const struct launchd_definition *d = &l->definitions[0];

	assert_string_equal(launchd_loaded(l)->target, "gui/501");
	assert_int_equal(launchd_loaded(l)->service->runs, 9962);
	assert_int_equal(launchd_loaded(l)->service->exit_code, 125);
	assert_int_equal(d->dir, LAUNCHD_DIR_LOCAL_AGENTS);
	assert_true(d->has_label);
	assert_int_equal(d->budget.cause, RESTART_ALWAYS);
	assert_int_equal(d->budget.per_hour, 360);
	assert_non_null(d->store_item);
	assert_int_equal(d->store->rec.outcome, OUTCOME_OK);
	assert_string_equal(e->service.run.verb, "run");
	assert_true(text_starts(e->service.run.image, "us-central1-docker.pkg.dev/"));
	assert_int_equal(l->log.entries, 18);
	assert_int_equal(l->log.throttled, 6);
	assert_int_equal(l->log.exits, 6);
	assert_false(e->podman.machines[0].running);
	bool gcloud = false;
	for (size_t i = 0; i < e->auth.n_files; i++)
		gcloud |= e->auth.files[i].parsed && e->auth.files[i].parsed->n_helpers > 0;
	assert_true(gcloud);
	bool tmp = false;
	for (size_t i = 0; i < e->n_logs; i++)
		tmp |= text_eq(e->logs[i].path, "/tmp/node-commander.err.log") && file_outcome(&e->logs[i]) == OUTCOME_OK;
	assert_true(tmp);
}

/* RC-09 */
static void an_override_is_seen_without_a_loaded_job(void **state)
{
	_cleanup_source_ struct source *s = NULL;
	_cleanup_evidence_ struct evidence *e = evidence_of("mac-disabled", &s);

	assert_null(launchd_loaded(&e->launchd));
	assert_true(launchd_loaded_known(&e->launchd));
	assert_int_equal(e->launchd.disabled[0].override, 1);
}

/* RC-10 */
static void a_second_claim_is_found_under_any_name(void **state)
{
	_cleanup_source_ struct source *s = NULL;
	_cleanup_evidence_ struct evidence *e = evidence_of("mac-duplicate", &s);
	bool other = false;

	assert_int_equal(launchd_claims(&e->launchd), 2);
	for (size_t i = 0; i < e->launchd.n_definitions; i++)
		other |= text_ends(e->launchd.definitions[i].file.path, "/com.example.other-name.plist");
	assert_true(other);
}

/* RC-15: the wrapping is taken off, and what it starts is gone */
static void a_collected_store_path_behind_the_wrapper(void **state)
{
	_cleanup_source_ struct source *s = NULL;
	_cleanup_evidence_ struct evidence *e = evidence_of("mac-nix-collected", &s);
	const struct launchd_definition *d = &e->launchd.definitions[0];

	assert_true(d->nix_wrapped);
	assert_true(text_ends(d->command[0], "/bin/node-commander-launch"));
	assert_int_equal(d->store->rec.outcome, OUTCOME_ABSENT);
	assert_int_equal(file_outcome(&e->service.program), OUTCOME_ABSENT);
}

static void owner_and_mode_are_judged(void **state)
{
	_cleanup_source_ struct source *s = NULL;
	_cleanup_evidence_ struct evidence *e = evidence_of("mac-bootstrap-io-error", &s);

	assert_non_null(lints_find(&e->launchd.definitions[0].lints, "file.owner"));
	assert_non_null(lints_find(&e->launchd.definitions[0].lints, "file.mode"));
	assert_null(launchd_loaded(&e->launchd));
}

/* Background Task Management, as root */
static void login_items_are_recorded(void **state)
{
	_cleanup_source_ struct source *s = NULL;
	_cleanup_evidence_ struct evidence *e = evidence_of("mac-login-item-off", &s);

	assert_int_equal(e->launchd.btm_answer->rec.outcome, OUTCOME_OK);
	assert_int_equal(e->launchd.btm.n, 6);
	assert_false(macos_btm_find(&e->launchd.btm, 501, LABEL, NULL)->allowed);
}

/* What TCC refuses is DENIED, not absent */
static void a_refused_look_is_no_absence(void **state)
{
	_cleanup_source_ struct source *s = NULL;
	_cleanup_evidence_ struct evidence *e = evidence_of("mac-tcc-denied", &s);
	const struct launchd_evidence *l = &e->launchd;

	assert_int_equal(l->listings[0].answer->rec.outcome, OUTCOME_DENIED);
	assert_int_equal(l->listings[1].answer->rec.outcome, OUTCOME_OK);
	assert_int_equal(file_outcome(&l->definitions[0].file), OUTCOME_DENIED);
	assert_int_equal(l->btm_store->rec.outcome, OUTCOME_DENIED);
	assert_null(l->btm_answer); /* only root may ask */
	assert_non_null(launchd_loaded(l));
	/* what runs is known from launchd all the same */
	assert_string_equal(e->service.exec_start.v[0].argv[0], "/Users/alice/.local/bin/node-commander-launch");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_healthy_agent_is_found_loaded_and_defined),
		cmocka_unit_test(the_incident_is_seen_whole),
		cmocka_unit_test(an_override_is_seen_without_a_loaded_job),
		cmocka_unit_test(a_second_claim_is_found_under_any_name),
		cmocka_unit_test(a_collected_store_path_behind_the_wrapper),
		cmocka_unit_test(owner_and_mode_are_judged),
		cmocka_unit_test(login_items_are_recorded),
		cmocka_unit_test(a_refused_look_is_no_absence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
