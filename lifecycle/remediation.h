/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_REMEDIATION_H
#define LIFECYCLE_REMEDIATION_H

#include "formats/buf.h"
#include "collect/evidence.h"
#include "formats/manifest.h"

/* Appends what was found: written before the host is changed, so that a resumed quarantine still knows it. */
void remediation_found(const struct evidence *e, struct buf *out);

/* remediation.md, for a person: what was found, what was done, how to undo it, and what to do before the
 * service may run again. */
struct remediation {
	const char *agent;
	const char *dir;
	uint64_t now_us;
	const struct manifest_case *about;
	const char *found;	/* of remediation_found; NULL: nothing is known */
	const json_t *actions;	/* [{"action","result","ok"}] */
	const char *kept;	/* the name under which a container that was not --rm is kept; NULL: none */
	const char *failed;	/* why it did not complete; NULL: it did */
};
void remediation_write(const struct remediation *r, struct buf *out);

#endif
