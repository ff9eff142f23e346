/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "collect/persistence.h"
#include "formats/text.h"
#include "tests/unit/scratch.h"

static char *root;

static void put(const char *path, const char *text)
{
	assert_int_equal(shell("mkdir -p '%s'/\"$(dirname '%s')\"", root, path), 0);
	scratch_write(root, path + 1, text, strlen(text));
}

static void search(struct persistence *p, struct gather **ret_g, struct source **ret_s, bool vendor)
{
	static char name[] = "a", home[] = "/home/a", runtime[] = "/run/user/1";
	const struct identity id = { .uid = 1, .name = name, .home = home, .runtime_dir = runtime };
	const struct persistence_owner owner = { &id };
	struct err err = { 0 };

	*ret_s = source_live(root, &err);
	assert_non_null(*ret_s);
	*ret_g = gather_new(*ret_s);
	persistence_start(*ret_g, p, PLATFORM_LINUX, &owner, 1, vendor);
	assert_int_equal(gather_run(*ret_g, &err), 0);
}

static const struct definition *find(const struct persistence *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i]->path, path) == 0)
			return p->v[i];
	fail_msg("%s was not found", path);
	return NULL;
}

static int setup(void **state)
{
	root = scratch_make();
	put("/etc/systemd/system/x.service", "[Service]\nExecStart=/opt/wrap\n");
	put("/etc/systemd/system/x.service.d/a.conf", "[Service]\nRestart=always\n");
	put("/opt/wrap", "#!/bin/sh\nexec podman run --name nc localhost/x\n");
	put("/home/a/.config/systemd/user/y.service", "[Service]\nExecStart=%h/bin/go\n");
	put("/home/a/bin/go", "#!/bin/sh\ndocker run quay.io/x\n");
	put("/home/a/.config/systemd/user/notes.txt", "podman run x");
	put("/home/a/.config/containers/systemd/q.container", "[Container]\nImage=localhost/q\n");
	put("/home/a/.config/autostart/z.desktop", "[Desktop Entry]\nExec=podman run localhost/z\n");
	put("/etc/cron.d/job", "# podman run comment\nPATH=/bin\n5 4 * * * root podman run --rm localhost/cron\n@reboot root echo hi\n");
	put("/etc/crontab", "SHELL=/bin/sh\n* * * * * root /usr/bin/true; /opt/none; /opt/cronwrap\n");
	put("/opt/cronwrap", "#!/bin/sh\npodman run localhost/wrapped\n");
	put("/etc/anacrontab", "START_HOURS_RANGE=3-22\n1 5 cron.daily nice podman run localhost/anacron\n");
	put("/etc/cron.hourly/tidy", "#!/bin/sh\necho\npodman start old\n");
	put("/etc/cron.hourly/tidy.dpkg-old", "#!/bin/sh\npodman start old\n");
	put("/var/spool/cron/crontabs/b", "5 4 * * * podman run localhost/b\n");
	put("/etc/containers/systemd/users/1/u.container", "[Container]\nImage=localhost/u\n");
	put("/etc/systemd/system/pre.service", "[Service]\nExecStart=/bin/true\nExecStartPre=/bin/sh -c 'echo'\nExecStartPre=-/usr/bin/podman create localhost/pre\n");
	put("/usr/lib/systemd/system/v.service", "[Service]\nExecStart=/usr/bin/podman run localhost/v\n");
	shell("ln -s /dev/null '%s/etc/systemd/system/masked.service'; ln -s /usr/lib/systemd/system/v.service '%s/etc/systemd/system/alias.service'", root, root);
	shell("mkfifo '%s/etc/systemd/system/fifo.service'", root);
	return 0;
}

static int teardown(void **state)
{
	scratch_remove(&root);
	return 0;
}

