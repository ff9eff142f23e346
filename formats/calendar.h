/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_CALENDAR_H
#define FORMATS_CALENDAR_H

#include <stdint.h>

/*
 * Calendar events of timers (OnCalendar=) and schedules of crontabs: how often they start something.
 * Sources: systemd.time(7) "CALENDAR EVENTS", crontab(5).
 *
 * *ret_us is a period in µs that bounds them: an hour sees no more starts than it has such periods. What
 * happens at most once an hour has its mean over the day, and only a name ("weekly") more than that: dates
 * and weekdays are not looked at. -1 when it is no event; the manager then ignores the line.
 */
int calendar_period(const char *event, uint64_t *ret_us);

/* The same of the five fields of a crontab's line, or of "@hourly"; s may go on after them. "@reboot" has none: 0. */
int cron_period(const char *s, uint64_t *ret_us);

#endif
