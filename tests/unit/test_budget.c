/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "formats/budget.h"

#define S 1000000ull

/* The most starts of a program that ends after life seconds, played second by second against systemd's window. */
static uint64_t play(uint64_t delay, uint64_t interval, uint64_t burst, uint64_t life, uint64_t span)
{
	uint64_t begin = 0, n = 0, starts = 0;
	bool open = false;

	for (uint64_t t = 0; t < span; t += delay + life ? delay + life : 1) {
		if (interval && burst) {
			if (!open || t > begin + interval) {
				open = true;
				begin = t;
				n = 0;
			}
			if (n >= burst)
				return starts;
			n++;
		}
		starts++;
	}
	return starts;
}

static struct budget of(const char *restart, uint64_t delay, uint64_t interval, uint64_t burst)
{
	const struct budget_rule r = { .restart = restart, .delay_us = delay, .interval_us = interval, .burst = burst };

	return budget_compute(&r);
}

static void the_incident_has_no_bound(void **state)
{
	struct budget b = of("always", S / 5, 0, 5);

	assert_false(b.limited);
	assert_false(b.gives_up);
	assert_int_equal(b.per_hour, 18000);
}

static void pp11_a_limit_that_restart_sec_outlasts_never_trips(void **state)
{
	struct budget b = of("on-failure", 10 * S, 10 * S, 5); /* systemd's default limit */

	assert_true(b.limited);
	assert_false(b.trips);
	assert_false(b.gives_up);
	assert_int_equal(b.per_hour, 360);
}

static void the_contracts_unit_is_bounded(void **state)
{
	struct budget b = of("on-failure", 10 * S, 3600 * S, 3);

	assert_true(b.trips);
	assert_true(b.gives_up);
	assert_int_equal(b.per_hour, 3);
}

static void a_slow_crash_is_started_up_to_the_limits_rate(void **state)
{
	struct budget b = of("on-failure", S / 10, 10 * S, 5);

	assert_true(b.gives_up); /* when it ends at once */
	assert_int_equal(b.per_hour, 1800);
	/* one that lives three seconds never trips, and stays below what is promised */
	assert_in_range(play(0, 10, 5, 3, 3600), 1100, b.per_hour);
}

static void no_restart_is_one_start(void **state)
{
	struct budget b = of("no", S, 10 * S, 5);

	assert_false(b.restarts);
	assert_true(b.gives_up);
	assert_int_equal(b.per_hour, 1);
	b = of(NULL, S, 0, 0);
	assert_false(b.restarts);
	b = of("always", SDSHOW_INFINITY, 0, 0);
	assert_false(b.restarts);
}

static void what_revives_it_takes_the_bound_away(void **state)
{
	struct budget_rule r = { .restart = "on-failure", .delay_us = S, .interval_us = 60 * S, .burst = 3, .timer = true };
	struct budget b = budget_compute(&r);

	assert_true(b.trips);
	assert_false(b.gives_up);
	assert_int_equal(b.per_hour, 180);
	/* a path unit fails with the service that ran into its limit */
	r.timer = false;
	r.event = true;
	b = budget_compute(&r);
	assert_true(b.gives_up);
	assert_int_equal(b.per_hour, 180);
	r.burst = 0;
	b = budget_compute(&r);
	assert_false(b.gives_up);
	assert_true(b.per_hour == BUDGET_UNLIMITED);
	r = (struct budget_rule){ .restart = "no", .interval_us = 10 * S, .burst = 5, .timer_us = 60 * S };
	b = budget_compute(&r);
	assert_true(b.restarts);
	assert_int_equal(b.per_hour, 60);
}

static void triggered(const char *name, const char *text, struct budget_rule *r)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };

	if (text)
		unitfile_add(&u, name, text, strlen(text));
	budget_add_trigger(r, name, text ? &u : NULL);
}

static void timers_add_up(void **state)
{
	struct budget_rule r = { 0 };

	triggered("a.timer", "[Timer]\nOnCalendar=daily\nOnCalendar=\nOnCalendar=*:0/10\nOnCalendar=nonsense\nOnBootSec=5\n", &r);
	assert_int_equal(budget_compute(&r).per_hour, 6);
	triggered("b.timer", "[Timer]\nOnUnitActiveSec=10min\n", &r);
	assert_int_equal(budget_compute(&r).per_hour, 12);
	r.restart = "on-failure";
	r.delay_us = 60 * S;
	assert_int_equal(budget_compute(&r).per_hour, 72);
	/* one that was not read may start it at any rate */
	triggered("c.timer", NULL, &r);
	assert_true(budget_compute(&r).per_hour == BUDGET_UNLIMITED);
	triggered("d.timer", "[Timer]\nOnUnitActiveSec=10min\n", &r);
	assert_true(budget_compute(&r).per_hour == BUDGET_UNLIMITED);
	r = (struct budget_rule){ 0 };
	triggered("once.timer", "[Timer]\nOnBootSec=5\n", &r);
	assert_int_equal(budget_compute(&r).per_hour, 0);
	assert_false(r.event);
	triggered("x.path", "[Path]\nPathExists=/x\n", &r);
	assert_true(r.event);
}

