/* SPDX-License-Identifier: MIT */
/* What the journal says of a unit: a task of its own, since nothing waits for it. */
#include "collect/gatherers.h"

#include "formats/journal.h"
#include "formats/text.h"

static int count_entry(const struct journal_entry *j, void *ctx)
{
	struct evidence *e = ctx;
	struct journal_summary *s = &e->service.journal;

	s->entries++;
	if (j->time_us && (!s->first_us || j->time_us < s->first_us))
		s->first_us = j->time_us;
	if (j->time_us > s->last_us)
		s->last_us = j->time_us;
	/* only what the manager says of this unit, not what a process under it may print */
	if (!text_eq(j->unit, e->target.unit))
		return 0;
	s->restarts_scheduled += j->event == JOURNAL_RESTART_SCHEDULED;
	s->failures += j->event == JOURNAL_FAILED;
	/* Type=simple is told as started only; what takes a while, or never comes up, as starting and then perhaps as started */
	bool starting = j->event == JOURNAL_STARTING, started = j->event == JOURNAL_STARTED;
	bool counts = starting || (started && !s->under_way);
	s->under_way = starting || (s->under_way && !started && j->event != JOURNAL_FAILED && j->event != JOURNAL_STOPPED);
	if (counts) {
		s->starts++;
		s->first_start_us = s->first_start_us ? s->first_start_us : j->time_us;
		s->last_start_us = j->time_us;
		s->start_times = mem_array(s->start_times, s->n_start_times + 1, sizeof(*s->start_times));
		s->start_times[s->n_start_times++] = j->time_us;
	}
	return 0;
}

static void journal_read(struct task *t, void *ctx)
{
	struct gathering *c = ctx;
	struct evidence *e = c->e;
	_cleanup_free_ char *key = owner_key(e, "journal", NULL, e->target.unit);
	struct journal_summary *s = &e->service.journal;

	s->answer = gather_answer(e->gather, key);
	s->asked = c->want.journal_entries;
	const struct buf *b = answer_text(s->answer);
	if (b)
		s->bad_lines = journal_each(buf_str(b), b->len, count_entry, e);
}

/* Both what the manager says of the unit and what the unit says itself: the fields are named, because --user-unit means
 * the caller's own units, which under sudo are root's. */
void gather_journal(struct task *t, void *ctx)
{
	static const char *const user_fields[] = { "_SYSTEMD_USER_UNIT", "USER_UNIT", "OBJECT_SYSTEMD_USER_UNIT" };
	static const char *const system_fields[] = { "_SYSTEMD_UNIT", "UNIT", "OBJECT_SYSTEMD_UNIT" };
	const struct gathering *c = ctx;
	const struct evidence *e = c->e;
	const char *unit = e->target.unit;
	bool user = e->target.agent->scope == SCOPE_USER;
	_cleanup_free_ char *key = owner_key(e, "journal", NULL, unit);
	_cleanup_strv_ char **argv = journal_argv(c->want.want & WANT_LOG_TEXT ? JOURNAL_WHOLE : JOURNAL_EVENTS, c->want.journal_entries);

	for (size_t i = 0; i < ARRAY_LEN(user_fields); i++) {
		if (i)
			argv = strv_add(argv, "+");
		argv = strv_take(argv, mem_printf("%s=%s", user ? user_fields[i] : system_fields[i], unit));
		if (user)
			argv = strv_take(argv, mem_printf("_UID=%u", (unsigned)e->target.owner.id.uid));
	}
	struct probe *p = probe_cmd(key, argv, NULL, PAYLOAD_JSONL);
	p->flags = PROBE_VOLATILE | PROBE_LIBSYSTEMD;
	p->tier = 1;
	p->limits.timeout_ms = 20000;
	p->limits.max_bytes = 64u << 20;
	p->artifact = mem_strdup("unit-journal.jsonl");
	task_ask(t, p);
	task_then(t, journal_read);
}
