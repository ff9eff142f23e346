/* SPDX-License-Identifier: MIT */
/*
 * Recorded hosts: what doctor and preflight find on each is in its expected.txt, a finding a line. UPDATE_EXPECTED=1 writes it anew; what
 * changed is then for a person to judge, in the diff.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <string.h>

#include "collect/agents.h"
#include "lifecycle/check.h"
#include "tests/unit/recorded.h"

static void judge(const char *dir, struct buf *out)
{
	_cleanup_source_ struct source *s = recorded_open(dir, NULL);
	_cleanup_evidence_ struct evidence *e = NULL;
	struct host host = { 0 };
	struct agents agents = { 0 };
	struct target t = { .declared = true };
	struct err err = { 0 };
	const struct gather_options o = { .want = WANT_ALL };

	if (host_get(s, &host, &err) || user_get(s, "alice", &t.owner, &err) || agents_load(s, &host, &t.owner.id, &agents, &err))
		fail_msg("%s: %s", dir, err.msg);
	const struct agent *a = agents_find(&agents, "node-commander");
	if (!a)
		fail_msg("%s declares no node-commander", dir);
	t.agent = agent_copy(a);
	target_complete(&t);
	if (evidence_gather(s, &t, &o, &e, &err))
		fail_msg("%s: %s", dir, err.msg);
	agents_close(&agents);
	host_free(&host);
	static const struct {
		const char *name;
		unsigned verb;
	} questions[] = { { "doctor", CHECK_DOCTOR }, { "preflight", CHECK_PREFLIGHT } };
	for (size_t q = 0; q < ARRAY_LEN(questions); q++) {
		_cleanup_findings_ struct findings found = { 0 };

		checks_run(e, questions[q].verb, &found);
		buf_addf(out, "%s: %s\n", questions[q].name, verdict_name(findings_verdict(&found)));
		for (size_t i = 0; i < found.n; i++) {
			const struct finding *f = found.v[i];
			if (f->verdict == VERDICT_NOT_APPLICABLE)
				continue;
			buf_addf(out, "%s %s: %s\n", f->check, verdict_name(f->verdict), f->message);
			if (f->remedy)
				buf_addf(out, "\trun: %s\n", f->remedy);
		}
	}
}

static void read_file(const char *path, struct buf *out)
{
	char piece[4096];
	size_t n;
	FILE *f = fopen(path, "rb");

	while (f && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	if (f)
		fclose(f);
}

/* The first line that differs, of each. */
static void tell_difference(const char *dir, const char *want, const char *got)
{
	while (*want && *got) {
		size_t w = strcspn(want, "\n"), g = strcspn(got, "\n");
		if (w != g || memcmp(want, got, w) != 0)
			break;
		want += w + (want[w] == '\n');
		got += g + (got[g] == '\n');
	}
	fail_msg("%s: expected \"%.*s\", found \"%.*s\" (UPDATE_EXPECTED=1 writes expected.txt anew)", dir, (int)strcspn(want, "\n"), want,
		(int)strcspn(got, "\n"), got);
}

static void every_recorded_host_has_its_findings(void **state)
{
	glob_t g;

	assert_int_equal(glob("tests/replay/*/host.json", 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 12);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		_cleanup_free_ char *dir = mem_strndup(g.gl_pathv[i], strlen(g.gl_pathv[i]) - strlen("/host.json"));
		_cleanup_free_ char *path = mem_printf("%s/expected.txt", dir);
		_cleanup_buf_ struct buf got = { 0 }, want = { 0 };

		judge(dir, &got);
		if (getenv("UPDATE_EXPECTED")) {
			FILE *f = fopen(path, "wb");
			assert_non_null(f);
			fwrite(got.data, 1, got.len, f);
			fclose(f);
		}
		read_file(path, &want);
		if (strcmp(buf_str(&want), buf_str(&got)) != 0)
			tell_difference(dir, buf_str(&want), buf_str(&got));
	}
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recorded_host_has_its_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
