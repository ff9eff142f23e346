/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_SERVICE_H
#define LIFECYCLE_SERVICE_H

#include "lifecycle/backend.h"
#include "lifecycle/installation.h"

/*
 * The service of an installed agent, and the plans that change it: pure, from what was read about it. One
 * file a manager (service_systemd.c, service_launchd.c), the same names in both.
 */
struct service {
	const struct agent *agent;
	const struct identity *owner;
	enum platform platform;
	enum install_form form;
	const char *unit; /* systemd: the unit's name; launchd: the label */
	const char *definition;
	const char *domain; /* launchd: "gui/501", "system" */
	bool was_active, was_enabled;
};

struct service_ops {
	/* First in a plan: what an undoing has to do last, once every file is back. */
	void (*before_files)(const struct service *s, struct plan *p);
	/* After the files: makes the manager know, enable and start it. */
	void (*activate)(const struct service *s, bool start, struct plan *p);
	void (*start)(const struct service *s, struct plan *p); /* undone: it is down */
	void (*restart)(const struct service *s, struct plan *p);
	void (*stop)(const struct service *s, struct plan *p); /* nothing to take back: before_files() does that */
	void (*disable)(const struct service *s, struct plan *p);
	void (*after_removal)(const struct service *s, struct plan *p);
	struct expect (*is_active)(const struct service *s);
	struct expect (*is_enabled)(const struct service *s);
	struct expect (*has_failed)(const struct service *s);
};
extern const struct service_ops service_systemd, service_launchd;
const struct service_ops *service_ops_of(enum platform platform);

/* Waits for the declared health, at most startupTimeoutSeconds. */
void service_plan_health(const struct service *s, struct plan *p);
/* The health check as an expectation; EXPECT_NOTHING when none is declared. */
struct expect service_health(const struct service *s);

/* The container part of a stop: down, and gone. */
void service_plan_container_stop(const struct service *s, struct plan *p);

#endif
