/* SPDX-License-Identifier: MIT */
#ifndef REDACT_DL_HS_H
#define REDACT_DL_HS_H

/* vectorscan (libhs), loaded when it is first needed: see formats/dl.h. Include this instead of the library's header. */
#include <hs.h>

#include "formats/err.h"

/* To be called, and to have succeeded, before any of the functions below. ERR_ABSENT names the library. */
int dl_hs(struct err *err);

#define DL_HS_SYMBOLS(X) \
	X(hs_alloc_scratch) \
	X(hs_close_stream) \
	X(hs_compile_multi) \
	X(hs_deserialize_database) \
	X(hs_free_compile_error) \
	X(hs_free_database) \
	X(hs_free_scratch) \
	X(hs_open_stream) \
	X(hs_reset_stream) \
	X(hs_scan_stream) \
	X(hs_serialize_database) \
	X(hs_valid_platform)

#define DL_DECLARE(f) extern __typeof__(f) *dl_##f;
DL_HS_SYMBOLS(DL_DECLARE)
#undef DL_DECLARE

#ifndef DL_HS_DEFINES /* the .c that defines the pointers needs the plain names */
#define hs_alloc_scratch dl_hs_alloc_scratch
#define hs_close_stream dl_hs_close_stream
#define hs_compile_multi dl_hs_compile_multi
#define hs_deserialize_database dl_hs_deserialize_database
#define hs_free_compile_error dl_hs_free_compile_error
#define hs_free_database dl_hs_free_database
#define hs_free_scratch dl_hs_free_scratch
#define hs_open_stream dl_hs_open_stream
#define hs_reset_stream dl_hs_reset_stream
#define hs_scan_stream dl_hs_scan_stream
#define hs_serialize_database dl_hs_serialize_database
#define hs_valid_platform dl_hs_valid_platform
#endif

#endif
