/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_LAUNCHCTL_H
#define FORMATS_LAUNCHCTL_H

#include "formats/launchctl_print.h"

/* What launchctl prints besides `print`: print-disabled, list, error, and its exit codes. */

/* `launchctl print-disabled <domain>`: both spellings, "(no disabled services)", and pastes with any
 * indentation. Rows of a second block ("login item associations") are not overrides and are passed
 * over. ERR_SYNTAX when there is no such block at all. */
int launchctl_disabled_parse(const char *p, size_t n, struct launchctl_overrides *ret, struct err *err);

/* `launchctl list`. With or without its header, TABs or blanks between the columns. */
struct launchctl_table {
	struct launchctl_row *v;
	size_t n;
	char **unknown;
	size_t unknown_lines;
};
int launchctl_table_parse(const char *p, size_t n, struct launchctl_table *ret, struct err *err);
void launchctl_table_free(struct launchctl_table *t);
#define _cleanup_launchctl_table_ CLEANUP(launchctl_table_free)
const struct launchctl_row *launchctl_table_find(const struct launchctl_table *t, const char *label);

/* `launchctl list <label>`. */
struct launchctl_job {
	char *label;
	char *program;
	char **arguments;
	char *stdout_path;
	char *stderr_path;
	char *session; /* LimitLoadToSessionType */
	int on_demand; /* 1, 0, -1 not printed; 0 is KeepAlive */
	int64_t pid;   /* 0 none */
	bool has_status;
	int exit_code;	 /* decoded from LastExitStatus, which is a raw wait(2) status */
	int exit_signal;
	struct launchctl_pairs other;
	char **unknown;
	size_t unknown_lines;
};
int launchctl_job_parse(const char *p, size_t n, struct launchctl_job *ret, struct err *err);
void launchctl_job_free(struct launchctl_job *j);
#define _cleanup_launchctl_job_ CLEANUP(launchctl_job_free)

/* A macOS wait(2) status, whatever the host that we run on. */
void launchctl_wait_status(int64_t raw, int *ret_code, int *ret_signal);

/*
 * launchctl's exit status is the error number: errno (Darwin's numbers, which are not Linux's) below
 * 107, launchd's own from there. The same number means different things to different verbs.
 */
enum launchctl_verb {
	LAUNCHCTL_ANY,
	LAUNCHCTL_BOOTSTRAP,
	LAUNCHCTL_BOOTOUT,
	LAUNCHCTL_ENABLE,
	LAUNCHCTL_DISABLE,
	LAUNCHCTL_KICKSTART,
	LAUNCHCTL_PRINT,
};
struct launchctl_error {
	int code;
	enum launchctl_verb verb;
	bool harmless;	      /* the wanted state is there already (bootout of what is not loaded) */
	const char *text;     /* what launchctl prints */
	const char *meaning;  /* in practice; NULL when it says no more than the text */
	const char *remedy;   /* what to do; NULL when there is nothing general to say */
};
/* The row for this verb, else the general one; NULL for a number that launchd does not use. */
const struct launchctl_error *launchctl_error_find(enum launchctl_verb verb, int code);

/* The number in what launchctl wrote ("Bootstrap failed: 5: Input/output error", "Could not find
 * service…", "127: The specified…"); -1 when there is none. For captures that hold no exit status. */
int launchctl_error_code(const char *p, size_t n);

#endif
