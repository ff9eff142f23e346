/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "formats/calendar.h"

#define S 1000000ull
#define HOUR (3600 * S)
#define DAY (24 * HOUR)

static void event_is(const char *event, uint64_t period)
{
	uint64_t us = 1;

	if (calendar_period(event, &us))
		fail_msg("%s: no event", event);
	if (us != period)
		fail_msg("%s: %llu, not %llu", event, (unsigned long long)us, (unsigned long long)period);
}

static void no_event(const char *event)
{
	uint64_t us = 7;

	if (calendar_period(event, &us) == 0)
		fail_msg("%s: taken as an event", event);
	assert_int_equal(us, 7);
}

/* The events of systemd.time(7), as systemd-analyze calendar reads them. */
static void events_of_the_manual(void **state)
{
	event_is("minutely", 60 * S);
	event_is("hourly", HOUR);
	event_is("daily", DAY);
	event_is("weekly", 7 * DAY);
	event_is("*:0/5", 300 * S);
	event_is("*-*-* *:*:00", 60 * S);
	event_is("*:*:0/10", 10 * S);
	event_is("*:*:0/0.5", S / 2);
	event_is("*:*:*", S);
	event_is("00:00", DAY);
	event_is("0/2:15", 2 * HOUR);
	event_is("Mon..Fri *-*-* 08..17:0/10:0/30", 300 * S);
	event_is("12:5,7,9..12/2", 900 * S);
	event_is("Sat,Sun 12-05 08:05", DAY);
	event_is("2003-03-05 05:40 UTC", DAY);
	event_is("hourly Pacific/Auckland", HOUR);
	event_is("*-*~1 04:00:00", DAY);
	event_is("10-15", DAY);
	event_is("@1395716396", DAY);
	event_is("Thu,Fri 2012-*-1,5 11:12:13", DAY);
}

static void what_is_none(void **state)
{
	static const char *const none[] = { "", " ", "foo", "*:", ":", "25:00", "00:61", "*:*:60", "*:5..3", "*:0/0", "*:,", "*:*:*:*", "@", "@x", "a:b",
		"10:00 \x1b", "99999999999999999999:00" };

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		no_event(none[i]);
}

static void cron_is(const char *line, uint64_t period)
{
	uint64_t us = 1;

	if (cron_period(line, &us))
		fail_msg("%s: no schedule", line);
	if (us != period)
		fail_msg("%s: %llu, not %llu", line, (unsigned long long)us, (unsigned long long)period);
}

static void schedules_of_crontabs(void **state)
{
	uint64_t us;

	cron_is("* * * * * root x", 60 * S);
	cron_is("*/5 * * * * root x", 300 * S);
	cron_is("17 *\t* * *\troot cd / && run-parts", HOUR);
	cron_is("25 6 * * * root x", DAY);
	cron_is("0,30 8-17 * * 1-5 x", 1800 * S);
	cron_is("5 */6 * * * x", 6 * HOUR);
	cron_is("@hourly x", HOUR);
	cron_is("@midnight x", DAY);
	cron_is("@5 x", 300 * S);
	cron_is("@reboot x", 0);
	assert_int_equal(cron_period("SHELL=/bin/sh", &us), -1);
	assert_int_equal(cron_period("60 * * * * x", &us), -1);
	assert_int_equal(cron_period("@sometimes x", &us), -1);
	assert_int_equal(cron_period("5", &us), -1);
	assert_int_equal(cron_period("", &us), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(events_of_the_manual), cmocka_unit_test(what_is_none), cmocka_unit_test(schedules_of_crontabs) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
