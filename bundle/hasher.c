/* SPDX-License-Identifier: MIT */
#include "bundle/hasher.h"

#include <stdint.h>
#include <string.h>

#include "bundle/thread.h"
#include "formats/mem.h"

#define PIECE (256u << 10)
#define SLOTS 8
#define SMALL (16u << 10)

struct slot {
	void (*add)(void *state, const void *p, size_t n);
	void *state;
	size_t n;
	uint8_t *data; /* PIECE bytes, made when first needed */
};

struct hasher {
	bool running;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under lock: slots [done, added) modulo SLOTS wait or are being hashed; counters only grow */
	uint64_t added, done;
	bool stop;
	struct slot slots[SLOTS];
};

static void *work(void *data)
{
	struct hasher *h = data;

	pthread_mutex_lock(&h->lock);
	for (;;) {
		while (h->done == h->added && !h->stop)
			pthread_cond_wait(&h->changed, &h->lock);
		if (h->done == h->added)
			break;
		struct slot *s = &h->slots[h->done % SLOTS];
		/* the slot is ours until done is counted up */
		pthread_mutex_unlock(&h->lock);
		s->add(s->state, s->data, s->n);
		pthread_mutex_lock(&h->lock);
		h->done++;
		pthread_cond_broadcast(&h->changed);
	}
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

struct hasher *hasher_new(void)
{
	struct hasher *h = mem_alloc(sizeof(*h));

	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	return h;
}

void hasher_free(struct hasher *h)
{
	if (!h)
		return;
	if (h->running) {
		pthread_mutex_lock(&h->lock);
		h->stop = true;
		pthread_cond_broadcast(&h->changed);
		pthread_mutex_unlock(&h->lock);
		pthread_join(h->thread, NULL);
	}
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	for (size_t i = 0; i < SLOTS; i++)
		free(h->slots[i].data);
	free(h);
}

void hasher_wait(struct hasher *h)
{
	if (!h->running)
		return;
	pthread_mutex_lock(&h->lock);
	while (h->done != h->added)
		pthread_cond_wait(&h->changed, &h->lock);
	pthread_mutex_unlock(&h->lock);
}

static void add_piece(struct hasher *h, void (*add)(void *state, const void *p, size_t n), void *state, const void *p, size_t n)
{
	pthread_mutex_lock(&h->lock);
	while (h->added - h->done == SLOTS)
		pthread_cond_wait(&h->changed, &h->lock);
	struct slot *s = &h->slots[h->added % SLOTS];
	pthread_mutex_unlock(&h->lock);
	if (!s->data)
		s->data = mem_alloc(PIECE);
	memcpy(s->data, p, n);
	s->add = add;
	s->state = state;
	s->n = n;
	pthread_mutex_lock(&h->lock);
	h->added++;
	pthread_cond_broadcast(&h->changed);
	pthread_mutex_unlock(&h->lock);
}

void hasher_add(struct hasher *h, void (*add)(void *state, const void *p, size_t n), void *state, const void *p, size_t n)
{
	const uint8_t *d = p;

	if (!h->running && n >= SMALL)
		h->running = thread_start(&h->thread, work, h);
	if (!h->running || n < SMALL) {
		/* behind what waits, which may be of the same state */
		hasher_wait(h);
		add(state, p, n);
		return;
	}
	for (; n; n -= n < PIECE ? n : PIECE, d += PIECE)
		add_piece(h, add, state, d, n < PIECE ? n : PIECE);
}
