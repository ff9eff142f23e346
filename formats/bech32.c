/* SPDX-License-Identifier: MIT */
#include "formats/bech32.h"

#include <string.h>

#include "formats/mem.h"

static const char digits[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t polymod_step(uint32_t c, uint32_t v)
{
	static const uint32_t gen[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = c >> 25;

	c = (c & 0x1ffffff) << 5 ^ v;
	for (int i = 0; i < 5; i++)
		if (top >> i & 1)
			c ^= gen[i];
	return c;
}

static uint32_t polymod_hrp(const char *hrp)
{
	uint32_t c = 1;

	for (const char *p = hrp; *p; p++)
		c = polymod_step(c, (uint32_t)(unsigned char)*p >> 5);
	c = polymod_step(c, 0);
	for (const char *p = hrp; *p; p++)
		c = polymod_step(c, (uint32_t)(unsigned char)*p & 31);
	return c;
}

int bech32_encode(char out[BECH32_MAX + 1], const char *hrp, const uint8_t *p, size_t n)
{
	size_t len = strlen(hrp);
	uint32_t c = polymod_hrp(hrp), v = 0;
	unsigned bits = 0;

	if (len + 1 + (n * 8 + 4) / 5 + 6 > BECH32_MAX)
		return -1;
	memcpy(out, hrp, len);
	out[len++] = '1';
	for (size_t i = 0; i < n || bits; ) {
		if (bits < 5 && i < n) {
			v = (v << 8 | p[i++]) & 0xfff;
			bits += 8;
		} else if (bits < 5) { /* the last digit is filled up with zero bits */
			v <<= 5 - bits;
			bits = 5;
		}
		bits -= 5;
		uint32_t d = v >> bits & 31;
		c = polymod_step(c, d);
		out[len++] = digits[d];
	}
	for (int i = 0; i < 6; i++)
		c = polymod_step(c, 0);
	c ^= 1;
	for (int i = 0; i < 6; i++)
		out[len++] = digits[c >> (25 - 5 * i) & 31];
	out[len] = 0;
	return 0;
}

/* Copies s in lower case; -1 for mixed case, for what no Bech32 string holds, and past the limit. */
static int fold_case(char out[BECH32_MAX + 1], const char *s)
{
	int upper = 0, lower = 0;
	size_t n = 0;

	for (; s[n]; n++) {
		char c = s[n];
		if (n == BECH32_MAX || c < 33 || c > 126)
			return -1;
		upper |= c >= 'A' && c <= 'Z';
		lower |= c >= 'a' && c <= 'z';
		out[n] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	out[n] = 0;
	return upper && lower ? -1 : 0;
}

int bech32_decode(uint8_t *out, size_t n, const char *hrp, const char *s)
{
	char text[BECH32_MAX + 1];
	size_t hlen = strlen(hrp), want = (n * 8 + 4) / 5, got = 0;
	uint32_t c = polymod_hrp(hrp), v = 0;
	unsigned bits = 0;
	int ret = -1;

	if (fold_case(text, s) || strncmp(text, hrp, hlen) != 0 || text[hlen] != '1' ||
		strlen(text) != hlen + 1 + want + 6)
		goto out;
	for (const char *p = text + hlen + 1; *p; p++) {
		const char *at = memchr(digits, *p, 32);
		if (!at)
			goto out;
		uint32_t d = (uint32_t)(at - digits);
		c = polymod_step(c, d);
		if (p >= text + hlen + 1 + want)
			continue;
		v = (v << 5 | d) & 0xfff;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			out[got++] = (uint8_t)(v >> bits);
		}
	}
	if (c == 1 && !(v & ((1u << bits) - 1)))
		ret = 0;
out:
	mem_wipe(text, sizeof(text)); /* it may have been a secret key */
	return ret;
}
