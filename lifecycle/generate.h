/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_GENERATE_H
#define LIFECYCLE_GENERATE_H

#include "formats/buf.h"
#include "lifecycle/install_paths.h"

/*
 * The files that make an agent a service, from its declaration: pure, and the same bytes for the same
 * declaration and paths. Each file begins with a comment that says what made it and how to remove it.
 *
 *	unit      systemd, scope user or system: systemd.service(5)
 *	quadlet   podman-systemd.unit(5); only keys that 4.4, the first with Quadlet, has
 *	plist     launchd.plist(5)
 *	wrapper   three lines of POSIX sh, what the definition starts: the launcher
 *
 * What the definition cannot bound or isolate, the launcher does: see launch.h.
 */
struct recipe {
	const struct agent *agent;
	const struct install_paths *paths;
	const char *program; /* absolute path of sourceos-agent as the service will find it */
	enum platform platform;
	enum install_form form;
};

void generate_unit(const struct recipe *r, struct buf *out);
void generate_quadlet(const struct recipe *r, struct buf *out);
void generate_plist(const struct recipe *r, struct buf *out);
void generate_wrapper(const struct recipe *r, struct buf *out);

/* The unit, Quadlet or plist, as r->form says. */
void generate_definition(const struct recipe *r, struct buf *out);

/* ERR_USAGE where the declaration cannot become a definition of that form, with the reason. */
int recipe_check(const struct recipe *r, struct err *err);

/* Shared by the generators. */
void generate_header(const struct recipe *r, const char *before, const char *after, struct buf *out); /* each line between the two */
void generate_log_path(const struct agent *a, bool errors, struct buf *out); /* where stdout or stderr goes; nothing: the journal */
/* systemd's word for Restart=. `always` only for an agent that is declared supervised. */
const char *restart_word(const struct agent *a);
struct start_limit {
	uint32_t interval_sec, burst;
};
struct start_limit start_limit_of(const struct agent *a);
uint32_t stop_timeout_of(const struct agent *a);	 /* seconds; above the container's own */
void unit_add_word(struct buf *out, const char *word);	 /* a word of a command line, quoted, specifiers kept from expanding */
void unit_add_value(struct buf *out, const char *value); /* a whole value: only specifiers */
void unit_add_start_limit(const struct recipe *r, struct buf *out); /* [Unit] */
void unit_add_logs(const struct agent *a, struct buf *out);
void unit_add_restart(const struct agent *a, struct buf *out);
const char *unit_wanted_by(const struct agent *a); /* the target; static */
void unit_add_install(const struct agent *a, struct buf *out);

/* Whether its container lives in a Podman machine, behind a connection. */
bool agent_is_remote(const struct agent *a, enum platform platform);

#endif
