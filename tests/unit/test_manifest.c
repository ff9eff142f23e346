/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "formats/manifest.h"
#include "formats/text.h"

static struct manifest example(void)
{
	struct manifest m = { .id = mem_strdup("urn:srcos:diag-bundle:x"),
		.agent = mem_strdup("a\xff"), /* not UTF-8 */
		.purpose = mem_strdup("collect"),
		.tool = mem_strdup("t"),
		.version = mem_strdup("1"),
		.host_tag = mem_strdup("h"),
		.platform = mem_strdup("linux"),
		.created_us = 1795503003000001,
		.about = { .id = mem_strdup("INC-1234"), .operator = mem_strdup("alice"), .reason = mem_strdup("it \"storms\"") },
		.raw_retained = true };
	const uint8_t sha[32] = { 1, 2, 255 };

	manifest_add_artifact(&m, "records.jsonl", 12, sha, 0600, NULL);
	manifest_add_artifact(&m, "probes/x.out", (uint64_t)1 << 40, sha, 0644, "x");
	manifest_add_gap(&m, "podman/info", "timeout", NULL);
	manifest_add_redaction(&m, "registryAuth", 3);
	return m;
}

static void test_what_is_written_is_read(void **state)
{
	_cleanup_manifest_ struct manifest m = example(), r = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	struct err e = { 0 };

	manifest_add_json(&b, &m);
	if (manifest_parse(b.data, b.len, &r, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(r.id, m.id);
	assert_string_equal(r.agent, "a\\xff");
	assert_int_equal(r.created_us, m.created_us);
	assert_true(r.raw_retained);
	assert_string_equal(r.about.id, "INC-1234");
	assert_string_equal(r.about.operator, "alice");
	assert_string_equal(r.about.reason, "it \"storms\"");
	assert_int_equal(r.n_artifacts, 2);
	assert_int_equal(r.artifacts[1].bytes, (uint64_t)1 << 40);
	assert_int_equal(r.artifacts[1].mode, 0644);
	assert_string_equal(r.artifacts[1].key, "x");
	assert_memory_equal(r.artifacts[0].sha256, m.artifacts[0].sha256, 32);
	assert_string_equal(r.gaps[0].reason, "");
	assert_int_equal(r.redactions[0].count, 3);
	assert_ptr_equal(manifest_find(&r, "probes/x.out"), &r.artifacts[1]);
	assert_null(manifest_find(&r, "probes/y.out"));
}

static void test_paths_that_a_bundle_cannot_hold(void **state)
{
	static const char *const bad[] = { "", "/", "/x", "x/", "x//y", ".", "..", "../x", "x/../y", "x/.y", ".x", "a b", "a\\b", "a\nb", "a\x1b",
		"\xc3\xa4", "a*", "a?", "a'b", "a\"b", "$x", "`x`" };
	static const char *const good[] = { "x", "x/y.z", "app.log#2", "a@b+c=d:e,f~g-h_i", "x..y" };
	char longest[300];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (manifest_path_ok(bad[i]))
			fail_msg("accepted: %s", bad[i]);
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(manifest_path_ok(good[i]));
	memset(longest, 'a', sizeof(longest));
	longest[120] = '\0';
	assert_true(manifest_path_ok(longest));
	longest[120] = 'a';
	longest[121] = '\0';
	assert_false(manifest_path_ok(longest));
}

static void test_safe_names(void **state)
{
	static const char *const v[][2] = { { "", "_" }, { "..", "_." }, { "a/b", "a_b" }, { "x y\n", "x_y_" }, { "fine.log", "fine.log" },
		{ "0123456789abcdef", "6789abcdef" } };

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		_cleanup_buf_ struct buf b = { 0 };
		manifest_add_safe_name(&b, v[i][0], 10);
		assert_string_equal(buf_str(&b), v[i][1]);
		assert_true(manifest_path_ok(buf_str(&b)));
	}
}

/* The example with one piece of text replaced. */
static int parse_with(const char *from, const char *to, struct err *e)
{
	_cleanup_manifest_ struct manifest m = example();
	_cleanup_buf_ struct buf b = { 0 }, c = { 0 };
	struct manifest r = { 0 };

	manifest_add_json(&b, &m);
	const char *at = strstr(b.data, from);
	assert_non_null(at);
	buf_add(&c, b.data, (size_t)(at - b.data));
	buf_adds(&c, to);
	buf_adds(&c, at + strlen(from));
	int code = manifest_parse(c.data, c.len, &r, e);
	if (!code)
		manifest_free(&r);
	return code;
}

static void test_a_case_is_one_word(void **state)
{
	char longest[CASE_ID_MAX + 2];

	assert_true(manifest_case_id_ok("INC-1234") && manifest_case_id_ok("rt:#7/a_b.c@d+e=f"));
	assert_false(manifest_case_id_ok("") || manifest_case_id_ok("a b") || manifest_case_id_ok("a\"") || manifest_case_id_ok("\xc3\xa4"));
	memset(longest, 'x', sizeof(longest));
	longest[CASE_ID_MAX + 1] = 0;
	assert_false(manifest_case_id_ok(longest));
	assert_true(manifest_case_id_ok(longest + 1));
}

static void test_words_are_cut_between_characters(void **state)
{
	static const size_t want[] = { 0, 1, 1, 3, 3, 3, 6 };

	for (size_t max = 0; max < ARRAY_LEN(want); max++)
		assert_int_equal(text_cut("a\xc3\xa4\xe2\x80\xa6", max), want[max]);
	assert_int_equal(text_cut("a\xc3\xa4", 100), 3);
	assert_int_equal(text_cut("\x80\x80\x80", 2), 0);
}

static void test_what_is_wrong_is_refused_and_named(void **state)
{
	static const char *const v[][3] = {
		{ "agent-bundle.v1", "agent-bundle.v2", "this version reads" },
		{ "\"probes/x.out\"", "\"../x\"", "../x" },
		{ "\"probes/x.out\"", "\"Records.jsonl\"", "named twice" },
		{ "\"probes/x.out\"", "\"records.jsonl/x\"", "a file and a directory" },
		{ "\"probes/x.out\"", "\"manifest.json\"", "cannot be an artifact" },
		{ "\"bytes\": 12", "\"bytes\": -1", "bytes" },
		{ "\"bytes\": 12", "\"bytes\": \"12\"", "bytes" },
		{ "\"0600\"", "\"600\"", "octal" },
		{ "0102ff", "0102fg", "sha256" },
		{ "\"createdUs\": 1795503003000001", "\"createdUs\": -2", "createdUs" },
		{ "\"gaps\"", "\"gapz\"", "gaps" },
		{ "\"hostTag\"", "\"hostTug\"", "hostTag" },
		{ "\"agent\"", "\"id\"", "duplicate" },
		{ "INC-1234", "INC 1234", "case" },
		{ "\"operator\"", "\"who\"", "case" },
		{ "{", "", "manifest:" },
	};

	for (size_t i = 0; i < ARRAY_LEN(v); i++) {
		struct err e = { 0 };
		int code = parse_with(v[i][0], v[i][1], &e);
		if (code != -ERR_SYNTAX || !strstr(e.msg, v[i][2]))
			fail_msg("%s: %d %s", v[i][1], code, e.msg);
	}
}

static void test_sums_are_as_sha256sum_reads_them(void **state)
{
	_cleanup_manifest_ struct manifest m = example();
	_cleanup_buf_ struct buf b = { 0 };
	const uint8_t sha[32] = { 0xab };

	manifest_add_sums(&b, &m, sha);
	assert_non_null(strstr(b.data, "ab00000000000000000000000000000000000000000000000000000000000000  manifest.json\n"));
	assert_non_null(strstr(b.data, "  probes/x.out\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_paths_that_a_bundle_cannot_hold),
		cmocka_unit_test(test_safe_names),
		cmocka_unit_test(test_a_case_is_one_word),
		cmocka_unit_test(test_words_are_cut_between_characters),
		cmocka_unit_test(test_what_is_wrong_is_refused_and_named),
		cmocka_unit_test(test_sums_are_as_sha256sum_reads_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
