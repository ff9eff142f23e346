/* SPDX-License-Identifier: MIT */
#ifndef REDACT_EXTRA_H
#define REDACT_EXTRA_H

#include <stdint.h>

#include "formats/err.h"
#include "redact/span.h"

/*
 * What is searched for beside the rule table, and only when somebody asked: the operator's rules and
 * words, and the names and addresses that become pseudonyms. These are whole expressions with start
 * offsets, in a database of their own, compiled when they are added: the table's speed is not theirs.
 */
struct extra;
enum extra_kind {
	EXTRA_PATTERN, /* what matches goes */
	EXTRA_KEY,     /* a name: its value goes */
	EXTRA_ADDRESS, /* what matches goes if it is an address of a machine */
};

struct extra *extra_new(void);
void extra_free(struct extra *x);
bool extra_is_empty(const struct extra *x);
/* expression is vectorscan's (a subset of PCRE). Where it is from goes into the error. */
int extra_add(struct extra *x, enum extra_kind kind, const char *expression, unsigned flags, enum secret_class class,
	const char *where, struct err *err);
/* \Q…\E of a word, between word borders where it begins and ends with a word character; caller frees. */
char *extra_word(const char *word, size_t n);

struct extra_hit {
	uint64_t from, to;
	enum extra_kind kind;
	enum secret_class class;
};
struct extra_hits {
	struct extra_hit *v;
	size_t n, cap;
};
void extra_hits_free(struct extra_hits *h);

/* A stream over them; NULL when there are none. */
struct extra_stream;
struct extra_stream *extra_open(struct extra *x);
void extra_feed(struct extra_stream *t, const void *p, size_t n, struct extra_hits *out);
/* Frees it; what only the end of the data decided is added to out. */
void extra_close(struct extra_stream *t, struct extra_hits *out);

#endif
