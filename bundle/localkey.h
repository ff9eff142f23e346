/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_LOCALKEY_H
#define BUNDLE_LOCALKEY_H

#include <stdint.h>

#include "formats/err.h"

/*
 * A key of this host that is for nobody else: KEYS_DIR/local.key (0600), made when it is first needed. What is made with
 * it (tokens outside of a bundle, what a capture keeps for its own next run) can be read here and nowhere else.
 */
#define LOCAL_KEY_BYTES 32

/* `purpose` keeps uses apart: each gets a key of its own. -ERR_DENIED when it is another user's. */
int local_key(const char *keys_dir, const char *purpose, uint8_t ret[LOCAL_KEY_BYTES], struct err *err);

#endif
