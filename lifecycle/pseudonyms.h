/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_PSEUDONYMS_H
#define LIFECYCLE_PSEUDONYMS_H

#include <jansson.h>

#include "formats/buf.h"
#include "redact/redact.h"

/*
 * What the pseudonyms of --pseudonymize stand for. The map stays on the host, in a file of mode 0600 that only
 * grows: one {"token","class","value"} a line. A bundle's is in its private/, that of `redact` in the state directory.
 */
#define PSEUDONYMS_NAME "pseudonyms.jsonl"

struct pseudonyms {
	json_t *map; /* token → value */
	struct buf fresh; /* lines that are not in the file yet */
};

/* Adds what a file holds; that there is none is no failure. */
int pseudonyms_load(struct pseudonyms *p, const char *path, struct err *err);
/* What one token stands for; NULL when it is not known. Letter case does not matter: people retype tokens. */
const char *pseudonyms_value(const struct pseudonyms *p, const char *token, size_t n);
/* From now on what r makes pseudonyms of is noted. */
void pseudonyms_watch(struct pseudonyms *p, struct redactor *r);
/* Writes what is new to the file, and syncs: before what holds the tokens gets its name. */
int pseudonyms_save(struct pseudonyms *p, const char *path, struct err *err);
void pseudonyms_free(struct pseudonyms *p);
#define _cleanup_pseudonyms_ CLEANUP(pseudonyms_free)

#endif
