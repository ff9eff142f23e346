/* SPDX-License-Identifier: MIT */
/* The way of an answer into the directory: tap → redactor → spool → file → line. */
#include "bundle/capture_private.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "formats/text.h"

/* Redactors pass on little at a time; every write, and every handing over to the hasher's thread, costs the same. */
#define PIECE (256u << 10)

struct out {
	struct durable file; /* fd -1 until the first byte */
	struct sha256 hash;
	uint64_t bytes;
	struct buf piece; /* what came and is not written yet */
	struct err err;
};

struct job {
	struct sink sink;
	struct spool spool;
	struct capture *c;
	struct redact_job *redact;
	struct out out[STREAMS];
};

#define job_of(ptr, member) ((struct job *)(void *)((char *)(ptr) - offsetof(struct job, member)))

static void *spool_open(struct spool *s, const struct probe *p, enum stream stream)
{
	return &job_of(s, spool)->out[stream];
}

static void hash_add(void *state, const void *p, size_t n)
{
	sha256_add(state, p, n);
}

static int write_piece(struct job *j, struct out *o)
{
	if (!o->piece.len)
		return 0;
	hasher_add(j->c->hasher, hash_add, &o->hash, o->piece.data, o->piece.len);
	int r = write_all(o->file.fd, o->piece.data, o->piece.len) ? err_errno(&o->err, errno, "cannot write to %s", j->c->dir) : 0;
	buf_clear(&o->piece);
	return r;
}

static int spool_write(struct spool *s, void *handle, const void *p, size_t n)
{
	struct job *j = job_of(s, spool);
	struct out *o = handle;

	if (o->err.code)
		return -o->err.code;
	if (o->file.fd < 0) {
		/* its name is decided when the record is clean: until then it lies in the directory as temporary */
		if (durable_open(j->c->dirfd, "payload", ARTIFACT_MODE, &o->file, &o->err))
			return -o->err.code;
		sha256_init(&o->hash);
	}
	buf_add(&o->piece, p, n);
	o->bytes += n;
	return o->piece.len < PIECE ? 0 : write_piece(j, o);
}

static int spool_close(struct spool *s, void *handle, struct err *err)
{
	struct out *o = handle;

	if (!o->err.code)
		write_piece(job_of(s, spool), o);
	buf_free(&o->piece);
	return o->err.code ? err_set(err, (enum err_code)o->err.code, "%s", o->err.msg) : 0;
}

static void job_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	redact_chunk(job_of(s, sink)->redact, stream, p, n);
}

/* artifact, or probes/<key>.out; every component made safe. */
static char *wish_path(const struct probe *p, enum stream stream)
{
	struct buf b = { 0 };

	if (stream == STREAM_OUT && p->artifact) {
		const char *s = p->artifact;
		for (size_t n; n = strcspn(s, "/"), s[n]; s += n + 1) {
			_cleanup_free_ char *part = mem_strndup(s, n);
			manifest_add_safe_name(&b, part, 60);
			buf_addc(&b, '/');
		}
		manifest_add_safe_name(&b, s, 100);
		/* private/ is where nothing is shared from, and no path is too long for a manifest */
		if (strncasecmp(buf_str(&b), "private/", 8) == 0)
			b.data[7] = '_';
		if (b.len > MANIFEST_PATH_MAX - 20) {
			buf_clear(&b);
			manifest_add_safe_name(&b, s, 100);
		}
	} else {
		_cleanup_free_ char *flat = mem_strdup(p->key);
		for (char *s = flat; *s; s++)
			if (*s == '/')
				*s = '_';
		buf_adds(&b, "probes/");
		manifest_add_safe_name(&b, flat, 100);
		buf_adds(&b, stream == STREAM_OUT ? ".out" : ".err");
	}
	return buf_take(&b);
}

/* Gives the payload its name. Without bytes it is the empty file, unless it has a name of its own and was answered. */
static int keep(struct job *j, struct out *o, const char *wish, size_t nth, bool named, struct captured_file *ret, struct err *err)
{
	struct capture *c = j->c;
	int r = o->err.code ? err_set(err, (enum err_code)o->err.code, "%s", o->err.msg) : 0;

	if (!r && o->file.fd < 0 && named) {
		sha256_init(&o->hash);
		r = durable_open(c->dirfd, "payload", ARTIFACT_MODE, &o->file, err);
	}
	if (!r && o->file.fd >= 0) {
		_cleanup_free_ char *path = capture_take_path(c, wish, nth);
		struct stat st = { 0 }; /* which no file's mark fits */
		fstat(o->file.fd, &st);
		r = durable_commit_as(&o->file, path, DURABLE_NOSYNC, err);
		if (!r) {
			c->unsynced = strv_add(c->unsynced, path);
			*ret = (struct captured_file){ .bytes = o->bytes, .mark = file_mark_take(c->dirfd, path, &st) };
			ret->path = TAKE_PTR(path);
			sha256_end(&o->hash, ret->sha256);
			return 0;
		}
	}
	durable_abort(&o->file);
	/* what could not be kept is as if it had been empty, and the record says that it failed */
	int e = capture_empty(c, ret, r ? NULL : err);
	return r ? r : e;
}

