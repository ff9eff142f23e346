/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/text.h"
#include "lifecycle/scan.h"

/* Findings of one text, as a file of that name. */
static void scan(const char *path, const char *text, struct findings *ret)
{
	size_t n = strlen(text);

	scan_file(path, text, n, scan_kind_of(path, text, n), NULL, 0, ret);
}

static void expect(const char *path, const char *text, const char *check, enum verdict v, unsigned line)
{
	_cleanup_findings_ struct findings l = { 0 };

	scan(path, text, &l);
	for (size_t i = 0; i < l.n; i++)
		if (strcmp(l.v[i]->check, check) == 0 && l.v[i]->verdict == v && (!line || l.v[i]->line == line))
			return;
	for (size_t i = 0; i < l.n; i++)
		print_message("%s %s %s:%u %s\n", l.v[i]->check, verdict_name(l.v[i]->verdict), l.v[i]->file, l.v[i]->line, l.v[i]->message);
	fail_msg("no %s %s at line %u of %s", check, verdict_name(v), line, path);
}

static void clean(const char *path, const char *text)
{
	_cleanup_findings_ struct findings l = { 0 };

	scan(path, text, &l);
	for (size_t i = 0; i < l.n; i++)
		print_message("%s %s %s:%u %s\n", l.v[i]->check, verdict_name(l.v[i]->verdict), l.v[i]->file, l.v[i]->line, l.v[i]->message);
	assert_int_equal(l.n, 0);
}

#define PLIST(body) "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n" 	"<plist version=\"1.0\">\n<dict>\n<key>Label</key>\n<string>org.example.x</string>\n" body "</dict>\n</plist>\n"
#define SERVICE(body) "[Unit]\nDescription=x\n[Service]\n" body

static void pp01_agent_for_every_user(void **state)
{
	static const char text[] = PLIST("<key>Program</key>\n<string>/usr/local/bin/x</string>\n");

	expect("/Library/LaunchAgents/org.example.x.plist", text, "PP-01", VERDICT_FAIL, 0);
	clean("/Users/a/Library/LaunchAgents/org.example.x.plist", text);
}

static void pp02_keep_alive_over_two_lines(void **state)
{
	expect("/x/org.example.x.plist", PLIST("<key>KeepAlive</key>\n<true/>\n<key>Program</key>\n<string>/usr/local/bin/x</string>\n"), "PP-02",
		VERDICT_FAIL, 7);
	expect("/x/org.example.x.plist", PLIST("<key>KeepAlive</key>   \n\n   <true/>\n<key>Program</key>\n<string>/usr/local/bin/x</string>\n"), "PP-02",
		VERDICT_FAIL, 7);
}

static void pp02_restart_always(void **state)
{
	expect("x.service", SERVICE("ExecStart=/usr/bin/x\nRestart=always\nRestartSec=10\n"), "PP-02", VERDICT_FAIL, 5);
	expect("x.service", "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/usr/bin/x\nRestart=always\n", "PP-02", VERDICT_FAIL, 5);
	expect("x.service", "[Unit]\nStartLimitIntervalSec=0\n[Service]\nExecStart=/usr/bin/x\nRestart=on-failure\n", "PP-02", VERDICT_FAIL, 5);
	/* bounded: still a word about it */
	expect("x.service", "[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=3\n[Service]\nExecStart=/usr/bin/x\nRestart=always\n", "PP-02", VERDICT_WARN, 6);
	clean("x.service", "[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=3\n[Service]\nExecStart=/usr/bin/x\nRestart=on-failure\nRestartSec=10\n");
}

static void pp03_logs_in_tmp(void **state)
{
	expect("x.service", SERVICE("ExecStart=/usr/bin/x\nStandardOutput=append:/tmp/x.log\n"), "PP-03", VERDICT_FAIL, 5);
	expect("x.service", SERVICE("ExecStart=/usr/bin/x\nStandardError=file:%T/x.log\n"), "PP-03", VERDICT_FAIL, 5);
	expect("/x/org.example.x.plist", PLIST("<key>Program</key>\n<string>/usr/local/bin/x</string>\n<key>StandardErrorPath</key>\n<string>/private/tmp/x.log</string>\n"),
		"PP-03", VERDICT_FAIL, 9);
	expect("wrap.sh", "#!/bin/sh\nexec >>/var/tmp/x.log 2>&1\n", "PP-03", VERDICT_FAIL, 2);
	clean("wrap.sh", "#!/bin/sh\n# > /tmp/x.log\nexec >>/var/log/x.log\n");
}

