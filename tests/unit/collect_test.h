/* SPDX-License-Identifier: MIT */
#ifndef TESTS_UNIT_COLLECT_TEST_H
#define TESTS_UNIT_COLLECT_TEST_H

/* What the tests of collect/ share: one probe asked of a real live source, and a scratch directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four above first */
#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/live.h"
#include "formats/text.h"

static char scratch_dir[64];

static inline int scratch_make(void **state)
{
	snprintf(scratch_dir, sizeof(scratch_dir), "/tmp/collect-test.XXXXXX");
	return mkdtemp(scratch_dir) ? 0 : -1;
}

static inline int scratch_remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static inline int scratch_remove(void **state)
{
	return nftw(scratch_dir, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A path in the scratch directory; caller frees. */
static inline char *scratch(const char *name)
{
	return mem_printf("%s/%s", scratch_dir, name);
}

static inline char *scratch_write(const char *name, const void *p, size_t n)
{
	char *path = scratch(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), (ssize_t)n);
	close(fd);
	return path;
}

static inline char *scratch_script(const char *name, const char *text)
{
	char *path = scratch_write(name, text, strlen(text));

	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

/* Asks p, which is freed, of a new live source below root. */
static inline struct answer ask_below(const char *root, struct probe *p)
{
	struct answer a = { 0 };
	struct err err = { 0 };
	struct source *s = source_live(root, &err);

	assert_non_null(s);
	if (source_get(s, p, &a, &err))
		fail_msg("source_get: %s", err.msg);
	assert_string_equal(a.rec.key, p->key);
	/* a reason is for what is not OK, and there it is never missing */
	assert_true((a.rec.outcome == OUTCOME_OK) == (a.rec.reason == NULL));
	assert_int_equal(a.rec.bytes[STREAM_OUT], a.out.len);
	assert_int_equal(a.rec.bytes[STREAM_ERR], a.err.len);
	source_close(s);
	probe_free(p);
	return a;
}

static inline struct answer ask(struct probe *p)
{
	return ask_below(NULL, p);
}

/* A probe that runs `text` in a shell: only tests do that. */
static inline struct probe *shell(const char *text)
{
	char sh[] = "/bin/sh", c[] = "-c";
	_cleanup_free_ char *copy = mem_strdup(text);
	char *argv[] = { sh, c, copy, NULL };

	return probe_cmd("test/shell", argv, NULL, PAYLOAD_TEXT);
}

#endif
