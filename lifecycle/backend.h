/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_BACKEND_H
#define LIFECYCLE_BACKEND_H

#include "collect/evidence.h"
#include "lifecycle/plan.h"

/*
 * What changes a service manager: plans made from evidence, pure. One file a manager; the evidence
 * says which applies, so both compile everywhere.
 */

/* Stops, disables and takes away the service and what triggers it, and gets its container out of the
 * way. stamp: of the evidence directory, for the name that a kept container gets. */
int systemd_plan_quarantine(const struct evidence *e, const char *stamp, struct plan *p, struct err *err);

/* Boots the label out of every domain that holds it, disables it, and takes its property lists away. */
int launchd_plan_quarantine(const struct evidence *e, const char *stamp, struct plan *p, struct err *err);

/* The container part of a quarantine, for any manager. */
void container_plan_quarantine(const struct evidence *e, const char *stamp, struct plan *p);

#endif
