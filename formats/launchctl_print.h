/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_LAUNCHCTL_PRINT_H
#define FORMATS_LAUNCHCTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * `launchctl print <service-target>` and `launchctl print <domain-target>`, macOS 10.12 to 27.
 *
 * The output is for people: Apple documents no grammar. It is read by depth, one TAB a level
 * (pastes: 4 or 8 spaces), because blocks repeat the job's keys (`state` of a coalition). What is
 * not understood is kept in `unknown` and counted, never fatal: a new macOS adds keys every year.
 *
 * Arguments and environment values are printed unescaped, newlines included, so they can imitate
 * any later line. Keys that launchd prints before them (state, path, program…) keep their first
 * occurrence, keys after them their last; `repeated` counts what had to be decided that way.
 */

#define LAUNCHCTL_UNKNOWN_KEPT 64

struct launchctl_pair {
	char *key;
	char *value;
};
struct launchctl_pairs {
	struct launchctl_pair *v;
	size_t n;
};
/* The value of key, NULL when absent. */
const char *launchctl_pairs_get(const struct launchctl_pairs *p, const char *key);

/* The line of which exactly one is printed. For a running job it tells of the run before. */
enum launchctl_exit {
	LAUNCHCTL_EXIT_UNKNOWN,	  /* no such line */
	LAUNCHCTL_EXIT_NEVER,	  /* (never exited) */
	LAUNCHCTL_EXIT_CODE,	  /* last exit code = N, N: EX_NAME */
	LAUNCHCTL_EXIT_SIGNAL,	  /* last terminating signal = Terminated: 15 */
	LAUNCHCTL_EXIT_REASON,	  /* last exit reason = OS_REASON_…, JETSAM_REASON_… */
	LAUNCHCTL_EXIT_ABANDONED, /* (abandoned), (failed reap), (extension watchdogged) */
};

enum launchctl_state {
	LAUNCHCTL_STATE_UNKNOWN, /* none printed, or one not in this list: see state_text */
	LAUNCHCTL_STATE_NOT_RUNNING,
	LAUNCHCTL_STATE_SPAWN_SCHEDULED,
	LAUNCHCTL_STATE_SPAWNING,
	LAUNCHCTL_STATE_SPAWNED,
	LAUNCHCTL_STATE_XPCPROXY, /* between fork and exec */
	LAUNCHCTL_STATE_RUNNING,
	LAUNCHCTL_STATE_SIGTERMED,
	LAUNCHCTL_STATE_SIGKILLED,
	LAUNCHCTL_STATE_LANGUISHING,
	LAUNCHCTL_STATE_EXITED,
};

struct launchctl_service {
	char *target; /* as in the header: "gui/501/label", before 10.16 the bare label; NULL in a fragment */
	char *label;
	char *domain; /* "gui/501", "user/501", "system"; also made from the old spelling; NULL unknown */
	bool old_style; /* the spelling of 10.15 and before */

	char *path;	     /* of the plist; NULL when submitted */
	char *submitted_by;  /* "smd.553", when path is "(submitted by smd.553)" */
	char *type;	     /* LaunchAgent, LaunchDaemon, Submitted… */
	char *managed_by;
	char *state_text;
	enum launchctl_state state;
	char *program;		  /* NULL for a submitted job */
	char *program_identifier; /* "Contents/Helpers/x (mode: 2)" */
	char *parent_bundle;
	char **arguments;
	char *working_directory;
	char *stdout_path;
	char *stderr_path;
	struct launchctl_pairs inherited_environment;
	struct launchctl_pairs default_environment;
	struct launchctl_pairs environment;
	char *username;
	char *group;
	int64_t umask;		     /* -1 not printed */
	int64_t minimum_runtime;     /* seconds: ThrottleInterval as in effect; -1 not printed */
	int64_t exit_timeout;	     /* seconds; -1 not printed */
	int64_t runs;		     /* -1 not printed */
	int64_t successive_crashes;  /* -1 not printed; always 0 in the old spelling */
	int64_t pid;		     /* 0: no process */
	int64_t active_count;	     /* -1 not printed */
	int64_t forks;		     /* -1 not printed; a 16-bit counter */
	int64_t run_interval;	     /* seconds, StartInterval; -1 not printed */
	char *immediate_reason;	     /* why it was last started: speculative, inefficient, semaphore… */
	char *pended_reason;	     /* why it will be, when a spawn is pended */
	char *job_state;
	char *spawn_type;	     /* "daemon (3)" */
	enum launchctl_exit exit;
	int exit_code;		     /* of LAUNCHCTL_EXIT_CODE, else 0 */
	int exit_signal;	     /* of LAUNCHCTL_EXIT_SIGNAL, else 0 */
	char *exit_text;	     /* the value as printed: "78: EX_CONFIG" */
	struct launchctl_pairs semaphores; /* KeepAlive's dictionary: "successful exit" => "0" */
	char **triggers;	     /* names of event triggers: com.apple.launchd.WatchPaths, a calendar's label… */
	char **endpoints;	     /* MachServices */
	char **sockets;
	char **properties;	     /* those set: "keepalive", "runatload", "penalty box", "needs LWCR update"… */
	int64_t throttled_for;	     /* seconds, from "service throttled by N seconds"; -1 not printed */

