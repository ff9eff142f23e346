/* SPDX-License-Identifier: MIT */
#include "formats/calendar.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "formats/mem.h"

#define BLANK " \t\n"
#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SECOND 1000000ull
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)

/* What a field may hold, and how finely: hours and minutes by one, seconds by a µs. */
struct range {
	uint64_t first, end; /* end: one past the last */
	bool fraction;
};
static const struct range hours = { 0, 24, false }, minutes = { 0, 60, false };
static const struct range seconds = { 0, 60 * SECOND, true };

/* Ends behind the number; NULL when there is none, or one that is out of range. */
static const char *number(const char *p, const struct range *r, uint64_t *ret)
{
	uint64_t n = 0, unit = r->fraction ? SECOND : 1;

	if (*p < '0' || *p > '9')
		return NULL;
	for (; *p >= '0' && *p <= '9'; p++) {
		n = n * 10 + (uint64_t)(*p - '0');
		if (n > 100000)
			return NULL;
	}
	n *= unit;
	/* "9..12" is a range, "9.5" a fraction */
	if (r->fraction && *p == '.' && p[1] != '.') {
		for (p++; *p >= '0' && *p <= '9'; p++)
			n += (uint64_t)(*p - '0') * (unit /= 10);
	}
	*ret = n;
	return p;
}

/* One of a field's comma-separated parts: "*", "5", "5..9", "5/10", "5-9/10" (cron). Adds how many values it has. */
static const char *part(const char *p, const struct range *r, const char *dots, uint64_t *count)
{
	uint64_t from = r->first, to = r->end - 1, step = r->fraction ? SECOND : 1;
	bool many = *p == '*', ranged = many;

	if (many)
		p++;
	else if (!(p = number(p, r, &from)))
		return NULL;
	size_t n = strlen(dots);
	if (!many && strncmp(p, dots, n) == 0) {
		ranged = true;
		if (!(p = number(p + n, r, &to)))
			return NULL;
	}
	bool stepped = *p == '/';
	if (stepped && (!(p = number(p + 1, r, &step)) || step == 0))
		return NULL;
	if (from >= r->end || to >= r->end || to < from)
		return NULL;
	*count += ranged || stepped ? (to - from) / step + 1 : 1;
	return p;
}

/* A whole field, up to `end`. Parts that overlap count twice, up to all that there are: a bound. */
static int field(const char *p, const char *end, const struct range *r, const char *dots, uint64_t *ret)
{
	*ret = 0;
	for (;; p++) {
		p = part(p, r, dots, ret);
		if (!p || p > end)
			return -1;
		*ret = *ret < r->end - r->first ? *ret : r->end - r->first;
		if (p == end)
			return 0;
		if (*p != ',')
			return -1;
	}
}

/* As often within the hours that match; when that is once, as often as hours match in a day. */
static uint64_t period_of(uint64_t n_hours, uint64_t within_hour)
{
	return within_hour > 1 ? HOUR / within_hour : DAY / n_hours;
}

/* "hh:mm", "hh:mm:ss" */
static int time_period(const char *p, const char *end, uint64_t *ret)
{
	const char *colon = memchr(p, ':', (size_t)(end - p));
	uint64_t h, m, s = 1;

	if (!colon || field(p, colon, &hours, "..", &h))
		return -1;
	const char *second = memchr(colon + 1, ':', (size_t)(end - colon - 1));
	if (field(colon + 1, second ? second : end, &minutes, "..", &m) || (second && field(second + 1, end, &seconds, "..", &s)))
		return -1;
	*ret = period_of(h, m * s);
	return 0;
}

static const struct {
	const char *name;
	uint64_t period;
} names[] = { { "minutely", 60 * SECOND }, { "hourly", HOUR }, { "daily", DAY }, { "midnight", DAY }, { "weekly", 7 * DAY }, { "monthly", 28 * DAY },
	{ "quarterly", 90 * DAY }, { "semiannually", 181 * DAY }, { "semi-annually", 181 * DAY }, { "bi-annually", 181 * DAY }, { "biannually", 181 * DAY },
	{ "yearly", 365 * DAY }, { "annually", 365 * DAY }, { "anually", 365 * DAY } };

static int named(const char *s, size_t n, uint64_t *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strlen(names[i].name) == n && strncasecmp(names[i].name, s, n) == 0) {
			*ret = names[i].period;
			return 0;
		}
	return -1;
}

static bool made_of(const char *p, const char *end, const char *chars)
{
	return strspn(p, chars) >= (size_t)(end - p);
}

/* "Mon", "Mon..Fri", "Sat,Sunday" */
static bool are_days(const char *p, const char *end)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	bool found = false;

	for (size_t i = 0; i < ARRAY_LEN(days); i++)
		found = found || strncasecmp(p, days[i], 3) == 0;
	return found && made_of(p, end, LETTERS ".,-");
}

/* Anything but a time or a name: a date, days of the week, seconds since 1970, a zone. */
static bool is_rest(const char *p, const char *end, bool first)
{
	if (*p == '@')
		return first && end > p + 1 && made_of(p + 1, end, DIGITS ".");
	if (made_of(p, end, DIGITS "*-~,./") && memchr(p, '-', (size_t)(end - p)))
		return true;
	return first ? are_days(p, end) : made_of(p, end, LETTERS DIGITS "/_+-");
}

int calendar_period(const char *event, uint64_t *ret_us)
{
	uint64_t period = DAY; /* without a time it is midnight */
	bool any = false;

	for (const char *p = event + strspn(event, BLANK), *end; *p; p = end + strspn(end, BLANK)) {
		end = p + strcspn(p, BLANK);
		bool is_time = memchr(p, ':', (size_t)(end - p)) != NULL;
		if (is_time ? time_period(p, end, &period) : (any || named(p, (size_t)(end - p), &period)) && !is_rest(p, end, !any))
			return -1;
		any = true;
	}
	if (!any)
		return -1;
	*ret_us = period;
	return 0;
}

int cron_period(const char *s, uint64_t *ret_us)
{
	uint64_t m, h, every = 0;

	s += strspn(s, BLANK);
	size_t n = strcspn(s, BLANK);
	if (*s == '@') {
		if (n == strlen("@reboot") && strncasecmp(s, "@reboot", n) == 0)
			return *ret_us = 0, 0;
		/* cronie and systemd-cron: "@5" is every five minutes */
		const char *end = number(s + 1, &(struct range){ 0, 100000, false }, &every);
		if (end == s + n && every)
			return *ret_us = every * 60 * SECOND, 0;
		return named(s + 1, n - 1, ret_us);
	}
	const char *hour = s + n + strspn(s + n, BLANK);
	if (field(s, s + n, &minutes, "-", &m) || field(hour, hour + strcspn(hour, BLANK), &hours, "-", &h))
		return -1;
	*ret_us = period_of(h, m);
	return 0;
}
