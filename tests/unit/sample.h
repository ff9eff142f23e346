/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_SAMPLE_H
#define TESTS_UNIT_SAMPLE_H

/* Reads tests/samples/<name>; the programs are run from the root of the repository. Include after cmocka. */
#include <stdio.h>
#include <stdlib.h>

#include "formats/buf.h"

static inline void sample_read(const char *name, struct buf *ret)
{
	char *path = mem_printf("tests/samples/%s", name);
	FILE *f = fopen(path, "rb");
	char chunk[4096];
	size_t n;

	if (!f) {
		perror(path);
		abort();
	}
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(ret, chunk, n);
	fclose(f);
	free(path);
}

#endif