	struct launchctl_pairs other; /* depth-1 keys without a field of their own */
	char **unknown;		     /* lines of no known form, without indentation: the first LAUNCHCTL_UNKNOWN_KEPT */
	size_t unknown_lines;	     /* how many there were */
	size_t repeated;	     /* depth-1 keys seen twice (see above) */
	bool truncated;		     /* the closing brace was not seen */
};

/* ERR_SYNTAX when nothing of a service is in it (an error text, another command's output). */
int launchctl_service_parse(const char *p, size_t n, struct launchctl_service *ret, struct err *err);
void launchctl_service_free(struct launchctl_service *s); /* frees what it holds, not s */
#define _cleanup_launchctl_service_ CLEANUP(launchctl_service_free)

bool launchctl_service_has(const struct launchctl_service *s, const char *property);
/* It only runs when asked, timed or triggered: then a high run count is nothing to worry about. */
bool launchctl_service_triggered(const struct launchctl_service *s);
/* launchd starts it again when it ends: keepalive, or semaphores. */
bool launchctl_service_respawns(const struct launchctl_service *s);
/* The last run ended badly: code not 0, or a signal other than TERM or KILL by launchd, or a reason
 * that is not an idle exit. */
bool launchctl_service_failed(const struct launchctl_service *s);

/* A row of a domain's services table, and of `launchctl list` (see launchctl.h). */
enum launchctl_row_status {
	LAUNCHCTL_ROW_NONE,   /* "-" : never exited, or the domain table's blank */
	LAUNCHCTL_ROW_CODE,   /* N */
	LAUNCHCTL_ROW_SIGNAL, /* -N */
	LAUNCHCTL_ROW_OTHER,  /* (pe) pended, (jt) jettisoned, (cs) code signing, (ab), (fr), ? */
};
struct launchctl_row {
	int64_t pid; /* 0: none */
	enum launchctl_row_status kind;
	int64_t status; /* exit code, or signal as a positive number */
	char *text;	/* the status as printed */
	char *label;
};

struct launchctl_override {
	char *label;
	bool disabled; /* the old spelling "true" means disabled */
};
struct launchctl_overrides {
	struct launchctl_override *v;
	size_t n;
	char **unknown;
	size_t unknown_lines;
};
/* 1 disabled, 0 enabled by an override, -1 no override (then the plist's Disabled key counts). */
int launchctl_overrides_get(const struct launchctl_overrides *o, const char *label);
void launchctl_overrides_free(struct launchctl_overrides *o);
#define _cleanup_launchctl_overrides_ CLEANUP(launchctl_overrides_free)

struct launchctl_domain {
	char *target; /* "gui/501", "system", before 10.16 "com.apple.xpc.launchd.domain.system" */
	char *type;   /* login, user, system */
	char *session;
	char *creator;
	int64_t uid;	       /* of the security context; -1 unset */
	int64_t service_count; /* -1 not printed */
	int64_t active_service_count;
	int64_t on_demand_count; /* above 0: nothing starts by itself */
	struct launchctl_row *services;
	size_t n_services;
	struct launchctl_pairs environment;
	struct launchctl_overrides disabled;
	char **properties;
	struct launchctl_pairs other;
	char **unknown;
	size_t unknown_lines;
	bool truncated;
};
int launchctl_domain_parse(const char *p, size_t n, struct launchctl_domain *ret, struct err *err);
void launchctl_domain_free(struct launchctl_domain *d);
#define _cleanup_launchctl_domain_ CLEANUP(launchctl_domain_free)
const struct launchctl_row *launchctl_domain_find(const struct launchctl_domain *d, const char *label);

#endif
