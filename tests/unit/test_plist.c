/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/plist.h"
#include "tests/unit/samples.h"

#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n"

static struct launchd_plist parse(const void *p, size_t n)
{
	struct launchd_plist out;
	struct err err = { 0 };

	if (launchd_plist_parse(p, n, &out, &err) < 0)
		fail_msg("%s", err.msg);
	return out;
}

static struct launchd_plist sample(const char *name)
{
	_cleanup_free_ char *path = mem_printf("launchd/plists/%s", name);
	_cleanup_buf_ struct buf b = sample_read(path);

	return parse(b.data, b.len);
}

static void keys_are_typed(void **state)
{
	_cleanup_launchd_plist_ struct launchd_plist p = sample("good-nixdarwin-nix-daemon.plist");

	assert_string_equal(p.label, "org.nixos.nix-daemon");
	assert_int_equal(p.keepalive, KEEPALIVE_TRUE);
	assert_string_equal(launchctl_pairs_get(&p.environment, "OBJC_DISABLE_INITIALIZE_FORK_SAFETY"), "YES");
	assert_int_equal(strv_len(p.arguments), 3);
	assert_string_equal(launchd_plist_program(&p), "/bin/sh");
	assert_string_equal(p.stderr_path, "/var/log/nix-daemon.log");
	assert_null(p.stdout_path);
	assert_int_equal(p.run_at_load, TRI_UNSET);
	assert_int_equal(p.throttle_interval, -1);
	assert_null(p.unknown);
	assert_null(p.mistyped);
	assert_false(p.binary);
}

static void conditions_of_keepalive_and_unknown_keys(void **state)
{
	_cleanup_launchd_plist_ struct launchd_plist p = sample("good-hm-test-agent.plist");

	assert_int_equal(p.keepalive, KEEPALIVE_DICT);
	assert_int_equal(p.keepalive_crashed, TRI_YES);
	assert_int_equal(p.keepalive_successful_exit, TRI_NO);
	assert_int_equal(strv_len(p.unknown), 2);
	assert_string_equal(p.unknown[0], "\"Special\" characters");
}

static void wrong_types_are_named_and_not_read(void **state)
{
	static const char text[] = HEAD "<dict><key>Label</key><string>a</string><key>KeepAlive</key><string>yes</string>"
				   "<key>ThrottleInterval</key><real>5</real><key>ProgramArguments</key><array><integer>1</integer></array>"
				   "<key>EnvironmentVariables</key><dict><key>N</key><integer>1</integer><key>A</key><string>b</string></dict>"
				   "</dict></plist>";
	_cleanup_launchd_plist_ struct launchd_plist p = parse(text, strlen(text));

	assert_int_equal(strv_len(p.mistyped), 4);
	assert_string_equal(p.mistyped[0], "KeepAlive: string, wants boolean or dictionary");
	assert_string_equal(p.mistyped[3], "EnvironmentVariables.N: integer, wants string");
	assert_int_equal(p.keepalive, KEEPALIVE_UNSET);
	assert_null(p.arguments);
	assert_int_equal(p.environment.n, 1);
}

static void the_rest_of_the_keys(void **state)
{
	static const char text[] = HEAD
		"<dict><key>Label</key><string>a</string><key>Program</key><string>/p</string>"
		"<key>LimitLoadToSessionType</key><array><string>Aqua</string><string>Background</string></array>"
		"<key>Umask</key><string>077</string><key>Nice</key><integer>-5</integer><key>StartInterval</key><integer>60</integer>"
		"<key>StartCalendarInterval</key><array><dict/><dict/></array><key>ExitTimeOut</key><integer>20</integer>"
		"<key>MachServices</key><dict><key>m</key><true/></dict><key>UserName</key><string>u</string>"
		"<key>KeepAlive</key><dict><key>PathState</key><dict><key>/x</key><false/></dict></dict>"
		"<key>AbandonProcessGroup</key><true/></dict></plist>";
	_cleanup_launchd_plist_ struct launchd_plist p = parse(text, strlen(text));

	assert_int_equal(strv_len(p.session_types), 2);
	assert_int_equal(p.umask, 077);
	assert_int_equal(p.nice, -5);
	assert_int_equal(p.start_interval, 60);
	assert_int_equal(p.calendar_entries, 2);
	assert_int_equal(p.exit_timeout, 20);
	assert_string_equal(p.mach_services[0], "m");
	assert_string_equal(p.username, "u");
	assert_string_equal(launchctl_pairs_get(&p.keepalive_path_state, "/x"), "false");
	assert_int_equal(p.abandon_process_group, TRI_YES);
	assert_null(p.mistyped);
}

