/* SPDX-License-Identifier: MIT */
#ifndef REDACT_SETTLE_H
#define REDACT_SETTLE_H

#include "formats/buf.h"

/*
 * What a token replaced may have been what kept the bytes beside it from looking like a secret. So what was redacted is redacted again
 * until that changes nothing, and whoever redacts it once more changes nothing either. Twice does but for what a fuzzer makes:
 * after SETTLE_ROUNDS it is left as it is.
 */
#define SETTLE_ROUNDS 4

/* Appends to out what redacting p once gives. */
typedef void settle_fn(void *ctx, const char *p, size_t n, struct buf *out);

/* clean: what redacting once gave, and then what stays. */
void settle(struct buf *clean, settle_fn *once, void *ctx);

#endif
