/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_SESSION_H
#define LIFECYCLE_SESSION_H

#include "collect/agents.h"
#include "collect/evidence.h"
#include "formats/minisign.h"
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

/* Where evidence is kept that no --output sends elsewhere. Caller frees. */
char *session_evidence_dir(const struct session *s);

/* Prints what is wrong with the declaration files to stderr; nothing when all is well. */
void session_warn(const struct session *s, const struct cli *cli);

/* Says on stderr that signatures by this key of ours will not be trusted, when it is marked so. */
void session_warn_key(const struct session *s, const struct cli *cli, const struct minisign_pub *pub);

#endif
