/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_INSTALLATION_H
#define LIFECYCLE_INSTALLATION_H

#include <jansson.h>

#include "lifecycle/generate.h"

/*
 * The files of an installed agent: what they have to be (pure, from the recipe), and what an earlier
 * install says that it wrote (installed.json beside them).
 */
struct install_file {
	const char *id;	  /* "unit", "wrapper": stable, for steps and messages; static */
	const char *what; /* for people; static */
	char *path;
	uint32_t mode;
	char *content;
	bool shared; /* an auth file that the declaration names: one that is there already stays, whatever it holds */
};
#define INSTALL_FILES_MAX 4
struct installation {
	struct install_file v[INSTALL_FILES_MAX];
	size_t n;
	char **dirs; /* that must be there, parents before children; absolute */
};
void installation_make(const struct recipe *r, struct installation *ret);
void installation_free(struct installation *i);
#define _cleanup_installation_ CLEANUP(installation_free)

/* ERR_USAGE with the first thing that a lint finds in wrapper or definition: nothing that is generated may be. */
int installation_lint(const struct installation *i, const struct recipe *r, struct err *err);

/* Mode of a directory that install makes: private below the state directory, readable elsewhere. */
uint32_t installation_dir_mode(const struct recipe *r, const char *dir);

/* ---- what was written ---- */

enum on_disk { DISK_ABSENT, DISK_SAME, DISK_OURS, DISK_EDITED, DISK_FOREIGN, DISK_UNREADABLE };
struct installed {
	json_t *doc; /* NULL: none */
};
/* Reads installed.json; an absent one is an empty one. */
int installed_read(const struct install_paths *p, struct installed *ret, struct err *err);
void installed_close(struct installed *i);
#define _cleanup_installed_ CLEANUP(installed_close)
bool installed_is(const struct installed *i);
/* An agent whose declaration asks for a unit may have been installed as a Quadlet: then it runs under the Quadlet's name. Host is
 * asked as owner; what it does not say is no. */
bool installed_as_quadlet(struct source *host, enum platform platform, const struct agent *a, const struct identity *owner);

/*
 * What stands at the file's path: nothing; what it has to be (bytes and mode); what we wrote and nobody
 * changed since; what we wrote and somebody edited; a file that is not ours.
 */
enum on_disk installation_compare(const struct install_file *f, const struct installed *i);
/* The same for a path and hash of installed.json. */
enum on_disk installed_compare(const json_t *file);

/* The document: files by path, SHA-256 and mode, the directories that were made, when, from which declaration. Caller frees. */
char *installed_document(const struct installation *i, const struct recipe *r, const char *unit, const struct installed *before, char *const *made_dirs,
	uint64_t now_us);

#endif
