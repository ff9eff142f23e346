/* SPDX-License-Identifier: MIT */
/* history: the receipts of an agent, after their chain was checked. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "bundle/durable.h"
#include "bundle/sha256.h"
#include "formats/custody.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/install_paths.h"
#include "lifecycle/session.h"
#include "lifecycle/session_target.h"

#define HISTORY_MAX (16u << 20)

static void print_line(const char *p, size_t n)
{
	_cleanup_custody_ struct custody c = { 0 };
	char when[32];

	if (custody_parse(p, n, &c, NULL))
		return;
	_cleanup_free_ char *actor = text_safe(c.actor), *action = text_safe(c.action), *detail = text_safe(c.detail ? c.detail : "");
	text_time(when, c.time_us);
	printf("%s  %-10s by %s%s%s%s%s\n", when, action, actor, c.uid == 0 && strcmp(actor, "root") != 0 ? " (as root)" : "", *detail ? ": " : "", detail,
		c.exit ? "  [failed]" : "");
}

static void print_json(const char *agent, const struct buf *b)
{
	json_t *list = json_array();

	for (const char *p = buf_str(b), *nl; (nl = strchr(p, '\n')); p = nl + 1)
		json_array_append_new(list, json_loadb(p, (size_t)(nl - p), 0, NULL));
	json_t *doc = json_pack("{s:s, s:o}", "agent", agent, "receipts", list);
	cli_print_json(doc);
}

static int history(const struct cli *cli, const struct target *t, enum platform platform, struct err *err)
{
	_cleanup_install_paths_ struct install_paths paths = { 0 };
	_cleanup_buf_ struct buf b = { 0 };

	install_paths_make(t->agent, &t->owner, platform, install_form_of(t->agent, platform), &paths);
	int r = file_read(AT_FDCWD, paths.history, HISTORY_MAX, &b, err);
	if (r == -ERR_ABSENT)
		return err_set(err, ERR_ABSENT, "%s has no history here (%s)", t->agent->name, paths.history);
	if (r == 0)
		r = custody_check(buf_str(&b), b.len, sha256_of, NULL, NULL, err);
	if (r)
		return err_prefix(err, "%s", paths.history);
	if (cli->json) {
		print_json(t->agent->name, &b);
		return EXIT_OK;
	}
	for (const char *p = buf_str(&b), *nl; (nl = strchr(p, '\n')); p = nl + 1)
		print_line(p, (size_t)(nl - p));
	return EXIT_OK;
}

int cmd_history(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	struct target t = { 0 };
	int r = session_open(cli, &s, err);

	if (r == 0)
		r = session_target(&s, cli, cli->args[0], &t, err);
	if (r == 0)
		r = history(cli, &t, s.host.platform, err);
	target_free(&t);
	return r;
}
