/* SPDX-License-Identifier: MIT */
#include "bundle/sealstream.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bundle/durable.h"

/*
 * A ring of spans, each some whole chunks. The calling thread reads into the first free span and
 * writes out the oldest one that is done, so the order is kept; workers take spans in between, in
 * any order, since each chunk is sealed by itself. One lock, two conditions, no other shared state.
 */
enum {
	SPAN_CHUNKS = 16,
	SPAN_PLAIN = SPAN_CHUNKS * AGE_CHUNK_BYTES,
	SEALED_CHUNK = AGE_CHUNK_BYTES + AGE_TAG_BYTES,
	SPAN_SEALED = SPAN_CHUNKS * SEALED_CHUNK,
	SPAN_BYTES = SPAN_PLAIN + SPAN_SEALED,
	RING = 6,
	WORKERS_MAX = 4,
};

enum span_state { SPAN_FREE, SPAN_READ, SPAN_BUSY, SPAN_DONE };

struct span {
	enum span_state state;
	uint64_t first; /* number of its first chunk */
	bool last;	/* the payload ends with it */
	size_t in_len, out_len;
	size_t bad; /* chunks before the one that did not hold; SPAN_CHUNKS + 1: all hold */
	uint8_t *in, *out;
};

struct ring {
	const struct seal_stream *s;
	pthread_mutex_t lock;
	pthread_cond_t work; /* a span was read, or the end */
	pthread_cond_t done; /* a span is done */
	bool stop;
	struct span spans[RING];
	size_t next_work; /* index of the oldest span that no worker has taken; spans are read in ring order */
};

/* The counter fills the first eleven bytes, big-endian; the twelfth says "last". */
static void chunk_nonce(uint8_t nonce[12], uint64_t n, bool last)
{
	memset(nonce, 0, 12);
	for (int i = 0; i < 8; i++)
		nonce[10 - i] = (uint8_t)(n >> (8 * i));
	nonce[11] = last;
}

static void span_work(const struct seal_stream *s, struct span *sp)
{
	size_t in_max = s->open ? SEALED_CHUNK : AGE_CHUNK_BYTES;
	size_t at = 0, i = 0;

	sp->out_len = 0;
	sp->bad = SPAN_CHUNKS + 1;
	do {
		size_t n = sp->in_len - at < in_max ? sp->in_len - at : in_max;
		bool last = sp->last && at + n == sp->in_len;
		unsigned long long out = 0;
		uint8_t nonce[12];

		chunk_nonce(nonce, sp->first + i, last);
		if (!s->open) {
			crypto_aead_chacha20poly1305_ietf_encrypt(
				sp->out + sp->out_len, &out, sp->in + at, n, NULL, 0, NULL, nonce, s->key);
		} else if (crypto_aead_chacha20poly1305_ietf_decrypt(
				   sp->out + sp->out_len, &out, NULL, sp->in + at, n, NULL, 0, nonce, s->key) ||
			   (out == 0 && sp->first + i > 0)) { /* only a payload that is empty may end in an empty chunk */
			sp->bad = i;
			return;
		}
		sp->out_len += out;
		at += n;
		i++;
	} while (at < sp->in_len);
}

