/* SPDX-License-Identifier: MIT */
#include "formats/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

bool text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

bool text_eq(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

size_t text_name_length(const char *s)
{
	size_t n = 0;

	while (isalnum((unsigned char)s[n]) || s[n] == '_')
		n++;
	return n;
}

bool text_is_assignment(const char *word)
{
	size_t n = text_name_length(word);

	return n && word[n] == '=' && !isdigit((unsigned char)*word);
}

const char *text_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

size_t text_utf8(const unsigned char *p, size_t n, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : (p[0] & 0xf8) == 0xf0 ? 4 : 0;

	if (!len || len > n)
		return 0;
	*cp = len == 1 ? p[0] : p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	if (*cp < least[len] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return len;
}

/* What can move the cursor, colour the screen, or reorder what a person reads. */
static bool is_unsafe(uint32_t cp)
{
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || (cp >= 0x200b && cp <= 0x200f) || (cp >= 0x2028 && cp <= 0x202e) ||
	       (cp >= 0x2066 && cp <= 0x2069) || cp == 0xfeff || cp == 0x61c;
}

void text_add_safe(struct buf *b, const char *s, size_t n, bool multiline)
{
	const unsigned char *p = (const unsigned char *)s;

	for (size_t i = 0; i < n;) {
		uint32_t cp = 0;
		size_t len = text_utf8(p + i, n - i, &cp);
		if (!len) {
			buf_addf(b, "\\x%02x", p[i++]);
			continue;
		}
		if (multiline && (cp == '\n' || cp == '\t'))
			buf_addc(b, (char)cp);
		else if (!is_unsafe(cp))
			buf_add(b, s + i, len);
		else if (cp < 0x80)
			buf_addf(b, "\\x%02x", cp);
		else
			buf_addf(b, "\\u{%04x}", cp);
		i += len;
	}
}

char *text_safe(const char *s)
{
	struct buf b = { 0 };

	text_add_safe(&b, s, strlen(s), false);
	return buf_take(&b);
}

size_t text_cut(const char *s, size_t max)
{
	size_t n = strnlen(s, max + 1);

	if (n <= max)
		return n;
	n = max;
	while (n && ((unsigned char)s[n] & 0xc0) == 0x80)
		n--;
	return n;
}

void text_add_shell(struct buf *b, const char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789@%+=:,./_-";

	if (*s && strspn(s, plain) == strlen(s)) {
		buf_adds(b, s);
		return;
	}
	buf_addc(b, '\'');
	for (; *s; s++)
		if (*s == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *s);
	buf_addc(b, '\'');
}

char *text_shell_join(char *const *argv)
{
	struct buf b = { 0 };

	for (size_t i = 0; argv && argv[i]; i++) {
		if (i)
			buf_addc(&b, ' ');
		text_add_shell(&b, argv[i]);
	}
	return buf_take(&b);
}

/* Every byte that is not plain ASCII as an escape: nothing in it is left for text_safe() to rewrite into another name. */
static void add_ansi_c(struct buf *b, const char *s)
{
	buf_adds(b, "$'");
	for (; *s; s++)
		if (text_is_control((unsigned char)*s) || (unsigned char)*s >= 0x80)
			buf_addf(b, "\\%03o", (unsigned)(unsigned char)*s);
		else if (*s == '\'' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else
			buf_addc(b, *s);
	buf_addc(b, '\'');
}

static void add_word(struct buf *b, const char *s)
{
	s = s ? s : "";
	_cleanup_free_ char *safe = text_safe(s);
	if (strcmp(safe, s) == 0)
		text_add_shell(b, s);
	else
		add_ansi_c(b, s);
}

char *text_shell_vprintf(const char *fmt, va_list ap)
{
	struct buf b = { 0 };

	for (; *fmt; fmt++) {
		if (*fmt != '%') {
			buf_addc(&b, *fmt);
			continue;
		}
		switch (*++fmt) {
		case 's':
			add_word(&b, va_arg(ap, const char *));
			break;
		case 'u':
			buf_addf(&b, "%u", va_arg(ap, unsigned));
			break;
		case 'd':
			buf_addf(&b, "%d", va_arg(ap, int));
			break;
		case '%':
			buf_addc(&b, '%');
			break;
		default:
			abort(); /* a mistake of the program's, which no input reaches */
		}
	}
	return buf_take(&b);
}

char *text_shell_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	char *text = text_shell_vprintf(fmt, ap);
	va_end(ap);
	return text;
}

int text_to_u64(const char *s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (!*s)
		return -1;
	for (; *s; s++) {
		if (!isdigit((unsigned char)*s) || __builtin_mul_overflow(v, (uint64_t)10, &v) ||
			__builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return -1;
	}
	if (v > max)
		return -1;
	*ret = v;
	return 0;
}

int text_to_i64(const char *s, int64_t *ret)
{
	bool minus = *s == '-';
	uint64_t v;

	if (text_to_u64(s + minus, minus ? (uint64_t)INT64_MAX + 1 : INT64_MAX, &v))
		return -1;
	*ret = minus ? (int64_t)(0 - v) : (int64_t)v;
	return 0;
}

int text_to_size(const char *s, uint64_t *ret)
{
	static const char units[] = "KMGT";
	size_t digits = strspn(s, "0123456789");
	char number[24];
	uint64_t v;
	unsigned shift = 0;

	if (!digits || digits >= sizeof(number))
		return -1;
	memcpy(number, s, digits);
	number[digits] = '\0';
	if (s[digits]) {
		const char *u = strchr(units, toupper((unsigned char)s[digits]));
		if (!u || s[digits + 1])
			return -1;
		shift = 10 * (unsigned)(u - units + 1);
	}
	if (text_to_u64(number, UINT64_MAX >> shift, &v))
		return -1;
	*ret = v << shift;
	return 0;
}

void text_time(char out[32], uint64_t us)
{
	time_t t = (time_t)(us / 1000000);
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &tm))
		memcpy(out, "?", 2);
}

void text_stamp(char out[32], uint64_t us)
{
	time_t t = (time_t)(us / 1000000);
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(out, 32, "%Y%m%d-%H%M%S", &tm))
		memcpy(out, "?", 2);
}

