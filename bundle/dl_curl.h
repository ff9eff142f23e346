/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_DL_CURL_H
#define BUNDLE_DL_CURL_H

/* libcurl, loaded when it is first needed: see formats/dl.h. Include this instead of the library's header. */
#define CURL_DISABLE_TYPECHECK /* its macro would hide ours */
#include <curl/curl.h>
#undef curl_easy_getinfo
#undef curl_easy_setopt

#include "formats/err.h"

/* To be called, and to have succeeded, before any of the functions below. ERR_ABSENT names the library. */
int dl_curl(struct err *err);

#define DL_CURL_SYMBOLS(X) \
	X(curl_easy_cleanup) \
	X(curl_easy_getinfo) \
	X(curl_easy_init) \
	X(curl_easy_perform) \
	X(curl_easy_reset) \
	X(curl_easy_setopt) \
	X(curl_easy_strerror) \
	X(curl_global_cleanup) \
	X(curl_global_init) \
	X(curl_mime_addpart) \
	X(curl_mime_data) \
	X(curl_mime_data_cb) \
	X(curl_mime_filename) \
	X(curl_mime_free) \
	X(curl_mime_init) \
	X(curl_mime_name) \
	X(curl_mime_type) \
	X(curl_slist_append) \
	X(curl_slist_free_all)

#define DL_DECLARE(f) extern __typeof__(f) *dl_##f;
DL_CURL_SYMBOLS(DL_DECLARE)
#undef DL_DECLARE

#ifndef DL_CURL_DEFINES /* the .c that defines the pointers needs the plain names */
#define curl_easy_cleanup dl_curl_easy_cleanup
#define curl_easy_getinfo dl_curl_easy_getinfo
#define curl_easy_init dl_curl_easy_init
#define curl_easy_perform dl_curl_easy_perform
#define curl_easy_reset dl_curl_easy_reset
#define curl_easy_setopt dl_curl_easy_setopt
#define curl_easy_strerror dl_curl_easy_strerror
#define curl_global_cleanup dl_curl_global_cleanup
#define curl_global_init dl_curl_global_init
#define curl_mime_addpart dl_curl_mime_addpart
#define curl_mime_data dl_curl_mime_data
#define curl_mime_data_cb dl_curl_mime_data_cb
#define curl_mime_filename dl_curl_mime_filename
#define curl_mime_free dl_curl_mime_free
#define curl_mime_init dl_curl_mime_init
#define curl_mime_name dl_curl_mime_name
#define curl_mime_type dl_curl_mime_type
#define curl_slist_append dl_curl_slist_append
#define curl_slist_free_all dl_curl_slist_free_all
#endif

#endif
