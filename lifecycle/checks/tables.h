/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_CHECKS_TABLES_H
#define LIFECYCLE_CHECKS_TABLES_H

#include "lifecycle/check.h"

/* One table a subject, each ends with a NULL id. The order here is the order of reports. */
extern const struct check checks_host[];
extern const struct check checks_podman[];
extern const struct check checks_image[];
extern const struct check checks_auth[];
extern const struct check checks_container[];
extern const struct check checks_layers[];
extern const struct check checks_installed[];
extern const struct check checks_service[];
extern const struct check checks_restart[];
extern const struct check checks_logs[];
extern const struct check checks_persistence[];
extern const struct check checks_nix[];
extern const struct check checks_launchd[];

extern const struct check *const check_tables[]; /* NULL-terminated */

#endif
