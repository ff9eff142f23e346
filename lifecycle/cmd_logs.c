/* SPDX-License-Identifier: MIT */
/* logs: what an agent wrote, merged, followed, and redacted on the screen as in a bundle. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "collect/live.h"
#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/exam.h"
#include "lifecycle/logfollow.h"
#include "lifecycle/redaction.h"

#define DEFAULT_LINES 50
#define FOLLOW_MS 500
#define FOLLOW_ENTRIES 1000	 /* of the journal, in each look: what a storm writes meanwhile fits */
#define LOG_BYTES (1u << 20)	 /* of each file, from its end */
#define LOG_BYTES_ALL (64u << 20) /* with -n 0 */

struct logs {
	struct exam x;
	unsigned sources;
	uint64_t lines; /* 0: all */
	uint64_t since_us;
	bool following; /* the lines before were printed */
	struct redactor *redactor;
};

/* "30m", "2h", "1d": so long before now. */
static int parse_since(const char *s, uint64_t now, uint64_t *ret, struct err *err)
{
	size_t n = strlen(s);
	uint64_t unit = 0, count;

	if (text_parse_time(s, ret) == 0)
		return 0;
	switch (n ? s[n - 1] : 0) {
	case 's':
		unit = 1;
		break;
	case 'm':
		unit = 60;
		break;
	case 'h':
		unit = 3600;
		break;
	case 'd':
		unit = 86400;
		break;
	default:
		break;
	}
	_cleanup_free_ char *digits = mem_strndup(s, n ? n - 1 : 0);
	if (!unit || text_to_u64(digits, 1000000, &count))
		return err_set(err, ERR_USAGE, "--since %s: neither a time (2026-11-24T06:50:03Z) nor a span (30m, 2h, 1d)", s);
	*ret = now - count * unit * 1000000;
	return 0;
}

static int parse_options(struct logs *l, struct err *err)
{
	const struct cli *cli = l->x.cli;
	const char *lines = cli_get(cli, "lines"), *since = cli_get(cli, "since"), *name;
	enum log_source s;

	l->lines = DEFAULT_LINES;
	if (lines && text_to_u64(lines, LOG_LINES_MAX, &l->lines))
		return err_set(err, ERR_USAGE, "--lines %s: not a number", lines);
	for (int i = 0; (name = cli_get_nth(cli, "source", i)); i++) {
		if (log_source_parse(name, &s))
			return err_set(err, ERR_USAGE, "--source is app, journal, container or stderr, not \"%s\"", name);
		l->sources |= 1u << s;
	}
	if (!l->sources)
		l->sources = (1u << LOG_SOURCES) - 1;
	if (cli_has(cli, "follow") && (l->x.from || cli->json))
		return err_set(err, ERR_USAGE, "--follow is for this host, and not with --json");
	return since ? parse_since(since, source_now_us(l->x.session.source), &l->since_us, err) : 0;
}

static unsigned journal_entries(const struct logs *l)
{
	unsigned n = l->lines && !l->since_us ? (unsigned)l->lines : GATHER_JOURNAL_ENTRIES;

	if (l->following)
		return FOLLOW_ENTRIES;
	if (l->x.from && n > GATHER_JOURNAL_ENTRIES)
		n = GATHER_JOURNAL_ENTRIES; /* a bundle has no more */
	return cli_has(l->x.cli, "follow") && n < FOLLOW_ENTRIES ? FOLLOW_ENTRIES : n;
}

static int read_lines(struct logs *l, const char *name, struct log_lines *ret, struct err *err)
{
	_cleanup_evidence_ struct evidence *e = NULL;
	struct target t = { 0 };
	unsigned want = WANT_SERVICE | WANT_LOGS | WANT_CONTAINER_LOG;
	int r = exam_target(&l->x, name, &t, err);

	if (r)
		return r;
	if (l->sources & (1u << LOG_JOURNAL))
		want |= WANT_JOURNAL;
	if (l->sources & (1u << LOG_CONTAINER))
		want |= WANT_CONTAINER;
	const struct gather_options o = { .want = want, .log_end = l->lines || l->following ? LOG_BYTES : LOG_BYTES_ALL,
		.journal_entries = journal_entries(l) };
	r = evidence_gather(l->x.session.source, &t, &o, &e, err);
	target_free(&t);
	if (r)
		return r;
	log_lines_read(e, l->sources, l->redactor, ret);
	return 0;
}

static void print_line(const struct logs *l, const struct log_line *line)
{
	static const char style[LOG_SOURCES] = { '0', 'r', 'd', 'g' };
	char at[32] = "-";

	if (line->time_us)
		text_time(at, line->time_us);
	if (l->x.cli->json) {
		json_t *j = json_pack("{s:s, s:s, s:s}", "time", at, "source", log_source_name(line->source), "line", line->text);
		json_dumpf(j, stdout, JSON_COMPACT);
		putchar('\n');
		json_decref(j);
		return;
	}
	printf("%s%s %s%-9s%s %s\n", cli_style(l->x.cli, 'd'), at, cli_style(l->x.cli, style[line->source]), log_source_name(line->source),
		cli_style(l->x.cli, '0'), line->text);
}

