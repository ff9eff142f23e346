/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/shlint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Lines lie in the text; comments put before it move every finding by their lines and change nothing else. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	_cleanup_lints_ struct lints l = { 0 };
	_cleanup_free_ char *text = mem_strndup((const char *)data, n);
	int lines = 1;

	sh_lint(text, strlen(text), &l);
	for (const char *p = text; *p; p++)
		lines += *p == '\n';
	for (size_t i = 0; i < l.n; i++)
		if (l.v[i].line < 1 || l.v[i].line > lines || !l.v[i].text || !l.v[i].id)
			abort();
	return 0;
}
