/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_OWNER_H
#define LIFECYCLE_OWNER_H

#include "lifecycle/session.h"

/*
 * Whose service an agent is: root's for scope system; else --owner's, or who called (sudo's caller), or, for root without sudo, the one
 * user whose service manager knows the unit. ERR_USAGE when several do, or when --owner is nobody.
 */
int agent_owner(const struct session *s, const struct cli *cli, const struct agent *a, struct user *ret, struct err *err);

/* Whether a service manager knows the unit, or launchd the label; owner NULL: the system's. */
bool manager_has(const struct session *s, const struct user *owner, const char *unit);

#endif
