/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_NIXSCAN_H
#define FORMATS_NIXSCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/mem.h"

/*
 * What can be told of a Nix expression from its text alone: `name = literal;` bindings, with the
 * attribute names they lie under, and every string. Nothing is evaluated; comments are passed over;
 * an interpolation stays in the string as ${…}.
 */
struct nix_binding {
	char *path;  /* "launchd.user.agents.x.serviceConfig.KeepAlive", as far as it is written */
	char *name;  /* its last component */
	char *value; /* of a string its text; else the word: true, false, null, a number, a path */
	bool string;
	unsigned line; /* of the value */
};
struct nix_string {
	char *text;
	unsigned line; /* where its text begins */
};
struct nix_scan {
	struct nix_binding *bindings;
	size_t n_bindings;
	struct nix_string *strings;
	size_t n_strings;
	bool cut; /* deeper or more than we read */
};
#define NIX_DEPTH_MAX 64
#define NIX_ITEMS_MAX 20000

void nix_scan(const char *text, size_t n, struct nix_scan *ret); /* never fails */
void nix_scan_free(struct nix_scan *s);
#define _cleanup_nix_scan_ CLEANUP(nix_scan_free)
const struct nix_binding *nix_scan_find(const struct nix_scan *s, const char *name); /* the first of that last component */

#endif
