/* SPDX-License-Identifier: MIT */
/* What the journal says of a unit: tasks of their own, since nothing waits for them. */
#include "collect/gatherers.h"

#include <stdlib.h>

#include "formats/journal.h"
#include "formats/text.h"

struct journal_task {
	struct gathering *c;
	char *unit;
};

static struct journal_task *task_of(struct gathering *c, const char *unit)
{
	struct journal_task *j = mem_alloc(sizeof(*j));

	*j = (struct journal_task){ c, mem_strdup(unit) };
	return j;
}

static void task_free(struct journal_task *j)
{
	free(j->unit);
	free(j);
}

static struct probe *journal_probe(const struct journal_task *j, const char *what, enum journal_detail detail, unsigned entries)
{
	const struct evidence *e = j->c->e;
	_cleanup_strv_ char **argv = journal_argv(detail, entries);
	_cleanup_free_ char *key = owner_key(e, what, NULL, j->unit);
	struct probe *p = probe_cmd(key, argv, NULL, PAYLOAD_JSONL);

	p->flags = PROBE_VOLATILE | PROBE_LIBSYSTEMD;
	p->tier = 1;
	p->limits.timeout_ms = 20000;
	p->limits.max_bytes = 64u << 20;
	p->artifact = text_eq(j->unit, e->target.unit) ? mem_printf("unit-%s.jsonl", what) : mem_printf("names/%s.%s.jsonl", j->unit, what);
	return p;
}

/* Entries whose `field` names the unit. The fields are named, because --user-unit means the caller's own units, which under sudo are
 * root's. */
static void match(struct probe *p, const struct journal_task *j, const char *field)
{
	const struct evidence *e = j->c->e;

	p->argv = strv_take(p->argv, mem_printf("%s=%s", field, j->unit));
	if (is_user_scope(e))
		p->argv = strv_take(p->argv, mem_printf("_UID=%u", (unsigned)e->target.owner.id.uid));
}

/* ---- the manager's entries: what is judged ---- */

struct counting {
	struct events *events;
	bool under_way; /* a start was announced and has not ended */
};

static int count_event(const struct journal_entry *j, void *ctx)
{
	struct counting *c = ctx;
	struct events *s = c->events;

	s->entries++;
	s->restarts_scheduled += j->event == JOURNAL_RESTART_SCHEDULED;
	s->failures += j->event == JOURNAL_FAILED;
	/* Type=simple is told as started only; what takes a while, or never comes up, as starting and then perhaps as started */
	bool starting = j->event == JOURNAL_STARTING, started = j->event == JOURNAL_STARTED;
	bool counts = starting || (started && !c->under_way);
	c->under_way = starting || (c->under_way && !started && j->event != JOURNAL_FAILED && j->event != JOURNAL_STOPPED);
	if (!counts)
		return 0;
	if (s->n_starts == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->start_times = mem_array(s->start_times, s->room, sizeof(*s->start_times));
	}
	s->start_times[s->n_starts++] = j->time_us;
	return 0;
}

/* The clock may have been set back in between. */
static int by_time(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void events_read(struct task *t, void *ctx)
{
	struct journal_task *j = ctx;
	struct evidence *e = j->c->e;
	_cleanup_free_ char *key = owner_key(e, "events", NULL, j->unit);
	struct events *s = &e->service.events;
	const struct answer *a = gather_answer(e->gather, key);
	const struct buf *b = answer_text(a);

	/* under another name there is nothing, or what was written before it was one: it does not tell for the unit's own */
	if (!s->answer || !text_eq(j->unit, e->target.unit))
		s->answer = a;
	struct counting counting = { .events = s };
	if (b)
		journal_each(buf_str(b), b->len, count_event, &counting);
	if (s->n_starts)
		qsort(s->start_times, s->n_starts, sizeof(*s->start_times), by_time);
	task_free(j);
}

/* By themselves: among the lines of a service that writes much, few of the last entries would be the manager's. */
static void events_ask(struct task *t, void *ctx)
{
	const struct journal_task *j = ctx;
	struct probe *p = journal_probe(j, "events", JOURNAL_EVENTS, GATHER_EVENTS);

	match(p, j, is_user_scope(j->c->e) ? "USER_UNIT" : "UNIT");
	if (!is_user_scope(j->c->e))
		p->argv = strv_add(p->argv, "_PID=1"); /* anybody may write that field */
	task_ask(t, p);
	task_then(t, events_read);
}

/* ---- all entries: what people read ---- */

static void journal_read(struct task *t, void *ctx)
{
	struct journal_task *j = ctx;
	struct evidence *e = j->c->e;
	_cleanup_free_ char *key = owner_key(e, "journal", NULL, j->unit);

	if (!e->service.journal || !text_eq(j->unit, e->target.unit))
		e->service.journal = gather_answer(e->gather, key);
	e->service.journal_asked = j->c->want.journal_entries;
	task_free(j);
}

/* Both what the manager says of the unit and what the unit says itself. */
static void journal_ask(struct task *t, void *ctx)
{
	static const char *const user_fields[] = { "_SYSTEMD_USER_UNIT", "USER_UNIT", "OBJECT_SYSTEMD_USER_UNIT" };
	static const char *const system_fields[] = { "_SYSTEMD_UNIT", "UNIT", "OBJECT_SYSTEMD_UNIT" };
	const struct journal_task *j = ctx;
	struct probe *p = journal_probe(j, "journal", JOURNAL_WHOLE, j->c->want.journal_entries);

	for (size_t i = 0; i < ARRAY_LEN(user_fields); i++) {
		if (i)
			p->argv = strv_add(p->argv, "+");
		match(p, j, is_user_scope(j->c->e) ? user_fields[i] : system_fields[i]);
	}
	task_ask(t, p);
	task_then(t, journal_read);
}

void gather_journal(struct task *t, struct gathering *c, const char *unit)
{
	if (c->want.want & WANT_EVENTS)
		gather_start(task_gather(t), events_ask, task_of(c, unit));
	if (c->want.want & WANT_JOURNAL)
		gather_start(task_gather(t), journal_ask, task_of(c, unit));
}
