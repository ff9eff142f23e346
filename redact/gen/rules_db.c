/* SPDX-License-Identifier: MIT */
/* Runs in the build: prints the compiled rules as a C file. */
#include "redact/rules_db.h"

#include <stdio.h>
#include <stdlib.h>

#include "redact/scan.h"

const unsigned char rules_db[] = { 0 };
const size_t rules_db_len = 0;

int main(void)
{
	struct err err = { 0 };
	char *bytes;
	size_t n;

	if (scan_serialize(&bytes, &n, &err) < 0) {
		fprintf(stderr, "rules_db: %s\n", err.msg);
		return 1;
	}
	printf("#include \"redact/rules_db.h\"\nconst unsigned char rules_db[] __attribute__((aligned(64))) = {");
	for (size_t i = 0; i < n; i++)
		printf("%s%u,", i % 24 ? "" : "\n", (unsigned char)bytes[i]);
	printf("\n};\nconst size_t rules_db_len = %zu;\n", n);
	free(bytes);
	return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
