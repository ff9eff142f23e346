/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_UNITCMD_H
#define FORMATS_UNITCMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * Command lines of units (ExecStart= and its kin), systemd.service(5) "COMMAND LINES": quoting with
 * '…' and "…", C escapes, prefixes @ - : + ! !!, and ";" between commands. ${VAR}, $VAR and %specifiers
 * are kept as they are written. This is not a shell: >, |, && are plain arguments.
 */
struct unit_cmd {
	char **argv;	 /* NULL-terminated, never empty; argv[0] is the program, unlike with "@" what it is told it is */
	char *told_name; /* "@": the argv[0] that the program gets; NULL else */
	bool ignore_failure; /* "-" */
	bool no_env;	     /* ":" */
	bool full_privileges; /* "+" */
	bool ambient;	      /* "!" or "!!" */
};

struct unit_cmds {
	struct unit_cmd *v;
	size_t n;
};

/* ERR_SYNTAX for unbalanced quotes, a bad escape or an empty command; systemd then ignores the line. */
int unitcmd_parse(const char *value, struct unit_cmds *ret, struct err *err);
void unit_cmds_free(struct unit_cmds *c); /* frees what it holds */
#define _cleanup_unit_cmds_ CLEANUP(unit_cmds_free)

/* Splits one value into words by the same rules, without prefixes and without ";" (Environment=, DropInPaths=, PodmanArgs=…). */
int unit_words(const char *value, char ***ret, struct err *err);
/* Environment= value: the NAME=value words; those that are no assignment are left out, as systemd does. */
int unit_environment(const char *value, char ***ret, struct err *err);

/* Time spans of systemd.time(7) ("1min 30s", "10", "500ms", "1h", "infinity") in µs; a bare number is
 * seconds. UNIT_TIME_INFINITY for infinity. -1 when it is none. */
#define UNIT_TIME_INFINITY UINT64_MAX

int unit_time_parse(const char *s, uint64_t *ret_us);

#endif
