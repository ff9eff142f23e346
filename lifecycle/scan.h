/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_SCAN_H
#define LIFECYCLE_SCAN_H

#include "lifecycle/check.h"

/*
 * Service files judged without a host: each is parsed as what it is and reduced to the same view
 * that the persistence patterns judge on a host. Only what warns, fails or is not known is reported.
 */
enum scan_kind { SCAN_NONE, SCAN_UNIT, SCAN_DROP_IN, SCAN_QUADLET, SCAN_PLIST, SCAN_DECLARATION, SCAN_AUTOSTART, SCAN_SCRIPT, SCAN_NIX };
/* path: whole, for a drop-in is told by its directory. */
enum scan_kind scan_kind_of(const char *path, const char *text, size_t n);

#define SCAN_FILE_MAX ((size_t)16 << 20)

/* A drop-in that belongs to a unit. */
struct scan_part {
	const char *path, *text;
	size_t n;
};

/* Appends findings about one file. parts: drop-ins of a unit, in order; NULL 0 for other kinds. */
void scan_file(const char *path, const char *text, size_t n, enum scan_kind kind, const struct scan_part *parts, size_t n_parts,
	struct findings *ret);
void scan_nix_file(const char *path, const char *text, size_t n, struct findings *ret);

/* One finding of a check about a place, and its pen. */
struct finding *scan_report(struct findings *l, const char *check, enum verdict v, const char *file, unsigned line);

#endif
