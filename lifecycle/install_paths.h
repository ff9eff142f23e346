/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_INSTALL_PATHS_H
#define LIFECYCLE_INSTALL_PATHS_H

#include "collect/evidence.h"

/*
 * Where an installed agent keeps its things: one directory of its owner's, below the state directory
 * of that owner (root's for scope system).
 *
 *	DIR/run				the wrapper that the unit starts
 *	DIR/sourceos-empty-auth.json	{"auths":{}}, 0600; unless the declaration names an auth file
 *	DIR/docker/config.json		the same: what DOCKER_CONFIG points at
 *	DIR/starts			the launcher's ledger
 *	DIR/provenance.json		which image, from where, since when
 *	DIR/history.jsonl		hash-chained receipts of every change
 *	DIR/installed.json		what install wrote, with hashes: what uninstall removes
 *	DIR/change/			journal and originals of a change that is under way
 *	DIR/aside/			files that a person had edited, and that a change took away
 */
struct install_paths {
	char *dir;
	char *wrapper;
	char *authfile;
	char *docker_dir;
	char *docker_config;
	char *ledger;
	char *provenance;
	char *history;
	char *installed;
	char *aside;
	char *change;
	char *unit; /* unit, Quadlet or plist: the definition */
};
enum install_form { INSTALL_UNIT, INSTALL_QUADLET, INSTALL_PLIST };

void install_paths_make(const struct agent *a, const struct user *owner, enum platform platform, enum install_form form,
	struct install_paths *ret);
void install_paths_free(struct install_paths *p);
#define _cleanup_install_paths_ CLEANUP(install_paths_free)

/* The form that the declaration asks for, and the same agent as a Quadlet: its unit is then made of NAME.container. */
enum install_form install_form_of(const struct agent *a, enum platform platform);
void install_as_quadlet(struct agent *a);

#endif
