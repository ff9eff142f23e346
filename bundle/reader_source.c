/* SPDX-License-Identifier: MIT */
/* The records of a bundle, and the source that answers from them. */
#include "bundle/reader_private.h"

#include <inttypes.h>
#include <string.h>

#include "formats/text.h"

#define RECORDS_MAX (64u << 20)

static void read_payload(struct bundle *b, const json_t *line, enum stream s, struct bundle_record *r)
{
	const char *path = json_string_value(json_object_get(json_object_get(line, s == STREAM_OUT ? "stdout" : "stderr"), "path"));

	r->has_payload[s] = path && bundle_find(b, path, &r->payload[s], NULL) == 0;
}

static int read_line(struct bundle *b, const char *p, size_t n, uint64_t line, struct err *err)
{
	struct bundle_record r = { 0 };
	int failed = 0;
	json_t *j = json_loadb(p, n, JSON_REJECT_DUPLICATES, NULL);

	if (!j)
		return err_set(err, ERR_SYNTAX, "records.jsonl:%" PRIu64 ": not JSON", line);
	if (!json_object_get(j, "document")) {
		failed = record_from_json(j, &r.rec, err);
		if (!failed) {
			for (int s = 0; s < STREAMS; s++)
				read_payload(b, j, (enum stream)s, &r);
			r.withheld = json_is_true(json_object_get(j, "withheld"));
			b->records = mem_array(b->records, b->n_records + 1, sizeof(*b->records));
			b->records[b->n_records++] = r;
		} else {
			err_prefix(err, "records.jsonl:%" PRIu64, line);
		}
	}
	json_decref(j);
	return failed;
}

int bundle_index(struct bundle *b, struct err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct payload records;
	uint64_t line = 0;

	int r = bundle_find(b, "records.jsonl", &records, err);
	if (!r)
		r = payload_get(b->store, &records, RECORDS_MAX, &text, err);
	const char *p = buf_str(&text), *end = p + text.len;
	while (!r && p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end;
		r = read_line(b, p, (size_t)(stop - p), ++line, err);
		p = nl ? nl + 1 : end;
	}
	return r;
}

const struct bundle_record *bundle_records(const struct bundle *b, size_t *n)
{
	*n = b->n_records;
	return b->records;
}

const struct bundle_record *bundle_answer(const struct bundle *b, const char *key)
{
	/* a key that is not UTF-8 was written as text_safe makes it (record_to_json) */
	_cleanup_free_ char *safe = text_safe(key);
	const struct bundle_record *first = NULL;

	for (size_t i = 0; i < b->n_records; i++) {
		const struct bundle_record *r = &b->records[i];
		if (strcmp(r->rec.key, key) != 0 && strcmp(r->rec.key, safe) != 0)
			continue;
		if (record_answered(&r->rec))
			return r;
		if (!first)
			first = r;
	}
	return first;
}

struct question {
	struct probe *probe;
	struct sink *sink;
};

struct bundle_source {
	struct source source;
	struct bundle *b;
	struct question *queue;
	size_t n, cap, head;
};

static void source_ask_bundle(struct source *s, const struct probe *probe, struct sink *sink)
{
	struct bundle_source *bs = (struct bundle_source *)s;

	if (bs->n == bs->cap) {
		bs->cap = bs->cap ? 2 * bs->cap : 64;
		bs->queue = mem_array(bs->queue, bs->cap, sizeof(*bs->queue));
	}
	bs->queue[bs->n++] = (struct question){ probe_copy(probe), sink };
}

struct feed {
	struct sink *sink;
	enum stream stream;
};

static int feed_chunk(void *data, const void *p, size_t n)
{
	struct feed *f = data;

	f->sink->chunk(f->sink, f->stream, p, n);
	return 0;
}

static int answer_one(struct bundle_source *bs, const struct question *q, struct err *err)
{
	const struct bundle_record *found = bundle_answer(bs->b, q->probe->key);
	struct record rec = { .outcome = OUTCOME_NOT_COLLECTED };
	int r = 0;

	if (found)
		record_copy(&rec, &found->rec);
	else
		rec.reason = mem_strdup("the bundle does not hold it");
	mem_set(&rec.key, q->probe->key);
	for (int s = 0; found && s < STREAMS && !r; s++) {
		struct feed f = { q->sink, (enum stream)s };
		if (found->has_payload[s])
			r = payload_read(bs->b->store, &found->payload[s], feed_chunk, &f, err);
	}
	/* what was withheld is not known, and an empty answer would say that it is known to be empty. Of an auth file it is
	 * known: it is withheld because it is none, and what stands there in its stead is none either. */
	bool unknown = found && found->withheld && q->probe->payload != PAYLOAD_AUTH;
	if (r || (found && record_answered(&rec) && (unknown || !found->has_payload[STREAM_OUT]))) {
		rec.outcome = r ? OUTCOME_FAILED : OUTCOME_NOT_COLLECTED;
		mem_set(&rec.reason, found->withheld ? "withheld from the bundle: it could not be redacted with certainty"
						     : "its payload is not in the bundle");
	}
	q->sink->end(q->sink, q->probe, &rec);
	record_free(&rec);
	return r;
}

static int source_run_bundle(struct source *s, struct err *err)
{
	struct bundle_source *bs = (struct bundle_source *)s;
	int failed = 0;

	while (bs->head < bs->n) {
		struct question q = bs->queue[bs->head++]; /* a sink's end may ask more, which moves the queue */
		int r = answer_one(bs, &q, failed ? NULL : err);
		failed = failed ? failed : r;
		probe_free(q.probe);
	}
	bs->n = bs->head = 0;
	return failed;
}

static uint64_t source_now_bundle(struct source *s)
{
	return ((struct bundle_source *)s)->b->report.manifest.created_us;
}

static void source_close_bundle(struct source *s)
{
	struct bundle_source *bs = (struct bundle_source *)s;

	while (bs->head < bs->n)
		probe_free(bs->queue[bs->head++].probe);
	free(bs->queue);
	bundle_close(bs->b);
	free(bs);
}

struct source *source_bundle(struct bundle *b)
{
	static const struct source_ops ops = { source_ask_bundle, source_run_bundle, source_now_bundle, source_close_bundle };
	struct bundle_source *bs = mem_alloc(sizeof(*bs));

	bs->source.ops = &ops;
	bs->b = b;
	return &bs->source;
}
