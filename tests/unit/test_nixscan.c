/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/nixscan.h"

static const struct nix_binding *find(const struct nix_scan *s, const char *name)
{
	const struct nix_binding *b = nix_scan_find(s, name);

	if (!b)
		fail_msg("no binding %s", name);
	return b;
}

static void bindings_have_path_value_and_line(void **state)
{
	_cleanup_nix_scan_ struct nix_scan s = { 0 };
	static const char text[] = "{ pkgs, ... }:\n{\n  launchd.user.agents.x = {\n    serviceConfig.KeepAlive = true;\n    serviceConfig = rec {\n"
				   "      StandardOutPath = \"/tmp/x.log\"; # here\n    };\n  };\n  n = 5;\n}\n";

	nix_scan(text, strlen(text), &s);
	assert_string_equal(find(&s, "KeepAlive")->path, "launchd.user.agents.x.serviceConfig.KeepAlive");
	assert_string_equal(find(&s, "KeepAlive")->value, "true");
	assert_int_equal(find(&s, "KeepAlive")->line, 4);
	const struct nix_binding *b = find(&s, "StandardOutPath");
	assert_true(b->string);
	assert_string_equal(b->value, "/tmp/x.log");
	assert_string_equal(b->path, "launchd.user.agents.x.serviceConfig.StandardOutPath");
	assert_int_equal(b->line, 6);
	assert_string_equal(find(&s, "n")->value, "5");
}

static void comments_are_no_code(void **state)
{
	_cleanup_nix_scan_ struct nix_scan s = { 0 };
	static const char text[] = "{ # KeepAlive = true;\n /* KeepAlive = true;\n */ a = \"# not a comment\"; }";

	nix_scan(text, strlen(text), &s);
	assert_null(nix_scan_find(&s, "KeepAlive"));
	assert_string_equal(find(&s, "a")->value, "# not a comment");
}

static void indented_strings_keep_their_lines(void **state)
{
	_cleanup_nix_scan_ struct nix_scan s = { 0 };
	static const char text[] = "{\n  script = ''\n    echo ${pkgs.x} ''${HOME} '''\n    podman run x\n  '';\n  after = 1;\n}\n";

	nix_scan(text, strlen(text), &s);
	const struct nix_binding *b = find(&s, "script");
	assert_int_equal(b->line, 3);
	assert_non_null(strstr(b->value, "podman run x"));
	assert_non_null(strstr(b->value, "${HOME}"));
	assert_int_equal(find(&s, "after")->line, 6);
}

static void lists_and_calls_are_passed_over(void **state)
{
	_cleanup_nix_scan_ struct nix_scan s = { 0 };
	static const char text[] = "let x = [ \"a\" \"b\" ]; y = f { k = \"v\"; } 3; in if x == y then { z = null; } else {}";

	nix_scan(text, strlen(text), &s);
	assert_string_equal(find(&s, "k")->value, "v");
	assert_string_equal(find(&s, "z")->value, "null");
	assert_int_equal(s.n_strings, 3);
}

static void depth_is_bounded(void **state)
{
	_cleanup_nix_scan_ struct nix_scan s = { 0 };
	char text[1000];

	memset(text, '{', sizeof(text));
	nix_scan(text, sizeof(text), &s);
	assert_true(s.cut);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bindings_have_path_value_and_line),
		cmocka_unit_test(comments_are_no_code),
		cmocka_unit_test(indented_strings_keep_their_lines),
		cmocka_unit_test(lists_and_calls_are_passed_over),
		cmocka_unit_test(depth_is_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
