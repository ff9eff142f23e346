/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_CASE_ARG_H
#define LIFECYCLE_CASE_ARG_H

#include "formats/manifest.h"
#include "lifecycle/verb.h"

/*
 * --case and --note of a command line. ERR_USAGE: a case that is no word (manifest_case_id_ok), a note that is empty
 * or longer than CASE_REASON_MAX. A note of several lines becomes one. The operator is the caller's to set.
 */
int case_arg_load(const struct cli *cli, struct manifest_case *ret, struct err *err);

/* The same with the note redacted, for what is said outside a capture (which redacts with its own key). */
int case_arg_load_clean(const struct cli *cli, struct manifest_case *ret, struct err *err);

#endif
