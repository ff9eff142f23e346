/* SPDX-License-Identifier: MIT */
#include "redact/utf16.h"

#include <string.h>

static void add_utf8(struct buf *b, unsigned c)
{
	char s[4];
	size_t n;

	if (c < 0x80) {
		s[0] = (char)c;
		n = 1;
	} else if (c < 0x800) {
		s[0] = (char)(0xc0 | c >> 6);
		s[1] = (char)(0x80 | (c & 0x3f));
		n = 2;
	} else if (c < 0x10000) {
		s[0] = (char)(0xe0 | c >> 12);
		s[1] = (char)(0x80 | (c >> 6 & 0x3f));
		s[2] = (char)(0x80 | (c & 0x3f));
		n = 3;
	} else {
		s[0] = (char)(0xf0 | c >> 18);
		s[1] = (char)(0x80 | (c >> 12 & 0x3f));
		s[2] = (char)(0x80 | (c >> 6 & 0x3f));
		s[3] = (char)(0x80 | (c & 0x3f));
		n = 4;
	}
	buf_add(b, s, n);
}

static void unit(struct utf16 *u, unsigned c, struct buf *out)
{
	if (u->high) {
		unsigned high = u->high;
		u->high = 0;
		if (c >= 0xdc00 && c < 0xe000) {
			add_utf8(out, 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00));
			return;
		}
		add_utf8(out, high);
	}
	if (c >= 0xd800 && c < 0xdc00)
		u->high = c;
	else
		add_utf8(out, c);
}

void utf16_decode(struct utf16 *u, const char *p, size_t n, struct buf *out)
{
	buf_reserve(out, n * 3 / 2 + 4);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];
		if (!u->has_odd) {
			u->odd = c;
			u->has_odd = true;
			continue;
		}
		u->has_odd = false;
		unit(u, u->big ? (unsigned)u->odd << 8 | c : (unsigned)c << 8 | u->odd, out);
	}
}

void utf16_decode_end(struct utf16 *u, struct buf *out)
{
	if (u->high)
		add_utf8(out, u->high);
	u->high = 0;
}

static void add_unit(const struct utf16_back *u, unsigned c, struct buf *out)
{
	char s[2] = { (char)(u->big ? c >> 8 : c), (char)(u->big ? c : c >> 8) };

	buf_add(out, s, 2);
}

static unsigned sequence_length(unsigned char c)
{
	return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

void utf16_encode(struct utf16_back *u, const char *p, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		const unsigned char *h = u->have;
		u->have[u->n++] = (unsigned char)p[i];
		unsigned need = sequence_length(h[0]);
		if (u->n < need)
			continue;
		u->n = 0;
		unsigned c = need == 1 ? h[0] :
			     need == 2 ? (h[0] & 0x1fu) << 6 | (h[1] & 0x3fu) :
			     need == 3 ? (h[0] & 0x0fu) << 12 | (h[1] & 0x3fu) << 6 | (h[2] & 0x3fu) :
					 (h[0] & 0x07u) << 18 | (h[1] & 0x3fu) << 12 | (h[2] & 0x3fu) << 6 | (h[3] & 0x3fu);
		if (c >= 0x10000) {
			add_unit(u, 0xd800 + ((c - 0x10000) >> 10), out);
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		add_unit(u, c, out);
	}
}

/* Bytes that only begin like UTF-16: most units would be two printable ones, and no byte is zero. */
static bool is_bytes(const char *p, size_t n)
{
	size_t printable = 0;

	for (size_t i = 0; i + 1 < n; i += 2) {
		if (!p[i] || !p[i + 1])
			return false;
		printable += p[i] >= ' ' && p[i] <= '~' && p[i + 1] >= ' ' && p[i + 1] <= '~';
	}
	return n >= 8 && printable * 3 >= n / 2 * 2;
}

int utf16_sniff(const char *p, size_t n)
{
	size_t even = 0, odd = 0;

	if (n >= 2 && !is_bytes(p + 2, n - 2) && (unsigned char)p[0] == 0xff && (unsigned char)p[1] == 0xfe)
		return 1;
	if (n >= 2 && !is_bytes(p + 2, n - 2) && (unsigned char)p[0] == 0xfe && (unsigned char)p[1] == 0xff)
		return 2;
	/* without its mark: every other byte is zero, and no others are */
	if (n > 16)
		n = 16;
	if (n < 8)
		return 0;
	for (size_t i = 0; i < (n & ~(size_t)1); i++)
		if (!p[i])
			*(i % 2 ? &odd : &even) += 1;
	return odd == n / 2 && even == 0 ? 1 : even == n / 2 && odd == 0 ? 2 : 0;
}
