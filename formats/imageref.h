/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_IMAGEREF_H
#define FORMATS_IMAGEREF_H

#include <stdbool.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * An image reference: [transport:][registry/]repository[:tag][@digest]. Source: distribution/reference
 * grammar; a first component with '.' or ':' in it, or "localhost", is the registry. Nothing is
 * normalised: "busybox" has no registry here, which is what Podman calls a short name.
 */
struct imageref {
	char *transport;  /* "docker", "oci", "containers-storage"…; NULL when none is written */
	char *registry;	  /* "us-central1-docker.pkg.dev", "127.0.0.1:5999", "localhost"; NULL for a short name */
	char *repository; /* "socioprophet/node-commander" */
	char *tag;	  /* NULL when none is written */
	char *digest;	  /* "sha256:…"; NULL likewise */
};

int imageref_parse(const char *s, struct imageref *ret, struct err *err); /* ERR_SYNTAX */
void imageref_free(struct imageref *r); /* frees what it holds */
#define _cleanup_imageref_ CLEANUP(imageref_free)
bool imageref_is_localhost(const struct imageref *r); /* localhost/…, without a port: no registry is asked for it */
bool imageref_is_id(const char *s); /* 12 to 64 hex digits, with or without sha256: */

#endif
