/* SPDX-License-Identifier: MIT */
#ifndef REDACT_KEYED_H
#define REDACT_KEYED_H

#include "redact/find.h"
#include "redact/keyname.h"

/*
 * What the files of the keyed rules share: a name in text, the notations that part it from its value, and the judgement of the
 * value. extract_keyed.c finds the name and tries the notations in turn.
 */
struct key {
	size_t from, to;
	bool option; /* -x or --x: a space may part it from its value */
	bool quoted;
	enum key_kind kind;
};

/* Over blanks and colours. */
size_t keyed_skip_spaces(const struct finder *f, size_t at);
/* Over the quotes and brackets that close a name; says in k that it was quoted. */
size_t keyed_skip_closers(const struct finder *f, size_t at, struct key *k);
/* "=", ":", "=>", ":=" and their encodings; 0 when there is none at `at`. prose: ": " as in a sentence. */
size_t keyed_separator(const struct finder *f, size_t at, bool *prose);
/* After an option: spaces, a continued line, or the next element of a list. 0: another option, or nothing. */
size_t keyed_next_word(const struct finder *f, size_t at);
/* What stands before a value that is not part of it. */
size_t keyed_skip_wrapping(const struct finder *f, size_t at);

/* Adds the spans of the value at `at`, if it is a secret. */
void keyed_judge(struct finder *f, const struct rule *rule, const struct key *k, size_t at, bool prose);

/* True when the notation is this one, and was judged. */
bool keyed_judge_pair(struct finder *f, const struct rule *rule, const struct key *k);
/* Does an element's name begin at `at`, behind < or <ns: ? */
bool keyed_is_element(const struct finder *f, size_t at);
bool keyed_judge_xml(struct finder *f, const struct rule *rule, const struct key *k, size_t at);
bool keyed_judge_call(struct finder *f, const struct rule *rule, const struct key *k, size_t at);

#endif
