/* SPDX-License-Identifier: MIT */
/* A profile that is accepted keeps the promises that uploading relies on. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/attachprofile.h"
#include "formats/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_attach_profile_ struct attach_profile p = { 0 };
	struct err err = { 0 };

	if (attach_profile_parse("p", (const char *)data, size, &p, &err)) {
		if (!err.code || p.url || p.secret)
			abort();
		return 0;
	}
	if (attach_url_check(p.url, NULL) || p.retries > 20 || !p.stall_s || p.stall_s > 3600)
		abort();
	if ((p.auth == ATTACH_AUTH_NONE) != (p.secret == NULL))
		abort();
	if (p.secret && !text_starts(p.secret, "env:") && !text_starts(p.secret, "file:"))
		abort();
	if ((p.type == ATTACH_S3) != (p.auth == ATTACH_AUTH_KEYS) || (p.type == ATTACH_S3 && (!p.bucket || !p.region)))
		abort();
	return 0;
}
