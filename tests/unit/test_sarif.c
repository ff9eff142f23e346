/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/sarif.h"

static const struct sarif_rule rules[] = { { "PP-02", "unbounded restart", "why", "fix", "pp-02-unbounded-restart", false },
	{ "PP-03", "logs", "why", "fix", "pp-03-logs", true } };
static char gap[] = "podman info: timeout";
static char *const gaps[] = { gap, NULL };

static json_t *made(void)
{
	_cleanup_findings_ struct findings l = { 0 };

	finding_hint(finding_say(finding_at(findings_add(&l, "PP-03", VERDICT_FAIL), "/r/a b/x.service", 7), "logs to /tmp"), "do not");
	finding_say(findings_add(&l, "PP-02", VERDICT_WARN), "always");
	finding_say(findings_add(&l, "PP-02", VERDICT_UNKNOWN), "not read");
	finding_say(findings_add(&l, "PP-02", VERDICT_OK), "fine");
	finding_say(findings_add(&l, "PP-02", VERDICT_BLOCKED), "waits");
	return findings_to_sarif(&l, &(struct sarif_run){ .rules = rules, .n_rules = 2, .version = "0.1.0", .root = "/r/", .gaps = gaps });
}

static void results_are_what_is_not_well(void **state)
{
	json_t *doc = made(), *run = json_array_get(json_object_get(doc, "runs"), 0), *results = json_object_get(run, "results");

	assert_string_equal(json_string_value(json_object_get(doc, "version")), "2.1.0");
	assert_int_equal(json_array_size(results), 3);
	const char *uri, *level, *kind, *id;
	int line, index;
	assert_int_equal(json_unpack(json_array_get(results, 0), "{s:s, s:s, s:s, s:i, s:[{s:{s:{s:s}, s:{s:i}}}]}", "ruleId", &id, "level", &level, "kind",
				 &kind, "ruleIndex", &index, "locations", "physicalLocation", "artifactLocation", "uri", &uri, "region", "startLine", &line), 0);
	assert_string_equal(uri, "a%20b/x.service");
	assert_string_equal(level, "error");
	assert_int_equal(line, 7);
	assert_int_equal(index, 1);
	/* the standard: a kind that is not "fail" has level "none" */
	for (size_t i = 0; i < json_array_size(results); i++) {
		json_unpack(json_array_get(results, i), "{s:s, s:s}", "kind", &kind, "level", &level);
		assert_true(strcmp(kind, "fail") == 0 || strcmp(level, "none") == 0);
	}
	json_decref(doc);
}

static void rules_are_all_there(void **state)
{
	json_t *doc = made();
	json_t *driver = json_object_get(json_object_get(json_array_get(json_object_get(doc, "runs"), 0), "tool"), "driver");

	assert_int_equal(json_array_size(json_object_get(driver, "rules")), 2);
	const char *uri = json_string_value(json_object_get(json_array_get(json_object_get(driver, "rules"), 1), "helpUri"));
	assert_non_null(strstr(uri, "/docs/checks.md#pp-03-logs"));
	const char *level;
	assert_int_equal(json_unpack(json_array_get(json_object_get(driver, "rules"), 1), "{s:{s:s}}", "defaultConfiguration", "level", &level), 0);
	assert_string_equal(level, "warning");
	json_decref(doc);
}

static void gaps_are_notifications(void **state)
{
	json_t *doc = made(), *run = json_array_get(json_object_get(doc, "runs"), 0);
	const char *text, *level;

	assert_int_equal(json_unpack(run, "{s:[{s:[{s:s, s:{s:s}}]}]}", "invocations", "toolExecutionNotifications", "level", &level, "message", "text", &text), 0);
	assert_string_equal(level, "warning");
	assert_string_equal(text, "not captured: podman info: timeout");
	json_decref(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_what_is_not_well), cmocka_unit_test(rules_are_all_there),
		cmocka_unit_test(gaps_are_notifications) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
