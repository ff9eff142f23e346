/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_UNDECLARED_H
#define LIFECYCLE_UNDECLARED_H

#include "lifecycle/exam.h"

/*
 * What starts by itself on the host and nobody declared: every unit, Quadlet, autostart entry, crontab
 * or launchd job, of the system and of the users who are there, that runs containers, or matches a
 * pattern. What packages installed is asked of the package manager before it is accused, and is not.
 * *ret_n: definitions found to complain of.
 */

/* Definitions of declared agents, which are not accused: by their path, and where that is not known by name and owner.
 * A unit elsewhere that is only called like one is somebody else's. */
struct known_unit {
	char *path;  /* NULL: not known */
	char *name;  /* NULL: only the path tells */
	char *owner; /* as in struct definition */
	uint64_t size;	  /* of the file: it may be named by another path, where a directory is a link */
	int64_t mtime_us; /* 0: not known */
};
struct known_units {
	struct known_unit *v;
	size_t n;
};
void known_units_add(struct known_units *k, const struct evidence *e);
bool known_units_have(const struct known_units *k, const struct definition *d);
void known_units_free(struct known_units *k); /* frees what it holds */
#define _cleanup_known_units_ CLEANUP(known_units_free)

int undeclared_find(struct exam *x, const struct known_units *known, size_t *ret_n, struct err *err);

#endif
