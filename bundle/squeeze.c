/* SPDX-License-Identifier: MIT */
#include "bundle/squeeze.h"

#include <stdint.h>
#include <string.h>

#include "bundle/thread.h"
#include "formats/buf.h"
#include "formats/dl_archive.h"

/* One segment: the caller's while it is filled and once it is done, in between of the thread that took it. */
struct slot {
	bool done; /* under lock */
	bool first;
	uint8_t *data; /* SQUEEZE_SEGMENT bytes, made when first needed */
	size_t n;
	struct buf frame;
	bool failed;
};

struct squeeze {
	squeeze_out *out;
	void *data;
	int failed; /* a code of err.h, negative, once something went wrong */
	bool running;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Counts of segments, modulo SQUEEZE_SLOTS a slot; passed ≤ begun ≤ filled. The caller alone changes the first two. */
	uint64_t passed; /* passed on */
	uint64_t filled; /* waiting, or further; changed under lock */
	uint64_t begun;	 /* being compressed, or further; under lock */
	bool stop;	 /* under lock */
	struct slot slots[SQUEEZE_SLOTS];
};

static la_ssize_t frame_write(struct archive *a, void *data, const void *p, size_t n)
{
	buf_add(data, p, n);
	return (la_ssize_t)n;
}

/* One zstd frame of n bytes, appended to out. */
static bool frame_make(const void *p, size_t n, bool first, struct buf *out)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();

	if (!a || !e)
		abort(); /* out of memory: see mem.h */
	archive_entry_set_filetype(e, AE_IFREG);
	archive_entry_set_pathname(e, "data"); /* nowhere in the frame, but asked for */
	bool ok = archive_write_set_format_raw(a) == ARCHIVE_OK && archive_write_add_filter_zstd(a) == ARCHIVE_OK &&
		  archive_write_set_filter_option(a, "zstd", "compression-level", first ? "3" : "1") == ARCHIVE_OK &&
		  archive_write_set_bytes_per_block(a, 0) == ARCHIVE_OK && archive_write_open(a, out, NULL, frame_write, NULL) == ARCHIVE_OK &&
		  archive_write_header(a, e) == ARCHIVE_OK && archive_write_data(a, p, n) == (la_ssize_t)n && archive_write_close(a) == ARCHIVE_OK;
	archive_entry_free(e);
	archive_write_free(a);
	return ok;
}

/* Takes the oldest full slot, if there is one, and compresses it. Called and returns with the lock held. */
static bool take_one(struct squeeze *s)
{
	struct slot *o = &s->slots[s->begun % SQUEEZE_SLOTS];

	if (s->begun == s->filled)
		return false;
	s->begun++;
	pthread_mutex_unlock(&s->lock);
	buf_clear(&o->frame);
	o->failed = !frame_make(o->data, o->n, o->first, &o->frame);
	pthread_mutex_lock(&s->lock);
	o->done = true;
	pthread_cond_broadcast(&s->changed);
	return true;
}

static void *work(void *data)
{
	struct squeeze *s = data;

	pthread_mutex_lock(&s->lock);
	while (!s->stop)
		if (!take_one(s))
			pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

int squeeze_new(squeeze_out *out, void *data, struct squeeze **ret, struct err *err)
{
	int r = dl_archive(err);

	if (r)
		return r;
	struct squeeze *s = mem_alloc(sizeof(*s));
	s->out = out;
	s->data = data;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	*ret = s;
	return 0;
}

void squeeze_free(struct squeeze *s)
{
	if (!s)
		return;
	if (s->running) {
		pthread_mutex_lock(&s->lock);
		s->stop = true;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
		pthread_join(s->thread, NULL);
	}
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	for (size_t i = 0; i < SQUEEZE_SLOTS; i++) {
		free(s->slots[i].data);
		buf_free(&s->slots[i].frame);
	}
	free(s);
}

/* Passes the oldest segment on, having it compressed first if need be. */
static int pass(struct squeeze *s, struct err *err)
{
	struct slot *o = &s->slots[s->passed % SQUEEZE_SLOTS];

	pthread_mutex_lock(&s->lock);
	while (!o->done)
		if (!take_one(s))
			pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
	s->failed = o->failed ? err_set(err, ERR_IO, "zstd could not compress") : s->out(s->data, o->frame.data, o->frame.len, err);
	o->n = 0;
	s->passed++;
	return s->failed;
}

/* The slot being filled is full, or is the last. */
static void submit(struct squeeze *s)
{
	struct slot *o = &s->slots[s->filled % SQUEEZE_SLOTS];

	o->first = s->filled == 0;
	if (!o->first && !s->running)
		s->running = thread_start(&s->thread, work, s);
	pthread_mutex_lock(&s->lock);
	o->done = false;
	s->filled++;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

static int failed_before(const struct squeeze *s, struct err *err)
{
	return err_set(err, (enum err_code)-s->failed, "an earlier piece could not be compressed or written");
}

int squeeze_add(struct squeeze *s, const void *p, size_t n, struct err *err)
{
	const uint8_t *d = p;

	if (s->failed)
		return failed_before(s, err);
	while (n) {
		if (s->filled - s->passed == SQUEEZE_SLOTS && pass(s, err))
			return s->failed;
		struct slot *o = &s->slots[s->filled % SQUEEZE_SLOTS];
		if (!o->data)
			o->data = mem_alloc(SQUEEZE_SEGMENT);
		size_t k = SQUEEZE_SEGMENT - o->n < n ? SQUEEZE_SEGMENT - o->n : n;
		memcpy(o->data + o->n, d, k);
		o->n += k;
		d += k;
		n -= k;
		if (o->n == SQUEEZE_SEGMENT)
			submit(s);
	}
	return 0;
}

int squeeze_end(struct squeeze *s, struct err *err)
{
	if (s->failed)
		return failed_before(s, err);
	if (s->filled - s->passed == SQUEEZE_SLOTS && pass(s, err))
		return s->failed;
	struct slot *o = &s->slots[s->filled % SQUEEZE_SLOTS];
	if (o->n || !s->filled)
		submit(s);
	while (s->passed < s->filled)
		if (pass(s, err))
			return s->failed;
	return 0;
}
