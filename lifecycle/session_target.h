/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_SESSION_TARGET_H
#define LIFECYCLE_SESSION_TARGET_H

#include "lifecycle/session.h"

/* From a name on the command line to the service that is meant, and whose it is. */

/* The agent of that name or label, with its owner. ERR_USAGE names those that exist and where we looked. */
int session_target(const struct session *s, const struct cli *cli, const char *name, struct target *ret, struct err *err);

/* The same, and besides: a unit name, a label, or the path of a definition that nobody declared. */
int session_target_any(const struct session *s, const struct cli *cli, const char *name, struct target *ret, struct err *err);

/* The agent's name that session_target_any would give `name`, without asking the host: for finding what
 * was done to it earlier, when the host may no longer know it. Caller frees. */
char *session_agent_name(const struct session *s, const char *name);

/* What can be said of a service that nobody declared, from its unit's name alone. Caller frees. */
struct agent *session_infer_agent(const char *unit, enum agent_scope scope);

#endif
