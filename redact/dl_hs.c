/* SPDX-License-Identifier: MIT */
#define DL_HS_DEFINES
#include "redact/dl_hs.h"

#include "formats/dl.h"

DL_HS_SYMBOLS(DL_POINTER)

DL_LOADER(dl_hs, "vectorscan (libhs)", DL_HS_SYMBOLS, "libhs.so.5", "libhs.5.dylib", "libhs.dylib")
