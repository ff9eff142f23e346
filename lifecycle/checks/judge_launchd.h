/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_CHECKS_JUDGE_LAUNCHD_H
#define LIFECYCLE_CHECKS_JUDGE_LAUNCHD_H

#include "lifecycle/check.h"

/* The service as launchd has it: the macOS side of the rows of checks_service.c. Each reports at least once. */

static inline bool on_darwin(const struct report *r)
{
	return r->e->host.platform == PLATFORM_DARWIN;
}

/* The definition that counts; NULL when there is none on disk, or it could not be read. */
const struct launchd_definition *launchd_defined(const struct evidence *e);
/* False after reporting: not collected, or neither loaded nor defined. */
bool need_launchd(struct report *r, bool installed_only);

void launchd_backend(struct report *r);	   /* PF-02 */
void launchd_state(struct report *r);	   /* DR-01 */
void launchd_disabled(struct report *r);   /* PF-15, DR-02 */
void launchd_switched_off(struct report *r); /* PF-15, DR-02: only a finding, where Login Items say so */
void launchd_duplicates(struct report *r); /* PF-16, DR-02 */
void launchd_stale(struct report *r);	   /* DR-02 */
void launchd_lint(struct report *r);	   /* PF-17, DR-03 */
void launchd_exit(struct report *r);	   /* DR-11 */
void launchd_counts(struct report *r);	   /* DR-12 */
void launchd_excess(struct report *r);	   /* PP-10 */

#endif
