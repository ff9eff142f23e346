/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_REMEDIATION_H
#define LIFECYCLE_REMEDIATION_H

#include "formats/buf.h"
#include "lifecycle/collection.h"

/* Appends remediation.md: what was found, what was done, what is missing, how to undo it, and what to
 * do before the service may run again. failed: why the quarantine did not complete, NULL when it did.
 * kept: the name under which a container that was not --rm is kept, NULL when none is. */
void remediation_write(const struct collection *c, const char *kept, const char *failed, struct buf *out);

#endif
