/* SPDX-License-Identifier: MIT */
#include "formats/sdshow_value.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "formats/buf.h"
#include "formats/text.h"
#include "formats/unitcmd.h"

bool show_unset(const char *s)
{
	return !*s || text_eq(s, "[not set]") || text_eq(s, "n/a") || text_eq(s, "(null)");
}

uint64_t sdshow_span(const char *s)
{
	uint64_t us;

	if (show_unset(s) || unit_time_parse(s, &us))
		return SDSHOW_UNSET;
	return us == UNIT_TIME_INFINITY ? SDSHOW_INFINITY : us;
}

static uint64_t unix_time(const char *s)
{
	uint64_t us;
	const char *dot = strchr(s, '.');
	_cleanup_free_ char *sec = dot ? mem_strndup(s, (size_t)(dot - s)) : mem_strdup(s);

	if (text_to_u64(sec, UINT64_MAX / 1000000 - 1, &us))
		return 0;
	us *= 1000000;
	for (unsigned scale = 100000; dot && scale && isdigit((unsigned char)dot[1]); dot++, scale /= 10)
		us += (uint64_t)(dot[1] - '0') * scale;
	return us;
}

uint64_t sdshow_time(const char *s)
{
	uint64_t us;

	if (show_unset(s))
		return 0;
	if (*s == '@')
		return unix_time(s + 1);
	/* weekdays are in the language of the locale, which is C where we ask */
	if (isalpha((unsigned char)*s)) {
		s += strcspn(s, " ");
		s += *s == ' ';
	}
	/* "2026-11-24 06:50:03[.123456] UTC" is RFC 3339 but for the zone */
	size_t len = strcspn(s, " ");
	len += s[len] == ' ' ? 1 + strcspn(s + len + 1, " ") : 0;
	const char *zone = s[len] == ' ' ? s + len + 1 : "";
	if (*zone && !text_eq(zone, "UTC") && !text_eq(zone, "GMT"))
		return 0;
	_cleanup_free_ char *rfc = mem_printf("%.*sZ", (int)(len > 64 ? 64 : len), s);
	return text_parse_time(rfc, &us) ? 0 : us;
}

/* Lists are printed as words, with double quotes (and backslashes within) around those that need them. */
void show_add_words(char ***list, const char *s)
{
	size_t n = strv_len(*list), cap = n;

	while (*(s += strspn(s, " \t\n"))) {
		_cleanup_buf_ struct buf word = { 0 };
		bool quoted = false;
		for (; *s && (quoted || !strchr(" \t\n", *s)); s++) {
			if (*s == '"')
				quoted = !quoted;
			else if (quoted && *s == '\\' && s[1])
				buf_addc(&word, *++s);
			else
				buf_addc(&word, *s);
		}
		if (n + 1 >= cap) {
			cap = cap ? cap * 2 : 8;
			*list = mem_array(*list, cap + 1, sizeof(**list));
		}
		(*list)[n++] = buf_take(&word);
		(*list)[n] = NULL;
	}
}

/* The text between "name=" and " ;" or the end, in one {…} block; NULL when it is not there or unset. */
static char *exec_part(const char *block, const char *name)
{
	_cleanup_free_ char *lead = mem_printf(" %s=", name);
	const char *p = strstr(block, lead);

	if (!p)
		return NULL;
	p += strlen(lead);
	const char *e = strstr(p, " ; ");
	if (!e)
		e = text_ends(p, " }") ? p + strlen(p) - 2 : p + strlen(p);
	if (*p == '[' && e > p && e[-1] == ']') {
		p++;
		e--;
	}
	if (e < p)
		return NULL;
	char *s = mem_strndup(p, (size_t)(e - p));
	if (show_unset(s)) {
		free(s);
		return NULL;
	}
	return s;
}

/* The last place where name stands in s; NULL. */
static const char *last_of(const char *s, const char *name)
{
	const char *last = NULL;

	for (const char *p = s; (p = strstr(p, name)); p++)
		last = p;
	return last;
}

