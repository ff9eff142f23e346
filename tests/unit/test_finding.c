/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/finding.h"

static void worst_of_two_is_what_a_person_must_know_first(void **state)
{
	assert_int_equal(verdict_worse(VERDICT_FAIL, VERDICT_UNKNOWN), VERDICT_FAIL);
	assert_int_equal(verdict_worse(VERDICT_WARN, VERDICT_UNKNOWN), VERDICT_UNKNOWN);
	assert_int_equal(verdict_worse(VERDICT_OK, VERDICT_BLOCKED), VERDICT_BLOCKED);
	assert_int_equal(verdict_worse(VERDICT_NOT_APPLICABLE, VERDICT_OK), VERDICT_OK);
}

static void unknown_is_never_ok(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };

	findings_add(&l, "A", VERDICT_OK);
	assert_int_equal(findings_verdict(&l), VERDICT_OK);
	findings_add(&l, "B", VERDICT_UNKNOWN);
	assert_int_equal(findings_verdict(&l), VERDICT_UNKNOWN);
}

static void blocked_alone_does_not_fail(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };

	findings_add(&l, "A", VERDICT_BLOCKED);
	findings_add(&l, "B", VERDICT_NOT_APPLICABLE);
	assert_int_equal(findings_verdict(&l), VERDICT_OK);
}

static void text_is_safe_for_a_terminal(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };
	struct finding *f = finding_say(findings_add(&l, "A", VERDICT_FAIL), "%s", "red \033[31m and\nnewline");

	assert_null(strchr(f->message, '\033'));
	assert_null(strchr(f->message, '\n'));
	finding_detail(finding_detail(f, "one"), "two");
	assert_string_equal(f->detail, "one\ntwo");
	finding_cite(finding_cite(finding_cite(f, "k"), "k"), NULL);
	assert_int_equal(strv_len(f->evidence), 1);
}

static void json_goes_both_ways(void **state)
{
	_cleanup_findings_ struct findings l = { 0 }, back = { 0 };
	struct finding *f = finding_say(findings_add(&l, "PF-07", VERDICT_BLOCKED), "stopped");

	f->title = mem_strdup("machine");
	f->subject = mem_strdup("node-commander");
	f->blocked_by = mem_strdup("PF-06");
	finding_hint(finding_remedy(finding_detail(finding_cite(finding_at(f, "/x.service", 7), "key"), "why"), "podman machine start x"), "or not");
	json_t *a = finding_to_json(f);
	assert_int_equal(finding_from_json(a, &back, NULL), 0);
	json_t *b = finding_to_json(back.v[0]);
	assert_true(json_equal(a, b));
	json_decref(a);
	json_decref(b);
	a = json_pack("{s:s}", "check", "X");
	assert_true(finding_from_json(a, &back, NULL) < 0);
	json_decref(a);
}

static void counts_name_every_verdict(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };

	findings_add(&l, "A", VERDICT_WARN);
	json_t *j = findings_counts(&l);
	assert_int_equal(json_object_size(j), VERDICTS);
	assert_int_equal(json_integer_value(json_object_get(j, "warn")), 1);
	json_decref(j);
}

/* A remedy is pasted: whatever a name holds stays one word, and what a terminal may not see does not reach it. */
static void a_remedy_runs_nothing_but_itself(void **state)
{
	static const struct {
		const char *name, *remedy;
	} rows[] = {
		{ "a.service", "x a.service 7 100%" },
		{ "x;touch pwned;.service", "x 'x;touch pwned;.service' 7 100%" },
		{ "with space", "x 'with space' 7 100%" },
		{ "a\\x2db.service", "x 'a\\x2db.service' 7 100%" },
		{ "it's $(id)", "x 'it'\\''s $(id)' 7 100%" },
		{ "a\n;id #'\\\033[2J\xe2\x80\xae", "x $'a\\012;id #\\'\\\\\\033[2J\\342\\200\\256' 7 100%" },
		{ "", "x '' 7 100%" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_findings_ struct findings l = { 0 };
		struct finding *f = finding_remedy(findings_add(&l, "DR-01", VERDICT_FAIL), "x %s %u 100%%", rows[i].name, 7u);
		assert_string_equal(f->remedy, rows[i].remedy);
		/* what bash reads of it is the name again */
		char *command = mem_printf("x() { printf %%s \"$1\"; }; %s", f->remedy), got[64] = "";
		int out[2];
		assert_int_equal(pipe(out), 0);
		pid_t pid = fork();
		if (pid == 0) {
			dup2(out[1], 1);
			execlp("bash", "bash", "-c", command, (char *)NULL);
			_exit(1);
		}
		close(out[1]);
		for (ssize_t n, at = 0; (n = read(out[0], got + at, sizeof(got) - 1 - (size_t)at)) > 0;)
			at += n; /* in pieces, as they come */
		close(out[0]);
		waitpid(pid, NULL, 0);
		assert_string_equal(got, rows[i].name);
		free(command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_remedy_runs_nothing_but_itself),
		cmocka_unit_test(worst_of_two_is_what_a_person_must_know_first),
		cmocka_unit_test(unknown_is_never_ok),
		cmocka_unit_test(blocked_alone_does_not_fail),
		cmocka_unit_test(text_is_safe_for_a_terminal),
		cmocka_unit_test(json_goes_both_ways),
		cmocka_unit_test(counts_name_every_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
