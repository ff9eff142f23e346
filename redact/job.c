/* SPDX-License-Identifier: MIT */
/* A payload on its way through, and the clean record at its end. */
#include <sodium.h>
#include <string.h>

#include "redact/argv.h"
#include "redact/frames.h"
#include "redact/input.h"
#include "redact/line_keys.h"
#include "redact/whole.h"

/* Lines of JSON are judged one by one, so many bytes of them at a time. */
#define LINES_BATCH (64u << 10)
#define LINES_AHEAD (128u << 10) /* an end of a key within it takes what stands before along */

struct lane {
	struct redact_job *job;
	enum stream stream;
	enum payload_class class;
	void *handle;
	bool opened;
	struct buf hold; /* classes that are judged whole; of lines, those not judged yet */
	struct text_input *text;
	struct frames frames;
	bool over, long_line;
};

struct redact_job {
	struct redactor *r;
	struct probe *probe;
	struct spool *spool;
	struct lane lanes[STREAMS];
	struct tally tally;
	bool failed, withheld;
	char failure[512];
};

struct clean_record {
	struct probe *probe;
	struct record rec;
	struct redact_count *counts;
	size_t ncounts;
	bool withheld;
};

static void job_fail(struct redact_job *j, const char *why)
{
	if (!j->failed)
		snprintf(j->failure, sizeof(j->failure), "%s", why);
	j->failed = true;
}

static void lane_write(void *context, const char *p, size_t n)
{
	struct lane *l = context;
	struct spool *s = l->job->spool;

	if (l->handle && n && s->write(s, l->handle, p, n) < 0)
		job_fail(l->job, "the clean payload could not be written");
}

static void lane_open(struct lane *l)
{
	struct redact_job *j = l->job;
	struct sink_bytes to = { lane_write, l };

	if (l->opened)
		return;
	l->opened = true;
	l->handle = j->spool->open(j->spool, j->probe, l->stream);
	if (!l->handle)
		job_fail(j, "no place for the clean payload");
	if (l->class == PAYLOAD_TEXT || l->class == PAYLOAD_FRAMES)
		l->text = text_input_new(j->r, &j->tally, to);
}

struct redact_job *redact_begin(struct redactor *r, const struct probe *p, struct spool *spool)
{
	struct redact_job *j = mem_alloc(sizeof(*j));

	j->r = r;
	j->probe = probe_copy(p);
	j->spool = spool;
	for (int i = 0; i < STREAMS; i++)
		j->lanes[i] = (struct lane){ .job = j, .stream = (enum stream)i, .class = i == STREAM_OUT ? p->payload : PAYLOAD_TEXT };
	return j;
}

static void lane_judge(struct lane *l, const char *p, size_t n)
{
	struct buf out = { 0 };

	l->job->withheld |= clean_whole(l->job->r, &l->job->tally, l->class, p, n, &out);
	lane_write(l, out.data, out.len);
	buf_free(&out);
}

/* A line that is too long to hold goes through the text stage. */
static void lane_long_line(struct lane *l, const char *p, size_t n)
{
	if (!l->text)
		l->text = text_input_new(l->job->r, &l->job->tally, (struct sink_bytes){ lane_write, l });
	text_input_feed(l->text, p, n);
	l->long_line = !(n && p[n - 1] == '\n');
	if (!l->long_line) {
		text_input_end(l->text);
		l->text = NULL;
	}
}

static void lane_lines(struct lane *l, const char *p, size_t n)
{
	if (l->long_line && n) {
		const char *nl = memchr(p, '\n', n);
		size_t k = nl ? (size_t)(nl - p) + 1 : n;
		lane_long_line(l, p, k);
		p += k;
		n -= k;
	}
	buf_add(&l->hold, p, n);
	if (l->hold.len < LINES_BATCH + LINES_AHEAD)
		return;
	const char *last = mem_rchr(l->hold.data, '\n', l->hold.len - LINES_AHEAD);
	if (last) {
		size_t k = (size_t)(last - l->hold.data) + 1, cut = line_keys_cut(l->hold.data, k, l->hold.len);
		/* the rest of a key is waited for, not for ever: BEGIN may be talk */
		if (cut > k || k < 4 * LINES_BATCH)
			k = cut;
		if (k)
			lane_judge(l, l->hold.data, k);
		buf_drop(&l->hold, k);
	}
	if (l->hold.len > REDACT_WHOLE_MAX) {
		lane_long_line(l, l->hold.data, l->hold.len);
		buf_wipe(&l->hold);
	}
}

static void frame_text(void *context, const char *p, size_t n)
{
	struct lane *l = context;

	text_input_feed(l->text, p, n);
}