static void pp04_gcloud_in_a_wrapper(void **state)
{
	expect("wrap.sh", "#!/bin/sh\ngcloud auth configure-docker\nexec podman run localhost/x\n", "PP-04", VERDICT_FAIL, 0);
}

static void pp05_registry_image(void **state)
{
	expect("x.service", SERVICE("ExecStart=/usr/bin/podman run --rm us-docker.pkg.dev/p/x:1\n"), "PP-05", VERDICT_FAIL, 4);
	expect("x.service", SERVICE("ExecStart=podman run busybox\n"), "PP-05", VERDICT_FAIL, 4);
	expect("x.container", "[Container]\nImage=quay.io/x/y:1\n", "PP-05", VERDICT_FAIL, 2);
	clean("x.container", "[Container]\nImage=localhost/x/y:1\n");
	expect("x.service", SERVICE("ExecStart=/usr/bin/podman run $IMAGE\n"), "PP-05", VERDICT_WARN, 4);
}

static void pp06_raw_run_also_in_a_wrapper(void **state)
{
	expect("x.service", SERVICE("ExecStart=/usr/bin/podman run localhost/x\n"), "PP-06", VERDICT_FAIL, 4);
	expect("x.service", SERVICE("ExecStart=/usr/bin/env A=b docker run localhost/x\n"), "PP-06", VERDICT_FAIL, 4);
	expect("wrap.sh", "#!/bin/sh\nset -e\nexec podman \\\n  run localhost/x\n", "PP-06", VERDICT_FAIL, 3);
	clean("x.service", SERVICE("ExecStart=/usr/bin/podman start -a x\n"));
	clean("x.service", SERVICE("ExecStart=/usr/bin/podman system service\n"));
	/* each command of each line, at its line */
	expect("x.service", SERVICE("Type=oneshot\nExecStart=/bin/true\nExecStart=/usr/bin/podman run localhost/x\n"), "PP-06", VERDICT_FAIL, 6);
	expect("x.service", SERVICE("ExecStart=/bin/true\nExecStartPre=-/usr/bin/podman rm x\nExecStartPre=/usr/bin/podman run quay.io/x\n"), "PP-05", VERDICT_FAIL, 6);
	expect("x.service", SERVICE("ExecStart=/bin/true ; /usr/bin/podman run localhost/x\n"), "PP-06", VERDICT_FAIL, 4);
	expect("x.service", SERVICE("ExecStart=/usr/bin/docker-compose up\n"), "PP-06", VERDICT_FAIL, 4);
	/* what only makes way for it is part of a wrapper */
	expect("wrap.sh", "#!/bin/sh\npodman rm -f x\npodman run --name x quay.io/x/y\n", "PP-06", VERDICT_FAIL, 3);
	expect("wrap.sh", "#!/bin/sh\npodman start -a x || podman run --name x quay.io/x/y\n", "PP-05", VERDICT_FAIL, 2);
	clean("build.sh", "#!/bin/sh\npodman build -t localhost/x .\npodman run localhost/x make\n");
	/* a script that does more than wrap one is its author's */
	clean("build.sh", "#!/bin/sh\npodman run localhost/x make\npodman run localhost/x test\n");
}

static void what_autostart_hides_is_not_started(void **state)
{
	expect("x.desktop", "[Desktop Entry]\nExec=podman run quay.io/x/y\n", "PP-06", VERDICT_FAIL, 2);
	clean("x.desktop", "[Desktop Entry]\nExec=podman run quay.io/x/y\nHidden=true\n");
}

