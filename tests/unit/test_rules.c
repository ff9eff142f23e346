/* SPDX-License-Identifier: MIT */
/* The rule table is its own test: every `yes` loses what stands between << and >>, and only that;
 * every `no` comes through as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "redact/redact.h"
#include "redact/rules.h"
#include "redact/value.h"

static struct redactor *r;

static int setup(void **state)
{
	static const uint8_t key[REDACT_KEY_BYTES] = { 1, 2, 3 };

	r = redactor_new(key, NULL);
	return r ? 0 : -1;
}

static int teardown(void **state)
{
	redactor_free(r);
	return 0;
}

/* Takes the marks out; the text around them must be in got in order, with a token for each marked part. */
static bool agrees(const char *example, const char *got)
{
	while (*example) {
		if (strncmp(example, "<<", 2) == 0 && strstr(example, ">>")) {
			size_t n = value_token(got, strlen(got));
			if (!n)
				return false;
			got += n;
			example = strstr(example, ">>") + 2;
			continue;
		}
		if (*example++ != *got++)
			return false;
	}
	return *got == '\0';
}

static void unmark(struct buf *b, const char *example)
{
	for (const char *p = example; *p;) {
		if (strncmp(p, "<<", 2) == 0 || (strncmp(p, ">>", 2) == 0))
			p += 2;
		else
			buf_addc(b, *p++);
	}
}

static void rules_hold_their_examples(void **state)
{
	int bad = 0;

	for (size_t i = 0; i < rules_count; i++) {
		_cleanup_buf_ struct buf raw = { 0 }, got = { 0 }, again = { 0 };
		if (rules[i].yes) {
			unmark(&raw, rules[i].yes);
			redact_bytes(r, PAYLOAD_TEXT, raw.data, raw.len, &got);
			if (!agrees(rules[i].yes, buf_str(&got))) {
				print_message("rule %s\n  yes: %s\n  got: %s\n", rules[i].name, rules[i].yes, buf_str(&got));
				bad++;
			}
			redact_bytes(r, PAYLOAD_TEXT, got.data, got.len, &again);
			if (strcmp(buf_str(&got), buf_str(&again)) != 0) {
				print_message("rule %s is not idempotent\n  got:   %s\n  again: %s\n", rules[i].name, buf_str(&got), buf_str(&again));
				bad++;
			}
		}
		if (rules[i].no) {
			buf_clear(&got);
			redact_bytes(r, PAYLOAD_TEXT, rules[i].no, strlen(rules[i].no), &got);
			if (strcmp(rules[i].no, buf_str(&got)) != 0) {
				print_message("rule %s\n  no:  %s\n  got: %s\n", rules[i].name, rules[i].no, buf_str(&got));
				bad++;
			}
		}
	}
	assert_int_equal(bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(rules_hold_their_examples) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
