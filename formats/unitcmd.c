/* SPDX-License-Identifier: MIT */
#include "formats/unitcmd.h"

#include <ctype.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/text.h"

#define WORDS_MAX ((size_t)10000)

static const char blanks[] = " \t\n\r";

static void add_utf8(struct buf *b, uint32_t cp)
{
	if (cp < 0x80) {
		buf_addc(b, (char)cp);
	} else if (cp < 0x800) {
		buf_addc(b, (char)(0xc0 | cp >> 6));
		buf_addc(b, (char)(0x80 | (cp & 0x3f)));
	} else if (cp < 0x10000) {
		buf_addc(b, (char)(0xe0 | cp >> 12));
		buf_addc(b, (char)(0x80 | (cp >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (cp & 0x3f)));
	} else {
		buf_addc(b, (char)(0xf0 | cp >> 18));
		buf_addc(b, (char)(0x80 | (cp >> 12 & 0x3f)));
		buf_addc(b, (char)(0x80 | (cp >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (cp & 0x3f)));
	}
}

/* digits of the base after the letter; NUL is refused as in systemd. Returns characters used, 0 for a bad escape. */
static size_t unescape_number(const char *s, unsigned digits, int base, bool byte, struct buf *b)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < digits; i++) {
		int d = isdigit((unsigned char)s[i]) ? s[i] - '0' :
			isxdigit((unsigned char)s[i]) ? tolower((unsigned char)s[i]) - 'a' + 10 : 99;
		if (d >= base)
			return 0;
		v = v * (uint32_t)base + (uint32_t)d;
	}
	if (!v || (byte && v > 255) || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 0;
	if (byte)
		buf_addc(b, (char)v);
	else
		add_utf8(b, v);
	return digits;
}

/* After a backslash: the C escapes of systemd, `\s` too. A character that escapes nothing keeps its backslash (UNQUOTE_CUNESCAPE_RELAX). */
static size_t unescape(const char *s, struct buf *b)
{
	static const char from[] = "abfnrtvs\\\"'", to[] = "\a\b\f\n\r\t\v \\\"'";
	const char *hit = *s ? strchr(from, *s) : NULL;
	size_t n = 0;

	if (hit) {
		buf_addc(b, to[hit - from]);
		return 1;
	}
	switch (*s) {
	case 'x':
		n = unescape_number(s + 1, 2, 16, true, b);
		break;
	case 'u':
		n = unescape_number(s + 1, 4, 16, false, b);
		break;
	case 'U':
		n = unescape_number(s + 1, 8, 16, false, b);
		break;
	default:
		if (*s >= '0' && *s <= '7')
			return unescape_number(s, 3, 8, true, b);
	}
	return n ? n + 1 : 0;
}

/*
 * One word from *s on; advances. Quotes may open and close inside of a word. Returns 1, 0 at the end of
 * the value, or a negative code.
 */
static int next_word(const char **s, struct buf *word, bool *ret_quoted, struct err *err)
{
	const char *p = *s + strspn(*s, blanks);
	char quote = 0;

	buf_clear(word);
	*ret_quoted = false;
	if (!*p) {
		*s = p;
		return 0;
	}
	for (; *p && (quote || !strchr(blanks, *p)); p++) {
		if (*p == '\\') {
			if (!p[1])
				return err_set(err, ERR_SYNTAX, "the line ends in a backslash");
			size_t n = unescape(p + 1, word);
			if (!n)
				buf_add(word, p, 2);
			p += n ? n : 1;
		} else if (quote ? *p == quote : *p == '"' || *p == '\'') {
			quote = quote ? 0 : *p;
			*ret_quoted = true;
		} else {
			buf_addc(word, *p);
		}
	}
	if (quote)
		return err_set(err, ERR_SYNTAX, "a quote that begins with %c is not closed", quote);
	*s = p;
	return 1;
}

int unit_words(const char *value, char ***ret, struct err *err)
{
	_cleanup_buf_ struct buf word = { 0 };
	char **list = NULL;
	size_t n = 0;
	bool quoted;
	int r;

	while ((r = next_word(&value, &word, &quoted, err)) > 0 && n < WORDS_MAX) {
		list = mem_array(list, n + 2, sizeof(*list));
		list[n++] = mem_strdup(buf_str(&word));
		list[n] = NULL;
	}
	if (r > 0)
		r = err_set(err, ERR_LIMIT, "more than %zu words", WORDS_MAX);
	if (r < 0) {
		strv_free(list);
		return r;
	}
	*ret = list;
	return 0;
}

int unit_environment(const char *value, char ***ret, struct err *err)
{
	char **list = NULL;
	size_t kept = 0;
	int r = unit_words(value, &list, err);

	if (r)
		return r;
	for (size_t i = 0; list && list[i]; i++)
		if (text_is_assignment(list[i]))
			list[kept++] = list[i];
		else
			free(list[i]);
	if (list)
		list[kept] = NULL;
	if (!kept) {
		free(list);
		list = NULL;
	}
	*ret = list;
	return 0;
}

static void unit_cmd_free(struct unit_cmd *c)
{
	strv_free(c->argv);
	free(c->told_name);
	*c = (struct unit_cmd){ 0 };
}

void unit_cmds_free(struct unit_cmds *c)
{
	for (size_t i = 0; i < c->n; i++)
		unit_cmd_free(&c->v[i]);
	free(c->v);
	*c = (struct unit_cmds){ 0 };
}

/* Prefixes stand before the program's path, each at most once. Returns how many characters they are. */
static size_t take_prefixes(const char *s, struct unit_cmd *c, bool *at)
{
	size_t n = 0;

	for (;; n++) {
		if (s[n] == '-' && !c->ignore_failure)
			c->ignore_failure = true;
		else if (s[n] == '@' && !*at)
			*at = true;
		else if (s[n] == ':' && !c->no_env)
			c->no_env = true;
		else if (s[n] == '+' && !c->full_privileges)
			c->full_privileges = true;
		else if (s[n] == '!')
			c->ambient = true;
		else
			return n;
	}
}

/* One command, up to a lone ";" or the end; *s is left behind it. */
static int parse_cmd(const char **s, struct unit_cmd *c, struct err *err)
{
	_cleanup_buf_ struct buf word = { 0 };
	bool at = false, quoted;
	size_t n = 0;
	int r;

	*s += strspn(*s, blanks);
	while ((r = next_word(s, &word, &quoted, err)) > 0) {
		const char *w = buf_str(&word);
		if (!quoted && strcmp(w, ";") == 0 && (n || c->told_name))
			break;
		if (!n)
			w += take_prefixes(w, c, &at);
		if (n == 1 && at && !c->told_name) {
			c->told_name = mem_strdup(w);
			continue;
		}
		if (n >= WORDS_MAX)
			return err_set(err, ERR_LIMIT, "more than %zu words", WORDS_MAX);
		/* "\;" is how a lone semicolon is given as an argument; unescape() left it as it was */
		c->argv = mem_array(c->argv, n + 2, sizeof(*c->argv));
		c->argv[n++] = mem_strdup(strcmp(w, "\\;") == 0 ? ";" : w);
		c->argv[n] = NULL;
	}
	if (r < 0)
		return r;
	if (!n || !*c->argv[0])
		return err_set(err, ERR_SYNTAX, "there is no program in the command");
	if (at && !c->told_name)
		return err_set(err, ERR_SYNTAX, "prefix @ without the name that it asks for");
	return 0;
}

int unitcmd_parse(const char *value, struct unit_cmds *ret, struct err *err)
{
	_cleanup_unit_cmds_ struct unit_cmds list = { 0 };

	do {
		struct unit_cmd c = { 0 };
		int r = parse_cmd(&value, &c, err);
		if (r) {
			unit_cmd_free(&c);
			return r;
		}
		list.v = mem_array(list.v, list.n + 1, sizeof(*list.v));
		list.v[list.n++] = c;
		value += strspn(value, blanks);
	} while (*value);
	*ret = list;
	list = (struct unit_cmds){ 0 };
	return 0;
}

static const struct {
	const char *name;
	uint64_t us;
} time_units[] = {
	{ "", 1000000 },
	{ "seconds", 1000000 }, { "second", 1000000 }, { "sec", 1000000 }, { "s", 1000000 },
	{ "minutes", 60000000 }, { "minute", 60000000 }, { "min", 60000000 }, { "m", 60000000 },
	{ "months", 2629800000000 }, { "month", 2629800000000 }, { "M", 2629800000000 },
	{ "msec", 1000 }, { "ms", 1000 },
	{ "hours", 3600000000 }, { "hour", 3600000000 }, { "hr", 3600000000 }, { "h", 3600000000 },
	{ "days", 86400000000 }, { "day", 86400000000 }, { "d", 86400000000 },
	{ "weeks", 604800000000 }, { "week", 604800000000 }, { "w", 604800000000 },
	{ "years", 31557600000000 }, { "year", 31557600000000 }, { "y", 31557600000000 },
	{ "usec", 1 }, { "us", 1 }, { "\xc2\xb5s", 1 }, { "\xce\xbcs", 1 },
};

static int time_unit(const char *s, size_t n, uint64_t *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(time_units); i++)
		if (strlen(time_units[i].name) == n && memcmp(time_units[i].name, s, n) == 0) {
			*ret = time_units[i].us;
			return 0;
		}
	return -1;
}

