/* SPDX-License-Identifier: MIT */
/* Entries stand within the file, hold no line ends, and the effective values are among them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/unitfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };
	const char *text = (const char *)data;
	size_t half = size / 2, previous = 0;
	unsigned file = 0;

	unitfile_add(&u, "fragment", text, half);
	unitfile_add(&u, "drop-in", text + half, size - half);
	check(strv_len(u.files) == 2);
	for (size_t i = 0; i < u.n; i++) {
		const struct unit_entry *e = &u.entries[i];
		const struct unit_entry **all = NULL;
		previous = e->file == file ? previous : 0;
		file = e->file;
		check(e->line >= previous && e->line > 0 && e->line <= size + 1 && e->file < 2);
		previous = e->line;
		check(*e->key && !strpbrk(e->value, "\r\n") && !strpbrk(e->key, "\r\n="));
		if (i > 20)
			continue;
		const struct unit_entry *last = unitfile_get(&u, e->section, e->key);
		check(!last || strcmp(last->key, e->key) == 0);
		size_t n = unitfile_get_all(&u, e->section, e->key, &all);
		check(n <= u.n && (n > 0) == (last != NULL));
		check(!n || all[n - 1] == last);
		check(unitfile_has_section(&u, e->section) && unitfile_find(&u, e->key));
		_cleanup_free_ char *where = unit_entry_where(&u, e);
		check(strchr(where, ':') != NULL);
		free(all);
	}
	return 0;
}
