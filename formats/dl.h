/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_DL_H
#define FORMATS_DL_H

#include <stddef.h>

#include "formats/err.h"

/*
 * Libraries that are loaded when they are first needed. libcurl, libarchive and vectorscan bring some
 * forty more with them, which takes a dynamic linker longer than `list`, `status` or the launcher take to run.
 *
 * A dl_<library>.h includes the library's own header, declares a pointer of the function's own type for
 * each function that we call, and lets the function's name mean the pointer: callers are written, and
 * checked by the compiler, as if the library were linked. They call its load function first.
 */
struct dl_symbol {
	const char *name;
	void **where;
};

/* Loads the first of `files` (NULL-terminated) that there is, and fills in every symbol. Once is enough. */
int dl_load(const char *what, const char *const *files, const struct dl_symbol *symbols, size_t n, struct err *err);

/*
 * For the .c that holds a library's pointers: DL_LIST is the list of its functions, as an X macro. Within one file both may be static.
 *
 *	DL_LIST(DL_POINTER)
 *	DL_LOADER(dl_curl, "libcurl", DL_LIST, "libcurl.so.4", "libcurl.dylib")
 */
#define DL_POINTER(f) __typeof__(f) *dl_##f;
#define DL_STATIC_POINTER(f) static DL_POINTER(f)
#define DL_ROW(f) { #f, (void **)(void *)&dl_##f },
#define DL_LOADER(name, what, LIST, ...)                                                                               \
	int name(struct err *err)                                                                                      \
	{                                                                                                              \
		static const char *const files[] = { __VA_ARGS__, NULL };                                              \
		static const struct dl_symbol symbols[] = { LIST(DL_ROW) };                                            \
		return dl_load(what, files, symbols, sizeof(symbols) / sizeof(symbols[0]), err);                       \
	}

#endif
