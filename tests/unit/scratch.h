/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

/* A directory of its own for a test, removed with all that is in it. Include after cmocka. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/mem.h"

static inline char *scratch_make(void)
{
	char *d = mem_printf("%s/sourceos-test-XXXXXX", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");

	if (!mkdtemp(d)) {
		perror(d);
		abort();
	}
	return d;
}

static inline int __attribute__((format(printf, 1, 2))) shell(const char *fmt, ...)
{
	char command[8192];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(command))
		abort();
	int r = system(command);
	return WIFEXITED(r) ? WEXITSTATUS(r) : 128;
}

static inline void scratch_remove(char **d)
{
	if (*d)
		shell("rm -rf '%s'", *d);
	free(*d);
	*d = NULL;
}
#define _cleanup_scratch_ CLEANUP(scratch_remove)

static inline void scratch_write(const char *dir, const char *name, const void *p, size_t n)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, name);
	FILE *f = fopen(path, "wb");

	if (!f || fwrite(p, 1, n, f) != n || fclose(f))
		abort();
}

#endif
