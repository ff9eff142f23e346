/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_LAUNCH_H
#define LIFECYCLE_LAUNCH_H

#include "lifecycle/install_paths.h"

/*
 * What the launcher executes: pure, from the declaration and where things lie.
 *
 * Isolation is three things at once, because none of them alone is enough on every Podman from 4.3
 * to 5.8: --authfile, DOCKER_CONFIG at a directory whose config.json is {"auths":{}}, --pull=never.
 */
struct launch {
	char **argv; /* argv[0] is a name for PATH, or an absolute path */
	char **env;
};
void launch_free(struct launch *l);
#define _cleanup_launch_ CLEANUP(launch_free)

/* The bytes of an empty auth file, and of the config.json beside it. */
extern const char launch_empty_auth[]; /* {"auths":{}} and a newline */

/* env: what the launcher has (env_build), whose rest goes through but for what names a Podman or a credential. */
void launch_start(const struct agent *a, const struct install_paths *p, enum platform platform, char *const *env, struct launch *ret);
/* `podman stop` of the container, within the time that it has. */
void launch_stop(const struct agent *a, const struct install_paths *p, enum platform platform, char *const *env, struct launch *ret);

/* The options of `podman run` that isolate it; caller frees. */
char **launch_isolation(const struct agent *a, const struct install_paths *p);
/* The auth file that it is given; NULL: none. Borrowed. */
const char *launch_authfile(const struct agent *a, const struct install_paths *p);
uint32_t launch_stop_seconds(const struct agent *a);

/* How many starts an hour may see: maxRestartsPerHour, and never less than the one that a person asked for. */
uint32_t launch_starts_per_hour(const struct agent *a);

/* The status of a refused start. systemd is told by 78 not to retry; launchd knows no such status and
 * starts again whatever does not end with 0, so there it is 0, and the log says why. */
int launch_refusal_status(enum platform platform);

#endif