/* Two decimal digits at s, within [lo, hi]; -1 otherwise. */
static int two(const char *s, int lo, int hi)
{
	if (!isdigit((unsigned char)s[0]) || !isdigit((unsigned char)s[1]))
		return -1;
	int v = (s[0] - '0') * 10 + s[1] - '0';
	return v < lo || v > hi ? -1 : v;
}

static int parse_zone(const char *s, long *ret_seconds)
{
	if (text_eq(s, "Z") || text_eq(s, "z")) {
		*ret_seconds = 0;
		return 0;
	}
	if ((*s != '+' && *s != '-') || strlen(s) != 6 || s[3] != ':')
		return -1;
	int h = two(s + 1, 0, 23), m = two(s + 4, 0, 59);
	if (h < 0 || m < 0)
		return -1;
	*ret_seconds = (*s == '-' ? -1 : 1) * (h * 3600L + m * 60L);
	return 0;
}

int text_parse_time(const char *s, uint64_t *ret_us)
{
	/* YYYY-MM-DDTHH:MM:SS[.fraction]zone */
	if (strlen(s) < 20 || s[4] != '-' || s[7] != '-' || (s[10] != 'T' && s[10] != 't' && s[10] != ' ') || s[13] != ':' || s[16] != ':')
		return -1;
	int c = two(s, 0, 99), y = two(s + 2, 0, 99), mo = two(s + 5, 1, 12), d = two(s + 8, 1, 31);
	int h = two(s + 11, 0, 23), mi = two(s + 14, 0, 59), sec = two(s + 17, 0, 60);
	if (c < 0 || y < 0 || mo < 0 || d < 0 || h < 0 || mi < 0 || sec < 0)
		return -1;
	uint64_t fraction = 0;
	const char *p = s + 19;
	if (*p == '.') {
		unsigned scale = 100000;
		for (p++; isdigit((unsigned char)*p); p++, scale /= 10)
			fraction += (uint64_t)(*p - '0') * scale;
	}
	long zone;
	if (parse_zone(p, &zone))
		return -1;
	struct tm tm = { .tm_year = c * 100 + y - 1900, .tm_mon = mo - 1, .tm_mday = d, .tm_hour = h, .tm_min = mi, .tm_sec = sec };
	time_t t = timegm(&tm) - zone;
	if (t < 0)
		return -1;
	*ret_us = (uint64_t)t * 1000000 + fraction;
	return 0;
}

void text_hex(char *out, const uint8_t *p, size_t n)
{
	static const char digit[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digit[p[i] >> 4];
		out[2 * i + 1] = digit[p[i] & 15];
	}
	out[2 * n] = '\0';
}

int text_unhex(uint8_t *out, size_t n, const char *hex)
{
	if (strlen(hex) != 2 * n)
		return -1;
	for (size_t i = 0; i < n; i++) {
		unsigned v;
		if (!isxdigit((unsigned char)hex[2 * i]) || !isxdigit((unsigned char)hex[2 * i + 1]) ||
			sscanf(hex + 2 * i, "%2x", &v) != 1)
			return -1;
		out[i] = (uint8_t)v;
	}
	return 0;
}
