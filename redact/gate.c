/* SPDX-License-Identifier: MIT */
/* The search of finished files for secrets that were met. */
#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "redact/engine.h"
#include "redact/locked.h"

/*
 * A form is found by WINDOW_BYTES of it, then compared whole. When every form is longer than that by k bytes, its first
 * k + 1 windows are known, and looking at every (k + 1)th place of a file finds one of them.
 */
#define WINDOW_BYTES 6
#define STRIDE_MAX 4u
#define BLOOM_BITS_MIN 17 /* small enough for a processor's nearest cache… */
#define BLOOM_BITS_MAX 24
#define BLOOM_SPARE 8 /* …and bits a window, so that few places pass by chance */

struct form {
	const uint8_t *p;
	uint32_t n;
	uint32_t entry;
};

struct redact_gate {
	struct redactor *r;
	struct form *forms;
	size_t nforms, cap, seen; /* seen: entries of the vault that have their forms */
	struct locked locked; /* the forms that differ from the value */
	size_t stride;	   /* windows of each form; window w of form i is number i * stride + w */
	uint32_t *buckets; /* a window's number + 1, or 0 */
	uint32_t *next;	   /* by number: the next of the same bucket, likewise */
	size_t nbuckets;
	uint8_t *bloom;
	unsigned bloom_shift;
	size_t longest, shortest;
	struct buf carry;
	uint64_t base; /* offset of carry in the file */
};

/* Two loads: six bytes put together in memory would have to be waited for, at every byte of a bundle. */
static inline uint64_t window(const uint8_t *p)
{
	uint32_t four;
	uint16_t two;

	memcpy(&four, p, sizeof(four));
	memcpy(&two, p + sizeof(four), sizeof(two));
	return (four | (uint64_t)two << 32) * 0x9e3779b97f4a7c15ull;
}

static void form_add(struct redact_gate *g, uint32_t entry, const void *p, size_t n, bool copy)
{
	if (n < WINDOW_BYTES)
		return;
	if (copy) {
		p = locked_copy(&g->locked, p, n, SIZE_MAX);
		if (!p)
			return;
	}
	if (g->nforms == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 64;
		g->forms = mem_array(g->forms, g->cap, sizeof(*g->forms));
	}
	g->forms[g->nforms++] = (struct form){ .p = p, .n = (uint32_t)n, .entry = entry };
	if (n > g->longest)
		g->longest = n;
	if (!g->shortest || n < g->shortest)
		g->shortest = n;
}

/* What base64 of anything that holds the value after k bytes must hold: the characters no neighbour decides. */
static void form_base64(struct redact_gate *g, uint32_t i, const uint8_t *p, size_t n, int k, int variant)
{
	size_t len = n + (size_t)k, out = sodium_base64_encoded_len(len, variant);
	uint8_t *padded = mem_alloc(len);
	char *text = mem_alloc(out);
	size_t from = ((size_t)k * 8 + 5) / 6, to = len * 8 / 6;

	memcpy(padded + k, p, n);
	sodium_bin2base64(text, out, padded, len, variant);
	/* the URL's alphabet differs in two characters: without them it is the same form again */
	bool same = variant == sodium_base64_VARIANT_URLSAFE_NO_PADDING && strcspn(text + from, "-_") >= to - from;
	if (to > from && !same)
		form_add(g, i, text + from, to - from, true);
	sodium_memzero(padded, len);
	sodium_memzero(text, out);
	free(padded);
	free(text);
}

static void form_url(struct redact_gate *g, uint32_t i, const uint8_t *p, size_t n)
{
	struct buf b = { 0 };
	bool differs = false;

	for (size_t k = 0; k < n; k++) {
		if (isalnum(p[k]) || strchr("-_.~", p[k])) {
			buf_addc(&b, (char)p[k]);
		} else {
			buf_addf(&b, "%%%02X", p[k]);
			differs = true;
		}
	}
	if (differs)
		form_add(g, i, b.data, b.len, true);
	buf_wipe(&b);
}

static void form_json(struct redact_gate *g, uint32_t i, const uint8_t *p, size_t n)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	struct buf b = { 0 };

	for (size_t k = 0; k < n; k++) {
		const char *known = p[k] ? strchr(from, p[k]) : NULL;
		if (known)
			buf_addf(&b, "\\%c", to[known - from]);
		else if (p[k] < 0x20)
			buf_addf(&b, "\\u%04x", p[k]);
		else
			buf_addc(&b, (char)p[k]);
	}
	if (b.len != n)
		form_add(g, i, b.data, b.len, true);
	buf_wipe(&b);
}

static inline bool bloom_has(const struct redact_gate *g, uint64_t w)
{
	uint64_t bit = w >> g->bloom_shift;

	return g->bloom[bit / 8] & (1u << (bit & 7));
}

static uint32_t *bucket_of(const struct redact_gate *g, uint64_t w)
{
	return &g->buckets[(w >> 16) & (g->nbuckets - 1)];
}

/* Makes everything that finds forms, from nothing. */
static void gate_index(struct redact_gate *g)
{
	unsigned bits = BLOOM_BITS_MIN;

	g->stride = g->shortest > WINDOW_BYTES ? g->shortest - WINDOW_BYTES + 1 : 1;
	if (g->stride > STRIDE_MAX)
		g->stride = STRIDE_MAX;
	size_t windows = g->nforms * g->stride;
	while (bits < BLOOM_BITS_MAX && (1u << bits) < windows * BLOOM_SPARE)
		bits++;
	for (g->nbuckets = 1024; g->nbuckets < windows; g->nbuckets *= 2)
		;
	free(g->buckets);
	free(g->next);
	free(g->bloom);
	g->buckets = mem_alloc(g->nbuckets * sizeof(*g->buckets));
	g->next = mem_array(NULL, windows, sizeof(*g->next));
	g->bloom = mem_alloc((1u << bits) / 8);
	g->bloom_shift = 64 - bits;
	for (size_t i = 0; i < windows; i++) {
		uint64_t w = window(g->forms[i / g->stride].p + i % g->stride), bit = w >> g->bloom_shift;
		uint32_t *b = bucket_of(g, w);
		g->next[i] = *b;
		*b = (uint32_t)i + 1;
		g->bloom[bit / 8] |= (uint8_t)(1u << (bit & 7));
	}
}

