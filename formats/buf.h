/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_BUF_H
#define FORMATS_BUF_H

#include <stddef.h>

#include "formats/mem.h"

/* A growing byte buffer. { 0 } is an empty one; data is NUL-terminated whenever it is not NULL
 * (the NUL is not counted in len; the bytes may hold NULs themselves). The owner calls buf_free. */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_reserve(struct buf *b, size_t more); /* makes room for `more` bytes after len */
void buf_clear(struct buf *b);		      /* len = 0, memory kept */
void buf_drop(struct buf *b, size_t n);	      /* removes the first n bytes */
char *buf_take(struct buf *b);		      /* hands the (never NULL) string over and empties b */
const char *buf_str(const struct buf *b);     /* never NULL; valid until b changes */
void buf_free(struct buf *b);
void buf_wipe(struct buf *b);		      /* buf_free of what was secret: all of its memory is zeroed first */
#define _cleanup_buf_ CLEANUP(buf_free)

#endif
