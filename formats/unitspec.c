/* SPDX-License-Identifier: MIT */
#include "formats/unitspec.h"

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

/* "a-b@i.service": the stem is "a-b@i", the prefix "a-b", its last part "b", the instance "i". NULL: a template has none of it. */
static char *part_of_name(const char *unit, char what)
{
	const char *dot = strrchr(unit, '.');
	size_t stem = dot ? (size_t)(dot - unit) : strlen(unit);
	const char *at = memchr(unit, '@', stem);
	size_t prefix = at ? (size_t)(at - unit) : stem, dash = prefix;
	bool template = at && prefix + 1 == stem;

	switch (what) {
	case 'n':
		return template ? NULL : mem_strdup(unit);
	case 'N':
		return template ? NULL : mem_strndup(unit, stem);
	case 'i':
		return template ? NULL : at ? mem_strndup(at + 1, stem - prefix - 1) : mem_strdup("");
	case 'j':
		while (dash && unit[dash - 1] != '-')
			dash--;
		return mem_strndup(unit + dash, prefix - dash);
	default:
		return mem_strndup(unit, prefix);
	}
}

static char *unescaped_part(const char *unit, char what)
{
	_cleanup_free_ char *part = part_of_name(unit, what);

	return part ? unescape(part) : NULL;
}

/* Where the manager keeps things, by their kind. */
static char *root_of(char what, const struct unit_context *c)
{
	switch (what) {
	case 'S':
		return !c->user ? mem_strdup("/var/lib") : mem_printf(c->state_home ? "%s/.local/state" : "%s/.config", c->home);
	case 'L':
		return !c->user ? mem_strdup("/var/log") : mem_printf(c->state_home ? "%s/.local/state/log" : "%s/.config/log", c->home);
	case 'C':
		return !c->user ? mem_strdup("/var/cache") : mem_printf("%s/.cache", c->home);
	case 'E':
		return !c->user ? mem_strdup("/etc") : mem_printf("%s/.config", c->home);
	default:
		return !c->user ? mem_strdup("/run") : mem_strdup(c->runtime_dir);
	}
}

/* NULL: not known. */
static char *value_of(char what, const struct unit_context *c)
{
	switch (what) {
	case '%':
		return mem_strdup("%");
	case 'h':
		return mem_strdup(c->home);
	case 'u':
		return mem_strdup(c->name);
	case 'U':
		return mem_printf("%u", (unsigned)c->uid);
	case 'T':
		return mem_strdup("/tmp");
	case 'V':
		return mem_strdup("/var/tmp");
	case 'S':
	case 'L':
	case 'C':
	case 'E':
	case 't':
		return c->home ? root_of(what, c) : NULL;
	case 'n':
	case 'N':
	case 'p':
	case 'i':
	case 'j':
		return c->unit ? part_of_name(c->unit, what) : NULL;
	case 'I':
		return c->unit ? unescaped_part(c->unit, 'i') : NULL;
	case 'P':
		return c->unit ? unescaped_part(c->unit, 'p') : NULL;
	default:
		return NULL;
	}
}

char *unit_specifiers(const char *s, const struct unit_context *c)
{
	_cleanup_buf_ struct buf b = { 0 };

	for (; *s; s++) {
		if (*s != '%') {
			buf_addc(&b, *s);
			continue;
		}
		_cleanup_free_ char *value = value_of(*++s, c);
		if (!value)
			return NULL;
		buf_adds(&b, value);
	}
	return mem_strdup(buf_str(&b));
}

char *unit_specifiers_known(const char *s, const struct unit_context *c)
{
	struct buf b = { 0 };

	for (; *s; s++) {
		/* of a command's words only these: the others tell where the manager keeps things */
		bool ours = *s == '%' && s[1] && strchr("iInNpPjhu%", s[1]);
		_cleanup_free_ char *value = ours && c->unit ? value_of(s[1], c) : NULL;
		if (value) {
			buf_adds(&b, value);
			s++;
		} else {
			buf_addc(&b, *s);
		}
	}
	return buf_take(&b);
}
