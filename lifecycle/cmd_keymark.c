/* SPDX-License-Identifier: MIT */
/* key untrust, mark, rotate. */
#include <string.h>

#include "bundle/trustmark.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/session.h"

int cmd_key_untrust(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	int r = session_open(cli, &s, err);

	if (!r)
		r = trust_remove(s.keys_dir, cli->args[0], err);
	if (r == -ERR_ABSENT)
		return err_set(err, ERR_USAGE, "no trusted key is called \"%s\"; see key list", cli->args[0]);
	if (r)
		return r;
	cli_say(cli, "%s is no longer trusted; if the key leaked, 'key mark' says so under every name", cli->args[0]);
	return cmd_key_show(cli, err);
}

static int read_mark(const struct cli *cli, const struct session *s, struct keymark *m, struct err *err)
{
	const char *since = cli_get(cli, "since"), *note = cli_get(cli, "note");
	_cleanup_free_ char *midnight = since && strlen(since) == 10 ? mem_printf("%sT00:00:00Z", since) : NULL;

	if (key_state_parse(cli->args[1], &m->state))
		return err_set(err, ERR_USAGE, "a key is marked replaced, lost or leaked, or good to take a mark back: not \"%s\"", cli->args[1]);
	m->since_us = source_now_us(s->source);
	if (since && text_parse_time(midnight ? midnight : since, &m->since_us))
		return err_set(err, ERR_USAGE, "--since takes 2026-11-24, or 2026-11-24T06:50:03Z: not \"%s\"", since);
	m->note = mem_strdup(note);
	return 0;
}

int cmd_key_mark(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	_cleanup_trust_ struct trust t = { 0 };
	_cleanup_keymark_ struct keymark m = { 0 };
	int r = session_open(cli, &s, err);

	if (!r)
		r = trust_load(&t, s.keys_dir, err);
	if (!r)
		r = trust_find(&t, cli->args[0], &m.pub, err);
	if (r == -ERR_ABSENT && err)
		return err_set(err, ERR_USAGE, "%s", err->msg);
	if (!r)
		r = read_mark(cli, &s, &m, err);
	if (!r)
		r = m.state == KEY_GOOD ? trust_mark_remove(s.keys_dir, &m.pub, err) : trust_mark_write(s.keys_dir, &m, err);
	return r ? r : cmd_key_show(cli, err);
}

int cmd_key_rotate(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	int r = session_open(cli, &s, err);

	if (!r)
		r = trust_rotate_host(s.keys_dir, source_now_us(s.source), err);
	if (r)
		return r;
	cli_say(cli, "new bundles are signed with the new key, old ones stay verifiable here; give %s/host.pub to those who verify yours:\n"
		     "host.pub.minisig beside it is the old key's signature on it",
		s.keys_dir);
	return cmd_key_show(cli, err);
}
