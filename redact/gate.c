/* SPDX-License-Identifier: MIT */
/* The search of finished files for secrets that were met. */
#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "redact/engine.h"
#include "redact/locked.h"

/* All forms are found by their first WINDOW_BYTES, then compared whole. */
#define WINDOW_BYTES 6
#define BLOOM_BITS 20

struct form {
	const uint8_t *p;
	uint32_t n;
	uint32_t entry;
	uint32_t next; /* of the same bucket, + 1 */
};

struct redact_gate {
	struct redactor *r;
	struct form *forms;
	size_t nforms, cap, seen; /* seen: entries of the vault that have their forms */
	struct locked locked; /* the forms that differ from the value */
	uint32_t *buckets;
	size_t nbuckets;
	uint8_t *bloom;
	size_t longest;
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
	if (to > from)
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
	sodium_memzero(b.data, b.len);
	buf_free(&b);
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
	sodium_memzero(b.data, b.len);
	buf_free(&b);
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
	free(g->buckets);
	for (g->nbuckets = 1024; g->nbuckets < g->nforms * 2; g->nbuckets *= 2)
		;
	g->buckets = mem_alloc(g->nbuckets * sizeof(*g->buckets));
	if (!g->bloom)
		g->bloom = mem_alloc((1u << BLOOM_BITS) / 8);
	for (size_t i = 0; i < g->nforms; i++) {
		uint64_t w = window(g->forms[i].p);
		uint32_t *b = &g->buckets[(w >> 40) & (g->nbuckets - 1)];
		g->forms[i].next = *b;
		*b = (uint32_t)i + 1;
		w >>= 64 - BLOOM_BITS;
		g->bloom[w / 8] |= (uint8_t)(1u << (w & 7));
	}
}

struct redact_gate *redact_gate_new(struct redactor *r)
{
	struct redact_gate *g = mem_alloc(sizeof(*g));

	g->r = r;
	return g;
}

static inline bool bloom_has(const struct redact_gate *g, uint64_t w)
{
	uint64_t bit = w >> (64 - BLOOM_BITS);

	return g->bloom[bit / 8] & (1u << (bit & 7));
}

static const struct form *form_at(const struct redact_gate *g, const uint8_t *p, size_t n)
{
	uint64_t w = window(p);

	if (!bloom_has(g, w))
		return NULL;
	for (uint32_t i = g->buckets[(w >> 40) & (g->nbuckets - 1)]; i; i = g->forms[i - 1].next) {
		const struct form *f = &g->forms[i - 1];
		if (f->n <= n && memcmp(f->p, p, f->n) == 0)
			return f;
	}
	return NULL;
}

/* The first form that begins in p's first `to` bytes and lies whole in its n. */
static const struct form *form_find(const struct redact_gate *g, const uint8_t *p, size_t to, size_t n, size_t *ret_at)
{
	size_t end = n < WINDOW_BYTES ? 0 : n - WINDOW_BYTES + 1;

	if (!g->nforms)
		return NULL;
	for (size_t i = 0; i < end && i < to; i++) {
		const struct form *f = bloom_has(g, window(p + i)) ? form_at(g, p + i, n - i) : NULL;
		if (!f)
			continue;
		*ret_at = i;
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
		const struct form *f = g->nforms && i + WINDOW_BYTES <= g->carry.len ? form_at(g, s + i, g->carry.len - i) : NULL;
		if (!f) {
			buf_addc(out, (char)s[i++]);
			continue;
		}
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
	free(g->bloom);
	free(g);
}
