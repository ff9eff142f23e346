/* SPDX-License-Identifier: MIT */
#include "lifecycle/cleaning.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "redact/whole.h"

#define CHUNK (128u << 10)
#define HEAD (4u << 10)

void cleaning_free(struct cleaning *c)
{
	json_decref(c->files);
	json_decref(c->totals);
	strv_free(c->left_out);
}

/* Where clean bytes go. */
struct outlet {
	struct spool spool;
	int fd; /* -1: nowhere */
	int failed; /* errno */
};

static void *outlet_open(struct spool *s, const struct probe *p, enum stream stream)
{
	return s;
}

static int outlet_write(struct spool *s, void *handle, const void *p, size_t n)
{
	struct outlet *o = handle;

	if (o->fd >= 0 && !o->failed && write_all(o->fd, p, n))
		o->failed = errno;
	return o->failed ? -1 : 0;
}

static int outlet_close(struct spool *s, void *handle, struct err *err)
{
	return 0;
}

static int read_some(int fd, const char *shown, char *p, size_t n, size_t *ret, struct err *err)
{
	ssize_t k;

	do
		k = read(fd, p, n);
	while (k < 0 && errno == EINTR);
	*ret = k > 0 ? (size_t)k : 0;
	return k < 0 ? err_errno(err, errno, "cannot read %s", shown) : 0;
}

/* Reads on until the buffer holds n bytes or all there are. */
static int read_up_to(int fd, const char *shown, struct buf *b, size_t n, bool *ret_end, struct err *err)
{
	size_t k = 0;
	int r = 0;

	while (b->len < n && !*ret_end && r == 0) {
		buf_reserve(b, CHUNK);
		r = read_some(fd, shown, b->data + b->len, CHUNK, &k, err);
		b->len += k;
		*ret_end = k == 0;
	}
	return r;
}

static void note(struct cleaning *c, const char *shown, const struct clean_record *clean)
{
	size_t n;
	const struct redact_count *v = clean_counts(clean, &n);
	json_t *counts = json_object();

	c->seen++;
	for (size_t i = 0; i < n; i++) {
		json_int_t before = json_integer_value(json_object_get(c->totals, v[i].class));
		json_object_set_new(counts, v[i].class, json_integer((json_int_t)v[i].count));
		json_object_set_new(c->totals, v[i].class, json_integer(before + (json_int_t)v[i].count));
	}
	if (n) {
		json_t *file = json_pack("{s:s, s:O}", "path", shown, "replaced", counts);
		if (clean_withheld(clean))
			json_object_set_new(file, "withheld", json_true());
		json_array_append_new(c->files, file);
	}
	json_decref(counts);
}

int clean_fd(struct cleaning *c, int in, const char *name, const char *shown, int out, struct err *err)
{
	struct outlet o = { .spool = { outlet_open, outlet_write, outlet_close }, .fd = out };
	_cleanup_buf_ struct buf b = { 0 };
	bool end = false;
	int r = read_up_to(in, shown, &b, HEAD, &end, err);
	enum payload_class class = redact_sniff(name, buf_str(&b), b.len);

	if (r == 0 && class_is_whole(class)) {
		r = read_up_to(in, shown, &b, REDACT_WHOLE_MAX + 1, &end, err);
		/* too large to be judged whole: the text stage knows the notations too. What holds credentials is withheld. */
		if (b.len > REDACT_WHOLE_MAX && class != PAYLOAD_AUTH)
			class = PAYLOAD_TEXT;
	}
	if (r)
		return r;
	/* the name is judged apart: it is kept */
	_cleanup_probe_ struct probe *p = probe_file("/payload", class);
	struct redact_job *job = redact_begin(c->redactor, p, &o.spool);
	if (b.len)
		redact_chunk(job, STREAM_OUT, b.data, b.len);
	while (!end && r == 0 && !o.failed) {
		size_t n = 0;
		buf_clear(&b);
		buf_reserve(&b, CHUNK);
		r = read_some(in, shown, b.data, CHUNK, &n, err);
		end = n == 0;
		if (n)
			redact_chunk(job, STREAM_OUT, b.data, n);
	}
	mem_wipe(b.data, b.cap);
	struct clean_record *clean = redact_end(job, &(struct record){ .key = p->key, .outcome = OUTCOME_OK });
	if (r == 0 && o.failed)
		r = err_errno(err, o.failed, "cannot write the clean form of %s", shown);
	if (r == 0)
		note(c, shown, clean);
	clean_record_free(clean);
	return r;
}
