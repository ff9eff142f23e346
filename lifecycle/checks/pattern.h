/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_CHECKS_PATTERN_H
#define LIFECYCLE_CHECKS_PATTERN_H

#include "formats/budget.h"
#include "formats/plist.h"
#include "lifecycle/check.h"

/*
 * The persistence patterns PP-01…PP-11 judge a view: what a service definition comes down to, be it
 * the loaded service of an agent, a definition that somebody found on a host, or a bare file in CI.
 */
enum view_kind { VIEW_SERVICE, VIEW_TIMER, VIEW_QUADLET, VIEW_PLIST, VIEW_CRON, VIEW_AUTOSTART, VIEW_SCRIPT };

struct view {
	enum view_kind kind;
	const char *name; /* unit, label, file */
	const char *path; /* of the definition; NULL unknown */
	const char *home; /* of its owner, for %h and ~; NULL unknown */

	const struct unitfile *unit;	   /* systemd, Quadlet, autostart; NULL */
	const struct launchd_plist *plist; /* NULL */
	const char *text;		   /* of a plist in XML: for the lines of its keys; NULL */
	size_t text_len;

	char *const *argv;	 /* what is started; NULL nothing or not known */
	const char *argv_file;	 /* where that is written */
	unsigned argv_line;
	const char *script_path; /* of the wrapper that was read; NULL: the script stands in the definition, or there is none */
	const struct shell_scan *script;
	const char *script_text; /* NULL when not read */
	size_t script_len;
	const struct shell_command *run; /* the container command it comes down to; NULL none found */
	bool run_in_script;
	bool program_unread;		 /* the program may be a script, and could not be read */

	const struct agent *agent;	 /* its declaration; NULL */
	const struct unit_props *loaded; /* NULL: not loaded, or not asked */
	struct budget_rule triggers;	 /* what timers, paths and sockets add: only that is set */
	const char *evidence;		 /* key of the record that it was read from; NULL */
};

/* Each reports at least once. */
typedef void pattern_fn(const struct view *v, struct report *r);
pattern_fn pattern_01, pattern_02, pattern_03, pattern_04, pattern_05, pattern_06, pattern_07, pattern_08, pattern_11;

/* Looks for one in the service that the evidence tells of; reports what keeps it from looking, too. */
void pattern_on_service(struct report *r, pattern_fn *pattern);

/* PF-10, of a declaration alone. */
void declared_image(const struct agent *a, struct report *r);

/* The view of an agent's service, borrowed from the evidence. */
void view_of_evidence(const struct evidence *e, struct view *ret);
/* Does it start containers: by a command that was found, or as a Quadlet? */
bool view_runs_containers(const struct view *v);
/* podman run, create, start…: not machine, pull, or system service. c may be NULL. */
bool command_starts_container(const struct shell_command *c);
/* A unit or wrapper that this tool made: its launcher bounds and isolates what it starts. */
bool view_is_ours(const struct view *v);
/* The image that it runs: borrowed, NULL when none is visible. */
const char *view_image(const struct view *v);
/* The definition allows this many starts. False when it does not say (other kinds). */
bool view_budget(const struct view *v, struct budget *ret);

/* "/tmp/x.log" and the like; also %T and %V of units. */
bool path_is_temporary(const char *path);
/* %h and ~ replaced; caller frees. */
char *path_expand(const char *path, const char *home);
/* 1-based line of <key>name</key>, 0 when it is not there. */
unsigned plist_key_line(const char *text, size_t n, const char *name);

#endif
