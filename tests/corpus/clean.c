/* SPDX-License-Identifier: MIT */
/*
 * The corpus's other half: reads cases from stdin, answers each with its clean form, in one process.
 *	CLASS LENGTH\n BYTES  →  LENGTH\n BYTES
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact/redact.h"

int main(void)
{
	static const uint8_t key[REDACT_KEY_BYTES] = { 5 };
	struct err err = { 0 };
	struct redactor *r = redactor_new(key, &err);
	char name[32];
	size_t n;

	if (!r) {
		fprintf(stderr, "corpus: %s\n", err.msg);
		return 1;
	}
	while (scanf("%31s %zu", name, &n) == 2 && getchar() == '\n') {
		_cleanup_buf_ struct buf out = { 0 };
		enum payload_class class;
		char *p = malloc(n + 1);
		if (payload_class_parse(name, &class) < 0 || fread(p, 1, n, stdin) != n)
			return 2;
		redact_bytes(r, class, p, n, &out);
		printf("%zu\n", out.len);
		fwrite(out.data, 1, out.len, stdout);
		fflush(stdout);
		free(p);
	}
	redactor_free(r);
	return 0;
}
