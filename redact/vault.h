/* SPDX-License-Identifier: MIT */
#ifndef REDACT_VAULT_H
#define REDACT_VAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "redact/class.h"

/*
 * The secret values that were met, for the gate that searches the finished bundle. They lie in locked
 * memory that no core dump holds, each once, and are wiped with the vault. Long ones are kept by
 * their first VAULT_VALUE_MAX bytes, which is enough to find them.
 */
#define VAULT_VALUE_MAX 1024
#define VAULT_BYTES_MAX (16u << 20)

struct vault;
struct vault_entry {
	const uint8_t *p; /* in locked memory, until the vault is freed */
	uint32_t n;
	enum secret_class class;
	char token[64];
};

struct vault *vault_new(void);
void vault_free(struct vault *v);
/* Remembers a value unless it is there; hash is a keyed hash of the whole value. */
void vault_add(struct vault *v, uint64_t hash, const void *p, size_t n, enum secret_class class, const char *token);
const struct vault_entry *vault_entries(const struct vault *v, size_t *n);
/* True when values had to be dropped because the vault was full: the gate then says less. */
bool vault_overflowed(const struct vault *v);

#endif
