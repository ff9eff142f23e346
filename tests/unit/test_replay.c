/* SPDX-License-Identifier: MIT */
/*
 * Recorded hosts: what doctor and preflight find on each is in its expected.txt: the verdict of the whole, and a line
 * for each finding that is not ok. UPDATE_EXPECTED=1 writes it anew; what changed is then for a person to judge, in the diff.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <glob.h>
#include <string.h>

#include "bundle/capture.h"
#include "bundle/reader.h"
#include "collect/agents.h"
#include "lifecycle/check.h"
#include "tests/unit/recorded.h"
#include "tests/unit/scratch.h"

/* The target as the host's declarations name it. */
static void find_target(struct source *s, const char *dir, struct target *ret)
{
	struct host host = { 0 };
	struct agents agents = { 0 };
	struct err err = { 0 };

	*ret = (struct target){ .declared = true };
	if (host_get(s, &host, &err) || user_get(s, "alice", &ret->owner, &err) || agents_load(s, &host, &ret->owner.id, &agents, &err))
		fail_msg("%s: %s", dir, err.msg);
	const struct agent *a = agents_find(&agents, "node-commander");
	if (!a)
		fail_msg("%s declares no node-commander", dir);
	ret->agent = agent_copy(a);
	target_complete(ret);
	agents_close(&agents);
	host_free(&host);
}

/* all: what passes too. */
static void judge(struct source *s, struct target *t, const char *dir, bool all, struct buf *out)
{
	_cleanup_evidence_ struct evidence *e = NULL;
	struct err err = { 0 };
	const struct gather_options o = { .want = WANT_ALL };
	static const struct {
		const char *name;
		unsigned verb;
	} questions[] = { { "doctor", CHECK_DOCTOR }, { "preflight", CHECK_PREFLIGHT | CHECK_PATTERNS } };

	if (evidence_gather(s, t, &o, &e, &err))
		fail_msg("%s: %s", dir, err.msg);
	for (size_t q = 0; q < ARRAY_LEN(questions); q++) {
		_cleanup_findings_ struct findings found = { 0 };

		checks_run(e, questions[q].verb, &found);
		buf_addf(out, "%s: %s\n", questions[q].name, verdict_name(findings_verdict(&found)));
		for (size_t i = 0; i < found.n; i++)
			if (found.v[i]->verdict == VERDICT_FAIL && check_find(found.v[i]->check)->severity != VERDICT_FAIL)
				fail_msg("%s fails, and says that it warns at worst", found.v[i]->check);
		for (size_t i = 0; i < found.n; i++) {
			const struct finding *f = found.v[i];
			if (!all && (f->verdict == VERDICT_NOT_APPLICABLE || f->verdict == VERDICT_OK))
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
static void tell_difference(const char *dir, const char *want, const char *got, const char *what)
{
	while (*want && *got) {
		size_t w = strcspn(want, "\n"), g = strcspn(got, "\n");
		if (w != g || memcmp(want, got, w) != 0)
			break;
		want += w + (want[w] == '\n');
		got += g + (got[g] == '\n');
	}
	fail_msg("%s: expected \"%.*s\", found \"%.*s\"%s", dir, (int)strcspn(want, "\n"), want, (int)strcspn(got, "\n"), got, what);
}

static void each_host(void (*call)(const char *dir))
{
	glob_t g;

	assert_int_equal(glob("tests/replay/*/host.json", 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= 12);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		_cleanup_free_ char *dir = mem_strndup(g.gl_pathv[i], strlen(g.gl_pathv[i]) - strlen("/host.json"));
		call(dir);
	}
	globfree(&g);
}

static void compare_expected(const char *dir)
{
	_cleanup_source_ struct source *s = recorded_open(dir, NULL);
	_cleanup_free_ char *path = mem_printf("%s/expected.txt", dir);
	_cleanup_buf_ struct buf got = { 0 }, want = { 0 };
	struct target t;

	find_target(s, dir, &t);
	judge(s, &t, dir, false, &got);
	if (getenv("UPDATE_EXPECTED")) {
		FILE *f = fopen(path, "wb");
		assert_non_null(f);
		fwrite(got.data, 1, got.len, f);
		fclose(f);
	}
	read_file(path, &want);
	if (strcmp(buf_str(&want), buf_str(&got)) != 0)
		tell_difference(dir, buf_str(&want), buf_str(&got), " (UPDATE_EXPECTED=1 writes expected.txt anew)");
}

static void every_recorded_host_has_its_findings(void **state)
{
	each_host(compare_expected);
}

/* What was captured of s, redacted, as a source. */
static struct source *captured(const char *scratch, const char *dir, struct source *s, const struct target *t, struct buf *live)
{
	_cleanup_free_ char *evidence = mem_printf("%s/evidence", scratch), *keys = mem_printf("%s/keys", scratch);
	_cleanup_capture_ struct capture *c = NULL;
	_cleanup_sign_key_ struct sign_key *key = NULL;
	_cleanup_capture_result_ struct capture_result made = { 0 };
	struct err err = { 0 };
	struct bundle *b = NULL;
	struct target copy = { .agent = agent_copy(t->agent), .declared = true, .unit = mem_strdup(t->unit) };

	if (capture_open(evidence, &c, &err) || sign_key_host(keys, &key, NULL, &err))
		fail_msg("%s: %s", dir, err.msg);
	struct source *tee = source_tee(s, capture_tap(c));
	if (user_get(s, "alice", &copy.owner, &err))
		fail_msg("%s: %s", dir, err.msg);
	target_complete(&copy);
	judge(tee, &copy, dir, true, live);
	source_close(tee);
	const struct capture_meta meta = { .agent = "node-commander", .purpose = "collect", .tool = "test", .version = "0", .host_tag = "host",
		.platform = "darwin", .now_us = source_now_us(s) };
	if (capture_finish(c, &meta, key, &made, &err))
		fail_msg("%s: %s", dir, err.msg);
	_cleanup_fd_ int fd = open(made.bundle, O_RDONLY | O_CLOEXEC);
	const struct bundle_args args = { .fd = fd, .sigfd = -1, .flags = BUNDLE_ANYONE };
	if (bundle_open(&args, &b, &err))
		fail_msg("%s: %s", dir, err.msg);
	return source_bundle(b);
}

/* The guard of the design: findings(live) == findings(bundle(redact(live))) */
static void compare_bundle(const char *dir)
{
	_cleanup_source_ struct source *s = recorded_open(dir, NULL), *from = NULL;
	_cleanup_buf_ struct buf live = { 0 }, bundled = { 0 };
	char *scratch = scratch_make();
	struct target t;

	find_target(s, dir, &t);
	from = captured(scratch, dir, s, &t, &live);
	judge(from, &t, dir, true, &bundled);
	if (strcmp(buf_str(&live), buf_str(&bundled)) != 0)
		tell_difference(dir, buf_str(&live), buf_str(&bundled), " in its bundle");
	scratch_remove(&scratch);
}

static void a_bundle_of_a_host_has_the_hosts_findings(void **state)
{
	each_host(compare_bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_recorded_host_has_its_findings),
		cmocka_unit_test(a_bundle_of_a_host_has_the_hosts_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
