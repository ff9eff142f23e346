/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_TREE_H
#define BUNDLE_TREE_H

#include <stddef.h>

#include "formats/err.h"

/* Lists everything under dirfd that is not a directory, as paths relative to it, sorted in bytes, but
 * for what lies under the top-level directory `skip` (may be NULL). Symbolic links are listed, never
 * followed; names longer than PATH_MAX and more than `max` entries are -ERR_LIMIT. */
int tree_list(int dirfd, const char *skip, size_t max, char ***ret, struct err *err);

#endif
