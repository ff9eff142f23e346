/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_PROVENANCE_H
#define FORMATS_PROVENANCE_H

#include <stddef.h>
#include <stdint.h>

#include "formats/buf.h"
#include "formats/err.h"

/*
 * provenance.json: where the runtime image of an agent is from, as recorded when it was given its local
 * tag. Format: docs/formats/state.md. Members that were not known are left out.
 */
struct provenance {
	char *runtime_image; /* the tag that runs */
	char *source_image;  /* what it was pulled as; NULL for a file */
	char *source_file;   /* the archive that it was loaded from; NULL for a pull */
	char *image_id;	     /* without "sha256:" */
	char *digest;	     /* "sha256:…" */
	uint64_t pulled_us;
	char *runtime_auth; /* auth mode of the declaration */
	char *pull_auth;    /* "ambient": whatever the person had who imported it; "none": a file */
	char *by;	    /* who imported it */
};
void provenance_free(struct provenance *p); /* frees what it holds */
#define _cleanup_provenance_ CLEANUP(provenance_free)

/* ERR_SYNTAX when it is not such a document, or lacks runtimeImage or imageId. */
int provenance_parse(const char *what, const char *text, size_t n, struct provenance *ret, struct err *err);
void provenance_write(const struct provenance *p, struct buf *out);

#endif
