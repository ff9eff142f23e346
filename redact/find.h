/* SPDX-License-Identifier: MIT */
#ifndef REDACT_FIND_H
#define REDACT_FIND_H

#include <string.h>
#include <strings.h>

#include "redact/chars.h"
#include "redact/engine.h"
#include "redact/rules.h"

/*
 * An extractor looks at the neighbourhood of one hit and adds spans. It sees no more than
 * FIND_BEHIND bytes before the hit and FIND_AHEAD after it, wherever the hit lies in the stream: what
 * it decides is a function of those bytes, not of how they arrived. A secret that reaches the end of
 * sight is marked open and followed by find_continue.
 */
#define FIND_BEHIND 4096u
#define FIND_BEHIND_END (16u << 10) /* of the end of a key: 8192 bits, behind what a log puts before each line */
#define FIND_AHEAD (24u << 10)

struct finder {
	struct redactor *r;
	const char *p;
	size_t lo, hi;	/* sight */
	size_t n;	/* of p; hi == n at the end of the stream */
	int depth;
	struct spans *out;
	/* what was looked at already, so that ten hits in one word do not cost ten times */
	size_t key_done, word_done, run_done, command_done, ansi_done;
};

void find_hit(struct finder *f, const struct rule *rule, size_t end);
/* Hits beside the table that end at or before `limit`, and forgets them; base is p's offset in the stream. */
void find_extra(struct finder *f, struct extra_hits *hits, size_t limit, uint64_t base);
/* Runs of base64 that begin a 16-byte aligned block within [from, to); base is p's offset in the stream. */
void find_runs(struct finder *f, size_t from, size_t to, uint64_t base);
/* How many bytes at p an open secret still has, and whether it is open after them. OPEN_RUN only. */
size_t find_continue(enum span_open how, const char *p, size_t n, bool final, bool *ret_open);
/* The next line of an open key: what of it goes is [from, to), the next begins at `next`. ret_open is
 * false after the last. Returns false when nothing of it is the key's, or more must come to say. */
bool find_key_line(const char *p, size_t n, bool final, size_t *ret_from, size_t *ret_to, size_t *ret_next, bool *ret_open);

void extract_prefix(struct finder *f, const struct rule *rule, size_t end);
void extract_jwt(struct finder *f, const struct rule *rule, size_t end);
void extract_crypt(struct finder *f, const struct rule *rule, size_t end);
void extract_scheme(struct finder *f, const struct rule *rule, size_t end);
void extract_key(struct finder *f, const struct rule *rule, size_t end);
void extract_sql(struct finder *f, const struct rule *rule, size_t end);
void extract_url(struct finder *f, const struct rule *rule, size_t end);
void extract_userinfo(struct finder *f, const struct rule *rule, size_t end);
void extract_dsn(struct finder *f, const struct rule *rule, size_t end);
void extract_pgpass(struct finder *f, const struct rule *rule, size_t end);
void extract_pem(struct finder *f, const struct rule *rule, size_t end);
void extract_pem_end(struct finder *f, const struct rule *rule, size_t end);
void extract_ppk(struct finder *f, const struct rule *rule, size_t end);
void extract_jwk(struct finder *f, const struct rule *rule, size_t end);
void extract_datacentre(struct finder *f, const struct rule *rule, size_t end);
void extract_insert(struct finder *f, const struct rule *rule, size_t end);
void extract_statement(struct finder *f, const struct rule *rule, size_t end);
void extract_send(struct finder *f, const struct rule *rule, size_t end);
void extract_bundle(struct finder *f, const struct rule *rule, size_t end);
void extract_minisign(struct finder *f, const struct rule *rule, size_t end);
void extract_k8s(struct finder *f, const struct rule *rule, size_t end);
void extract_percent(struct finder *f, const struct rule *rule, size_t end);
void extract_ansi(struct finder *f, const struct rule *rule, size_t end);
void extract_bytes(struct finder *f, const struct rule *rule, size_t end);
void extract_run(struct finder *f, size_t at);
void extract_pipe(struct finder *f, const struct rule *rule, size_t end);
/* A value behind a name [name, name_end) with nothing but a space, or the words of a sentence, before it at `at`. */
bool extract_prose(struct finder *f, const struct rule *rule, size_t name, size_t name_end, size_t at, enum key_kind kind);
void extract_command(struct finder *f, const struct rule *rule, size_t end);

/* Escapes as they stand in text. */
size_t ansi_sequence(const char *p, size_t n);
/* Of the ANSI sequence at p, in any spelling; 0. Asked of nearly every byte that is looked at. */
static inline size_t ansi_length(const char *p, size_t n)
{
	return n > 2 && (p[0] == '\x1b' || p[0] == '\\' || p[0] == '#' || p[0] == '^') ? ansi_sequence(p, n) : 0;
}
size_t ansi_before(const struct finder *f, size_t at);	   /* of the one that ends at `at` */
size_t escape_before(const struct finder *f, size_t at);   /* of \n, \u0022, %3D or ANSI that ends at `at` */
bool boundary_before(const struct finder *f, size_t at);   /* no word goes on before `at` */

/* Where the run of `set` that ends at `at` begins, escapes before it left out; at most max bytes back. */
size_t word_start(const struct finder *f, size_t at, enum char_flag set, size_t max);

/* A value as text has it: quoted at any depth of escaping, or bare. */
struct value {
	size_t from, to; /* without its quotes */
	bool quoted;
	struct buf text; /* unescaped; wiped by value_free */
};
/* Reads the value at `at`; false when there is none. */
bool value_read(const struct finder *f, size_t at, struct value *ret);
void value_free(struct value *v);
/* Adds the span of a value. */
void value_span(struct finder *f, enum secret_class class, const struct value *v);
/* Those of an Authorization header's value, and of cookies; v may end before the value does. */
void extract_header(struct finder *f, struct value *v);
void extract_cookies(struct finder *f, const struct value *v);

/* Does s stand at `at`, in any letter case? */
static inline bool at_is(const struct finder *f, size_t at, const char *s)
{
	size_t n = strlen(s);

	return f->hi >= at && f->hi - at >= n && strncasecmp(f->p + at, s, n) == 0;
}

#define _cleanup_value_ CLEANUP(value_free)

#endif
