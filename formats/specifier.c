/* SPDX-License-Identifier: MIT */
#include "formats/specifier.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/text.h"

static int hex(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* systemd-escape --unescape: "-" is "/", "\x2d" is "-". */
static char *unescape(const char *s)
{
	struct buf b = { 0 };

	for (; *s; s++) {
		int high = s[0] == '\\' && s[1] == 'x' ? hex(s[2]) : -1, low = high >= 0 ? hex(s[3]) : -1;
		if (low >= 0 && high * 16 + low) {
			buf_addc(&b, (char)(high * 16 + low));
			s += 3;
		} else {
			buf_addc(&b, *s == '-' ? '/' : *s);
		}
	}
	return buf_take(&b);
}

/* The parts of "prefix@instance.type"; instance NULL without one. */
struct parts {
	char *name, *prefix, *instance;
};

static void parts_of(const char *unit, struct parts *ret)
{
	const char *dot = strrchr(unit, '.'), *at = strchr(unit, '@');
	size_t n = dot ? (size_t)(dot - unit) : strlen(unit);

	if (at && (size_t)(at - unit) >= n)
		at = NULL;
	ret->name = mem_strndup(unit, n);
	ret->prefix = mem_strndup(unit, at ? (size_t)(at - unit) : n);
	ret->instance = at && at + 1 < unit + n ? mem_strndup(at + 1, (size_t)(unit + n - at - 1)) : NULL;
	/* a unit that is no template has an instance, and it is empty */
	if (!at)
		ret->instance = mem_strdup("");
}

/* What stands for that letter; NULL when it is not known. Caller frees. */
static char *value_of(char letter, const struct unit_specifiers *of, const struct parts *p)
{
	const char *dash = strrchr(p->prefix, '-');

	switch (letter) {
	case 'i':
		return mem_strdup(p->instance);
	case 'I':
		return p->instance ? unescape(p->instance) : NULL;
	case 'n':
		return p->instance ? mem_strdup(of->unit) : NULL;
	case 'N':
		return p->instance ? mem_strdup(p->name) : NULL;
	case 'p':
		return mem_strdup(p->prefix);
	case 'P':
		return unescape(p->prefix);
	case 'j':
		return mem_strdup(dash ? dash + 1 : p->prefix);
	case 'h':
		return mem_strdup(of->home);
	case 'u':
		return mem_strdup(of->user);
	case '%':
		return mem_strdup("%");
	default:
		return NULL;
	}
}

char *unit_specifiers_expand(const char *s, const struct unit_specifiers *of)
{
	struct parts p = { 0 };
	struct buf b = { 0 };

	if (!of->unit || !strchr(s, '%'))
		return mem_strdup(s);
	parts_of(of->unit, &p);
	for (; *s; s++) {
		_cleanup_free_ char *value = *s == '%' && s[1] ? value_of(s[1], of, &p) : NULL;
		if (value) {
			buf_adds(&b, value);
			s++;
		} else {
			buf_addc(&b, *s);
		}
	}
	free(p.name);
	free(p.prefix);
	free(p.instance);
	return buf_take(&b);
}
