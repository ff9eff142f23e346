/* SPDX-License-Identifier: MIT */
#ifndef REDACT_RULES_DB_H
#define REDACT_RULES_DB_H

#include <stddef.h>

/* Written by the build (redact/gen/rules_db.c): the compiled rules. Empty in the generator itself,
 * and where no generator can run (a cross build). */
extern const unsigned char rules_db[];
extern const size_t rules_db_len;

#endif
