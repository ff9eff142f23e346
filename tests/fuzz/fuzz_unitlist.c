/* SPDX-License-Identifier: MIT */
/* Every row names a unit. */
#include <stdlib.h>
#include <string.h>

#include "formats/sdshow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_free_ char *word = mem_strndup((const char *)data, size);
	enum enablement e = enablement_parse(word);
	struct unit_row *v = NULL;
	size_t n = 0;

	if (enablement_parse(enablement_name(e)) != e)
		abort();
	if (unit_rows_parse("x", (const char *)data, size, &v, &n, NULL))
		return 0;
	for (size_t i = 0; i < n; i++)
		if (!v[i].unit || !*v[i].unit)
			abort();
	unit_rows_free(v, n);
	return 0;
}