static void everything_that_starts_by_itself_is_found(void **state)
{
	struct persistence p = { 0 };
	struct gather *g;
	struct source *s;

	search(&p, &g, &s, false);
	const struct definition *d = find(&p, "/etc/systemd/system/x.service");
	assert_string_equal(d->owner, "system");
	assert_int_equal(d->n_drop_ins, 1);
	assert_string_equal(unitfile_value(&d->unit, "Service", "Restart"), "always");
	assert_string_equal(d->start.program.path, "/opt/wrap");
	assert_string_equal(d->start.run.image, "localhost/x");
	assert_true(d->start.run_in_script);
	assert_int_equal(d->start.run.line, 2);
	d = find(&p, "/home/a/.config/systemd/user/y.service");
	assert_string_equal(d->owner, "a");
	assert_string_equal(d->start.program.path, "/home/a/bin/go"); /* %h is the owner's */
	assert_string_equal(d->start.run.program, "docker");
	assert_int_equal(find(&p, "/home/a/.config/containers/systemd/q.container")->kind, DEFINITION_QUADLET);
	assert_string_equal(find(&p, "/home/a/.config/autostart/z.desktop")->start.run.image, "localhost/z");
	d = find(&p, "/etc/cron.d/job");
	assert_string_equal(d->start.run.image, "localhost/cron");
	assert_int_equal(d->start.run.line, 3);
	d = find(&p, "/etc/crontab"); /* through the second script that it starts */
	assert_string_equal(d->start.run.image, "localhost/wrapped");
	assert_string_equal(d->start.program.path, "/opt/cronwrap");
	assert_string_equal(find(&p, "/etc/anacrontab")->start.run.image, "localhost/anacron");
	d = find(&p, "/etc/cron.hourly/tidy");
	assert_string_equal(d->start.run.verb, "start");
	assert_int_equal(d->start.run.line, 3);
	d = find(&p, "/var/spool/cron/crontabs/b");
	assert_string_equal(d->owner, "b");
	assert_string_equal(d->start.run.image, "localhost/b");
	find(&p, "/etc/containers/systemd/users/1/u.container");
	d = find(&p, "/etc/systemd/system/pre.service"); /* not only what ExecStart= says */
	assert_string_equal(d->start.run.image, "localhost/pre");
	assert_int_equal(startup_line(&d->start)->line, 4);
	for (size_t i = 0; i < p.n; i++) {
		assert_null(strstr(p.v[i]->path, "dpkg-old"));
		assert_null(strstr(p.v[i]->path, "notes"));
		assert_null(strstr(p.v[i]->path, "masked"));
		assert_null(strstr(p.v[i]->path, "alias"));
		assert_null(strstr(p.v[i]->path, "fifo"));
		assert_null(strstr(p.v[i]->path, "/usr/lib"));
	}
	persistence_free(&p);
	gather_free(g);
	source_close(s);
}

/* On a host with control groups of version 1 a storm of rootless podman leaves thousands. */
static void scopes_are_not_read(void **state)
{
	struct persistence p = { 0 };
	struct gather *g;
	struct source *s;

	put("/run/systemd/transient/podman-1.scope", "[Scope]\n");
	put("/run/systemd/transient/t.service", "[Service]\nExecStart=/bin/true\n");
	search(&p, &g, &s, false);
	find(&p, "/run/systemd/transient/t.service");
	const struct answer *a = gather_answer(g, "dir/run/systemd/transient");
	assert_non_null(a);
	assert_non_null(strstr(buf_str(&a->out), "t.service"));
	assert_null(strstr(buf_str(&a->out), ".scope"));
	persistence_free(&p);
	gather_free(g);
	source_close(s);
}

/* A user's script may name what only root may read. */
static void scripts_of_users_are_read_on_their_behalf(void **state)
{
	struct persistence p = { 0 };
	struct gather *g;
	struct source *s;

	if (geteuid() != 0)
		skip();
	put("/home/a/.config/systemd/user/lure.service", "[Service]\nExecStart=%h/bin/lure\n");
	put("/home/a/bin/lure", "#!/bin/sh\nexec /root/secret\n");
	put("/root/secret", "#!/bin/sh\npodman run localhost/secret\n");
	put("/etc/systemd/system/own.service", "[Service]\nExecStart=/root/own\n");
	put("/root/own", "#!/bin/sh\npodman run localhost/own\n");
	shell("chmod 600 '%s/root/secret' '%s/root/own'", root, root);
	search(&p, &g, &s, false);
	assert_null(find(&p, "/home/a/.config/systemd/user/lure.service")->start.run.program);
	assert_true(find(&p, "/home/a/.config/systemd/user/lure.service")->start.unread);
	assert_string_equal(find(&p, "/etc/systemd/system/own.service")->start.run.image, "localhost/own");
	persistence_free(&p);
	gather_free(g);
	source_close(s);
}

static void vendors_are_told_apart(void **state)
{
	struct persistence p = { 0 };
	struct gather *g;
	struct source *s;

	search(&p, &g, &s, true);
	assert_true(find(&p, "/usr/lib/systemd/system/v.service")->vendor);
	assert_false(find(&p, "/etc/systemd/system/x.service")->vendor);
	persistence_free(&p);
	gather_free(g);
	source_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_that_starts_by_itself_is_found),
		cmocka_unit_test(scopes_are_not_read),
		cmocka_unit_test(scripts_of_users_are_read_on_their_behalf),
		cmocka_unit_test(vendors_are_told_apart),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
