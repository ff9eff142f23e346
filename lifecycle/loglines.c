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
	for (size_t i = 0; i < l->n_streams; i++)
		free(l->streams[i].name);
	free(l->streams);
	*l = (struct log_lines){ 0 };
}

/* ---- one source: its text, and the time of each of its lines ---- */

struct collecting {
	struct buf text;
	struct stamp {
		uint64_t us;
		size_t end; /* of its line in text */
	} *stamps;
	size_t n, room;
	uint64_t left_out; /* bytes of the oldest lines */
	uint64_t entries;  /* of the journal */
};

/* Keeps the last LOG_LINES_MAX: lines without a letter in them would take a hundred times their size. */
static void keep_last(struct collecting *c)
{
	if (c->n <= LOG_LINES_MAX)
		return;
	size_t lines = c->n - LOG_LINES_MAX, bytes = c->stamps[lines - 1].end;

	buf_drop(&c->text, bytes);
	memmove(c->stamps, c->stamps + lines, LOG_LINES_MAX * sizeof(*c->stamps));
	c->n = LOG_LINES_MAX;
	for (size_t i = 0; i < c->n; i++)
		c->stamps[i].end -= bytes;
	c->left_out += bytes;
}

static void add_line(struct collecting *c, uint64_t time_us, const char *p, size_t n)
{
	if (c->n == 2 * LOG_LINES_MAX)
		keep_last(c);
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 256;
		c->stamps = mem_array(c->stamps, c->room, sizeof(*c->stamps));
	}
	buf_add(&c->text, p, n);
	buf_addc(&c->text, '\n');
	c->stamps[c->n++] = (struct stamp){ time_us, c->text.len };
}

static void add_text(struct collecting *c, uint64_t time_us, const char *p, size_t n)
{
	for (const char *end = p + n; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl - p) : (size_t)(end - p);
		add_line(c, time_us, p, len);
		p += len + 1;
	}
}

static int add_entry(const struct journal_entry *j, void *ctx)
{
	struct collecting *c = ctx;

	c->entries++;
	if (j->message)
		add_text(c, j->time_us, j->message, j->message_len);
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

/* strip: the stamp is Podman's, not the program's own. Returns the first time that a line told; 0: none did. */
static uint64_t add_stamped(struct collecting *c, const char *p, size_t n, bool strip)
{
	uint64_t last = 0, told = 0;

	for (const char *end = p + n; p < end;) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl - p) : (size_t)(end - p), stamp = 0;
		uint64_t us = leading_time(p, len, &stamp);
		last = us ? us : last;
		told = told ? told : us;
		bool skip = strip && us;
		add_line(c, last, skip ? p + stamp : p, skip ? len - stamp : len);
		p += len + 1;
	}
	return told;
}

/* A file's lines. What stands before the first stamp was written by then; without any, by the time the file was. */
static bool add_file(struct collecting *c, const char *p, size_t n, uint64_t mtime_us)
{
	uint64_t told = add_stamped(c, p, n, false);

	for (size_t i = 0; i < c->n && !c->stamps[i].us; i++)
		c->stamps[i].us = told ? told : mtime_us;
	return told;
}

static void add_frame(int stream, const char *text, size_t len, void *ctx)
{
	add_stamped(ctx, text, len, true);
}

/* ---- merging ---- */

struct log_stream *log_lines_stream(struct log_lines *l, const char *name)
{
	l->streams = mem_array(l->streams, l->n_streams + 1, sizeof(*l->streams));
	l->streams[l->n_streams] = (struct log_stream){ .name = text_safe(name) };
	return &l->streams[l->n_streams++];
}

void log_lines_put(struct log_lines *l, struct log_line line)
{
	if (l->n == l->room) {
		l->room = l->room ? 2 * l->room : 256;
		l->v = mem_array(l->v, l->room, sizeof(*l->v));
	}
	line.order = l->n;
	line.stream = l->n_streams - 1;
	l->v[l->n++] = line;
}

