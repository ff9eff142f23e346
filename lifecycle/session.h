/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_SESSION_H
#define LIFECYCLE_SESSION_H

#include "collect/agents.h"
#include "collect/evidence.h"
#include "lifecycle/verb.h"

/* What every command begins with: a source, who asks, which agents there are. */
struct session {
	struct source *source;
	struct host host;
	struct user caller;
	struct agents agents;
	char *state_dir; /* /var/lib/sourceos-agent for root, ~/.local/state/sourceos-agent (macOS: Application Support) else */
	char *keys_dir;	 /* state_dir/keys */
	char *rules_dir; /* the caller's own rules of redaction: ~/.config/sourceos/redact.d */
};

int session_open(const struct cli *cli, struct session *ret, struct err *err);
void session_close(struct session *s);
#define _cleanup_session_ CLEANUP(session_close)

/* The agent of that name or label, with its owner. ERR_USAGE names those that exist and where we looked. */
int session_target(const struct session *s, const struct cli *cli, const char *name, struct target *ret, struct err *err);

/* The same, and besides: a unit name, a label, or the path of a definition that nobody declared. */
int session_target_any(const struct session *s, const struct cli *cli, const char *name, struct target *ret, struct err *err);

/* The agent's name that session_target_any would give `name`, without asking the host: for finding what
 * was done to it earlier, when the host may no longer know it. Caller frees. */
char *session_agent_name(const struct session *s, const char *name);

/* What can be said of a service that nobody declared, from its unit's name alone. Caller frees. */
struct agent *session_infer_agent(const char *unit, enum agent_scope scope);

/* Prints what is wrong with the declaration files to stderr; nothing when all is well. */
void session_warn(const struct session *s, const struct cli *cli);

#endif
