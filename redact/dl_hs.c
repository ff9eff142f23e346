/* SPDX-License-Identifier: MIT */
#define DL_HS_DEFINES
#include "redact/dl_hs.h"

#include "formats/dl.h"

#define DL_DEFINE(f) __typeof__(f) *dl_##f;
DL_HS_SYMBOLS(DL_DEFINE)

int dl_hs(struct err *err)
{
	static const char *const files[] = { "libhs.so.5", "libhs.5.dylib", "libhs.dylib", NULL };
#define DL_ROW(f) { #f, (void **)(void *)&dl_##f },
	static const struct dl_symbol symbols[] = { DL_HS_SYMBOLS(DL_ROW) };

	return dl_load("vectorscan (libhs)", files, symbols, sizeof(symbols) / sizeof(symbols[0]), err);
}
