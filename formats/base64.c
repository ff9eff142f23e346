/* SPDX-License-Identifier: MIT */
#include "formats/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buf *b, const void *p, size_t n)
{
	const uint8_t *d = p;

	buf_reserve(b, (n + 2) / 3 * 4);
	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)d[i] << 16;
		if (i + 1 < n)
			v |= (uint32_t)d[i + 1] << 8;
		if (i + 2 < n)
			v |= d[i + 2];
		buf_addc(b, alphabet[v >> 18]);
		buf_addc(b, alphabet[v >> 12 & 63]);
		buf_addc(b, i + 1 < n ? alphabet[v >> 6 & 63] : '=');
		buf_addc(b, i + 2 < n ? alphabet[v & 63] : '=');
	}
}

static int digit(char c)
{
	return c >= 'A' && c <= 'Z'   ? c - 'A'
	       : c >= 'a' && c <= 'z' ? c - 'a' + 26
	       : c >= '0' && c <= '9' ? c - '0' + 52
	       : c == '+'	      ? 62
	       : c == '/'	      ? 63
				      : -1;
}

int base64_decode(const char *s, size_t n, uint8_t *out, size_t max, size_t *ret_n)
{
	size_t pad = 0, len = 0;

	if (n % 4)
		return -1;
	while (pad < 2 && pad < n && s[n - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < n; i += 4) {
		size_t digits = i + 4 == n ? 4 - pad : 4;
		uint32_t v = 0;
		for (size_t k = 0; k < 4; k++) {
			int d = k < digits ? digit(s[i + k]) : 0;
			if (d < 0)
				return -1;
			v = v << 6 | (uint32_t)d;
		}
		size_t bytes = digits - 1;
		if ((bytes == 1 && v & 0xffff) || (bytes == 2 && v & 0xff) || len + bytes > max)
			return -1;
		for (size_t k = 0; k < bytes; k++)
			out[len++] = (uint8_t)(v >> (16 - 8 * k));
	}
	*ret_n = len;
	return 0;
}

void base64_add_bare(struct buf *b, const void *p, size_t n)
{
	base64_add(b, p, n);
	if (n % 3) {
		b->len -= 3 - n % 3;
		b->data[b->len] = '\0';
	}
}

int base64_decode_bare(const char *s, size_t n, uint8_t *out, size_t max, size_t *ret_n)
{
	size_t rest = n % 4, len = 0, more = 0;
	char tail[4] = "====";

	/* padding is for base64_decode to add, not for s to have */
	if (rest == 1 || memchr(s, '=', n) || base64_decode(s, n - rest, out, max, &len))
		return -1;
	memcpy(tail, s + n - rest, rest);
	if (rest && base64_decode(tail, 4, out + len, max - len, &more))
		return -1;
	*ret_n = len + more;
	return 0;
}
