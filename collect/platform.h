/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_PLATFORM_H
#define COLLECT_PLATFORM_H

#include <spawn.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "formats/probe.h"

/* What differs by platform: platform_linux.c, platform_darwin.c. No other file knows which one it is built for. */

/* Adds to actions and flags that the child inherits no descriptor but 0, 1 and 2; 0 or an errno. */
int spawn_close_inherited(posix_spawn_file_actions_t *actions, short *flags);

/* A descriptor that polls readable once the child pid ended; -1 where there is none (then ask by turns). */
int spawn_watch(pid_t pid);

/* The argv that runs program as another user, when we are root: `argv` with its wrapper in front.
 * The first element is the wrapper's name, to be looked up in root's PATH. Caller frees. */
char **spawn_as(const struct identity *as, const char *program, char *const *argv, char *const *env);

uint64_t spawn_maxrss_kb(const struct rusage *ru);

int64_t stat_mtime_us(const struct stat *st);
int64_t stat_mtime_nsec(const struct stat *st); /* what is beyond its whole seconds */
int64_t stat_ctime_nsec(const struct stat *st);

const char *platform_ours(void);     /* "linux", "darwin" */
char *platform_machine_id(void);     /* what names this installation; NULL unknown. Never to be shown as it is. */
char *platform_boot_id(void);	     /* NULL unknown */
uint64_t platform_booted_us(void);   /* wall clock; 0 unknown */
bool platform_journal_denied(const char *machine_id); /* there is a journal of the system's, which we may not read */
char *platform_pid1(void);	     /* "systemd", "launchd"; NULL unknown */
bool platform_has_session(uid_t uid); /* a service manager of this user is up */
char *platform_runtime_dir(uid_t uid); /* NULL where there is none */
/* The process lives that holds the name spaces of this user's rootless Podman, which its commands then join. */
bool platform_podman_pause(uid_t uid, const char *runtime_dir);
bool platform_has_bus(const char *runtime_dir); /* the user's message bus has its socket there */

#endif
