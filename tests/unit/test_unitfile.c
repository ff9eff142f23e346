/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "formats/unitfile.h"
#include "tests/unit/sample.h"

static void add(struct unitfile *u, const char *path, const char *text)
{
	unitfile_add(u, path, text, strlen(text));
}

static void generated_service_reads_as_systemd_reads_it(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };
	_cleanup_buf_ struct buf text = { 0 };

	sample_read("podman/generate-systemd-new-4.3.1.service", &text);
	unitfile_add(&u, "x.service", buf_str(&text), text.len);
	assert_string_equal(unitfile_value(&u, "Service", "Restart"), "on-failure");
	const struct unit_entry *e = unitfile_get(&u, "Service", "ExecStart");
	assert_int_equal(e->line, 18);
	assert_non_null(strstr(e->value, "--cidfile=%t/%n.ctr-id"));
	assert_null(strchr(e->value, '\\'));
	assert_null(strchr(e->value, 10));
	_cleanup_free_ char *where = unit_entry_where(&u, e);
	assert_string_equal(where, "x.service:18");
	assert_int_equal(u.n_problems, 0);
	assert_true(unitfile_has_section(&u, "Install"));
	assert_false(unitfile_has_section(&u, "install"));
}

static void drop_ins_come_after_and_an_empty_assignment_resets(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };
	const struct unit_entry **list = NULL;

	add(&u, "a", "[Service]\nExecStart=/bin/one\nRestart=always\nEnvironment=A=1\nEnvironment=B=2\nUser=x\n");
	add(&u, "b", "[Service]\nExecStart=\nExecStart=/bin/two\nRestart=no\nUser=\n");
	assert_int_equal(unitfile_get_all(&u, "Service", "ExecStart", &list), 1);
	assert_string_equal(list[0]->value, "/bin/two");
	assert_int_equal(list[0]->file, 1);
	assert_int_equal(list[0]->line, 3);
	free(list);
	assert_int_equal(unitfile_get_all(&u, "Service", "Environment", &list), 2);
	assert_string_equal(list[1]->value, "B=2");
	free(list);
	assert_int_equal(unitfile_get_all(&u, "Service", "Nope", &list), 0);
	free(list);
	assert_string_equal(unitfile_value(&u, "Service", "Restart"), "no");
	assert_null(unitfile_value(&u, "Service", "User"));
}

static void PP11_a_key_in_the_wrong_section_is_seen_where_it_stands(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };

	add(&u, "a", "[Unit]\nDescription=x\n[Service]\nStartLimitIntervalSec=0\n");
	assert_null(unitfile_value(&u, "Unit", "StartLimitIntervalSec"));
	const struct unit_entry *e = unitfile_find(&u, "StartLimitIntervalSec");
	assert_string_equal(e->section, "Service");
	assert_int_equal(e->line, 4);
}

static void continuations_and_comments_are_systemds(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };

	add(&u, "a",
		"# c\n; c\n[Service]\n"
		"ExecStart=/bin/a \\\n"
		"  # a comment within does not end it\n"
		"; nor this\n"
		"  b\\\n"
		"c\n"
		"A=x\\\\\n"
		"B=y # is no comment\n"
		"C=end \\\n"
		"\n"
		"D=last\\");
	assert_string_equal(unitfile_value(&u, "Service", "ExecStart"), "/bin/a    b c");
	assert_int_equal(unitfile_get(&u, "Service", "ExecStart")->line, 4);
	assert_string_equal(unitfile_value(&u, "Service", "A"), "x\\\\");
	assert_string_equal(unitfile_value(&u, "Service", "B"), "y # is no comment");
	assert_string_equal(unitfile_value(&u, "Service", "C"), "end");
	assert_int_equal(unitfile_get(&u, "Service", "D")->line, 13);
	assert_string_equal(unitfile_value(&u, "Service", "D"), "last");
}

static void crlf_bom_and_odd_lines_are_read_with_their_problems(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };

	add(&u, "a", "\xef\xbb\xbf" "Early=1\r\n[Service]\r\nRestart=always\r\nnonsense\r\n=x\r\n[broken\r\nUser=u\r\n");
	assert_string_equal(unitfile_value(&u, "Service", "Restart"), "always");
	assert_string_equal(unitfile_value(&u, "Service", "User"), "u");
	assert_int_equal(u.n_problems, 4);
	assert_int_equal(u.problems[0].line, 1);
	assert_int_equal(u.problems[1].line, 4);
	assert_int_equal(u.problems[2].line, 5);
	assert_int_equal(u.problems[3].line, 6);
	assert_string_equal(u.entries[0].section, "");
}

static void booleans_are_systemds(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };

	add(&u, "a", "[S]\nA=Yes\nB=off\nC=maybe\nD=1\n");
	assert_true(unitfile_bool(&u, "S", "A", false));
	assert_false(unitfile_bool(&u, "S", "B", true));
	assert_true(unitfile_bool(&u, "S", "C", true));
	assert_true(unitfile_bool(&u, "S", "D", false));
	assert_false(unitfile_bool(&u, "S", "E", false));
}

static void ten_megabytes_are_bounded(void **state)
{
	enum { N = 10 << 20 };
	_cleanup_unitfile_ struct unitfile u = { 0 };
	char *text = mem_alloc(N);

	for (size_t i = 0; i < N; i++)
		text[i] = "a=\n\n"[i % 4];
	unitfile_add(&u, "big", text, N);
	assert_true(u.cut);
	assert_int_equal(u.n, UNITFILE_MAX_ENTRIES);
	memset(text, 'x', N);
	_cleanup_unitfile_ struct unitfile line = { 0 };
	unitfile_add(&line, "long", text, N);
	assert_int_equal(line.n, 0);
	assert_string_equal(line.problems[0].text, "line is too long");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generated_service_reads_as_systemd_reads_it),
		cmocka_unit_test(drop_ins_come_after_and_an_empty_assignment_resets),
		cmocka_unit_test(PP11_a_key_in_the_wrong_section_is_seen_where_it_stands),
		cmocka_unit_test(continuations_and_comments_are_systemds),
		cmocka_unit_test(crlf_bom_and_odd_lines_are_read_with_their_problems),
		cmocka_unit_test(booleans_are_systemds),
		cmocka_unit_test(ten_megabytes_are_bounded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
