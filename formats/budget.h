/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_BUDGET_H
#define FORMATS_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/mem.h"
#include "formats/sdshow.h"
#include "formats/unitfile.h"

/*
 * The effective restart budget of a systemd service: how often the manager may start it within an
 * hour with nobody asking, and whether it ever gives up. Source: systemd.unit(5), systemd.service(5),
 * src/basic/ratelimit.c and load-fragment-gperf.gperf.in of 252.
 *
 * The limit is a window: it opens with a start, lets `burst` starts pass, and is new once `interval`
 * has passed. So a service that dies at once after a delay of d trips it only if burst × d fits in
 * the interval; and one that lives a while before it dies is started up to burst times an interval for ever.
 */
#define BUDGET_UNLIMITED UINT64_MAX

/* What a definition says. Spans in µs. */
struct budget_rule {
	const char *restart; /* "no", "always", "on-failure"…; NULL is "no" */
	uint64_t delay_us;   /* RestartSec= */
	uint64_t interval_us; /* of the start limit; 0: none */
	uint64_t burst;	     /* 0: none */
	uint64_t timer_us;   /* period at which timers start it, all together; 0: none does, or it is not known */
	bool timer;	     /* a timer starts it, also after it gave up */
	bool event;	     /* a path or socket starts it, as often as something happens; it gives up with the service */
};

struct budget {
	bool restarts;	   /* something starts it again */
	bool limited;	   /* there is a start limit */
	bool trips;	   /* a program that ends at once runs into it */
	bool gives_up;	   /* it then stays down until a person starts it */
	uint64_t per_hour; /* the most starts that an hour can see, the first included; BUDGET_UNLIMITED without any delay or limit */
};
struct budget budget_compute(const struct budget_rule *r);

/* A unit that triggers it, by its name and, where it was read, its definition (NULL: not). Several add up. */
void budget_add_trigger(struct budget_rule *r, const char *name, const struct unitfile *definition);

/* As the manager has it loaded; what triggers it is known by name only. */
struct budget_rule budget_rule_loaded(const struct unit_props *p);
/* As the files say, with systemd's defaults where they say nothing. */
struct budget_rule budget_rule_written(const struct unitfile *u);

/* A limit that stands where systemd does not read it: StartLimitIntervalSec= in [Service] ("Unknown key name"); NULL when
 * none. StartLimitInterval= and StartLimitBurst= are read there, for old units' sake. */
const struct unit_entry *budget_ignored_key(const struct unitfile *u);
/* The entry that sets the limit's interval or burst, wherever systemd reads it; NULL when the file says nothing. */
const struct unit_entry *budget_limit_entry(const struct unitfile *u);

/* "at most 3 starts an hour", "about 18000 starts an hour, for ever"; caller frees. */
char *budget_words(const struct budget *b);

#endif