static void drop_ins_of_every_kind_are_recognised(void **state)
{
	static const char *const paths[] = { "/x/a.service.d/b.conf", "/x/a.timer.d/b.conf", "/x/a.socket.d/b.conf", "/x/a.path.d/b.conf", "/x/a.container.d/b.conf",
		"/x/a.kube.d/b.conf" };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		assert_int_equal(scan_kind_of(paths[i], "", 0), SCAN_DROP_IN);
	assert_int_equal(scan_kind_of("/x/conf.d/b.conf", "", 0), SCAN_NONE);
	assert_int_equal(scan_kind_of("b.conf", "", 0), SCAN_NONE);
}

static void a_declaration_that_is_too_long_has_no_line(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };
	size_t n = (10 << 20) + 50;
	_cleanup_free_ char *text = mem_alloc(n + 1);

	memset(text, ' ', n);
	scan_file("big.json", text, n, SCAN_DECLARATION, NULL, 0, &l);
	assert_int_equal(l.n, 1);
	assert_string_equal(l.v[0]->check, "DE-01");
	assert_int_equal(l.v[0]->line, 0);
}

static void pp07_shell_command_line(void **state)
{
	expect("x.service", SERVICE("ExecStart=/bin/sh -c 'echo hello'\n"), "PP-07", VERDICT_FAIL, 4);
	expect("/x/org.example.x.plist", PLIST("<key>ProgramArguments</key>\n<array><string>/bin/sh</string><string>-c</string><string>podman run localhost/x</string></array>\n"),
		"PP-07", VERDICT_FAIL, 7);
	/* nix-darwin's wait for the store is named, not accused */
	_cleanup_findings_ struct findings l = { 0 };
	scan("/x/org.example.x.plist", PLIST("<key>ProgramArguments</key>\n<array><string>/bin/sh</string><string>-c</string>"
					     "<string>/bin/wait4path /nix/store &amp;&amp; exec /usr/bin/x</string></array>\n"), &l);
	assert_null(findings_find(&l, "PP-07"));
}

static void pp08_store_path_alone(void **state)
{
	expect("x.service", SERVICE("ExecStart=/nix/store/zv883l8g80caw3lhmwxnnylqss7bsrhb-x/bin/x\n"), "PP-08", VERDICT_WARN, 4);
}

static void pp11_bounds_that_do_nothing(void **state)
{
	expect("x.service", SERVICE("ExecStart=/usr/bin/x\nRestart=on-failure\nStartLimitIntervalSec=1h\n"), "PP-11", VERDICT_FAIL, 6);
	expect("x.service", "[Unit]\nStartLimitIntervalSec=20\nStartLimitBurst=5\n[Service]\nExecStart=/usr/bin/x\nRestart=on-failure\nRestartSec=10\n", "PP-11",
		VERDICT_FAIL, 2);
}

static void pf17_lints_have_their_place(void **state)
{
	expect("x.service", SERVICE("ExecStart=/usr/bin/x\nRestart=allways\n"), "PF-17", VERDICT_FAIL, 5);
	expect("/x/org.example.x.plist", "this is no property list", "PF-17", VERDICT_FAIL, 0);
}

static void pf18_wrapper_lints(void **state)
{
	expect("wrap.sh", "#!/bin/sh\nd=$(readlink -f x)\nexec podman run localhost/x\n", "PF-18", VERDICT_FAIL, 2);
}

static void declarations_name_the_key(void **state)
{
#define DECLARATION(more) "{\n\"schemaVersion\": \"sourceos.local-agent.v1\", \"name\": \"x\", \"label\": \"org.x\", \"scope\": \"user\", \"runtime\": \"podman\",\n" 	"\"owner\": {\"project\":\"p\",\"component\":\"c\",\"contact\":\"d\"},\n" more "}\n"
	expect("x.json", DECLARATION("\"container\": {\"name\":\"x\",\"runtimeImage\":\"quay.io/x/y:1\"}"), "PF-10", VERDICT_FAIL, 0);
	expect("x.json", DECLARATION("\"container\": {\"name\":\"x\",\"runtimeImage\":\"localhost/y:1\"},\n\"podmann\": {}"), "DE-01", VERDICT_WARN, 5);
	expect("x.json", DECLARATION("\"container\": 3"), "DE-01", VERDICT_FAIL, 4);
	expect("x.json", DECLARATION("\"container\": {\"name\":\"x\",\"runtimeImage\":\"localhost/y:1\"},\n\"logs\": {\"app\":\"/tmp/x.log\"}"), "PP-03", VERDICT_FAIL, 0);
	clean("package.json", "{\"name\": \"x\"}");
}

