/* SPDX-License-Identifier: MIT */
#include "bundle/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <unistd.h>

#include "formats/text.h"

char *secret_new(size_t n)
{
	char *s = sodium_init() < 0 ? NULL : sodium_malloc(n + 1);

	if (!s)
		abort(); /* as mem_alloc does: not enough memory, or no randomness */
	memset(s, 0, n + 1);
	return s;
}

void secret_free(char *s)
{
	sodium_free(s);
}

char *secret_join(const char *a, const char *b, const char *c)
{
	const char *part[] = { a ? a : "", b ? b : "", c ? c : "" };
	size_t n = strlen(part[0]) + strlen(part[1]) + strlen(part[2]), at = 0;
	char *s = secret_new(n);

	for (size_t i = 0; i < ARRAY_LEN(part); i++) {
		memcpy(s + at, part[i], strlen(part[i]));
		at += strlen(part[i]);
	}
	return s;
}

char *secret_read_file(const char *path, size_t *ret_len, struct err *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_secret_ char *big = NULL;
	size_t n = 0;

	if (fd < 0) {
		err_errno(err, errno, "%s", path);
		return NULL;
	}
	big = secret_new(SECRET_MAX);
	for (;;) {
		ssize_t k = read(fd, big + n, SECRET_MAX - n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0) {
			err_errno(err, errno, "%s: cannot read", path);
			return NULL;
		}
		if (k == 0)
			break;
		n += (size_t)k;
		if (n == SECRET_MAX) {
			err_set(err, ERR_LIMIT, "%s: larger than a file of keys can be (%d bytes)", path, SECRET_MAX);
			return NULL;
		}
	}
	char *s = secret_new(n);
	memcpy(s, big, n);
	*ret_len = n;
	return s;
}

static char *load_file(const char *path, struct err *err)
{
	size_t n = 0;
	_cleanup_secret_ char *all = secret_read_file(path, &n, err);

	if (!all)
		return NULL;
	size_t line = strcspn(all, "\n");
	if (line && all[line - 1] == '\r')
		line--;
	if (!line || memchr(all, 0, n)) {
		err_set(err, ERR_USAGE, "%s: %s", path, line ? "holds a NUL byte" : "its first line is empty; the secret belongs there");
		return NULL;
	}
	all[line] = 0;
	return secret_join(all, NULL, NULL);
}

char *secret_load(const char *spec, char *(*env)(const char *name), struct err *err)
{
	if (text_starts(spec, "file:"))
		return load_file(spec + 5, err);
	if (!text_starts(spec, "env:")) {
		/* not printed: it may be the secret itself, given in the wrong place */
		err_set(err, ERR_USAGE, "a secret is named as env:NAME or file:PATH, never given itself");
		return NULL;
	}
	const char *value = env(spec + 4);
	if (!value || !*value) {
		err_set(err, ERR_USAGE, "the environment variable %s is %s", spec + 4, value ? "empty" : "not set");
		return NULL;
	}
	return secret_join(value, NULL, NULL);
}