static void binary_says_the_same_as_xml(void **state)
{
	_cleanup_launchd_plist_ struct launchd_plist xml = sample("good-hm-test-agent.plist");
	char *bin = NULL;
	uint32_t n = 0;

	plist_to_bin(xml.root, &bin, &n);
	_cleanup_launchd_plist_ struct launchd_plist p = parse(bin, n);
	plist_to_bin_free(bin);
	assert_true(p.binary);
	assert_string_equal(p.label, xml.label);
	assert_string_equal(p.arguments[2], xml.arguments[2]);
	assert_int_equal(p.keepalive_successful_exit, TRI_NO);
	assert_int_equal(strv_len(p.unknown), 2);
}

static void what_is_written_reads_the_same_and_keeps_unknown_keys(void **state)
{
	_cleanup_launchd_plist_ struct launchd_plist first = sample("good-nixdarwin-nix-daemon.plist"), hm = sample("good-hm-test-agent.plist");
	_cleanup_buf_ struct buf out = { 0 }, again = { 0 };

	launchd_plist_write(&first, &out);
	_cleanup_launchd_plist_ struct launchd_plist p = parse(out.data, out.len);
	assert_string_equal(p.arguments[2], first.arguments[2]);
	assert_int_equal(p.environment.n, 2);
	assert_non_null(plist_access_path(p.root, 2, "SoftResourceLimits", "NumberOfFiles"));
	launchd_plist_write(&p, &again);
	assert_string_equal(out.data, again.data);
	buf_clear(&out);
	launchd_plist_write(&hm, &out);
	assert_non_null(strstr(out.data, "&lt;should be escaped&gt;"));
}

static void a_generated_definition(void **state)
{
	_cleanup_launchd_plist_ struct launchd_plist p;
	_cleanup_buf_ struct buf out = { 0 };

	launchd_plist_init(&p);
	p.label = mem_strdup("com.example.a");
	p.arguments = strv_add(NULL, "/opt/a & b");
	p.keepalive = KEEPALIVE_DICT;
	p.keepalive_successful_exit = TRI_NO;
	p.throttle_interval = 30;
	launchd_plist_write(&p, &out);
	_cleanup_launchd_plist_ struct launchd_plist back = parse(out.data, out.len);
	assert_string_equal(back.arguments[0], "/opt/a & b");
	assert_int_equal(back.keepalive_successful_exit, TRI_NO);
	assert_int_equal(back.keepalive_crashed, TRI_UNSET);
	assert_int_equal(back.throttle_interval, 30);
	assert_int_equal(back.exit_timeout, -1);
}

static void refuse(const void *p, size_t n, int code, const char *words)
{
	struct err err = { 0 };
	plist_t root = NULL;

	assert_int_equal(plist_load(p, n, &root, &err), -code);
	if (!strstr(err.msg, words))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, words);
}

