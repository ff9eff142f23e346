/* SPDX-License-Identifier: MIT */
#define DL_ARCHIVE_DEFINES
#include "formats/dl_archive.h"

#include "formats/dl.h"

#define DL_DEFINE(f) __typeof__(f) *dl_##f;
DL_ARCHIVE_SYMBOLS(DL_DEFINE)

int dl_archive(struct err *err)
{
	static const char *const files[] = { "libarchive.so.13", "libarchive.13.dylib", "libarchive.dylib", NULL };
#define DL_ROW(f) { #f, (void **)(void *)&dl_##f },
	static const struct dl_symbol symbols[] = { DL_ARCHIVE_SYMBOLS(DL_ROW) };

	return dl_load("libarchive", files, symbols, sizeof(symbols) / sizeof(symbols[0]), err);
}
