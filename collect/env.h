/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_ENV_H
#define COLLECT_ENV_H

#include "formats/probe.h"

/*
 * The environment of what we run: an allow-list, since a secret that is in ours (a cloud key in the
 * shell of whoever called us) must reach neither a foreign program nor, through it, a bundle.
 *
 * Passed on: who and where (HOME, USER, LOGNAME, XDG_*, TMPDIR, DBUS_SESSION_BUS_ADDRESS), what
 * decides which Podman is asked (CONTAINERS_*, CONTAINER_*, DOCKER_*, REGISTRY_AUTH_FILE: paths and
 * addresses), and where Nix keeps its things (NIX_REMOTE, NIX_STORE_DIR, NIX_STATE_DIR,
 * NIX_CONF_DIR). Not NIX_CONFIG, which may hold access tokens; not proxies, which may hold
 * passwords and which nothing that we ask needs; not LD_*, DYLD_*, or anything else.
 * LC_ALL=C and TZ=UTC are set, so that what programs print can be parsed.
 *
 * These are also the only variables whose values the host FACT tells.
 */
enum env_flag {
	ENV_OWN = 1 << 0,	/* speaks of the user whose environment this is: not for anybody else */
	ENV_TOLD_ONLY = 1 << 1, /* ours alone: told by the host FACT, passed to nobody */
};
struct env_name {
	const char *name;
	unsigned flags;
};
extern const struct env_name env_names[]; /* ends with a NULL name */

/*
 * The environment for a probe: as the caller (NULL), or as `as`. For another user than ourselves,
 * HOME, USER, LOGNAME, XDG_RUNTIME_DIR and the bus are that user's, and nothing that is ENV_OWN
 * comes from our environment. The same holds for root behind sudo, whose environment may still be
 * the invoking user's: root's tools must not write into that user's home. `extra` wins over all.
 *
 * PATH: absolute directories only. For root: only those that root owns and not everybody may write,
 * so that nobody's podman is run as root but root's. The usual directories are appended.
 */
char **env_build(const struct identity *as, char *const *extra);

/* Makes our own environment that of another user, whom we have become: what is ENV_OWN, and sudo's traces, go. */
void env_become(const struct identity *id);

const char *env_get(char *const *env, const char *name); /* the value within env, or NULL */

/* The program that `name` means: itself when it holds a slash, else the first executable in path.
 * NULL with errno ENOENT, or EACCES when there is one that may not be executed. Caller frees. */
char *env_find_program(const char *name, const char *path);

#endif
