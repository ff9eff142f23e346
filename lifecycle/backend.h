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

/* Podman as its owner runs it, towards the engine that a container lives in. */
struct container_engine {
	const struct identity *owner;
	const char *connection; /* NULL: the default one */
	bool remote;		/* with connection NULL: the default machine's, not the local one */
};
/* `podman WORDS…` as a probe; key "podman/WHAT". words are handed over. */
struct probe *container_probe(const struct container_engine *g, const char *what, char **words);
/* The first words with which `ps --format {{.State}}` says a state: 4 prints "Up 3 minutes ago" where 5 prints "running". Caller frees. */
char **container_state_words(const char *state);
/* Stops the container: politely within `seconds`, then by force, then by removing it. Each step is passed over when the one
 * before was enough. It is done once no container of that name runs; with `gone`, once there is none. */
void container_plan_stop(const struct container_engine *g, const char *name, uint32_t seconds, bool gone, struct plan *p);

/* The container part of a quarantine, for any manager. */
void container_plan_quarantine(const struct evidence *e, const char *stamp, struct plan *p);

#endif