static json_t *counts_json(const struct clean_record *clean)
{
	json_t *j = json_object();
	size_t n;
	const struct redact_count *v = clean_counts(clean, &n);

	for (size_t i = 0; i < n; i++)
		if (v[i].count)
			json_object_set_new(j, v[i].class, json_integer((json_int_t)v[i].count));
	return j;
}

static void job_record(struct job *j, const struct clean_record *clean)
{
	static const char *const stream_names[STREAMS] = { "stdout", "stderr" };
	struct capture *c = j->c;
	const struct probe *p = clean_probe(clean);
	const struct record *rec = clean_rec(clean);
	struct captured r = { .key = mem_strdup(rec->key), .outcome = rec->outcome, .reason = mem_strdup(rec->reason) };
	struct err e = { 0 };
	size_t nth = 1;
	int failed = 0;

	for (size_t i = 0; i < c->n_records; i++)
		nth += strcmp(c->records[i].key, r.key) == 0;
	r.line = record_to_json(p, rec);
	for (int s = 0; s < STREAMS; s++) {
		_cleanup_free_ char *wish = wish_path(p, (enum stream)s);
		bool named = s == STREAM_OUT && p->artifact && record_answered(rec) && !clean_withheld(clean);
		int f = keep(j, &j->out[s], wish, nth, named, &r.files[s], failed ? NULL : &e);
		failed = failed ? failed : f;
		if (r.files[s].path)
			json_object_set_new(r.line, stream_names[s], captured_file_json(&r.files[s]));
	}
	if (!r.files[STREAM_OUT].path || !r.files[STREAM_ERR].path) {
		/* not even an empty file can be made: no line can be written either */
		if (!c->error.code)
			c->error = e;
		free(r.key);
		free(r.reason);
		free(r.files[STREAM_OUT].path);
		free(r.files[STREAM_ERR].path);
		json_decref(r.line);
		return;
	}
	if (failed) {
		r.outcome = OUTCOME_FAILED;
		mem_set(&r.reason, e.msg);
		json_object_set_new(r.line, "outcome", json_string(outcome_name(r.outcome)));
		json_object_set_new(r.line, "reason", json_string(e.msg));
	}
	json_object_set_new(r.line, "redactions", counts_json(clean));
	if (clean_withheld(clean))
		json_object_set_new(r.line, "withheld", json_true());
	if (p->artifact)
		json_object_set_new(r.line, "named", json_true());
	if (p->flags & PROBE_CRITICAL)
		json_object_set_new(r.line, "critical", json_true());
	if (p->flags & PROBE_VOLATILE)
		json_object_set_new(r.line, "volatile", json_true());
	if ((p->flags & PROBE_EXIT_0) && rec->outcome == OUTCOME_OK && rec->status != 0)
		json_object_set_new(r.line, "unsuccessful", json_true());
	capture_add_line(&c->pending, r.line);
	capture_push(c, &r);
}

static void job_end(struct sink *s, const struct probe *probe, const struct record *rec)
{
	struct job *j = job_of(s, sink);
	struct clean_record *clean = redact_end(TAKE_PTR(j->redact), rec);

	hasher_wait(j->c->hasher); /* j goes, and its hashes */
	job_record(j, clean);
	clean_record_free(clean);
	free(j);
}

static struct sink *tap_begin(struct tap *t, const struct probe *p)
{
	struct job *j = mem_alloc(sizeof(*j));

	j->sink = (struct sink){ job_chunk, job_end };
	j->spool = (struct spool){ spool_open, spool_write, spool_close };
	j->c = (struct capture *)t;
	j->out[STREAM_OUT].file.fd = j->out[STREAM_ERR].file.fd = -1;
	j->redact = redact_begin(j->c->redactor, p, &j->spool);
	return &j->sink;
}

struct tap *capture_tap(struct capture *c)
{
	c->tap.begin = tap_begin;
	return &c->tap;
}