static void drop_ins_are_judged_with_their_unit(void **state)
{
	_cleanup_findings_ struct findings l = { 0 };
	static const char unit[] = "[Unit]\nStartLimitIntervalSec=1h\nStartLimitBurst=3\n[Service]\nExecStart=/usr/bin/x\nRestart=on-failure\n";
	static const char drop[] = "[Service]\nRestart=always\n[Unit]\nStartLimitIntervalSec=0\n";
	const struct scan_part part = { "x.service.d/a.conf", drop, strlen(drop) };

	scan_file("x.service", unit, strlen(unit), SCAN_UNIT, &part, 1, &l);
	const struct finding *f = findings_find(&l, "PP-02");
	assert_non_null(f);
	assert_string_equal(f->file, "x.service.d/a.conf");
	assert_int_equal(f->line, 2);
}

static void nix_text_is_enough(void **state)
{
	expect("x.nix", "{\n  serviceConfig = {\n    KeepAlive = true;\n  };\n}\n", "PP-02", VERDICT_FAIL, 3);
	expect("x.nix", "{ systemd.services.x.serviceConfig.StartLimitIntervalSec = 30; }\n", "PP-11", VERDICT_FAIL, 1);
	expect("x.nix", "{\n  script = ''\n    exec podman run gcr.io/x/y\n  '';\n}\n", "PP-06", VERDICT_FAIL, 3);
	expect("x.nix", "{ StandardOutPath = \"/tmp/x\"; }", "PP-03", VERDICT_FAIL, 1);
	expect("x.nix", "{ image = \"gcr.io/x/y:1\"; }", "PP-05", VERDICT_FAIL, 1);
	clean("x.nix", "{ # KeepAlive = true;\n sourceImage = \"gcr.io/x/y:1\"; image = \"localhost/x:1\"; }");
}

static void what_is_nothing_of_ours_is_left_alone(void **state)
{
	assert_int_equal(scan_kind_of("README.md", "# podman run", 12), SCAN_NONE);
	assert_int_equal(scan_kind_of("a.conf", "", 0), SCAN_NONE);
	assert_int_equal(scan_kind_of("a/x.service.d/a.conf", "", 0), SCAN_DROP_IN);
	assert_int_equal(scan_kind_of("x", "bplist00xxxx", 12), SCAN_PLIST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pp01_agent_for_every_user),
		cmocka_unit_test(pp02_keep_alive_over_two_lines),
		cmocka_unit_test(pp02_restart_always),
		cmocka_unit_test(pp03_logs_in_tmp),
		cmocka_unit_test(pp04_gcloud_in_a_wrapper),
		cmocka_unit_test(pp05_registry_image),
		cmocka_unit_test(pp06_raw_run_also_in_a_wrapper),
		cmocka_unit_test(what_autostart_hides_is_not_started),
		cmocka_unit_test(drop_ins_of_every_kind_are_recognised),
		cmocka_unit_test(a_declaration_that_is_too_long_has_no_line),
		cmocka_unit_test(pp07_shell_command_line),
		cmocka_unit_test(pp08_store_path_alone),
		cmocka_unit_test(pp11_bounds_that_do_nothing),
		cmocka_unit_test(pf17_lints_have_their_place),
		cmocka_unit_test(pf18_wrapper_lints),
		cmocka_unit_test(declarations_name_the_key),
		cmocka_unit_test(drop_ins_are_judged_with_their_unit),
		cmocka_unit_test(nix_text_is_enough),
		cmocka_unit_test(what_is_nothing_of_ours_is_left_alone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
