/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_UNLOADED_H
#define LIFECYCLE_UNLOADED_H

#include "collect/host.h"
#include "formats/declaration.h"

/*
 * Where a service's definition lies that no manager has loaded: a property list that was never bootstrapped, or any
 * service of a mounted image. unit: "x.service", on a Mac the label. The first place that has it, the owner's before the
 * system's, as their managers look; NULL when none has. Caller frees.
 */
char *unloaded_find(struct source *s, enum platform platform, const struct identity *owner, const char *unit, enum agent_scope *ret_scope);

/* Something is at that path. */
bool definition_is_there(struct source *s, const char *path);

#endif