static size_t count_lines(const struct buf *b)
{
	size_t n = 0;

	for (const char *p = buf_str(b), *end = p + b->len; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
		n++;
	return n;
}

#define KEY_WIDTH 40 /* of all lines of a key but its last */

/* Whether the last word of a line could be one of a key's: nothing but base64. */
static bool like_key(const char *p, size_t n)
{
	size_t word = 0;

	n -= n && p[n - 1] == '\r';
	while (word < n && p[n - word - 1] && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=", p[n - word - 1]))
		word++;
	return word >= KEY_WIDTH && (word == n || p[n - word - 1] == ' ' || p[n - word - 1] == '\t');
}

/* A window on a log may begin inside a private key: two and more lines that can hardly be anything else. */
static bool begins_in_key(const struct buf *text)
{
	const char *p = buf_str(text), *end = p + text->len;

	for (int i = 0; i < 2; i++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl || !like_key(p, (size_t)(nl - p)))
			return false;
		p = nl + 1;
	}
	return true;
}

/* The redactor knows a key by its first line, or by its last: one that is cut at both ends gets a first line, which nobody sees. */
static void redact_window(struct redactor *r, const struct buf *text, bool cut, struct buf *clean)
{
	static const char begin[] = "-----BEGIN PRIVATE KEY-----\n";
	_cleanup_buf_ struct buf whole = { 0 }, all = { 0 };

	if (!cut || !begins_in_key(text)) {
		redact_bytes(r, PAYLOAD_TEXT, text->data, text->len, clean);
		return;
	}
	buf_adds(&whole, begin);
	buf_add(&whole, text->data, text->len);
	redact_bytes(r, PAYLOAD_TEXT, whole.data, whole.len, &all);
	const char *nl = memchr(all.data, '\n', all.len);
	if (nl)
		buf_add(clean, nl + 1, (size_t)(all.data + all.len - nl - 1));
}

/* The lines of the newest stream. A secret over several lines became one: what follows it keeps the times that are left, and
 * what stood behind it is counted from the end. */
static void hand_over(struct collecting *c, enum log_source source, struct redactor *r, struct log_lines *ret)
{
	_cleanup_buf_ struct buf clean = { 0 };
	struct log_stream *s = &ret->streams[ret->n_streams - 1];

	keep_last(c);
	s->left_out += c->left_out;
	/* of the journal and of a container nothing says whether this is all */
	if (r && c->text.len)
		redact_window(r, &c->text, s->left_out > 0 || (source != LOG_APP && source != LOG_STDERR), &clean);
	else
		buf_add(&clean, buf_str(&c->text), c->text.len);
	size_t i = 0, n = count_lines(&clean);
	bool entries = source != LOG_APP && source != LOG_STDERR && n == c->n;
	for (const char *p = buf_str(&clean), *end = p + clean.len; p < end; i++) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = nl ? (size_t)(nl - p) : (size_t)(end - p), behind = n > i ? n - i : 0;
		size_t begin = c->n > behind ? c->stamps[c->n - behind - 1].end : 0;
		uint64_t at = c->n ? c->stamps[i < c->n ? i : c->n - 1].us : 0;
		struct buf safe = { 0 };
		text_add_safe(&safe, p, len, true); /* tabs stay; there is no newline in a line */
		log_lines_put(ret, (struct log_line){ .time_us = at, .entry_us = entries ? at : 0, .source = source, .left = c->text.len - begin,
			.text = buf_take(&safe) });
		p += len + 1;
	}
	buf_free(&c->text);
	free(c->stamps);
}

static const struct buf *answered(const struct answer *a)
{
	return a && record_answered(&a->rec) ? &a->out : NULL;
}

static bool is_stderr(const struct evidence *e, const char *path)
{
	_cleanup_free_ char *unit = evidence_unit_log(e, "StandardError"), *out = evidence_unit_log(e, "StandardOutput");

	if (text_eq(e->target.agent->logs.stderr_path, path))
		return true;
	return unit && strcmp(unit, path) == 0 && !text_eq(out, path);
}

