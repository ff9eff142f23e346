/* SPDX-License-Identifier: MIT */
#include "redact/engine.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "redact/rules.h"
#include "redact/value.h"

struct redactor *redactor_new(const uint8_t key[REDACT_KEY_BYTES], struct err *err)
{
	if (sodium_init() < 0) {
		err_set(err, ERR_LIMIT, "libsodium does not start: no source of randomness");
		return NULL;
	}
	struct redactor *r = mem_alloc(sizeof(*r));
	memcpy(r->key, key, sizeof(r->key));
	r->vault = vault_new();
	if (scanner_new(&r->scanner, err) < 0) {
		redactor_free(r);
		return NULL;
	}
	return r;
}

void redactor_free(struct redactor *r)
{
	if (!r)
		return;
	scanner_free(r->scanner);
	vault_free(r->vault);
	extra_free(r->extra);
	strv_free(r->extra_keys);
	sodium_memzero(r, sizeof(*r));
	free(r);
}

void redactor_freep(struct redactor **r)
{
	redactor_free(*r);
	*r = NULL;
}

bool redactor_gate_is_partial(const struct redactor *r)
{
	return vault_overflowed(r->vault);
}

void redactor_watch(struct redactor *r, redact_on_secret *fn, void *context)
{
	r->on_secret = fn;
	r->on_secret_context = context;
}

const char *redactor_class_name(const struct redactor *r, enum secret_class class)
{
	return class >= CLASS_OPERATOR ? r->operator_classes[class - CLASS_OPERATOR] : class_name(class);
}

enum key_kind redactor_key_kind(struct redactor *r, const char *name, size_t n)
{
	uint32_t hash = 2166136261u;

	/* our own labels say "secret" */
	for (const char *t = name; n && (t = memchr(t, 'R', (size_t)(name + n - t))); t++)
		if (value_token(t, (size_t)(name + n - t)))
			return KEY_NONE;
	for (char **k = r->extra_keys; k && *k; k++)
		if (strlen(*k) == n && strncasecmp(*k, name, n) == 0)
			return KEY_STRONG;
	if (!n || n > sizeof(r->names[0].name))
		return key_kind(name, n);
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)name[i]) * 16777619u;
	struct name_cached *c = &r->names[(hash ^ hash >> 16) % NAMES_CACHED];
	if (c->n != n || memcmp(c->name, name, n) != 0) {
		memcpy(c->name, name, n);
		c->n = (unsigned char)n;
		c->kind = (unsigned char)key_kind(name, n);
	}
	return (enum key_kind)c->kind;
}

static uint64_t make_token(struct redactor *r, enum secret_class class, const void *value, size_t n, char ret[TOKEN_MAX])
{
	uint8_t hash[16];
	uint64_t id;
	enum secret_class shape = class < CLASS_WORD ? rules_shape(value, n) : CLASS_NONE;
	const char *label = shape != CLASS_NONE ? class_label(shape) : class_label(class);

	if (!label)
		label = redactor_class_name(r, class);
	crypto_generichash(hash, sizeof(hash), value, n, r->key, sizeof(r->key));
	snprintf(ret, TOKEN_MAX, "REDACTED_%s_%02x%02x%02x%02x", label, hash[0], hash[1], hash[2], hash[3]);
	memcpy(&id, hash + 4, sizeof(id));
	return id;
}

void secret_remember(struct redactor *r, enum secret_class class, const void *value, size_t n)
{
	char token[TOKEN_MAX];
	uint64_t id = make_token(r, class, value, n, token);

	vault_add(r->vault, id, value, n, class, token);
}

void secret_token(struct redactor *r, struct tally *tally, enum secret_class class, const void *value, size_t n,
	char ret[TOKEN_MAX])
{
	uint64_t id = make_token(r, class, value, n, ret);
	bool pseudonym = class >= CLASS_HOST && class <= CLASS_ADDRESS;

	r->totals.n[class]++;
	if (tally)
		tally->n[class]++;
	if (r->on_secret)
		r->on_secret(r->on_secret_context, ret, redactor_class_name(r, class), value, n);
	/* what a pseudonym stands for is no secret: it may stand in the name of the bundle */
	if (!pseudonym && value_is_distinct(value, n))
		vault_add(r->vault, id, value, n, class, ret);
}

size_t tally_list(const struct redactor *r, const struct tally *t, struct redact_count *counts)
{
	size_t n = 0;

	for (size_t i = 0; i < CLASSES; i++) {
		const char *name = t->n[i] ? redactor_class_name(r, (enum secret_class)i) : NULL;
		if (!name)
			continue;
		if (n && strcmp(counts[n - 1].class, name) == 0)
			counts[n - 1].count += t->n[i]; /* two of one name stand side by side */
		else
			counts[n++] = (struct redact_count){ name, t->n[i] };
	}
	return n;
}

const struct redact_count *redactor_totals(const struct redactor *r, size_t *n)
{
	/* the list is a view of the totals, kept where it can be pointed to */
	struct redactor *w = (struct redactor *)(uintptr_t)r;

	*n = tally_list(r, &r->totals, w->counts);
	return r->counts;
}

/* An array of numbers stays one. */
static void add_bytes(struct buf *out, const char *token)
{
	for (const char *c = token; *c; c++)
		buf_addf(out, "%s%u", c == token ? "" : ",", (unsigned char)*c);
}

void spans_apply(struct redactor *r, struct tally *tally, const struct spans *s, const char *p, size_t n, struct buf *out)
{
	size_t at = 0;
	char token[TOKEN_MAX];

	for (size_t i = 0; i < s->n; i++) {
		const struct span *sp = &s->v[i];

		secret_token(r, tally, sp->class, sp->value_len ? s->values.data + sp->value : "", sp->value_len, token);
		buf_add(out, p + at, sp->from - at);
		if (sp->open == OPEN_BYTES)
			add_bytes(out, token);
		else if (sp->open == OPEN_QUOTED)
			buf_addf(out, "\"%s\"", token);
		else
			buf_adds(out, token);
		at = sp->to;
	}
	buf_add(out, p + at, n - at);
}
