/* SPDX-License-Identifier: MIT */
#include "lifecycle/receipt.h"

#include <stdio.h>

#include "lifecycle/history.h"
#include "lifecycle/session_target.h"

void receipt_note(const struct session *s, const struct cli *cli, const char *agent, const char *action, const char *detail, int exit)
{
	_cleanup_install_paths_ struct install_paths paths = { 0 };
	const struct receipt r = { .time_us = source_now_us(s->source), .actor = s->caller.id.name, .uid = s->host.euid, .action = action, .detail = detail,
		.exit = exit };
	struct target t = { 0 };
	struct err err = { 0 };

	if (!agents_find(&s->agents, agent) || session_target(s, cli, agent, &t, NULL))
		return;
	install_paths_make(t.agent, &t.owner, s->host.platform, install_form_of(t.agent, s->host.platform), &paths);
	bool other = s->host.euid == 0 && t.owner.id.uid != 0;
	if (history_append(&paths, other ? &t.owner.id : NULL, &r, &err))
		fprintf(stderr, "%s: the history of %s could not be written: %s\n", cli->program, agent, err.msg);
	target_free(&t);
}
