/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_DL_ARCHIVE_H
#define FORMATS_DL_ARCHIVE_H

/* libarchive, loaded when it is first needed: see formats/dl.h. Include this instead of the library's header. */
#include <archive.h>
#include <archive_entry.h>

#include "formats/err.h"

/* To be called, and to have succeeded, before any of the functions below. ERR_ABSENT names the library. */
int dl_archive(struct err *err);

#define DL_ARCHIVE_SYMBOLS(X) \
	X(archive_entry_filetype) \
	X(archive_entry_free) \
	X(archive_entry_hardlink) \
	X(archive_entry_new) \
	X(archive_entry_pathname) \
	X(archive_entry_perm) \
	X(archive_entry_set_filetype) \
	X(archive_entry_set_gid) \
	X(archive_entry_set_mtime) \
	X(archive_entry_set_pathname) \
	X(archive_entry_set_perm) \
	X(archive_entry_set_size) \
	X(archive_entry_set_uid) \
	X(archive_entry_size) \
	X(archive_entry_sparse_count) \
	X(archive_entry_symlink) \
	X(archive_error_string) \
	X(archive_filter_code) \
	X(archive_filter_count) \
	X(archive_read_data_block) \
	X(archive_read_free) \
	X(archive_read_new) \
	X(archive_read_next_header) \
	X(archive_read_open2) \
	X(archive_read_open_memory) \
	X(archive_read_support_filter_bzip2) \
	X(archive_read_support_filter_gzip) \
	X(archive_read_support_filter_xz) \
	X(archive_read_support_filter_zstd) \
	X(archive_read_support_format_raw) \
	X(archive_read_support_format_tar) \
	X(archive_set_error) \
	X(archive_write_add_filter) \
	X(archive_write_add_filter_zstd) \
	X(archive_write_close) \
	X(archive_write_data) \
	X(archive_write_free) \
	X(archive_write_header) \
	X(archive_write_new) \
	X(archive_write_open) \
	X(archive_write_set_bytes_in_last_block) \
	X(archive_write_set_bytes_per_block) \
	X(archive_write_set_filter_option) \
	X(archive_write_set_format_pax_restricted) \
	X(archive_write_set_format_raw)

#define DL_DECLARE(f) extern __typeof__(f) *dl_##f;
DL_ARCHIVE_SYMBOLS(DL_DECLARE)
#undef DL_DECLARE

#ifndef DL_ARCHIVE_DEFINES /* the .c that defines the pointers needs the plain names */
#define archive_entry_filetype dl_archive_entry_filetype
#define archive_entry_free dl_archive_entry_free
#define archive_entry_hardlink dl_archive_entry_hardlink
#define archive_entry_new dl_archive_entry_new
#define archive_entry_pathname dl_archive_entry_pathname
#define archive_entry_perm dl_archive_entry_perm
#define archive_entry_set_filetype dl_archive_entry_set_filetype
#define archive_entry_set_gid dl_archive_entry_set_gid
#define archive_entry_set_mtime dl_archive_entry_set_mtime
#define archive_entry_set_pathname dl_archive_entry_set_pathname
#define archive_entry_set_perm dl_archive_entry_set_perm
#define archive_entry_set_size dl_archive_entry_set_size
#define archive_entry_set_uid dl_archive_entry_set_uid
#define archive_entry_size dl_archive_entry_size
#define archive_entry_sparse_count dl_archive_entry_sparse_count
#define archive_entry_symlink dl_archive_entry_symlink
#define archive_error_string dl_archive_error_string
#define archive_filter_code dl_archive_filter_code
#define archive_filter_count dl_archive_filter_count
#define archive_read_data_block dl_archive_read_data_block
#define archive_read_free dl_archive_read_free
#define archive_read_new dl_archive_read_new
#define archive_read_next_header dl_archive_read_next_header
#define archive_read_open2 dl_archive_read_open2
#define archive_read_open_memory dl_archive_read_open_memory
#define archive_read_support_filter_bzip2 dl_archive_read_support_filter_bzip2
#define archive_read_support_filter_gzip dl_archive_read_support_filter_gzip
#define archive_read_support_filter_xz dl_archive_read_support_filter_xz
#define archive_read_support_filter_zstd dl_archive_read_support_filter_zstd
#define archive_read_support_format_raw dl_archive_read_support_format_raw
#define archive_read_support_format_tar dl_archive_read_support_format_tar
#define archive_set_error dl_archive_set_error
#define archive_write_add_filter dl_archive_write_add_filter
#define archive_write_add_filter_zstd dl_archive_write_add_filter_zstd
#define archive_write_close dl_archive_write_close
#define archive_write_data dl_archive_write_data
#define archive_write_free dl_archive_write_free
#define archive_write_header dl_archive_write_header
#define archive_write_new dl_archive_write_new
#define archive_write_open dl_archive_write_open
#define archive_write_set_bytes_in_last_block dl_archive_write_set_bytes_in_last_block
#define archive_write_set_bytes_per_block dl_archive_write_set_bytes_per_block
#define archive_write_set_filter_option dl_archive_write_set_filter_option
#define archive_write_set_format_pax_restricted dl_archive_write_set_format_pax_restricted
#define archive_write_set_format_raw dl_archive_write_set_format_raw
#endif

#endif
