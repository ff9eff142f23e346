/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_AUTH_SUMMARY_H
#define LIFECYCLE_AUTH_SUMMARY_H

#include "bundle/capture.h"
#include "collect/evidence.h"

/*
 * auth-redacted.json: every file that Podman could take credentials from, in its order, what each is,
 * and its redacted content. Put together from what the redactor already passed.
 */
int auth_summary_add(struct capture *c, const struct evidence *e, struct err *err);

#endif
