/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_SAMPLES_H
#define TESTS_UNIT_SAMPLES_H

#include <stdio.h>
#include <stdlib.h>

#include "formats/buf.h"

/* A file under tests/samples/, whole; the tests run from the root of the tree. */
static inline struct buf sample_read(const char *name)
{
	char path[512], piece[4096];
	struct buf b = { 0 };
	size_t n;

	snprintf(path, sizeof(path), "tests/samples/%s", name);
	FILE *f = fopen(path, "rb");
	if (!f) {
		fprintf(stderr, "%s is not there: run from the root of the tree\n", path);
		exit(2);
	}
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&b, piece, n);
	fclose(f);
	return b;
}

#endif
