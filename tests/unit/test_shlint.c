/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/shlint.h"

static const struct lint *lint(const char *text, const char *id, struct lints *l)
{
	sh_lint(text, strlen(text), l);
	return lints_find(l, id);
}

static void expect(const char *body, const char *id, int line)
{
	_cleanup_lints_ struct lints l = { 0 };
	_cleanup_free_ char *text = mem_printf("#!/bin/sh\n%s\n", body);
	const struct lint *x = lint(text, id, &l);

	if (!x)
		fail_msg("no %s in: %s", id, body);
	assert_int_equal(x->line, line);
}

static void clean(const char *body)
{
	_cleanup_lints_ struct lints l = { 0 };
	_cleanup_free_ char *text = mem_printf("#!/bin/sh\n%s\n", body);

	sh_lint(text, strlen(text), &l);
	if (l.n)
		fail_msg("%s: %s in: %s", l.v[0].id, l.v[0].text, body);
}

static void pf18_bashisms_are_named(void **state)
{
	expect("if [[ -n $x ]]; then :; fi", "sh.bashism", 2);
	expect("[ \"$a\" == b ]", "sh.bashism", 2);
	expect("a=(1 2)", "sh.bashism", 2);
	expect("x=1\nx+=2", "sh.bashism", 3);
	expect("source ./env", "sh.bashism", 2);
	expect("function f { :; }", "sh.bashism", 2);
	expect("cat <<< hello", "sh.bashism", 2);
	expect("diff <(a) b", "sh.bashism", 2);
	expect("echo $'a'", "sh.bashism", 2);
	expect("cmd &> log", "sh.bashism", 2);
	expect("echo ${!name}", "sh.bashism", 2);
}

static void rc13_options_that_only_gnu_has(void **state)
{
	expect("sed -i s/a/b/ f", "sh.gnu", 2);
	expect("d=$(readlink -f \"$0\")", "sh.gnu", 2);
	expect("date -d yesterday", "sh.gnu", 2);
	expect("stat -c %s f", "sh.gnu", 2);
	expect("grep -P x f", "sh.gnu", 2);
	expect("echo a | xargs -r rm", "sh.gnu", 2);
	expect("if stat -c %s f; then :; fi", "sh.gnu", 2);
	expect("exec timeout 5 podman ps", "sh.gnu", 2);
	expect("A=b /usr/bin/sort -V f", "sh.gnu", 2);
}

static void what_is_quoted_or_commented_is_no_code(void **state)
{
	clean("# [[ bash ]] and sed -i");
	clean("echo '[[ x ]] sed -i'");
	clean("echo \"a == b\"");
	clean("cat <<EOF\n[[ bash ]]\nsed -i\nEOF\necho done");
	clean("cat <<-'EOF'\n\tsource x\n\tEOF");
}

static void posix_is_left_alone(void **state)
{
	clean("set -eu\n[ \"$#\" -gt 0 ] || exit 2\nx=$((x + 1))\ncase $x in a) ;; *) ;; esac\nf() { :; }\n. ./env\nexec podman run --rm x");
	clean("sed -e s/a/b/ f\ngrep -E x f\nsort -n f\nreadlink f\ndate +%s");
	clean("sed -i '' s/a/b/ f"); /* BSD's way */
	clean("test $((a == b)) -eq 1");
}

static void bash_may_be_bash(void **state)
{
	_cleanup_lints_ struct lints l = { 0 };
	static const char text[] = "#!/usr/bin/env bash\n[[ -n $x ]]\nreadlink -f x\n";

	sh_lint(text, strlen(text), &l);
	assert_null(lints_find(&l, "sh.bashism"));
	assert_non_null(lints_find(&l, "sh.gnu"));
}

static void a_script_says_what_runs_it(void **state)
{
	_cleanup_lints_ struct lints l = { 0 };

	assert_non_null(lint("echo\n", "sh.no-interpreter", &l));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pf18_bashisms_are_named),
		cmocka_unit_test(rc13_options_that_only_gnu_has),
		cmocka_unit_test(what_is_quoted_or_commented_is_no_code),
		cmocka_unit_test(posix_is_left_alone),
		cmocka_unit_test(bash_may_be_bash),
		cmocka_unit_test(a_script_says_what_runs_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
