/* SPDX-License-Identifier: MIT */
/* stage: what install would write, into a directory of its own under the same paths, for a person to read and diff. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/installation.h"
#include "lifecycle/session.h"
#include "lifecycle/session_target.h"

static int write_file(int dirfd, const struct install_file *f, struct err *err)
{
	const char *name = f->path + 1;

	if (dir_make_parents(dirfd, name))
		return err_errno(err, errno, "%s", name);
	_cleanup_fd_ int fd = openat(dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || write_all(fd, f->content, strlen(f->content)) || fchmod(fd, (mode_t)f->mode))
		return err_errno(err, errno, "%s", name);
	return 0;
}

static int stage(struct cli *cli, const struct recipe *r, const char *dir, struct err *err)
{
	_cleanup_installation_ struct installation files = { 0 };
	json_t *written = json_array();
	int bad = recipe_check(r, err);

	if (bad == 0) {
		installation_make(r, &files);
		bad = installation_lint(&files, r, err);
	}
	if (bad == 0 && mkdir(dir, 0755))
		bad = errno == EEXIST ? err_set(err, ERR_USAGE, "%s exists; name another directory with --output", dir) : err_errno(err, errno, "%s", dir);
	_cleanup_fd_ int fd = bad ? -1 : open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (bad == 0 && fd < 0)
		bad = err_errno(err, errno, "%s", dir);
	for (size_t i = 0; i < files.n && bad == 0; i++) {
		bad = write_file(fd, &files.v[i], err);
		_cleanup_free_ char *path = mem_printf("%s%s", dir, files.v[i].path);
		json_array_append_new(written, json_pack("{s:s, s:s, s:s}", "what", files.v[i].what, "staged", path, "installs", files.v[i].path));
		if (bad == 0 && !cli->json)
			printf("%s\n", path);
	}
	if (bad == 0 && cli->json) {
		json_t *doc = json_pack("{s:s, s:s, s:O}", "agent", r->agent->name, "directory", dir, "files", written);
		cli_print_json(doc);
	} else if (bad == 0) {
		_cleanup_free_ char *safe = text_safe(dir);
		printf("staged; nothing else was touched. Compare with: diff -r %s / | grep -v '^Only in /'\n", safe);
	}
	json_decref(written);
	return bad;
}

int cmd_stage(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_install_paths_ struct install_paths paths = { 0 };
	struct target t = { 0 };
	int r = session_open(cli, &s, err);

	if (r)
		return r;
	session_warn(&s, cli);
	r = session_target(&s, cli, cli->args[0], &t, err);
	if (r)
		return r;
	enum platform platform = s.host.platform;
	enum install_form form = install_form_of(t.agent, platform);
	if (cli_has(cli, "quadlet") && form == INSTALL_UNIT) {
		install_as_quadlet(t.agent);
		form = INSTALL_QUADLET;
	}
	install_paths_make(t.agent, &t.owner, platform, form, &paths);
	const struct recipe recipe = { t.agent, &paths, PREFIX "/bin/sourceos-agent", platform, form };
	_cleanup_free_ char *otherwise = mem_printf("%s-staged", t.agent->name);
	const char *dir = cli_get(cli, "output") ? cli_get(cli, "output") : otherwise;
	r = stage(cli, &recipe, dir, err);
	target_free(&t);
	return r;
}
