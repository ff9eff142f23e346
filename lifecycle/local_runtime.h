/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_LOCAL_RUNTIME_H
#define LIFECYCLE_LOCAL_RUNTIME_H

#include "lifecycle/verb.h"

/* doctor local-runtime: every declared agent, and what nobody declared. */
int local_runtime(struct cli *cli, struct err *err);

#endif
