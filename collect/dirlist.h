/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_DIRLIST_H
#define COLLECT_DIRLIST_H

#include <jansson.h>

#include "collect/source.h"
#include "formats/buf.h"

/*
 * The entries of an answered DIR probe, in order; its payload is told in formats/record.h. A row without a name is passed over.
 *
 *	struct dirlist d = dirlist_of(answer);
 *	while (dirlist_next(&d))
 *		… d.name …
 *
 * Who leaves before the end calls dirlist_end.
 */
struct dirlist {
	const char *name, *type; /* of the entry, until the next call; type as in the payload, "" when it is missing */
	const char *link, *owner; /* NULL: none */
	int64_t uid;		  /* -1: not known */
	const char *rest;
	struct buf text; /* what of a row that was read in place */
	json_t *row;	 /* one that was parsed */
};
struct dirlist dirlist_of(const struct answer *a); /* NULL, or no answer: no entries */
bool dirlist_next(struct dirlist *d);
void dirlist_end(struct dirlist *d);

#endif
