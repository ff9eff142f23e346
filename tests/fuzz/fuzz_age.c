/* SPDX-License-Identifier: MIT */
/* An age header that parses is spelled back byte for byte: the format has one spelling. */
#include <stdlib.h>
#include <string.h>

#include "formats/age.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_age_header_ struct age_header h = { 0 };
	struct err err = { 0 };
	int r = age_header_parse(data, size, &h, &err);

	if (r) {
		if (h.n || h.stanzas || (r < 0) != (err.code != 0))
			abort();
		return 0;
	}
	_cleanup_buf_ struct buf again = { 0 };
	age_header_add_text(&again, &h);
	if (again.len != h.mac_covers)
		abort();
	age_header_add_mac(&again, h.mac);
	if (again.len != h.len || h.len > size || memcmp(again.data, data, h.len) != 0)
		abort();
	/* and a byte less is not an error but not enough */
	struct age_header cut = { 0 };
	if (age_header_parse(data, h.len - 1, &cut, &err) != 1)
		abort();
	return 0;
}
