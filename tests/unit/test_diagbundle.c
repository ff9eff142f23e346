/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "formats/diagbundle.h"
#include "tests/unit/scratch.h"

static json_t *record(const char *kind, const char *outcome, int status, int sig, int tier)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:i, s:{s:s,s:i,s:s}, s:{s:s,s:i,s:s}}", "key", "k", "kind", kind, "command",
		"true", "outcome", outcome, "status", status, "signal", sig, "tier", tier, "timeoutMs", 1500, "tookUs", 2999, "stdout", "path",
		"probes/k.out", "bytes", 0, "sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "stderr", "path",
		"probes/empty", "bytes", 0, "sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static const struct diag_meta meta = { .id = "urn:srcos:diag-bundle:x", .tool = "t", .version = "1", .host_tag = "h", .now_us = 1795503003000000 };

static void test_every_outcome_has_an_exit_code(void **state)
{
	static const struct {
		const char *kind, *outcome;
		int status, sig, code;
	} v[] = {
		{ "cmd", "ok", 0, 0, 0 },	{ "cmd", "ok", 3, 0, 3 },      { "cmd", "ok", 0, 9, 137 },   { "cmd", "cut", 0, 0, 0 },
		{ "cmd", "timeout", 0, 0, 124 }, { "cmd", "absent", 2, 0, 2 },  { "file", "denied", 13, 0, 13 }, { "http", "ok", 200, 0, 0 },
		{ "http", "ok", 404, 0, 22 },	{ "http", "refused", 0, 0, 1 }, { "cmd", "failed", 0, 0, 1 },  { "cmd", "failed", 700, 0, 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		json_t *doc = diagbundle_new(&meta), *r = record(v[i].kind, v[i].outcome, v[i].status, v[i].sig, 0);
		diagbundle_add(doc, "k", r);
		const json_t *p = json_array_get(json_object_get(doc, "probeRecords"), 0);
		assert_int_equal(json_integer_value(json_object_get(p, "exitCode")), v[i].code);
		assert_int_equal(json_is_true(json_object_get(p, "timeoutHit")), strcmp(v[i].outcome, "timeout") == 0);
		assert_int_equal(json_integer_value(json_object_get(p, "timeoutSeconds")), 2);
		assert_int_equal(json_integer_value(json_object_get(p, "durationMs")), 2);
		json_decref(r);
		json_decref(doc);
	}
}

static void test_it_is_valid_and_counts(void **state)
{
	_cleanup_scratch_ char *dir = scratch_make();
	_cleanup_free_ char *path = mem_printf("%s/d.json", dir);
	static const int tiers[] = { 2, 0, 2, 1 };
	json_t *doc = diagbundle_new(&meta);

	for (size_t i = 0; i < ARRAY_LEN(tiers); i++) {
		json_t *r = record("cmd", i == 1 ? "timeout" : "ok", 0, 0, tiers[i]);
		diagbundle_add(doc, "k", r);
		json_decref(r);
	}
	json_t *want = json_pack("[i,i,i]", 0, 1, 2);
	assert_true(json_equal(json_object_get(doc, "tiersEnabled"), want));
	json_decref(want);
	want = json_pack("{s:i,s:i,s:i}", "probeCount", 4, "failedCount", 1, "timeoutCount", 1);
	assert_true(json_equal(json_object_get(doc, "summary"), want));
	json_decref(want);
	assert_int_equal(json_dump_file(doc, path, 0), 0);
	json_decref(doc);
	assert_int_equal(shell("tests/validate-json docs/formats/sourceos/DiagnosticsBundle.json '%s'", path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_outcome_has_an_exit_code),
		cmocka_unit_test(test_it_is_valid_and_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
