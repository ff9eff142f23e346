/* SPDX-License-Identifier: MIT */
/* What the journal says of a unit: tasks of their own, since nothing waits for them. */
#include "collect/gatherers.h"

#include "formats/journal.h"
#include "formats/text.h"

static bool of_user(const struct evidence *e)
{
	return e->target.agent->scope == SCOPE_USER;
}

static struct probe *journal_probe(const struct evidence *e, const char *what, enum journal_detail detail, unsigned entries, const char *artifact)
{
	_cleanup_strv_ char **argv = journal_argv(detail, entries);
	_cleanup_free_ char *key = owner_key(e, what, NULL, e->target.unit);
	struct probe *p = probe_cmd(key, argv, NULL, PAYLOAD_JSONL);

	p->flags = PROBE_VOLATILE | PROBE_LIBSYSTEMD;
	p->tier = 1;
	p->limits.timeout_ms = 20000;
	p->limits.max_bytes = 64u << 20;
	p->artifact = mem_strdup(artifact);
	return p;
}

/* Entries whose `field` names the unit. The fields are named, because --user-unit means the caller's own units, which under sudo are
 * root's. */
static void match(struct probe *p, const struct evidence *e, const char *field)
{
	p->argv = strv_take(p->argv, mem_printf("%s=%s", field, e->target.unit));
	if (of_user(e))
		p->argv = strv_take(p->argv, mem_printf("_UID=%u", (unsigned)e->target.owner.id.uid));
}

/* ---- the manager's entries: what is judged ---- */

static int count_event(const struct journal_entry *j, void *ctx)
{
	struct events *s = ctx;

	s->entries++;
	s->restarts_scheduled += j->event == JOURNAL_RESTART_SCHEDULED;
	s->failures += j->event == JOURNAL_FAILED;
	/* Type=simple is told as started only; what takes a while, or never comes up, as starting and then perhaps as started */
	bool starting = j->event == JOURNAL_STARTING, started = j->event == JOURNAL_STARTED;
	bool counts = starting || (started && !s->under_way);
	s->under_way = starting || (s->under_way && !started && j->event != JOURNAL_FAILED && j->event != JOURNAL_STOPPED);
	if (!counts)
		return 0;
	if (s->n_starts == s->room) {
		s->room = s->room ? 2 * s->room : 16;
		s->start_times = mem_array(s->start_times, s->room, sizeof(*s->start_times));
	}
	s->start_times[s->n_starts++] = j->time_us;
	return 0;
}

static void events_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	_cleanup_free_ char *key = owner_key(e, "events", NULL, e->target.unit);
	struct events *s = &e->service.events;

	s->answer = gather_answer(e->gather, key);
	const struct buf *b = answer_text(s->answer);
	if (b)
		journal_each(buf_str(b), b->len, count_event, s);
}

/* By themselves: among the lines of a service that writes much, few of the last entries would be the manager's. */
void gather_events(struct task *t, void *ctx)
{
	const struct evidence *e = ((struct gathering *)ctx)->e;
	struct probe *p = journal_probe(e, "events", JOURNAL_EVENTS, GATHER_EVENTS, "unit-events.jsonl");

	match(p, e, of_user(e) ? "USER_UNIT" : "UNIT");
	if (!of_user(e))
		p->argv = strv_add(p->argv, "_PID=1"); /* anybody may write that field */
	task_ask(t, p);
	task_then(t, events_read);
}

/* ---- all entries: what people read ---- */

static void journal_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct evidence *e = c->e;
	_cleanup_free_ char *key = owner_key(e, "journal", NULL, e->target.unit);

	e->service.journal = gather_answer(e->gather, key);
	e->service.journal_asked = c->want.journal_entries;
}

/* Both what the manager says of the unit and what the unit says itself. */
void gather_journal(struct task *t, void *ctx)
{
	static const char *const user_fields[] = { "_SYSTEMD_USER_UNIT", "USER_UNIT", "OBJECT_SYSTEMD_USER_UNIT" };
	static const char *const system_fields[] = { "_SYSTEMD_UNIT", "UNIT", "OBJECT_SYSTEMD_UNIT" };
	const struct gathering *c = ctx;
	const struct evidence *e = c->e;
	struct probe *p = journal_probe(e, "journal", JOURNAL_WHOLE, c->want.journal_entries, "unit-journal.jsonl");

	for (size_t i = 0; i < ARRAY_LEN(user_fields); i++) {
		if (i)
			p->argv = strv_add(p->argv, "+");
		match(p, e, of_user(e) ? user_fields[i] : system_fields[i]);
	}
	task_ask(t, p);
	task_then(t, journal_read);
}
