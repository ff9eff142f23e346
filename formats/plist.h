/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_PLIST_H
#define FORMATS_PLIST_H

#include <plist/plist.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/err.h"
#include "formats/launchctl_print.h"

/*
 * Property lists: XML and binary, parsed by libplist behind a gate of our own. The gate bounds what
 * a hostile file can cost (bytes, nesting, and the objects a binary plist expands to: shared
 * references make a small file into an endless tree) and gives XML errors their line.
 */
#define PLIST_MAX_BYTES (4u << 20)
#define PLIST_MAX_DEPTH 64
#define PLIST_MAX_NODES 200000u

/* ERR_SYNTAX with "line N", ERR_LIMIT. The caller frees with plist_free. */
int plist_load(const void *p, size_t n, plist_t *ret, struct err *err);
static inline void plist_freep(plist_t *p)
{
	if (*p)
		plist_free(*p);
	*p = NULL;
}
#define _cleanup_plist_ CLEANUP(plist_freep)

/* As XML, appended. */
void plist_add_xml(struct buf *out, plist_t node);

/* A yes/no key that may be absent. */
enum tristate { TRI_UNSET = -1, TRI_NO, TRI_YES };

enum keepalive_kind {
	KEEPALIVE_UNSET,
	KEEPALIVE_FALSE,
	KEEPALIVE_TRUE,
	KEEPALIVE_DICT, /* the conditions are ORed */
};

/* A launchd job definition, launchd.plist(5). Strings are NULL, lists NULL, numbers -1 when absent. */
struct launchd_plist {
	bool binary;
	char *label;
	char *program;
	char *bundle_program;
	char **arguments; /* ProgramArguments */
	struct launchctl_pairs environment;
	char *stdin_path;
	char *stdout_path;
	char *stderr_path;
	char *working_directory;
	char *root_directory;
	char *username;
	char *group;
	char *process_type;
	char **session_types; /* LimitLoadToSessionType, a string or an array */
	int64_t umask;
	int64_t nice;		/* INT64_MIN when absent */
	int64_t throttle_interval; /* seconds as written; see launchd_throttle */
	int64_t start_interval;
	int64_t exit_timeout;
	enum tristate run_at_load;
	enum tristate disabled;
	enum tristate on_demand; /* obsolete: TRI_NO is KeepAlive true */
	enum tristate abandon_process_group;
	enum tristate launch_only_once;
	enum tristate start_on_mount;
	enum keepalive_kind keepalive;
	enum tristate keepalive_successful_exit;
	enum tristate keepalive_crashed;
	enum tristate keepalive_network_state;
	enum tristate keepalive_after_initial_demand;
	struct launchctl_pairs keepalive_path_state;	 /* path → "true", "false" */
	struct launchctl_pairs keepalive_other_job;	 /* label → "true", "false" */
	size_t calendar_entries;			 /* StartCalendarInterval: 1 for a dictionary */
	char **watch_paths;
	char **queue_directories;
	char **mach_services; /* names */
	char **sockets;	      /* names */
	char **unknown;	      /* keys that launchd.plist(5) does not have, as far as we know it */
	char **mistyped;      /* "KeepAlive: string, wants boolean or dictionary": not read, and launchd would not either */
	plist_t root;	      /* the whole, unknown keys included */
};

/* ERR_SYNTAX also when the root is not a dictionary. A definition launchd would refuse (no Label)
 * parses: ask plist_lint.h. */
int launchd_plist_parse(const void *p, size_t n, struct launchd_plist *ret, struct err *err);
void launchd_plist_init(struct launchd_plist *p); /* all absent; for making one */
void launchd_plist_free(struct launchd_plist *p);
#define _cleanup_launchd_plist_ CLEANUP(launchd_plist_free)

/* What launchd executes: Program, or ProgramArguments[0], or BundleProgram; NULL when none. */
const char *launchd_plist_program(const struct launchd_plist *p);

/* XML of the typed fields in a fixed order, then of the keys only root holds. Parsing it gives an equal struct. */
void launchd_plist_write(const struct launchd_plist *p, struct buf *out);

/* The disabled-override database, /var/db/com.apple.xpc.launchd/disabled.<uid>.plist (system:
 * disabled.plist): label → true for disabled. Also what older systems kept in overrides.plist
 * (label → {Disabled: bool}). */
int launchd_overrides_parse(const void *p, size_t n, struct launchctl_overrides *ret, struct err *err);

#endif
