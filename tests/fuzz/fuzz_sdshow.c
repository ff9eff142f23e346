/* SPDX-License-Identifier: MIT */
/* Any text is read; units are found by the names they have; a text of one block gives at most one. */
#include <stdlib.h>
#include <string.h>

#include "formats/sdshow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unit_props *v = NULL;
	size_t n = 0;

	check(sdshow_parse((const char *)data, size, &v, &n, NULL) == 0);
	check(n <= size && (n || !v));
	if (!memmem(data, size, "\n\n", 2))
		check(n <= 1 || (size && data[0] == '\n'));
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *words = unit_exit_words(&v[i]);
		check(*words);
		check(!v[i].id || sdshow_find(v, n, v[i].id));
		for (size_t k = 0; k < v[i].n_exec_start; k++)
			check(v[i].exec_start[k].raw[0] == '{');
		for (size_t k = 0; k < v[i].n_other; k++)
			check(sdshow_other(&v[i], v[i].other[k].key) != NULL);
	}
	unit_props_list_free(v, n);
	return 0;
}
