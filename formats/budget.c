/* SPDX-License-Identifier: MIT */
#include "formats/budget.h"

#include <string.h>

#include "formats/calendar.h"
#include "formats/text.h"
#include "formats/unitcmd.h"

#define SECOND 1000000ull
#define HOUR (3600 * SECOND)

/* systemd's defaults: DefaultRestartSec=, DefaultStartLimitIntervalSec=, DefaultStartLimitBurst= */
#define DEFAULT_DELAY (100 * 1000ull)
#define DEFAULT_INTERVAL (10 * SECOND)
#define DEFAULT_BURST 5

static uint64_t rate(uint64_t count, uint64_t span)
{
	if (count == 0)
		return 0;
	if (span == 0)
		return BUDGET_UNLIMITED;
	__uint128_t n = (__uint128_t)count * HOUR / span;
	return n >= BUDGET_UNLIMITED ? BUDGET_UNLIMITED - 1 : (uint64_t)n;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

struct budget budget_compute(const struct budget_rule *r)
{
	bool restarts = r->restart && strcmp(r->restart, "no") != 0;
	bool never = r->delay_us >= SDSHOW_INFINITY; /* RestartSec=infinity waits for ever */
	bool timed = r->timer || r->timer_us;
	struct budget b = { .restarts = (restarts && !never) || timed || r->event, .limited = r->interval_us && r->burst };

	if (!b.restarts)
		return (struct budget){ .limited = b.limited, .gives_up = true, .per_hour = 1 };
	uint64_t by_delay = restarts && !never ? rate(1, r->delay_us) : 0;
	uint64_t by_timer = r->timer_us ? rate(1, r->timer_us) : 0;
	uint64_t wanted = by_delay > BUDGET_UNLIMITED - by_timer ? BUDGET_UNLIMITED : by_delay + by_timer;
	if (r->event || (r->timer && !r->timer_us))
		wanted = BUDGET_UNLIMITED; /* as often as that happens */
	if (!b.limited) {
		b.per_hour = wanted;
		return b;
	}
	bool endless = r->interval_us >= SDSHOW_INFINITY;
	uint64_t period = r->event ? 0 : r->timer_us && (!restarts || never) ? r->timer_us : r->delay_us;
	b.trips = endless || (__uint128_t)period * r->burst <= r->interval_us;
	/* a path or socket unit fails with a service that ran into its limit; a timer goes on */
	b.gives_up = b.trips && !timed;
	/* an interval beyond the hour still lets its whole burst pass within one */
	uint64_t by_limit = endless || r->interval_us >= HOUR ? r->burst : rate(r->burst, r->interval_us);
	b.per_hour = least(wanted, by_limit);
	return b;
}

/* ---- what triggers it ---- */

#define YEAR (365 * 24 * HOUR)

static uint64_t both(uint64_t a, uint64_t b)
{
	if (!a || !b)
		return a | b;
	uint64_t in_a_year = YEAR / a + YEAR / b;
	return in_a_year ? YEAR / in_a_year + !(YEAR / in_a_year) : a < b ? a : b;
}

/* Of a timer's repeating settings; OnBootSec= and the like start it once. */
static uint64_t timer_period(const struct unitfile *u)
{
	static const char *const spans[] = { "OnUnitActiveSec", "OnUnitInactiveSec" };
	uint64_t period = 0, us;

	for (size_t i = 0; i < ARRAY_LEN(spans); i++) {
		const char *v = unitfile_value(u, "Timer", spans[i]);
		if (v && unit_time_parse(v, &us) == 0 && us && us != UNIT_TIME_INFINITY)
			period = both(period, us);
	}
	_cleanup_free_ const struct unit_entry **events = NULL;
	size_t n = unitfile_get_all(u, "Timer", "OnCalendar", &events);
	for (size_t i = 0; i < n; i++)
		if (calendar_period(events[i]->value, &us) == 0)
			period = both(period, us);
	return period ? period : YEAR;
}

void budget_add_trigger(struct budget_rule *r, const char *name, const struct unitfile *definition)
{
	if (!text_ends(name, ".timer")) {
		r->event = true;
		return;
	}
	bool known = definition && definition->n;
	/* one of them that is not known makes the sum unknown */
	r->timer_us = known && (r->timer_us || !r->timer) ? both(r->timer_us, timer_period(definition)) : 0;
	r->timer = true;
}

struct budget_rule budget_rule_loaded(const struct unit_props *p)
{
	struct budget_rule r = { .restart = p->restart,
		.delay_us = p->restart_us == SDSHOW_UNSET ? DEFAULT_DELAY : p->restart_us,
		.interval_us = p->start_limit_interval_us == SDSHOW_UNSET ? 0 : p->start_limit_interval_us,
		.burst = p->start_limit_burst };

	for (char **t = p->triggered_by; t && *t; t++)
		budget_add_trigger(&r, *t, NULL);
	return r;
}

static uint64_t span(const char *s, uint64_t otherwise)
{
	uint64_t us;

	if (!s || unit_time_parse(s, &us))
		return otherwise;
	return us == UNIT_TIME_INFINITY ? SDSHOW_INFINITY : us;
}

/* The places where systemd reads a limit from; the last assignment in the files wins, whichever spelling it has. */
static const struct {
	const char *section, *key;
	bool burst;
} limit_keys[] = {
	{ "Unit", "StartLimitIntervalSec", false },
	{ "Unit", "StartLimitInterval", false },
	{ "Service", "StartLimitInterval", false },
	{ "Unit", "StartLimitBurst", true },
	{ "Service", "StartLimitBurst", true },
};

static const struct unit_entry *last_limit(const struct unitfile *u, bool burst)
{
	const struct unit_entry *last = NULL;

	for (size_t i = 0; i < ARRAY_LEN(limit_keys); i++) {
		const struct unit_entry *e = unitfile_get(u, limit_keys[i].section, limit_keys[i].key);
		/* entries lie in one array, in the order read */
		if (e && limit_keys[i].burst == burst && (!last || e > last))
			last = e;
	}
	return last;
}

struct budget_rule budget_rule_written(const struct unitfile *u)
{
	const struct unit_entry *interval = last_limit(u, false), *burst = last_limit(u, true);
	uint64_t n = DEFAULT_BURST;

	if (burst && text_to_u64(burst->value, UINT32_MAX, &n))
		n = DEFAULT_BURST;
	return (struct budget_rule){ .restart = unitfile_value(u, "Service", "Restart"),
		.delay_us = span(unitfile_value(u, "Service", "RestartSec"), DEFAULT_DELAY),
		.interval_us = span(interval ? interval->value : NULL, DEFAULT_INTERVAL),
		.burst = n };
}

const struct unit_entry *budget_ignored_key(const struct unitfile *u)
{
	return unitfile_get(u, "Service", "StartLimitIntervalSec");
}

const struct unit_entry *budget_limit_entry(const struct unitfile *u)
{
	const struct unit_entry *interval = last_limit(u, false);

	return interval ? interval : last_limit(u, true);
}

char *budget_words(const struct budget *b)
{
	if (!b->restarts)
		return mem_strdup("never restarted by the manager");
	if (b->per_hour == BUDGET_UNLIMITED)
		return mem_strdup("as often as it can, without a limit");
	if (b->per_hour == 0)
		return mem_printf("less than one start an hour%s", b->gives_up ? "" : ", for ever");
	return mem_printf("up to %llu start%s an hour%s", (unsigned long long)b->per_hour, b->per_hour == 1 ? "" : "s",
		b->gives_up ? ", then it stays down" : ", for ever");
}