/* What was dropped of the beginning may have ended within a line, and half a line is none. */
static void read_file(const struct file_evidence *f, enum log_source source, struct redactor *r, struct log_lines *ret)
{
	const struct answer *a = f->answer;
	const char *p = buf_str(&a->out), *nl = a->dropped ? memchr(p, '\n', a->out.len) : NULL;
	size_t half = nl ? (size_t)(nl - p) + 1 : a->dropped ? a->out.len : 0, n = a->out.len - half;
	struct log_stream *s = log_lines_stream(ret, f->path);
	struct collecting c = { 0 };

	s->size = a->rec.stat.known ? a->rec.stat.size : 0;
	s->left_out = a->dropped + half + a->rec.cut_bytes;
	s->open = n && p[a->out.len - 1] != '\n';
	s->untimed = n && !add_file(&c, p + half, n, (uint64_t)a->rec.stat.mtime_us);
	hand_over(&c, source, r, ret);
}

static void read_files(const struct evidence *e, unsigned sources, struct redactor *r, struct log_lines *ret)
{
	for (size_t i = 0; i < e->n_logs; i++) {
		enum log_source s = is_stderr(e, e->logs[i].path) ? LOG_STDERR : LOG_APP;
		if (answered(e->logs[i].answer) && (sources & (1u << s)))
			read_file(&e->logs[i], s, r, ret);
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

/* A stream's own order is the truth of it: a stamp that goes back takes the time of the line before. */
static void keep_order(struct log_lines *l)
{
	for (size_t i = 1; i < l->n; i++)
		if (l->v[i].stream == l->v[i - 1].stream && l->v[i].time_us < l->v[i - 1].time_us)
			l->v[i].time_us = l->v[i - 1].time_us;
}

static void read_journal(const struct evidence *e, struct redactor *r, struct log_lines *ret)
{
	const struct buf *journal = answered(e->service.journal), *unified = answered(e->launchd.log.answer);
	struct collecting c = { 0 };

	if (!journal && !unified)
		return;
	struct log_stream *s = log_lines_stream(ret, "journal");
	bool cut = journal && e->service.journal->rec.outcome == OUTCOME_CUT, at_oldest = cut && e->service.journal->rec.via == VIA_JOURNAL;
	if (journal)
		journal_each(buf_str(journal), journal->len, add_entry, &c);
	if (c.entries >= e->service.journal_asked || at_oldest)
		s->window = c.entries;
	s->cut = cut && !at_oldest;
	if (unified)
		add_unified_log(&c, unified);
	hand_over(&c, LOG_JOURNAL, r, ret);
}

static void read_container(const struct evidence *e, struct redactor *r, struct log_lines *ret)
{
	const struct engine *g = evidence_engine(e);
	const struct buf *b = g ? answered(g->log) : NULL;
	struct collecting c = { 0 }, errors = { 0 };
	bool api = g && g->log && g->log->rec.status == 200; /* else the command, which writes the container's stderr to its own */

	if (!b || (!api && g->log->rec.status != 0))
		return;
	if (api && b->len >= 8 && (unsigned char)b->data[0] <= 2 && b->data[1] == 0)
		podman_frames(b->data, b->len, add_frame, &c);
	else
		add_stamped(&c, buf_str(b), b->len, true);
	if (!api)
		add_stamped(&errors, buf_str(&g->log->err), g->log->err.len, true);
	uint64_t window = c.n + errors.n >= GATHER_CONTAINER_LINES ? GATHER_CONTAINER_LINES : 0;
	log_lines_stream(ret, "container")->window = window;
	hand_over(&c, LOG_CONTAINER, r, ret);
	if (api)
		return;
	log_lines_stream(ret, "container's stderr")->window = errors.n ? window : 0;
	hand_over(&errors, LOG_CONTAINER, r, ret);
}

void log_lines_read(const struct evidence *e, unsigned sources, struct redactor *r, struct log_lines *ret)
{
	read_files(e, sources, r, ret);
	if (sources & (1u << LOG_JOURNAL))
		read_journal(e, r, ret);
	if (sources & (1u << LOG_CONTAINER))
		read_container(e, r, ret);
	keep_order(ret);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_time);
}