static void bad_xml_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ HEAD "<dict>\n<key>a</key>\n</dict></plist>", "Value missing for key inside <dict> at line 5" },
		{ HEAD "<dict>\n<string>a</string>\n</dict></plist>", "Found non-key inside <dict> at line 4" },
		{ HEAD "<dict>\n<key>a</key><string>b & c</string>\n</dict></plist>", "ampersand-escape sequence at line 4" },
		{ HEAD "<dict>\n<key>a</key><strin>b</strin></dict></plist>", "unknown tag strin at line 4" },
		{ HEAD "<dict>\n<key>a</key><true/>", "Unexpected end of file at line 4" },
		{ HEAD "<dict><key>a</key><string>b</dict></plist>", "does not match open tag <string>" },
		{ "<!DOCTYPE plist [<!ENTITY a \"b\">]><plist><dict/></plist>", "Declarations" },
		{ "{\"a\": 1}", "Text outside" },
		{ "", "Empty" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		refuse(rows[i].text, strlen(rows[i].text), ERR_SYNTAX, rows[i].words);
	_cleanup_buf_ struct buf b = sample_read("launchd/plists/bad-unescaped-ampersand.plist");
	refuse(b.data, b.len, ERR_SYNTAX, "at line 10");
}

static void nesting_and_expansion_are_bounded(void **state)
{
	_cleanup_buf_ struct buf b = { 0 };

	buf_adds(&b, "<plist>");
	for (int i = 0; i < 10000; i++)
		buf_adds(&b, "<array>");
	refuse(b.data, b.len, ERR_LIMIT, "nested deeper");

	/* 40 arrays, each holding the next twice: 2^40 objects in a file of 200 bytes */
	buf_clear(&b);
	buf_adds(&b, "bplist00");
	for (unsigned char i = 0; i < 40; i++) {
		unsigned char array[] = { 0xa2, i + 1, i + 1 };
		buf_add(&b, array, sizeof(array));
	}
	buf_addc(&b, 0x09);
	size_t table = b.len;
	for (int i = 0; i <= 40; i++)
		buf_addc(&b, (char)(8 + 3 * i));
	unsigned char trailer[32] = { [6] = 1, [7] = 1, [15] = 41, [31] = (unsigned char)table };
	buf_add(&b, trailer, sizeof(trailer));
	refuse(b.data, b.len, ERR_LIMIT, "expands to more than");
}

/* libplist would write it as <date/>, and read that as another */
static void a_date_that_no_calendar_has(void **state)
{
	unsigned char list[] = { 'b', 'p', 'l', 'i', 's', 't', '0', '0', 0x33, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 8,
		0, 0, 0, 0, 0, 0, 1, 1, [33] = 1, [49] = 17 };

	refuse((const char *)list, sizeof(list), ERR_SYNTAX, "date that no calendar has");
}

/* RC-09 */
static void override_databases(void **state)
{
	static const char text[] = HEAD "<dict><key>com.a</key><true/><key>com.b</key><false/><key>com.c</key>"
				   "<dict><key>Disabled</key><true/></dict><key>com.d</key><string>x</string></dict></plist>";
	_cleanup_launchctl_overrides_ struct launchctl_overrides o;

	assert_int_equal(launchd_overrides_parse(text, strlen(text), &o, NULL), 0);
	assert_int_equal(o.n, 3);
	assert_int_equal(launchctl_overrides_get(&o, "com.a"), 1);
	assert_int_equal(launchctl_overrides_get(&o, "com.b"), 0);
	assert_int_equal(launchctl_overrides_get(&o, "com.c"), 1);
	assert_int_equal(o.unknown_lines, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_typed),
		cmocka_unit_test(conditions_of_keepalive_and_unknown_keys),
		cmocka_unit_test(wrong_types_are_named_and_not_read),
		cmocka_unit_test(the_rest_of_the_keys),
		cmocka_unit_test(binary_says_the_same_as_xml),
		cmocka_unit_test(what_is_written_reads_the_same_and_keeps_unknown_keys),
		cmocka_unit_test(a_generated_definition),
		cmocka_unit_test(bad_xml_is_refused_with_its_line),
		cmocka_unit_test(nesting_and_expansion_are_bounded),
		cmocka_unit_test(a_date_that_no_calendar_has),
		cmocka_unit_test(override_databases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
