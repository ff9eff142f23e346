/* SPDX-License-Identifier: MIT */
#include "redact/vault.h"

#include <stdio.h>
#include <string.h>

#include "formats/mem.h"
#include "redact/locked.h"

struct vault {
	struct locked values;
	struct vault_entry *entries;
	size_t n, cap;
	uint64_t *hashes;
	uint32_t *slots; /* open addressing: index + 1 */
	size_t nslots;
	bool overflowed;
};

struct vault *vault_new(void)
{
	struct vault *v = mem_alloc(sizeof(*v));

	v->nslots = 256;
	v->slots = mem_alloc(v->nslots * sizeof(*v->slots));
	return v;
}

void vault_free(struct vault *v)
{
	if (!v)
		return;
	locked_free(&v->values);
	free(v->entries);
	free(v->hashes);
	free(v->slots);
	free(v);
}

static uint32_t *vault_slot(const struct vault *v, uint64_t hash)
{
	size_t i = hash & (v->nslots - 1);

	while (v->slots[i] && v->hashes[v->slots[i] - 1] != hash)
		i = (i + 1) & (v->nslots - 1);
	return &v->slots[i];
}

static void vault_grow(struct vault *v)
{
	free(v->slots);
	v->nslots *= 2;
	v->slots = mem_alloc(v->nslots * sizeof(*v->slots));
	for (size_t i = 0; i < v->n; i++)
		*vault_slot(v, v->hashes[i]) = (uint32_t)i + 1;
}

void vault_add(struct vault *v, uint64_t hash, const void *p, size_t n, enum secret_class class, const char *token)
{
	uint32_t *slot = vault_slot(v, hash);

	if (*slot)
		return;
	if (n > VAULT_VALUE_MAX)
		n = VAULT_VALUE_MAX;
	const uint8_t *room = locked_copy(&v->values, p, n, VAULT_BYTES_MAX);
	if (!room) {
		v->overflowed = true;
		return;
	}
	if (v->n == v->cap) {
		v->cap = v->cap ? v->cap * 2 : 64;
		v->entries = mem_array(v->entries, v->cap, sizeof(*v->entries));
		v->hashes = mem_array(v->hashes, v->cap, sizeof(*v->hashes));
	}
	struct vault_entry *e = &v->entries[v->n];
	*e = (struct vault_entry){ .p = room, .n = (uint32_t)n, .class = class };
	snprintf(e->token, sizeof(e->token), "%s", token);
	v->hashes[v->n++] = hash;
	*slot = (uint32_t)v->n;
	if (v->n * 2 > v->nslots)
		vault_grow(v);
}

const struct vault_entry *vault_entries(const struct vault *v, size_t *n)
{
	*n = v->n;
	return v->entries;
}

bool vault_overflowed(const struct vault *v)
{
	return v->overflowed;
}
