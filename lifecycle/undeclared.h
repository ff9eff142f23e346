/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_UNDECLARED_H
#define LIFECYCLE_UNDECLARED_H

#include "lifecycle/exam.h"

/*
 * What starts by itself on the host and nobody declared: every unit, Quadlet, autostart entry, crontab
 * or launchd job, of the system and of the users who are there, that runs containers, or matches a
 * pattern. What packages installed is asked of the package manager before it is accused, and is not.
 * known: names of units that belong to declared agents. *ret_n: definitions found to complain of.
 */
int undeclared_find(struct exam *x, char *const *known, size_t *ret_n, struct err *err);

#endif