static void warn(const struct logs *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void warn(const struct logs *l, const char *fmt, ...)
{
	va_list ap;

	if (l->x.cli->quiet)
		return;
	fprintf(stderr, "%s: ", l->x.cli->program);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	putc('\n', stderr);
}

/* What the lines from `from` on do not say of themselves. */
static void warn_of_streams(const struct logs *l, const struct log_lines *lines, size_t from)
{
	for (size_t s = 0; s < lines->n_streams; s++) {
		const struct log_stream *stream = &lines->streams[s];
		size_t first = 0, shown = from;
		while (first < lines->n && lines->v[first].stream != s)
			first++;
		while (shown < lines->n && lines->v[shown].stream != s)
			shown++;
		/* only who reads up to where we began misses what was before */
		if (stream->left_out && first >= from)
			warn(l, "%s: not all of it was read, %" PRIu64 " bytes are not shown", stream->name, stream->left_out);
		if (stream->window && first >= from && (l->since_us || !l->lines || l->lines > stream->window))
			warn(l, "%s: no more than its last %" PRIu64 " were read, older ones are not shown", stream->name, stream->window);
		if (stream->cut)
			warn(l, "%s: it was cut at its limit, the newest of it is not shown", stream->name);
		if (stream->untimed && l->since_us && shown < lines->n)
			warn(l, "%s: its lines tell no time, so older ones than --since may be among them", stream->name);
	}
}

static void print_last(const struct logs *l, const struct log_lines *lines)
{
	size_t from = 0;

	while (from < lines->n && lines->v[from].time_us < l->since_us)
		from++;
	if (l->lines && lines->n - from > l->lines)
		from = lines->n - l->lines;
	warn_of_streams(l, lines, from);
	for (size_t i = from; i < lines->n; i++)
		print_line(l, &lines->v[i]);
}

static void print_new(const struct logs *l, const struct log_lines *before, const struct log_lines *now)
{
	_cleanup_free_ size_t *known = mem_array(NULL, now->n_streams + 1, sizeof(*known));

	for (size_t s = 0; s < now->n_streams; s++) {
		bool gap;
		known[s] = log_follow_known(before, now, s, &gap);
		if (gap)
			warn(l, "%s: what was shown last is not at its end any more, lines between may be missing", now->streams[s].name);
	}
	for (size_t i = 0; i < now->n; i++) {
		size_t *left = &known[now->v[i].stream];
		if (*left)
			(*left)--;
		else
			print_line(l, &now->v[i]);
	}
}

/* Until interrupted, or until nobody reads any more. */
static int follow(struct logs *l, const char *name, struct log_lines *last, struct err *err)
{
	const struct timespec pause = { .tv_nsec = FOLLOW_MS * 1000000l };

	l->following = true;
	for (;;) {
		struct log_lines now = { 0 };
		if (fflush(stdout))
			return EXIT_OK;
		nanosleep(&pause, NULL);
		int r = read_lines(l, name, &now, err);
		if (r)
			return r;
		print_new(l, last, &now);
		log_follow_carry(last, &now);
		log_lines_free(last);
		*last = now;
	}
}

int cmd_logs(struct cli *cli, struct err *err)
{
	_cleanup_log_lines_ struct log_lines lines = { 0 };
	struct logs l = { 0 };
	uint8_t key[REDACT_KEY_BYTES];
	const char *name = cli->n_args ? cli->args[0] : NULL;
	int r = exam_open(cli, &l.x, err);

	if (r == 0)
		r = parse_options(&l, err);
	if (r == 0 && getentropy(key, sizeof(key)))
		r = err_errno(err, errno, "no randomness");
	if (r == 0 && !(l.redactor = redactor_new(key, err)))
		r = -err->code;
	if (r == 0)
		r = redaction_rules(&l.x.session, l.redactor, err);
	if (r == 0)
		r = read_lines(&l, name, &lines, err);
	if (r == 0) {
		session_warn(&l.x.session, cli);
		if (!cli->json)
			exam_print_source(&l.x, stderr);
		print_last(&l, &lines);
		if (!lines.n)
			cli_say(cli, "nothing was logged");
		if (cli_has(cli, "follow"))
			r = follow(&l, name, &lines, err);
	}
	/* a signal is how one leaves --follow, and no failure of it */
	if (r < 0 && cli_has(cli, "follow") && !l.x.from && l.x.session.source && source_live_stopped(l.x.session.source))
		r = EXIT_OK;
	redactor_free(l.redactor);
	exam_close(&l.x);
	return r;
}
