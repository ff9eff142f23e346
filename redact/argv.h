/* SPDX-License-Identifier: MIT */
#ifndef REDACT_ARGV_H
#define REDACT_ARGV_H

#include "redact/engine.h"
#include "redact/keyname.h"

/*
 * Command lines, a word at a time: what --password, -e, curl's -u and mysql's -p mean. Start with
 * { 0 }. Spans are offsets into the word; they cover what the text stage finds in it too.
 */
struct program;
struct argv_state {
	enum {
		NEXT_ANY,
		NEXT_SECRET,   /* the option before said so */
		NEXT_USER,     /* user:password */
		NEXT_NAME,     /* a name of a secret, not one: podman run --secret */
		NEXT_COOKIE,   /* a=b; c=d */
	} next;
	enum key_kind kind; /* of the option, for NEXT_SECRET */
	const struct program *program; /* whose options we know; NULL: none yet */
	bool verb;	   /* the program's row has a verb, and it came */
	unsigned place;	   /* how many words that are no options came since */
	bool containers;   /* podman or docker: --secret names one */
	bool command;	   /* the word before was -c: this one is a line for a shell */
};
void argv_word(struct redactor *r, struct argv_state *s, const char *word, size_t n, int depth, struct spans *out);

/* NAME=value. Covers the text stage on the value. at: where word starts in out's coordinates. */
void env_pair(struct redactor *r, const char *name, size_t name_len, const char *value, size_t n, size_t value_at,
	int depth, struct spans *out);
/* "NAME=value" as one string; false when it has no "=". */
bool env_word(struct redactor *r, const char *word, size_t n, size_t at, int depth, struct spans *out);

#endif
