/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/nixscan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Lines lie in the text and do not go back; a name is the end of its path. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	_cleanup_nix_scan_ struct nix_scan s = { 0 };
	unsigned lines = 1, last = 0;

	nix_scan((const char *)data, n, &s);
	for (size_t i = 0; i < n; i++)
		lines += data[i] == '\n';
	for (size_t i = 0; i < s.n_bindings; i++) {
		const struct nix_binding *b = &s.bindings[i];
		size_t path = strlen(b->path), name = strlen(b->name);
		if (b->line < 1 || b->line > lines || b->line < last || path < name || strcmp(b->path + path - name, b->name) != 0 || !b->value)
			abort();
		last = b->line;
	}
	for (size_t i = 0; i < s.n_strings; i++)
		if (!s.strings[i].text || s.strings[i].line < 1 || s.strings[i].line > lines)
			abort();
	return 0;
}
