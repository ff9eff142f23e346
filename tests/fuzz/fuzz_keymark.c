/* SPDX-License-Identifier: MIT */
/* A key mark that parses is written again and read back the same. */
#include <stdlib.h>
#include <string.h>

#include "formats/keymark.h"
#include "formats/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_keymark_ struct keymark m = { 0 }, again = { 0 };
	_cleanup_buf_ struct buf b = { 0 };
	struct err err = { 0 };

	if (keymark_parse((const char *)data, size, &m, &err)) {
		if (!err.code || m.note)
			abort();
		return 0;
	}
	keymark_add_json(&b, &m);
	if (b.len > KEYMARK_MAX)
		return 0; /* a note of control characters grows when it is made safe */
	if (keymark_parse(buf_str(&b), b.len, &again, &err) || memcmp(&m.pub, &again.pub, sizeof(m.pub)) != 0 ||
		m.state != again.state || m.since_us / 1000000 != again.since_us / 1000000)
		abort();
	return 0;
}