static void *worker(void *arg)
{
	struct ring *r = arg;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		struct span *sp = &r->spans[r->next_work % RING];
		if (sp->state == SPAN_READ) {
			sp->state = SPAN_BUSY;
			r->next_work++;
			pthread_mutex_unlock(&r->lock);
			span_work(r->s, sp);
			pthread_mutex_lock(&r->lock);
			sp->state = SPAN_DONE;
			pthread_cond_signal(&r->done);
		} else if (r->stop) {
			break;
		} else {
			pthread_cond_wait(&r->work, &r->lock);
		}
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

struct reader {
	const struct seal_stream *s;
	const uint8_t *head;
	size_t head_len;
	uint64_t total;
};

/* Fills buf; less than n only at the end. */
static int read_full(struct reader *rd, uint8_t *buf, size_t n, size_t *ret, struct err *err)
{
	size_t got = rd->head_len < n ? rd->head_len : n;

	if (got)
		memcpy(buf, rd->head, got);
	rd->head += got;
	rd->head_len -= got;
	while (got < n) {
		ssize_t k = read(rd->s->in, buf + got, n - got);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return err_errno(err, errno, "%s: cannot read", rd->s->in_name);
		if (k == 0)
			break;
		got += (size_t)k;
	}
	rd->total += got;
	*ret = got;
	return 0;
}

static int span_write(const struct seal_stream *s, const struct span *sp, uint64_t *written, struct err *err)
{
	if (write_all(s->out, sp->out, sp->out_len))
		return err_errno(err, errno, "%s: cannot write", s->out_name);
	*written += sp->out_len;
	if (sp->bad <= SPAN_CHUNKS)
		return err_set(err, ERR_TRUST, "%s: damaged, cut short or changed at byte %llu of its payload", s->in_name,
			(unsigned long long)(sp->first + sp->bad) * SEALED_CHUNK);
	return 0;
}

/* A byte read past a span, to know whether the payload ends with it. */
struct ahead {
	uint8_t byte;
	bool have;
};

static int span_read(struct reader *rd, struct ahead *ah, struct span *sp, struct err *err)
{
	size_t max = rd->s->open ? SPAN_SEALED : SPAN_PLAIN, got = 0, more = 0;
	int r;

	if (ah->have)
		sp->in[0] = ah->byte;
	if ((r = read_full(rd, sp->in + ah->have, max - ah->have, &got, err)))
		return r;
	sp->in_len = got + ah->have;
	ah->have = false;
	if (sp->in_len == max) {
		if ((r = read_full(rd, &ah->byte, 1, &more, err)))
			return r;
		ah->have = more == 1;
	}
	sp->last = !ah->have;
	if (rd->s->progress && rd->s->progress(rd->s->ctx, rd->total))
		return err_set(err, ERR_IO, "%s: stopped", rd->s->in_name);
	return 0;
}

/* The calling thread's part: read ahead as far as the ring goes, write what is done, in order. */
static int pump(struct ring *r, uint64_t *written, struct err *err)
{
	struct reader rd = { .s = r->s, .head = r->s->head, .head_len = r->s->head_len };
	struct ahead ah = { 0 };
	size_t next_read = 0, next_write = 0;
	bool end = false;
	int ret;

	while (!end || next_write < next_read) {
		if (!end && next_read - next_write < RING) {
			struct span *sp = &r->spans[next_read % RING];
			sp->first = (uint64_t)next_read * SPAN_CHUNKS;
			if ((ret = span_read(&rd, &ah, sp, err)))
				return ret;
			end = sp->last;
			next_read++;
			pthread_mutex_lock(&r->lock);
			sp->state = SPAN_READ;
			pthread_cond_signal(&r->work);
			bool oldest_done = r->spans[next_write % RING].state == SPAN_DONE;
			pthread_mutex_unlock(&r->lock);
			if (!oldest_done)
				continue;
		}
		struct span *sp = &r->spans[next_write % RING];
		pthread_mutex_lock(&r->lock);
		while (sp->state != SPAN_DONE)
			pthread_cond_wait(&r->done, &r->lock);
		pthread_mutex_unlock(&r->lock);
		if ((ret = span_write(r->s, sp, written, err)))
			return ret;
		next_write++;
	}
	return 0;
}

int seal_stream_run(const struct seal_stream *s, uint64_t *ret_out_bytes, struct err *err)
{
	struct ring r = { .s = s, .lock = PTHREAD_MUTEX_INITIALIZER, .work = PTHREAD_COND_INITIALIZER,
		.done = PTHREAD_COND_INITIALIZER };
	size_t bytes = (size_t)RING * SPAN_BYTES;
	pthread_t threads[WORKERS_MAX];
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int want = cpus < 1 ? 1 : cpus > WORKERS_MAX ? WORKERS_MAX : (int)cpus, n = 0, ret;
	uint64_t written = 0;

	/* mmap: goes back to the system, which clears it, and a small file touches few of its pages */
	uint8_t *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mem == MAP_FAILED)
		return err_errno(err, errno, "cannot have %zu bytes of memory", bytes);
	for (size_t i = 0; i < RING; i++) {
		uint8_t *base = mem + i * SPAN_BYTES;
		r.spans[i].in = base;
		r.spans[i].out = base + (s->open ? SPAN_SEALED : SPAN_PLAIN);
	}
	while (n < want && !pthread_create(&threads[n], NULL, worker, &r))
		n++;
	ret = n ? pump(&r, &written, err) : err_set(err, ERR_IO, "cannot start a thread");
	pthread_mutex_lock(&r.lock);
	r.stop = true;
	pthread_cond_broadcast(&r.work);
	pthread_mutex_unlock(&r.lock);
	while (n)
		pthread_join(threads[--n], NULL);
	munmap(mem, bytes);
	if (!ret)
		*ret_out_bytes = written;
	return ret;
}
