/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_MACOS_H
#define FORMATS_MACOS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/mem.h"

/* Small things that macOS commands print. */

/* `profiles status -type enrollment`. */
struct macos_enrollment {
	bool dep;	    /* Enrolled via DEP: Yes */
	bool mdm;	    /* MDM enrollment: Yes */
	bool user_approved; /* … (User Approved) */
	char *server;	    /* NULL when not printed */
	char **unknown;
};
int macos_enrollment_parse(const char *p, size_t n, struct macos_enrollment *ret, struct err *err);
void macos_enrollment_free(struct macos_enrollment *e);
#define _cleanup_macos_enrollment_ CLEANUP(macos_enrollment_free)

/* `sw_vers`. */
struct macos_version {
	char *name;    /* "macOS"; "Mac OS X" up to 10.15 */
	char *version; /* "15.6.1" */
	char *extra;   /* "(a)", of a rapid security response; NULL */
	char *build;   /* "24G90" */
	int major;     /* 15; 10 for 10.15 */
	int minor;
	char **unknown;
};
int macos_version_parse(const char *p, size_t n, struct macos_version *ret, struct err *err);
void macos_version_free(struct macos_version *v);
#define _cleanup_macos_version_ CLEANUP(macos_version_free)

/* A line of `log show --style ndjson`, or of /var/log/com.apple.xpc.launchd/launchd.log. */
enum macos_log_event {
	MACOS_LOG_OTHER,
	MACOS_LOG_THROTTLED,  /* "Pushing respawn out by 8 seconds", "deferred by 8 seconds due to throttle" */
	MACOS_LOG_STATE,      /* "service state: …" */
	MACOS_LOG_EXITED,     /* "exited due to …", "exited with …" */
	MACOS_LOG_BOOTOUT,    /* "bootout initiated by: launchctl[1234]" */
	MACOS_LOG_ON_DEMAND,  /* "pending spawn, domain in on-demand-only mode" */
	MACOS_LOG_FAILED,     /* spawn failures */
};
struct macos_log_line {
	uint64_t time_us; /* since the epoch; 0 unknown (launchd.log has no zone: taken as UTC) */
	bool local_time;  /* the time had no zone */
	char *process;	  /* base name of the image */
	int64_t pid;	  /* 0 unknown */
	char *level;	  /* Default, Info, Error, Fault; <Notice> */
	char *subsystem;
	char *target;	  /* launchd.log: "system/org.nixos.nix-daemon"; NULL */
	char *message;
	enum macos_log_event event;
	int64_t seconds;  /* of MACOS_LOG_THROTTLED: by how many; else 0 */
};
/* 1 a line of the log, 0 a line that is none (the closing {"count":…,"finished":1}, a header, blank), negative ERR_SYNTAX. */
int macos_log_parse(const char *line, size_t n, struct macos_log_line *ret, struct err *err);
void macos_log_line_free(struct macos_log_line *l);
#define _cleanup_macos_log_line_ CLEANUP(macos_log_line_free)

/*
 * nix-darwin and home-manager start everything through
 *	/bin/sh -c "/bin/wait4path /nix/store && exec COMMAND"
 * since /nix is a volume that mounts late. That wrapping is recognised and taken off, and what is
 * left is judged: never the whole file forgiven. True when argv was wrapped; then *ret_argv is the
 * command, split when it is plain words, else { "/bin/sh", "-c", command }. Untouched when false.
 */
bool nix_unwrap(char *const *argv, char ***ret_argv);
/* Just the text: the command after the wrapping, pointing into script; NULL when there is none. */
const char *nix_wait4path_rest(const char *script);
/* Whether a path lies in the Nix or Guix store, and the store item of it ("/nix/store/<hash>-name"); caller frees. NULL when it does not. */
char *nix_store_item(const char *path);

#endif
