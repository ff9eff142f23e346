/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_REDACT_FUZZ_H
#define TESTS_FUZZ_REDACT_FUZZ_H

/*
 * The properties that hold for any bytes, for every class of payload: any chunking gives the same bytes,
 * redacting twice is redacting once, lines keep their count, JSON that parses still does.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redact/redact.h"

static inline struct redactor *fuzz_redactor(void)
{
	static struct redactor *r;
	static const uint8_t key[REDACT_KEY_BYTES] = { 3 };

	if (!r)
		r = redactor_new(key, NULL);
	if (!r)
		abort();
	return r;
}

struct fuzz_spool {
	struct spool spool;
	struct buf out;
};

static inline void *fuzz_open(struct spool *s, const struct probe *p, enum stream stream)
{
	return s;
}

static inline int fuzz_write(struct spool *s, void *handle, const void *p, size_t n)
{
	buf_add(&((struct fuzz_spool *)s)->out, p, n);
	return 0;
}

static inline int fuzz_close(struct spool *s, void *handle, struct err *err)
{
	return 0;
}

/* Through a job, `step` bytes at a time. */
static inline bool fuzz_clean(enum payload_class class, const void *data, size_t n, size_t step, struct buf *out)
{
	struct fuzz_spool m = { .spool = { fuzz_open, fuzz_write, fuzz_close } };
	struct probe *p = probe_file("/x", class);
	struct record rec = { .key = p->key };
	struct redact_job *j = redact_begin(fuzz_redactor(), p, &m.spool);

	for (size_t at = 0; at < n; at += step)
		redact_chunk(j, STREAM_OUT, (const char *)data + at, n - at < step ? n - at : step);
	struct clean_record *c = redact_end(j, &rec);
	bool withheld = clean_withheld(c);
	clean_record_free(c);
	probe_free(p);
	*out = m.out;
	return withheld;
}

static inline void fuzz_fail(const char *what, const struct buf *a, const struct buf *b)
{
	fprintf(stderr, "%s\n--- one\n", what);
	fwrite(buf_str(a), 1, a->len, stderr);
	fprintf(stderr, "\n--- other\n");
	fwrite(buf_str(b), 1, b->len, stderr);
	abort();
}

static inline void fuzz_same(const char *what, const struct buf *a, const struct buf *b)
{
	if (a->len != b->len || (a->len && memcmp(a->data, b->data, a->len) != 0))
		fuzz_fail(what, a, b);
}

static inline size_t fuzz_lines(const char *p, size_t n)
{
	size_t lines = 0;

	for (size_t i = 0; i < n; i++)
		lines += p[i] == '\n';
	return lines;
}

static inline bool fuzz_is_json(const char *p, size_t n)
{
	json_error_t e;
	json_t *j = n ? json_loadb(p, n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &e) : NULL;

	json_decref(j);
	return j != NULL;
}

static inline void fuzz_properties(enum payload_class class, const uint8_t *data, size_t size, size_t step)
{
	struct buf whole = { 0 }, pieces = { 0 }, again = { 0 };
	bool withheld = fuzz_clean(class, data, size, size ? size : 1, &whole);

	fuzz_clean(class, data, size, step, &pieces);
	fuzz_same("chunking changes the output", &whole, &pieces);
	/* frames come out as the text in them, which is another class */
	if (!withheld && class != PAYLOAD_FRAMES) {
		fuzz_clean(class, whole.data, whole.len, whole.len ? whole.len : 1, &again);
		fuzz_same("redacting twice changes the output", &whole, &again);
		/* what is read as a unit or a script has a shell's quotes, whatever it looks like */
		bool json = class == PAYLOAD_TEXT || class == PAYLOAD_JSON || class == PAYLOAD_PODMAN || class == PAYLOAD_AUTH;
		if (json && fuzz_is_json((const char *)data, size) && !fuzz_is_json(whole.data, whole.len))
			fuzz_fail("JSON no longer parses", &(struct buf){ .data = (char *)(uintptr_t)data, .len = size }, &whole);
	}
	buf_free(&whole);
	buf_free(&pieces);
	buf_free(&again);
}

#endif
