/* SPDX-License-Identifier: MIT */
/*
 * The reader on any bytes, unsigned. The input is a compressed tarball when it begins with zstd's magic;
 * a list of members when it begins with 'S'; else the tar inside of a tarball. The latter two are packed
 * first, so that the fuzzer also gets behind the decompressor, and behind tar's header checksums.
 * Whatever verify says, open must agree, and what opens holds only what its manifest names.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/reader.h"
#include "tests/fuzz/must.h"

/* One raw zstd frame: a header that promises nothing, then stored blocks. */
static void pack(int fd, const uint8_t *p, size_t n)
{
	static const uint8_t head[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58 };
	const size_t most = 100000;

	must(write_all(fd, head, sizeof(head)) == 0);
	do {
		size_t now = n < most ? n : most;
		uint32_t h = (uint32_t)now << 3 | (now == n);
		uint8_t block[3] = { (uint8_t)h, (uint8_t)(h >> 8), (uint8_t)(h >> 16) };
		must(write_all(fd, block, 3) == 0 && write_all(fd, p, now) == 0);
		p += now;
		n -= now;
	} while (n);
}

/* Members as: type, length of the name, name, length of the data in two bytes (high first), data. */
static void add_members(struct buf *tar, const uint8_t *p, size_t n)
{
	while (n >= 2 && n >= 4u + p[1]) {
		uint8_t h[512] = { 0 };
		size_t name = p[1] < 100 ? p[1] : 99, at = 2u + p[1];
		size_t len = (size_t)p[at] << 8 | p[at + 1];
		unsigned sum = 8 * ' ';
		len = len < n - at - 2 ? len : n - at - 2;
		memcpy(h, p + 2, name);
		memcpy(h + 100, "0000600", 7);
		snprintf((char *)h + 124, 12, "%011zo", len);
		memcpy(h + 136, "00000000000", 11);
		h[156] = p[0];
		memcpy(h + 157, "x", 1);
		memcpy(h + 257, "ustar\00000", 8);
		for (size_t i = 0; i < sizeof(h); i++)
			sum += h[i];
		snprintf((char *)h + 148, 8, "%06o", sum);
		h[155] = ' ';
		buf_add(tar, h, sizeof(h));
		buf_add(tar, p + at + 2, len);
		memset(h, 0, sizeof(h));
		buf_add(tar, h, -len % 512);
		p += at + 2 + len;
		n -= at + 2 + len;
	}
}

static int count(void *data, const void *p, size_t n)
{
	*(uint64_t *)data += n;
	return 0;
}

static void check_opened(struct bundle *b)
{
	const struct bundle_report *r = bundle_report(b);
	struct payload p;
	size_t n;

	must(r->has_manifest && r->n_problems == 0);
	for (size_t i = 0; i < r->manifest.n_artifacts; i++) {
		uint64_t bytes = 0;
		must(r->files[i] == FILE_OK);
		must(bundle_find(b, r->manifest.artifacts[i].path, &p, NULL) == 0);
		must(bundle_read(b, &p, count, &bytes, NULL) == 0 && bytes == r->manifest.artifacts[i].bytes);
	}
	must(bundle_records(b, &n) || n == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t magic[] = { 0x28, 0xb5, 0x2f, 0xfd };
	FILE *file = tmpfile();
	int fd = fileno(file);
	_cleanup_buf_ struct buf tar = { 0 };
	_cleanup_bundle_report_ struct bundle_report r = { 0 };
	_cleanup_bundle_ struct bundle *b = NULL;
	struct err e = { 0 };

	if (size >= 4 && memcmp(data, magic, 4) == 0)
		must(write_all(fd, data, size) == 0);
	else if (size && data[0] == 'S') {
		add_members(&tar, data + 1, size - 1);
		pack(fd, (const uint8_t *)buf_str(&tar), tar.len);
	} else
		pack(fd, data, size);
	struct bundle_args a = { .fd = fd, .sigfd = -1, .flags = BUNDLE_ANYONE, .tmpdir = "/tmp" };
	int v = bundle_verify(&a, &r, &e);
	must((v == 0) == (r.n_problems == 0));
	must(v == 0 || (e.code && *e.msg));
	int o = bundle_open(&a, &b, &e);
	must(v == 0 || o != 0); /* records that do not parse may refuse what verifies */
	if (o == 0)
		check_opened(b);
	fclose(file);
	return 0;
}
