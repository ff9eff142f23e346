/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_PLIST_LINT_H
#define FORMATS_PLIST_LINT_H

#include "formats/plist.h"
#include "formats/record.h"

/*
 * What launchd makes of a definition, judged without launchd: what it refuses, what it ignores, and
 * what it will do that nobody meant. `plutil -lint` only asks whether the file is a property list.
 */
enum lint_level {
	LINT_ERROR,   /* launchd refuses the job, or it cannot start */
	LINT_WARNING, /* it loads, and does not do what was meant */
	LINT_NOTE,
};
struct lint {
	enum lint_level level;
	const char *id; /* "plist.no-label": stable, for tests and SARIF */
	int line;	/* 0: not of one line */
	char *text;	/* what is wrong and what to write instead */
	unsigned file;	/* which of several files (unitlint.h); 0 for one */
};
struct lints {
	struct lint *v;
	size_t n;
};
void lints_free(struct lints *l);
#define _cleanup_lints_ CLEANUP(lints_free)
const struct lint *lints_find(const struct lints *l, const char *id);
size_t lints_count(const struct lints *l, enum lint_level level);

/* path is of the plist (its name should be the label), NULL when not in a file. Always fills ret;
 * bytes that are no property list are a LINT_ERROR "plist.syntax". */
void launchd_plist_lint(const void *bytes, size_t n, const char *path, struct lints *ret);

/* Seconds that launchd keeps between starts: ThrottleInterval, 10 when absent or 0. */
int64_t launchd_throttle(const struct launchd_plist *p);

/* How often launchd may start it again within an hour, with nobody asking. */
enum restart_cause {
	RESTART_NEVER,	    /* once at load, or on demand only */
	RESTART_ON_FAILURE, /* SuccessfulExit=false, Crashed=true */
	RESTART_ON_SUCCESS, /* SuccessfulExit=true, Crashed=false: whenever it ends well */
	RESTART_ALWAYS,	    /* KeepAlive=true */
	RESTART_CONDITION,  /* while a path exists, another job is enabled */
	RESTART_TIMED,	    /* StartInterval, StartCalendarInterval: meant to repeat */
};
struct restart_budget {
	enum restart_cause cause;
	uint32_t per_hour; /* a program that ends at once; back-off, which nobody documents, not counted */
	bool gives_up;	   /* false for every cause but NEVER: launchd has no limit after which it stops */
};
struct restart_budget launchd_restart_budget(const struct launchd_plist *p);
const char *restart_cause_name(enum restart_cause c);

/* Directories that launchd reads definitions from. */
enum launchd_dir {
	LAUNCHD_DIR_OTHER,
	LAUNCHD_DIR_USER_AGENTS,   /* ~/Library/LaunchAgents */
	LAUNCHD_DIR_LOCAL_AGENTS,  /* /Library/LaunchAgents: into every user's session */
	LAUNCHD_DIR_LOCAL_DAEMONS, /* /Library/LaunchDaemons */
	LAUNCHD_DIR_SYSTEM,	   /* /System/Library/Launch{Agents,Daemons}, sealed by Apple */
};
enum launchd_dir launchd_dir_of(const char *path);

/* The owner and mode rules of launchctl(1). loader is the user whose session loads it. Appends
 * problems; a file that was not looked at (stat unknown) has none. */
void launchd_file_lint(const struct file_stat *st, enum launchd_dir dir, uint32_t loader, struct lints *ret);

#endif
