/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_AGENTS_H
#define COLLECT_AGENTS_H

#include "collect/host.h"
#include "formats/declaration.h"

/*
 * The declared agents of a host, from the first of these that declares each name:
 *	$SOURCEOS_AGENTS_PATH (directories and files, ':' between), ~/.config/sourceos/agents.d of the
 *	owner, /etc/sourceos/agents.d, $PREFIX/share/sourceos/agents.d
 */
struct agents {
	struct agent **list;	/* NULL-terminated; paths expanded to their owner's home */
	char **searched;	/* where we looked, for messages */
	char **problems;	/* files that could not be read or parsed: "file:line: why"; safe for a terminal */
	struct warnings warnings;
};

/* home: of the user on whose behalf we look. A broken file is a problem, not a failure: the others still load. */
int agents_load(struct source *s, const struct host *host, const struct identity *owner, struct agents *ret, struct err *err);
void agents_close(struct agents *a);
/* What it runs is in a Podman machine, or behind another connection: its client is a remote one. */
bool agent_needs_machine(const struct agent *a, enum platform platform);
/* The directory of what we keep about it, below its owner's state directory; caller frees. */
char *agent_state_dir(const struct agent *a, enum platform platform, const struct identity *owner);
const struct agent *agents_find(const struct agents *a, const char *name); /* by name, then by label; NULL */

#endif
