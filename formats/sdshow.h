/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SDSHOW_H
#define FORMATS_SDSHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * What systemctl prints for machines. Source: systemctl(1), org.freedesktop.systemd1(5), seen with
 * systemd 252; 247 to 257 print the same lines.
 *
 *	systemctl show --no-pager --timestamp=us+utc --property=<sdshow_properties> UNIT…
 *
 * With LC_ALL=C and TZ=UTC. Unset values are "", "[not set]", "n/a" or "(null)"; all become NULL, 0 or SDSHOW_UNSET.
 */
#define SDSHOW_UNSET UINT64_MAX	       /* "[not set]" */
#define SDSHOW_INFINITY (UINT64_MAX - 1) /* "infinity" */

/* One ExecStart={ path=… ; argv[]=… ; … } block. */
struct exec_status {
	char *path;
	char *argv; /* as printed: joined by blanks, quoting is lost there */
	bool ignore_errors;
	uint64_t start_us; /* 0: never */
	uint64_t stop_us;
	int64_t pid;
	char *code;   /* "exited", "killed", "dumped", NULL when it never ran */
	int64_t status; /* exit code or signal number */
	char *raw;    /* whole block */
};

struct show_pair {
	char *key;
	char *value;
};

/* Strings NULL when unset; times in µs since the epoch, 0 when never; spans in µs, SDSHOW_UNSET or SDSHOW_INFINITY. */
struct unit_props {
	char *id;
	char **names;
	char *description;
	char *load_state;  /* loaded, not-found, bad-setting, error, masked */
	char *load_error;  /* text only */
	char *active_state;
	char *sub_state;
	char *unit_file_state; /* enabled, disabled, static, masked, generated, transient, linked, bad… */
	char *unit_file_preset;
	char *fragment_path;
	char *source_path;
	char **drop_in_paths;
	bool need_daemon_reload;
	bool transient;
	bool can_start;
	char *invocation_id;
	char *control_group;
	char *slice;

	/* service */
	char *type;
	char *notify_access;
	uint64_t main_pid; /* 0: none */
	uint64_t control_pid;
	uint64_t n_restarts;
	char *result; /* success, exit-code, signal, start-limit-hit, timeout… */
	char *restart; /* no, always, on-failure… */
	uint64_t restart_us;
	uint64_t timeout_start_us;
	uint64_t timeout_stop_us;
	uint64_t runtime_max_us;
	uint64_t start_limit_interval_us;
	uint64_t start_limit_burst;
	char *start_limit_action;
	/* CLD_*: 0 never ran, 1 exited, 2 killed, 3 dumped; ExecMainCode as systemctl prints it */
	int64_t exec_main_code;
	int64_t exec_main_status;
	uint64_t exec_main_pid;
	uint64_t exec_main_start_us;
	uint64_t exec_main_exit_us;
	struct exec_status *exec_start;
	size_t n_exec_start;
	struct exec_status *exec_start_pre;
	size_t n_exec_start_pre;
	struct exec_status *exec_stop;
	size_t n_exec_stop;
	struct exec_status *exec_stop_post;
	size_t n_exec_stop_post;
	char *user;
	char *group;
	char *working_directory;
	char *standard_output; /* "journal", "file", "append"…: the manager does not tell the path, the unit file does */
	char *standard_error;
	char *fd_store_preserve; /* NULL before systemd 254, which has it of every service */
	char **environment;
	char **environment_files;
	char **logs_directory;
	uint64_t memory_current;
	uint64_t n_tasks;

	/* times of state */
	uint64_t state_change_us;
	uint64_t active_enter_us;
	uint64_t active_exit_us;
	uint64_t inactive_enter_us;
	uint64_t inactive_exit_us;
	uint64_t active_enter_monotonic_us;

	/* relations */
	char **triggered_by;
	char **triggers;
	char **wanted_by;
	char **required_by;
	char **bound_by;
	char **part_of;
	char **wants;
	char **requires;
	char **after;

	struct show_pair *other; /* every property that has no member above, in order */
	size_t n_other;
};

/* The names to ask for, NULL-terminated; sdshow_property_arg() is them joined by commas (caller frees). */
extern const char *const sdshow_properties[];
char *sdshow_property_arg(void);
bool sdshow_has(const char *property);
/* The command that prints them, of the user's own manager or the system's; the units are the caller's to append, the list to free. */
char **sdshow_argv(bool user);

/*
 * Parses the blocks of one or many units, as they come: a blank line ends one. Lines that are no
 * Key=value continue the value above (Environment may hold newlines). Never fails on content; ERR_LIMIT
 * beyond SDSHOW_MAX bytes. *ret is NULL when *ret_n is 0.
 */
#define SDSHOW_MAX ((size_t)64 << 20)
int sdshow_parse(const char *text, size_t n, struct unit_props **ret, size_t *ret_n, struct err *err);
void unit_props_free(struct unit_props *p); /* frees what it holds */
void unit_props_list_free(struct unit_props *p, size_t n); /* and the array */
/* The unit whose Id or one of whose Names is `unit`; NULL when there is none. Borrowed. */
const struct unit_props *sdshow_find(const struct unit_props *p, size_t n, const char *unit);
/* A property from `other`; NULL when it was not printed. Borrowed. */
const char *sdshow_other(const struct unit_props *p, const char *key);
/* "exited with code 125", "killed by SIGTERM", "never ran"…; caller frees. */
char *unit_exit_words(const struct unit_props *p);

/* "Tue 2026-11-24 06:50:03.123456 UTC", the same without weekday or fraction, or "@1795476250.5"; 0 when unset. */
uint64_t sdshow_time(const char *s);
/* "1h 3min 10s", "100ms", "infinity", "[not set]" → µs, SDSHOW_INFINITY, SDSHOW_UNSET. Also when it is none of these. */
uint64_t sdshow_span(const char *s);

/* systemctl list-units -o json, list-unit-files -o json, list-timers -o json. Missing members are NULL. */
struct unit_row {
	char *unit; /* list-unit-files: the name of the file; list-timers: the timer */
	char *load;
	char *active;
	char *sub;
	char *description;
	char *state;  /* list-unit-files */
	char *preset;
	char *activates; /* list-timers */
};
int unit_rows_parse(const char *what, const char *text, size_t n, struct unit_row **ret, size_t *ret_n, struct err *err);
void unit_rows_free(struct unit_row *v, size_t n);

/* systemctl is-enabled, and UnitFileState. */
enum enablement {
	ENABLEMENT_UNKNOWN,
	ENABLEMENT_ENABLED,
	ENABLEMENT_ENABLED_RUNTIME,
	ENABLEMENT_LINKED,
	ENABLEMENT_LINKED_RUNTIME,
	ENABLEMENT_ALIAS,
	ENABLEMENT_MASKED,
	ENABLEMENT_MASKED_RUNTIME,
	ENABLEMENT_STATIC,
	ENABLEMENT_INDIRECT,
	ENABLEMENT_DISABLED,
	ENABLEMENT_GENERATED,
	ENABLEMENT_TRANSIENT,
	ENABLEMENT_BAD,
	ENABLEMENT_NOT_FOUND,
};
/* Takes NULL, a trailing newline, and the words of all versions. */
enum enablement enablement_parse(const char *s);
const char *enablement_name(enum enablement e);
/* True when the unit is started by itself at boot or login: enabled, enabled-runtime, alias, generated, and static or indirect do not count. */
bool enablement_starts(enum enablement e);

#endif
