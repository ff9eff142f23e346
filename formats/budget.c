/* SPDX-License-Identifier: MIT */
#include "formats/budget.h"

#include <string.h>

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
	struct budget b = { .restarts = (restarts && !never) || r->timer_us || r->revived, .limited = r->interval_us && r->burst };

	if (!b.restarts)
		return (struct budget){ .limited = b.limited, .gives_up = true, .per_hour = 1 };
	uint64_t by_delay = restarts && !never ? rate(1, r->delay_us) : 0;
	uint64_t by_timer = r->timer_us ? rate(1, r->timer_us) : 0;
	uint64_t wanted = by_delay > by_timer ? by_delay : by_timer;
	if (r->revived && !wanted)
		wanted = BUDGET_UNLIMITED; /* by whatever triggers it, as often as that happens */
	if (!b.limited) {
		b.per_hour = wanted;
		return b;
	}
	bool endless = r->interval_us >= SDSHOW_INFINITY;
	uint64_t period = r->timer_us && (!restarts || never) ? r->timer_us : r->delay_us;
	b.trips = endless || (__uint128_t)period * r->burst <= r->interval_us;
	b.gives_up = b.trips && !r->revived && !r->timer_us;
	/* an interval beyond the hour still lets its whole burst pass within one */
	uint64_t by_limit = endless || r->interval_us >= HOUR ? r->burst : rate(r->burst, r->interval_us);
	b.per_hour = least(wanted, by_limit);
	return b;
}

struct budget_rule budget_rule_loaded(const struct unit_props *p)
{
	return (struct budget_rule){ .restart = p->restart,
		.delay_us = p->restart_us == SDSHOW_UNSET ? DEFAULT_DELAY : p->restart_us,
		.interval_us = p->start_limit_interval_us == SDSHOW_UNSET ? 0 : p->start_limit_interval_us,
		.burst = p->start_limit_burst,
		.revived = p->triggered_by && *p->triggered_by };
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