/* number[.fraction] unit; advances. */
static int time_part(const char **s, uint64_t *total)
{
	size_t digits = strspn(*s, "0123456789");
	char number[24];
	uint64_t v = 0, unit, scaled, fraction = 0, scale = 1;
	const char *p = *s + digits;

	if (digits >= sizeof(number))
		return -1;
	memcpy(number, *s, digits);
	number[digits] = '\0';
	if (digits && text_to_u64(number, UINT64_MAX, &v))
		return -1;
	if (*p == '.') {
		size_t n = strspn(++p, "0123456789");
		if (!n)
			return -1;
		for (size_t i = 0; i < n && i < 6; i++) {
			fraction = fraction * 10 + (uint64_t)(p[i] - '0');
			scale *= 10;
		}
		p += n;
	} else if (!digits) {
		return -1;
	}
	p += strspn(p, blanks);
	size_t name = strcspn(p, " \t\n\r0123456789.");
	if (time_unit(p, name, &unit) || __builtin_mul_overflow(v, unit, &scaled))
		return -1;
	uint64_t rest = (uint64_t)((unsigned __int128)fraction * unit / scale);
	if (__builtin_add_overflow(scaled, rest, &scaled) || __builtin_add_overflow(*total, scaled, total))
		return -1;
	p += name;
	*s = p + strspn(p, blanks);
	return 0;
}

int unit_time_parse(const char *s, uint64_t *ret_us)
{
	uint64_t total = 0;

	s += strspn(s, blanks);
	if (text_starts(s, "infinity") && !s[8 + strspn(s + 8, blanks)]) {
		*ret_us = UNIT_TIME_INFINITY;
		return 0;
	}
	do {
		if (time_part(&s, &total))
			return -1;
	} while (*s);
	if (total == UNIT_TIME_INFINITY)
		return -1;
	*ret_us = total;
	return 0;
}
