/* SPDX-License-Identifier: MIT */
#define DL_CURL_DEFINES
#include "bundle/dl_curl.h"

#include "formats/dl.h"

#define DL_DEFINE(f) __typeof__(f) *dl_##f;
DL_CURL_SYMBOLS(DL_DEFINE)

int dl_curl(struct err *err)
{
	static const char *const files[] = { "libcurl.so.4", "libcurl.4.dylib", "libcurl.dylib", NULL };
#define DL_ROW(f) { #f, (void **)(void *)&dl_##f },
	static const struct dl_symbol symbols[] = { DL_CURL_SYMBOLS(DL_ROW) };

	return dl_load("libcurl", files, symbols, sizeof(symbols) / sizeof(symbols[0]), err);
}
