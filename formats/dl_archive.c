/* SPDX-License-Identifier: MIT */
#define DL_ARCHIVE_DEFINES
#include "formats/dl_archive.h"

#include "formats/dl.h"

DL_ARCHIVE_SYMBOLS(DL_POINTER)

DL_LOADER(dl_archive, "libarchive", DL_ARCHIVE_SYMBOLS, "libarchive.so.13", "libarchive.13.dylib", "libarchive.dylib")