static void no_delay_and_no_limit_is_unlimited(void **state)
{
	struct budget b = of("always", 0, 0, 0);

	assert_true(b.per_hour == BUDGET_UNLIMITED);
	_cleanup_free_ char *w = budget_words(&b);
	assert_non_null(strstr(w, "without a limit"));
}

static void the_promise_holds_for_every_life(void **state)
{
	for (uint64_t delay = 0; delay <= 30; delay += 3)
		for (uint64_t interval = 0; interval <= 120; interval += 20)
			for (uint64_t burst = 0; burst <= 6; burst += 2)
				for (uint64_t life = 1; life <= 40; life += 7) {
					struct budget b = of("always", delay * S, interval * S, burst);
					uint64_t hour = play(delay, interval, burst, life, 3600);
					/* a window that is cut by the hour may show its burst at both ends */
					assert_true(b.per_hour == BUDGET_UNLIMITED || hour <= b.per_hour + (b.limited ? burst : 1));
					if (!b.gives_up && !b.limited)
						assert_true(hour > 1);
				}
}

static struct budget_rule written(const char *text, struct unitfile *u)
{
	unitfile_add(u, "/x.service", text, strlen(text));
	return budget_rule_written(u);
}

static void pp11_start_limit_interval_in_service_is_ignored(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };
	struct budget_rule r = written("[Service]\nRestart=always\nRestartSec=10\nStartLimitIntervalSec=3600\nStartLimitBurst=3\n", &u);

	assert_int_equal(r.interval_us, 10 * S); /* the default */
	assert_int_equal(r.burst, 3);		 /* read there for old units' sake */
	const struct unit_entry *e = budget_ignored_key(&u);
	assert_non_null(e);
	assert_int_equal(e->line, 4);
}

static void the_old_spelling_counts_in_service(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };
	struct budget_rule r = written("[Service]\nRestart=on-failure\nStartLimitInterval=1h\n[Unit]\nStartLimitBurst=2\n", &u);

	assert_int_equal(r.interval_us, 3600 * S);
	assert_int_equal(r.burst, 2);
	assert_null(budget_ignored_key(&u));
}

static void the_last_assignment_of_a_drop_in_wins(void **state)
{
	_cleanup_unitfile_ struct unitfile u = { 0 };
	static const char drop[] = "[Unit]\nStartLimitIntervalSec=0\n";

	written("[Unit]\nStartLimitIntervalSec=1h\n[Service]\nRestart=always\n", &u);
	unitfile_add(&u, "/x.service.d/a.conf", drop, strlen(drop));
	assert_int_equal(budget_rule_written(&u).interval_us, 0);
}

static void loaded_rule_is_what_the_manager_says(void **state)
{
	char *by[] = { (char[]){ "x.timer" }, NULL };
	struct unit_props p = { .restart = (char[]){ "always" }, .restart_us = 200000, .start_limit_interval_us = 0, .start_limit_burst = 5, .triggered_by = by };
	struct budget_rule r = budget_rule_loaded(&p);

	assert_int_equal(r.delay_us, 200000);
	assert_true(r.timer);
	assert_false(r.event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_incident_has_no_bound),
		cmocka_unit_test(pp11_a_limit_that_restart_sec_outlasts_never_trips),
		cmocka_unit_test(the_contracts_unit_is_bounded),
		cmocka_unit_test(a_slow_crash_is_started_up_to_the_limits_rate),
		cmocka_unit_test(no_restart_is_one_start),
		cmocka_unit_test(timers_add_up), cmocka_unit_test(what_revives_it_takes_the_bound_away),
		cmocka_unit_test(no_delay_and_no_limit_is_unlimited),
		cmocka_unit_test(the_promise_holds_for_every_life),
		cmocka_unit_test(pp11_start_limit_interval_in_service_is_ignored),
		cmocka_unit_test(the_old_spelling_counts_in_service),
		cmocka_unit_test(the_last_assignment_of_a_drop_in_wins),
		cmocka_unit_test(loaded_rule_is_what_the_manager_says),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
