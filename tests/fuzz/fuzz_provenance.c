/* SPDX-License-Identifier: MIT */
/* What parses is written so that it parses to the same again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/provenance.h"
#include "formats/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void same(const char *a, const char *b)
{
	if (!text_eq(a, b))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_provenance_ struct provenance p = { 0 }, again = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	struct err err = { 0 };

	if (provenance_parse("p", (const char *)data, size, &p, &err))
		return err.code ? 0 : (abort(), 0);
	provenance_write(&p, &out);
	if (provenance_parse("p", buf_str(&out), out.len, &again, &err))
		abort();
	same(p.runtime_image, again.runtime_image);
	same(p.image_id, again.image_id);
	same(p.source_image, again.source_image);
	same(p.source_file, again.source_file);
	same(p.by, again.by);
	if (p.pulled_us / 1000000 != again.pulled_us / 1000000)
		abort();
	return 0;
}
