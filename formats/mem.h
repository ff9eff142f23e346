/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_MEM_H
#define FORMATS_MEM_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Memory. Allocation failure ends the program (abort, after one line on stderr): every change to a
 * host goes through a write-ahead journal, so an abort is a crash like any other and is resumed
 * from, whereas thousands of untested out-of-memory branches would not be.
 */
void *mem_alloc(size_t n);			 /* zeroed; never NULL */
void *mem_realloc(void *p, size_t n);		 /* grown bytes are not zeroed; never NULL */
void *mem_array(void *p, size_t n, size_t size); /* realloc to n elements, overflow checked */
char *mem_strdup(const char *s);		 /* NULL gives NULL */
char *mem_strndup(const char *s, size_t n);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Replaces *p by a copy of s (which may be NULL) and frees what was there. */
void mem_set(char **p, const char *s);

/* Zeroes what was secret, where no optimiser takes it away; explicit_bzero is not everywhere. */
void mem_wipe(void *p, size_t n);

/* The last byte c in p, NULL when there is none; memrchr is not everywhere. */
const void *mem_rchr(const void *p, int c, size_t n);

static inline void mem_freep(void *p)
{
	free(*(void **)p);
	*(void **)p = NULL;
}

/* Clean-up by scope, hand-over in sight:
 *	_cleanup_free_ char *s = mem_strdup(x);
 *	*ret = TAKE_PTR(s);
 * A ret_ output is untouched on failure. */
#define CLEANUP(f) __attribute__((cleanup(f)))
#define _cleanup_free_ CLEANUP(mem_freep)
#define TAKE_PTR(p)                                                                                                    \
	({                                                                                                             \
		__typeof__(p) _taken = (p);                                                                            \
		(p) = NULL;                                                                                            \
		_taken;                                                                                                \
	})
#define TAKE_FD(fd)                                                                                                    \
	({                                                                                                             \
		int _taken = (fd);                                                                                     \
		(fd) = -1;                                                                                             \
		_taken;                                                                                                \
	})
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* A NULL-terminated list of strings (argv, environ, paths). Every function takes NULL as empty. */
char **strv_new(const char *first, ...) __attribute__((sentinel)); /* copies; ends with NULL */
char **strv_add(char **v, const char *s); /* returns the (moved) list; s is copied */
char **strv_take(char **v, char *s);	  /* the same; s is handed over */
char **strv_dup(char *const *v);
size_t strv_len(char *const *v);
int strv_has(char *const *v, const char *s);
void strv_free(char **v);
static inline void strv_freep(char ***v)
{
	strv_free(*v);
	*v = NULL;
}
#define _cleanup_strv_ CLEANUP(strv_freep)

void fd_closep(int *fd); /* closes when >= 0; errno is kept */
#define _cleanup_fd_ CLEANUP(fd_closep)

#endif
