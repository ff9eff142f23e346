/* SPDX-License-Identifier: MIT */
/* However the bytes are cut, the head, the body and the verdict are the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/httpreply.h"
#include "tests/fuzz/must.h"

struct got {
	struct buf head, body;
	struct httpreply h;
	struct err err;
	int r;
};

static void put_head(void *arg, const char *p, size_t n)
{
	buf_add(&((struct got *)arg)->head, p, n);
}

static void put_body(void *arg, const char *p, size_t n)
{
	buf_add(&((struct got *)arg)->body, p, n);
}

static void decode(const char *p, size_t size, size_t step, struct got *g)
{
	const struct httpreply_sink sink = { put_head, put_body, g };

	for (size_t i = 0; i < size && g->r == 0; i += step)
		g->r = httpreply_feed(&g->h, p + i, size - i < step ? size - i : step, &sink, &g->err);
	if (g->r == 0)
		g->r = httpreply_end(&g->h, &g->err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	size_t step = 1 + data[0] % 17;
	struct got a = { 0 }, b = { 0 };

	decode((const char *)data + 1, size - 1, size, &a);
	decode((const char *)data + 1, size - 1, step, &b);
	must(a.r == b.r);
	must(a.r == 0 ? a.h.complete && a.h.status >= 200 : a.err.msg[0] != '\0');
	if (a.r == 0) {
		must(a.h.status == b.h.status);
		must(a.head.len == b.head.len && memcmp(buf_str(&a.head), buf_str(&b.head), a.head.len) == 0);
		must(a.body.len == b.body.len && memcmp(buf_str(&a.body), buf_str(&b.body), a.body.len) == 0);
		must(a.body.len <= size);
	}
	buf_free(&a.head);
	buf_free(&a.body);
	buf_free(&b.head);
	buf_free(&b.body);
	return 0;
}
