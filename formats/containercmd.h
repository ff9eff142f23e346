/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_CONTAINERCMD_H
#define FORMATS_CONTAINERCMD_H

#include <stdbool.h>
#include <stddef.h>

/* What shellscan.c and containercmd.c share; others want shellscan.h. */

/* Index of the program that is really run, behind assignments, env, exec, sudo, timeout…; the length of argv when there is none. */
size_t argv_unwrap(char *const *argv, bool *ret_exec);
bool container_program(const char *word); /* by the last component of the path */

#endif
