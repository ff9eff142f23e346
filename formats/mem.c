/* SPDX-License-Identifier: MIT */
#include "formats/mem.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void *mem_check(void *p)
{
	static const char msg[] = "sourceos-agent: out of memory\n";

	if (!p) {
		ssize_t ignored = write(STDERR_FILENO, msg, sizeof(msg) - 1);
		(void)ignored;
		abort();
	}
	return p;
}

void *mem_alloc(size_t n)
{
	return mem_check(calloc(1, n ? n : 1));
}

void *mem_realloc(void *p, size_t n)
{
	return mem_check(realloc(p, n ? n : 1));
}

void *mem_array(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		mem_check(NULL);
	return mem_realloc(p, bytes);
}

const void *mem_rchr(const void *p, int c, size_t n)
{
	const unsigned char *s = p;

	while (n--)
		if (s[n] == (unsigned char)c)
			return s + n;
	return NULL;
}

void mem_wipe(void *p, size_t n)
{
	memset(p, 0, n);
	/* the compiler must take it that the zeroes are read */
	__asm__ volatile("" : : "r"(p) : "memory");
}

char *mem_strdup(const char *s)
{
	return s ? mem_check(strdup(s)) : NULL;
}

char *mem_strndup(const char *s, size_t n)
{
	return mem_check(strndup(s, n));
}

char *mem_printf(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;

	va_start(ap, fmt);
	int n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return mem_check(n < 0 ? NULL : s);
}

void mem_set(char **p, const char *s)
{
	char *copy = mem_strdup(s);

	free(*p);
	*p = copy;
}

size_t strv_len(char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

char **strv_take(char **v, char *s)
{
	size_t n = strv_len(v);

	v = mem_array(v, n + 2, sizeof(*v));
	v[n] = s;
	v[n + 1] = NULL;
	return v;
}

char **strv_add(char **v, const char *s)
{
	return strv_take(v, mem_strdup(s));
}

char **strv_new(const char *first, ...)
{
	char **v = NULL;
	va_list ap;

	va_start(ap, first);
	for (const char *s = first; s; s = va_arg(ap, const char *))
		v = strv_add(v, s);
	va_end(ap);
	return v;
}

char **strv_dup(char *const *v)
{
	char **copy = mem_array(NULL, strv_len(v) + 1, sizeof(*copy));
	size_t n = 0;

	for (; v && v[n]; n++)
		copy[n] = mem_strdup(v[n]);
	copy[n] = NULL;
	return copy;
}

int strv_has(char *const *v, const char *s)
{
	for (; v && *v; v++)
		if (strcmp(*v, s) == 0)
			return 1;
	return 0;
}

void strv_free(char **v)
{
	for (char **p = v; p && *p; p++)
		free(*p);
	free(v);
}

void fd_closep(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}
