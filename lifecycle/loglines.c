/* SPDX-License-Identifier: MIT */
#include "lifecycle/loglines.h"

#include <string.h>

#include "formats/journal.h"
#include "formats/macos.h"
#include "formats/text.h"

static const char *const names[LOG_SOURCES] = { "app", "stderr", "journal", "container" };

const char *log_source_name(enum log_source s)
{
	return names[s];
}

int log_source_parse(const char *s, enum log_source *ret)
{
	for (int i = 0; i < LOG_SOURCES; i++)
		if (text_eq(s, names[i])) {
			*ret = (enum log_source)i;
			return 0;
		}
	return -1;
}

void log_lines_free(struct log_lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].text);
	free(l->v);
	*l = (struct log_lines){ 0 };
}

/* ---- one source: its text, and the time of each of its lines ---- */

struct collecting {
	struct buf text;
	uint64_t *times;
	size_t n;
};

static void add_text(struct collecting *c, uint64_t time_us, const char *p, size_t n)
{
	for (const char *end = p + n; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl - p) : (size_t)(end - p);
		buf_add(&c->text, p, len);
		buf_addc(&c->text, '\n');
		c->times = mem_array(c->times, c->n + 1, sizeof(*c->times));
		c->times[c->n++] = time_us;
		p += len + 1;
	}
}

static int add_entry(const struct journal_entry *j, void *ctx)
{
	if (j->message)
		add_text(ctx, j->time_us, j->message, j->message_len);
	return 0;
}

/* What launchd says of it in the unified log, which is a Mac's journal. */
static void add_unified_log(struct collecting *c, const struct buf *b)
{
	for (const char *line = buf_str(b), *end; *line; line = end + (*end == '\n')) {
		_cleanup_macos_log_line_ struct macos_log_line m = { 0 };
		end = line + strcspn(line, "\n");
		if (macos_log_parse(line, (size_t)(end - line), &m, NULL) == 1)
			add_text(c, m.time_us, m.message, strlen(m.message));
	}
}

/* "2026-11-24T06:50:03.1Z text", "[2026-11-24T06:50:03Z] text", "2026-11-24 06:50:03 text"; 0 when it begins otherwise. */
static uint64_t leading_time(const char *p, size_t n, size_t *ret_len)
{
	char word[48];
	size_t from = n && *p == '[', len = from;
	uint64_t us;

	while (len < n && len - from < sizeof(word) - 2 && strchr("0123456789-:.,TZ+", p[len]))
		len++;
	memcpy(word, p + from, len - from);
	word[len - from] = '\0';
	/* a blank between date and time */
	if (len - from == 10 && len + 9 <= n && p[len] == ' ') {
		word[10] = 'T';
		memcpy(word + 11, p + len + 1, 8);
		memcpy(word + 19, "Z", 2);
		len += 9;
	}
	*ret_len = len + (len < n && (p[len] == ' ' || p[len] == ']'));
	return text_parse_time(word, &us) ? 0 : us;
}

/* strip: the stamp is Podman's, not the program's own */
static void add_stamped(struct collecting *c, const char *p, size_t n, uint64_t otherwise, bool strip)
{
	uint64_t last = 0;
	size_t first = c->n;

	for (const char *end = p + n; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl - p) : (size_t)(end - p), stamp = 0;
		uint64_t us = leading_time(p, len, &stamp);
		last = us ? us : last;
		bool skip = strip && us;
		add_text(c, last, skip ? p + stamp : p, skip ? len - stamp : len);
		p += len + 1;
	}
	/* what stands before the first stamp, or without any, was written by the time the file was */
	for (size_t i = first; i < c->n; i++)
		if (!c->times[i])
			c->times[i] = otherwise;
}

static void add_frame(int stream, const char *text, size_t len, void *ctx)
{
	add_stamped(ctx, text, len, 0, true);
}

/* ---- merging ---- */

static void hand_over(struct collecting *c, enum log_source source, struct redactor *r, struct log_lines *ret)
{
	struct buf clean = { 0 };

	if (r && c->text.len)
		redact_bytes(r, PAYLOAD_TEXT, c->text.data, c->text.len, &clean);
	else
		buf_add(&clean, buf_str(&c->text), c->text.len);
	size_t i = 0;
	for (const char *p = buf_str(&clean), *end = p + clean.len; p < end; i++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl - p) : (size_t)(end - p);
		struct buf safe = { 0 };
		text_add_safe(&safe, p, len, true); /* tabs stay; there is no newline in a line */
		ret->v = mem_array(ret->v, ret->n + 1, sizeof(*ret->v));
		/* a secret over several lines became one: what follows it keeps the times that are left */
		uint64_t at = c->n ? c->times[i < c->n ? i : c->n - 1] : 0;
		ret->v[ret->n++] = (struct log_line){ at, source, i, buf_take(&safe) };
		p += len + 1;
	}
	buf_free(&clean);
	buf_free(&c->text);
	free(c->times);
}