void redact_chunk(struct redact_job *j, enum stream stream, const void *p, size_t n)
{
	struct lane *l = &j->lanes[stream];

	lane_open(l);
	switch (l->class) {
	case PAYLOAD_TEXT:
		text_input_feed(l->text, p, n);
		return;
	case PAYLOAD_FRAMES:
		frames_feed(&l->frames, p, n, frame_text, l);
		return;
	case PAYLOAD_JSONL:
		lane_lines(l, p, n);
		return;
	default:
		if (l->hold.len + n > REDACT_WHOLE_MAX) {
			n = REDACT_WHOLE_MAX - l->hold.len;
			l->over = true;
		}
		buf_add(&l->hold, p, n);
	}
}

static void lane_end(struct lane *l)
{
	struct redact_job *j = l->job;
	struct err err = { 0 };

	if (!l->opened)
		return;
	if (l->class == PAYLOAD_FRAMES)
		frames_end(&l->frames, frame_text, l);
	if (l->text)
		j->withheld |= text_input_end(l->text);
	if (l->over) {
		struct buf out = { 0 };
		withhold(j->r, &j->tally, l->hold.data, l->hold.len, &out);
		lane_write(l, out.data, out.len);
		buf_free(&out);
		j->withheld = true;
	} else if (l->hold.len) {
		lane_judge(l, l->hold.data, l->hold.len);
	}
	buf_wipe(&l->hold);
	if (l->handle && j->spool->close(j->spool, l->handle, &err) < 0)
		job_fail(j, err.msg);
}

/* A string with what is secret in it replaced. */
static void clean_string(struct redact_job *j, char **s)
{
	_cleanup_spans_ struct spans found = { 0 };
	struct buf out = { 0 };

	if (!*s)
		return;
	find_text(j->r, *s, strlen(*s), 0, &found);
	if (!found.n)
		return;
	spans_merge(&found);
	spans_apply(j->r, &j->tally, &found, *s, strlen(*s), &out);
	sodium_memzero(*s, strlen(*s));
	free(*s);
	*s = buf_take(&out);
}

static void clean_words(struct redact_job *j, char **v, bool environment)
{
	struct argv_state state = { 0 };

	for (; v && *v; v++) {
		_cleanup_spans_ struct spans found = { 0 };
		struct buf out = { 0 };
		if (!environment)
			argv_word(j->r, &state, *v, strlen(*v), 0, &found);
		else if (!env_word(j->r, *v, strlen(*v), 0, 0, &found))
			find_text(j->r, *v, strlen(*v), 0, &found);
		if (!found.n)
			continue;
		spans_merge(&found);
		spans_apply(j->r, &j->tally, &found, *v, strlen(*v), &out);
		sodium_memzero(*v, strlen(*v));
		free(*v);
		*v = buf_take(&out);
	}
}

static void clean_question(struct redact_job *j)
{
	struct probe *p = j->probe;

	clean_words(j, p->argv, false);
	clean_words(j, p->env, true);
	clean_string(j, &p->key);
	clean_string(j, &p->path);
	clean_string(j, &p->target);
	clean_string(j, &p->artifact);
}

struct clean_record *redact_end(struct redact_job *j, const struct record *rec)
{
	struct clean_record *c = mem_alloc(sizeof(*c));

	for (int i = 0; i < STREAMS; i++)
		lane_end(&j->lanes[i]);
	clean_question(j);
	record_copy(&c->rec, rec);
	if (j->failed) {
		c->rec.outcome = OUTCOME_FAILED;
		mem_set(&c->rec.reason, j->failure);
	}
	clean_string(j, &c->rec.key);
	clean_string(j, &c->rec.reason);
	clean_string(j, &c->rec.stat.link);
	c->probe = TAKE_PTR(j->probe);
	c->counts = mem_array(NULL, CLASSES, sizeof(*c->counts));
	c->ncounts = tally_list(j->r, &j->tally, c->counts);
	c->withheld = j->withheld;
	free(j);
	return c;
}

const struct probe *clean_probe(const struct clean_record *c)
{
	return c->probe;
}

const struct record *clean_rec(const struct clean_record *c)
{
	return &c->rec;
}

const struct redact_count *clean_counts(const struct clean_record *c, size_t *n)
{
	*n = c->ncounts;
	return c->counts;
}

bool clean_withheld(const struct clean_record *c)
{
	return c->withheld;
}

void clean_record_free(struct clean_record *c)
{
	if (!c)
		return;
	probe_free(c->probe);
	record_free(&c->rec);
	free(c->counts);
	free(c);
}

void clean_record_freep(struct clean_record **c)
{
	clean_record_free(*c);
	*c = NULL;
}

void redact_bytes(struct redactor *r, enum payload_class class, const void *p, size_t n, struct buf *out)
{
	struct tally tally = { 0 };

	clean_whole(r, &tally, class, p, n, out);
}