/* The vault grows while files are searched; its new values join. */
static void gate_refresh(struct redact_gate *g)
{
	size_t n;
	const struct vault_entry *e = vault_entries(g->r->vault, &n);

	if (g->seen == n && g->buckets)
		return;
	for (; g->seen < n; g->seen++) {
		const uint8_t *p = e[g->seen].p;
		size_t len = e[g->seen].n;
		uint32_t i = (uint32_t)g->seen;
		form_add(g, i, p, len, false);
		for (int k = 0; k < 3; k++) {
			form_base64(g, i, p, len, k, sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
			form_base64(g, i, p, len, k, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		}
		form_url(g, i, p, len);
		form_json(g, i, p, len);
	}
	gate_index(g);
}

struct redact_gate *redact_gate_new(struct redactor *r)
{
	struct redact_gate *g = mem_alloc(sizeof(*g));

	g->r = r;
	return g;
}

/* Of the forms that have the window w of p + i in them, and begin before `to`, the first and longest. */
static const struct form *form_around(const struct redact_gate *g, uint64_t w, const uint8_t *p, size_t i, size_t to, size_t n,
	size_t *ret_at)
{
	const struct form *best = NULL;

	for (uint32_t k = *bucket_of(g, w); k; k = g->next[k - 1]) {
		const struct form *f = &g->forms[(k - 1) / g->stride];
		size_t back = (k - 1) % g->stride;
		if (back > i || i - back >= to || f->n > n - (i - back) || memcmp(f->p, p + (i - back), f->n) != 0)
			continue;
		if (best && (i - back > *ret_at || (i - back == *ret_at && f->n <= best->n)))
			continue;
		best = f;
		*ret_at = i - back;
	}
	return best;
}

/* The first form that begins in p's first `to` bytes and lies whole in its n. */
static const struct form *form_find(const struct redact_gate *g, const uint8_t *p, size_t to, size_t n, size_t *ret_at)
{
	if (!g->nforms || !to)
		return NULL;
	for (size_t i = 0; i < to + g->stride - 1 && i + WINDOW_BYTES <= n; i += g->stride) {
		uint64_t w = window(p + i);
		const struct form *f = bloom_has(g, w) ? form_around(g, w, p, i, to, n, ret_at) : NULL;
		if (f)
			return f;
	}
	return NULL;
}

int redact_gate_feed(struct redact_gate *g, const void *p, size_t n, const char **ret_class, uint64_t *ret_offset)
{
	const struct vault_entry *e;
	size_t entries, at = 0;

	gate_refresh(g);
	e = vault_entries(g->r->vault, &entries);
	/* what came before may begin a form that ends here; all that begins here is searched where it lies */
	size_t before = g->carry.len;
	buf_add(&g->carry, p, n < g->longest ? n : g->longest);
	const struct form *f = form_find(g, (const uint8_t *)g->carry.data, before, g->carry.len, &at);
	if (!f && (f = form_find(g, p, n, n, &at)))
		at += before;
	if (f) {
		*ret_class = redactor_class_name(g->r, e[f->entry].class);
		*ret_offset = g->base + at;
		return 1;
	}
	/* the last `longest` bytes stay: of the chunk alone when it has as many */
	if (n > g->longest) {
		g->base += before + (n - g->longest);
		buf_clear(&g->carry);
		buf_add(&g->carry, (const uint8_t *)p + (n - g->longest), g->longest);
	} else if (g->carry.len > g->longest) {
		g->base += g->carry.len - g->longest;
		buf_drop(&g->carry, g->carry.len - g->longest);
	}
	return 0;
}

void redact_gate_scrub(struct redact_gate *g, const void *p, size_t n, bool last, struct buf *out)
{
	const struct vault_entry *e;
	size_t entries, i = 0;

	gate_refresh(g);
	e = vault_entries(g->r->vault, &entries);
	buf_add(&g->carry, p, n);
	const uint8_t *s = (const uint8_t *)g->carry.data;
	/* a form may begin in the last `longest` bytes and end in what comes next */
	size_t stop = last ? g->carry.len : g->carry.len > g->longest ? g->carry.len - g->longest : 0;
	while (i < stop) {
		size_t at = stop - i;
		const struct form *f = form_find(g, s + i, stop - i, g->carry.len - i, &at);
		buf_add(out, s + i, at);
		i += at;
		if (!f)
			break;
		buf_adds(out, e[f->entry].token);
		i += f->n;
	}
	buf_drop(&g->carry, i);
	if (last)
		redact_gate_reset(g);
}

void redact_gate_reset(struct redact_gate *g)
{
	if (g->carry.data)
		sodium_memzero(g->carry.data, g->carry.len);
	buf_clear(&g->carry);
	g->base = 0;
}

void redact_gate_free(struct redact_gate *g)
{
	if (!g)
		return;
	redact_gate_reset(g);
	buf_free(&g->carry);
	locked_free(&g->locked);
	free(g->forms);
	free(g->buckets);
	free(g->next);
	free(g->bloom);
	free(g);
}