void show_add_exec(struct exec_status **list, size_t *n, const char *block)
{
	struct exec_status x = { .raw = mem_strdup(block), .path = exec_part(block, "path") };
	/* argv may hold anything, " ; pid=" too: what comes after it is looked for from the end */
	const char *tail = last_of(block, " ; ignore_errors="), *argv = strstr(block, " argv[]=");

	if (!tail)
		tail = last_of(block, " ; flags=");
	if (argv && tail && tail >= argv + strlen(" argv[]="))
		x.argv = mem_strndup(argv + strlen(" argv[]="), (size_t)(tail - argv) - strlen(" argv[]="));
	tail = tail ? tail + 2 : "";
	_cleanup_free_ char *ignore = exec_part(tail, "ignore_errors"), *flags = exec_part(tail, "flags");
	_cleanup_free_ char *start = exec_part(tail, "start_time"), *stop = exec_part(tail, "stop_time");
	_cleanup_free_ char *pid = exec_part(tail, "pid"), *status = exec_part(tail, "status");

	x.ignore_errors = text_eq(ignore, "yes") || (flags && strstr(flags, "ignore-failure"));
	x.start_us = start ? sdshow_time(start) : 0;
	x.stop_us = stop ? sdshow_time(stop) : 0;
	x.code = exec_part(tail, "code");
	if (!pid || text_to_i64(pid, &x.pid))
		x.pid = 0;
	if (status)
		status[strcspn(status, "/")] = '\0';
	if (!status || text_to_i64(status, &x.status))
		x.status = 0;
	*list = mem_array(*list, *n + 1, sizeof(**list));
	(*list)[(*n)++] = x;
}

/* ---- the way back ---- */

#define US_A_SECOND 1000000u

/* "Tue 2026-11-24 06:50:03.123456 UTC", or what stands for never. */
bool sdshow_add_time(struct buf *b, uint64_t us, const char *never)
{
	char day[40];
	time_t s = (time_t)(us / US_A_SECOND);
	struct tm tm;

	if (!us || us == UINT64_MAX) {
		buf_adds(b, never);
		return true;
	}
	if (!gmtime_r(&s, &tm) || !strftime(day, sizeof(day), "%a %Y-%m-%d %H:%M:%S", &tm))
		return false;
	buf_addf(b, "%s.%06u UTC", day, (unsigned)(us % US_A_SECOND));
	return true;
}

/* "1h 3min 2.005000s": what is under a minute may be a fraction of the largest unit that fits. */
void sdshow_add_span(struct buf *b, uint64_t us)
{
	static const struct {
		const char *suffix;
		uint64_t us;
		int digits; /* of a fraction */
	} units[] = {
		{ "y", 31557600000000u, 0 }, { "month", 2629800000000u, 0 }, { "w", 604800000000u, 0 }, { "d", 86400000000u, 0 },
		{ "h", 3600000000u, 0 }, { "min", 60000000u, 0 }, { "s", 1000000u, 6 }, { "ms", 1000u, 3 }, { "us", 1u, 0 },
	};
	const char *blank = "";

	if (us == UINT64_MAX) {
		buf_adds(b, "infinity");
		return;
	}
	if (!us)
		buf_adds(b, "0");
	for (size_t i = 0; us && i < ARRAY_LEN(units); i++) {
		uint64_t whole = us / units[i].us, rest = us % units[i].us;
		if (!whole)
			continue;
		if (rest && units[i].digits) {
			buf_addf(b, "%s%" PRIu64 ".%0*" PRIu64 "%s", blank, whole, units[i].digits, rest, units[i].suffix);
			return;
		}
		buf_addf(b, "%s%" PRIu64 "%s", blank, whole, units[i].suffix);
		blank = " ";
		us = rest;
	}
}

/* systemd's shell_maybe_quote() with SHELL_ESCAPE_EMPTY, for what is printable. */
bool sdshow_add_word(struct buf *b, const char *word)
{
	for (const char *c = word; *c; c++)
		if (*c < ' ' || *c > '~')
			return false;
	if (*word && !strpbrk(word, " \"\\`$*?['()<>|&;!")) {
		buf_adds(b, word);
		return true;
	}
	buf_addc(b, '"');
	for (const char *c = word; *c; c++) {
		if (strchr("\"\\`$", *c))
			buf_addc(b, '\\');
		buf_addc(b, *c);
	}
	buf_addc(b, '"');
	return true;
}
