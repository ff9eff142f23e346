/* SPDX-License-Identifier: MIT */
/* A line that parses is written back to one that parses to the same; a chain that holds does not when a byte of it is changed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bundle/sha256.h"
#include "formats/custody.h"
#include "tests/fuzz/must.h"

static void check_line(const char *p, size_t n)
{
	struct custody c = { 0 }, again = { 0 };
	struct buf b = { 0 };

	if (custody_parse(p, n, &c, NULL))
		return;
	custody_add(&b, &c);
	must(b.len && b.data[b.len - 1] == '\n' && !memchr(b.data, '\n', b.len - 1));
	must(custody_parse(b.data, b.len - 1, &again, NULL) == 0);
	must(again.seq == c.seq && again.time_us == c.time_us && again.uid == c.uid && again.exit == c.exit);
	must(memcmp(again.prev, c.prev, 32) == 0 && strcmp(again.action, c.action) == 0);
	custody_free(&c);
	custody_free(&again);
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct err e = { 0 };
	uint64_t lines = 0;

	check_line(p, size);
	int r = custody_check(p, size, sha256_of, &lines, NULL, &e);
	must(r == 0 || (e.code && *e.msg));
	if (r == 0 && lines > 1) {
		/* any change to a line that another follows breaks the chain */
		struct buf b = { 0 };
		buf_add(&b, p, size);
		const char *first = memchr(p, '\n', size);
		b.data[data[0] % (size_t)(first - p)] ^= 1;
		must(custody_check(b.data, b.len, sha256_of, NULL, NULL, NULL) != 0);
		buf_free(&b);
	}
	return 0;
}
