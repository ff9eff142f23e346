/* SPDX-License-Identifier: MIT */
/* What a Mac says beside launchd: its version, who manages it, its background items, and launchd's lines of the unified log. Tasks of their
 * own: nothing waits for them, and log show takes its time. */
#include "collect/agents.h"
#include "collect/gatherers.h"

#include <string.h>

#define LOG_HOURS "24h"
#define BTM_STORE "/private/var/db/com.apple.backgroundtaskmanagement"

static void macos_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	struct launchd_evidence *l = &e->launchd;
	const struct buf *b;

	l->btm_answer = gather_answer(e->gather, "macos/btm");
	l->btm_store = gather_answer(e->gather, "dir" BTM_STORE);
	if ((b = answer_text(l->btm_answer)) && l->btm_answer->rec.status == 0)
		macos_btm_parse(buf_str(b), b->len, &l->btm, NULL);
	l->version_answer = gather_answer(e->gather, "macos/version");
	if ((b = answer_text(l->version_answer)))
		macos_version_parse(buf_str(b), b->len, &l->version, NULL);
	l->enrollment_answer = gather_answer(e->gather, "macos/profiles");
	if ((b = answer_text(l->enrollment_answer)))
		l->has_enrollment = macos_enrollment_parse(buf_str(b), b->len, &l->enrollment, NULL) == 0;
}

void gather_macos(struct task *t, void *ctx)
{
	const struct gathering *c = ctx;
	static const struct {
		const char *key, *artifact;
		const char *argv[6];
	} rows[] = {
		{ "macos/version", "sw_vers.txt", { "sw_vers" } },
		{ "macos/profiles", "profiles-status.txt", { "profiles", "status", "-type", "enrollment" } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_strv_ char **argv = NULL;
		for (const char *const *w = rows[i].argv; *w; w++)
			argv = strv_add(argv, *w);
		struct probe *p = probe_cmd(rows[i].key, argv, NULL, PAYLOAD_TEXT);
		p->artifact = mem_strdup(rows[i].artifact);
		task_ask(t, p);
	}
	/* Where macOS refuses it, the bundle says so. */
	struct probe *store = probe_dir(BTM_STORE);
	store->tier = 1;
	task_ask(t, store);
	/* as anybody else it would put up a dialogue and wait */
	if (c->e->host.euid == 0 && (c->want.want & WANT_EVENTS)) {
		_cleanup_strv_ char **argv = strv_new("sfltool", "dumpbtm", NULL);
		struct probe *p = probe_cmd("macos/btm", argv, NULL, PAYLOAD_TEXT);
		p->tier = 1;
		p->artifact = mem_strdup("background-items.txt");
		task_ask(t, p);
	}
	task_then(t, macos_read);
}

/* ---- the unified log ---- */

static char *log_key(const struct evidence *e)
{
	return mem_printf("launchd/log/%s", e->target.agent->label);
}

static void log_read(struct task *t, void *ctx)
{
	struct evidence *e = ((struct gathering *)ctx)->e;
	struct launchd_log *l = &e->launchd.log;
	_cleanup_free_ char *key = log_key(e);

	l->answer = gather_answer(e->gather, key);
	const struct buf *b = answer_text(l->answer);
	for (const char *line = b ? buf_str(b) : "", *end; *line; line = end + (*end == '\n')) {
		struct macos_log_line m;
		end = line + strcspn(line, "\n");
		int r = macos_log_parse(line, (size_t)(end - line), &m, NULL);
		l->bad_lines += r < 0;
		if (r <= 0)
			continue;
		l->entries++;
		l->throttled += m.event == MACOS_LOG_THROTTLED;
		l->exits += m.event == MACOS_LOG_EXITED;
		l->failures += m.event == MACOS_LOG_FAILED;
		l->bootouts += m.event == MACOS_LOG_BOOTOUT;
		if (m.time_us && (!l->first_us || m.time_us < l->first_us))
			l->first_us = m.time_us;
		if (m.time_us > l->last_us)
			l->last_us = m.time_us;
		macos_log_line_free(&m);
	}
}

void gather_unified_log(struct task *t, void *ctx)
{
	const struct evidence *e = ((struct gathering *)ctx)->e;
	const char *label = e->target.agent->label;
	_cleanup_free_ char *key = log_key(e);
	/* a label is checked to be letters, digits, dots, dashes and underscores: nothing to quote */
	_cleanup_free_ char *predicate = mem_printf("process == \"launchd\" AND eventMessage CONTAINS \"%s\"", label);
	_cleanup_strv_ char **argv = strv_new("log", "show", "--style", "ndjson", "--last", LOG_HOURS, "--predicate", predicate, NULL);

	if (!agent_label_valid(label))
		return;
	struct probe *p = probe_cmd(key, argv, NULL, PAYLOAD_JSONL);
	p->flags = PROBE_VOLATILE;
	p->tier = 1;
	p->limits.timeout_ms = 60000;
	p->limits.max_bytes = 16u << 20;
	p->artifact = mem_strdup("launchd-log.jsonl");
	task_ask(t, p);
	task_then(t, log_read);
}
