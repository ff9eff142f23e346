/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_ASK_H
#define LIFECYCLE_ASK_H

#include "formats/err.h"

enum { ASK_MAX = 1024 }; /* bytes of an answer */

/*
 * Asks for a secret on the controlling terminal, whatever stdin and stdout are, and shows nothing of what is typed.
 * With `again` it is asked for twice and must be the same. Whatever happens, a signal that ends us included, the
 * terminal is as it was before. NULL with err: there is no terminal, nothing was typed, the two differ, or it was
 * interrupted. Free with secret_free.
 */
char *ask_secret(const char *prompt, const char *again, struct err *err);

#endif