static const struct buf *answered(const struct answer *a)
{
	return a && record_answered(&a->rec) ? &a->out : NULL;
}

static bool is_stderr(const struct evidence *e, const char *path)
{
	const char *unit = unitfile_value(&e->service.unit.definition, "Service", "StandardError");
	const char *out = unitfile_value(&e->service.unit.definition, "Service", "StandardOutput");

	if (text_eq(e->target.agent->logs.stderr_path, path))
		return true;
	return unit && text_ends(unit, path) && !(out && text_ends(out, path));
}

static void read_files(const struct evidence *e, unsigned sources, struct redactor *r, struct log_lines *ret)
{
	for (size_t i = 0; i < e->n_logs; i++) {
		const struct buf *b = answered(e->logs[i].answer);
		enum log_source s = is_stderr(e, e->logs[i].path) ? LOG_STDERR : LOG_APP;
		struct collecting c = { 0 };
		if (!b || !(sources & (1u << s)))
			continue;
		add_stamped(&c, buf_str(b), b->len, (uint64_t)e->logs[i].answer->rec.stat.mtime_us, false);
		hand_over(&c, s, r, ret);
	}
}

static int by_time(const void *a, const void *b)
{
	const struct log_line *x = a, *y = b;

	if (x->time_us != y->time_us)
		return x->time_us < y->time_us ? -1 : 1;
	if (x->source != y->source)
		return x->source < y->source ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* A file's own order is the truth of it: a stamp that goes back takes the time of the line before. */
static void keep_order(struct log_lines *l)
{
	for (size_t i = 1; i < l->n; i++)
		if (l->v[i].order > 0 && l->v[i].time_us < l->v[i - 1].time_us)
			l->v[i].time_us = l->v[i - 1].time_us;
	for (size_t i = 0; i < l->n; i++)
		l->v[i].order = i;
}

void log_lines_read(const struct evidence *e, unsigned sources, struct redactor *r, struct log_lines *ret)
{
	const struct engine *g = evidence_engine(e);
	const struct buf *b;

	read_files(e, sources, r, ret);
	if ((sources & (1u << LOG_JOURNAL)) && (b = answered(e->service.journal.answer))) {
		struct collecting c = { 0 };
		journal_each(buf_str(b), b->len, add_entry, &c);
		hand_over(&c, LOG_JOURNAL, r, ret);
	}
	if ((sources & (1u << LOG_JOURNAL)) && (b = answered(e->launchd.log.answer))) {
		struct collecting c = { 0 };
		add_unified_log(&c, b);
		hand_over(&c, LOG_JOURNAL, r, ret);
	}
	if ((sources & (1u << LOG_CONTAINER)) && g && (b = answered(g->log)) && (g->log->rec.status == 200 || g->log->rec.status == 0)) {
		struct collecting c = { 0 };
		bool frames = b->len >= 8 && (unsigned char)b->data[0] <= 2 && b->data[1] == 0;
		if (frames)
			podman_frames(b->data, b->len, add_frame, &c);
		else
			add_stamped(&c, buf_str(b), b->len, 0, true);
		if (!frames) /* the CLI writes the container's stderr to its own */
			add_stamped(&c, buf_str(&g->log->err), g->log->err.len, 0, true);
		hand_over(&c, LOG_CONTAINER, r, ret);
	}
	keep_order(ret);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_time);
}

/* ---- following ---- */

static size_t count_of(const struct log_lines *l, enum log_source s, const struct log_line **last)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].source == s) {
			n++;
			*last = &l->v[i];
		}
	return n;
}

size_t log_lines_known(const struct log_lines *before, const struct log_lines *now, enum log_source source)
{
	const struct log_line *last = NULL, *unused = NULL;
	size_t had = count_of(before, source, &last), have = count_of(now, source, &unused), known = 0, seen = 0;

	if (had == 0)
		return 0;
	/* the window may have moved on: the last place of what was the last line */
	for (size_t i = 0; i < now->n; i++) {
		if (now->v[i].source != source)
			continue;
		seen++;
		if (now->v[i].time_us == last->time_us && strcmp(now->v[i].text, last->text) == 0)
			known = seen;
	}
	return known ? known : have >= had ? had : 0;
}
