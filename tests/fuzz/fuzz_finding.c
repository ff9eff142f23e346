/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include "formats/finding.h"
#include "formats/sarif.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What was read is written the same, however often. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	_cleanup_findings_ struct findings l = { 0 }, again = { 0 };
	json_t *j = json_loadb((const char *)data, n, 0, NULL);

	if (j && finding_from_json(j, &l, NULL) == 0) {
		json_t *a = finding_to_json(l.v[0]), *b, *sarif;
		if (finding_from_json(a, &again, NULL))
			abort();
		b = finding_to_json(again.v[0]);
		if (!json_equal(a, b))
			abort();
		sarif = findings_to_sarif(&l, &(struct sarif_run){ .version = "0" });
		if (!sarif)
			abort();
		json_decref(sarif);
		json_decref(a);
		json_decref(b);
	}
	json_decref(j);
	return 0;
}
