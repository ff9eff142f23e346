/* SPDX-License-Identifier: MIT */
#define DL_CURL_DEFINES
#include "bundle/dl_curl.h"

#include "formats/dl.h"

DL_CURL_SYMBOLS(DL_POINTER)

DL_LOADER(dl_curl, "libcurl", DL_CURL_SYMBOLS, "libcurl.so.4", "libcurl.4.dylib", "libcurl.dylib")
