/* SPDX-License-Identifier: MIT */
#ifndef REDACT_REDACT_H
#define REDACT_REDACT_H

#include "formats/record.h"

/*
 * Records become clean records here and nowhere else: struct clean_record has no other maker, and
 * a bundle takes nothing else, so an unredacted bundle does not compile.
 *
 * Payloads stream: raw chunks in, clean chunks out to a spool that the bundle provides. What must be
 * seen whole to be judged (JSON, units, plists) is held up to REDACT_WHOLE_MAX and withheld whole
 * beyond it. An auth file that does not parse is withheld whole, never copied.
 */
#define REDACT_WHOLE_MAX (16u << 20)

/* Tokens: REDACTED_<class>_<8 hex>, keyed: equal secrets of one key get equal tokens, another key other ones. */
#define REDACT_KEY_BYTES 32

struct redactor;
struct redactor *redactor_new(const uint8_t key[REDACT_KEY_BYTES], struct err *err);
void redactor_free(struct redactor *r);
void redactor_freep(struct redactor **r);

/*
 * What an operator adds; all of it before the first payload. `where` names the file in errors.
 *
 * Rules, one redact.d file: {"rules": [
 *	{"class": "acme", "pattern": "acme_[A-Za-z0-9]{20,}", "caseless": false, "matches": ["…"], "misses": ["…"]},
 *	{"class": "acme", "key": "ACME_PIN"} ]}
 * A class is letters. Patterns are vectorscan's (PCRE without look-around and back-references). Examples
 * are tried: one that fails is an error, as is a key that is not known here.
 *
 * Words: one a line that is never to leave the host, in any letter case; # begins a comment line.
 */
int redactor_add_rules(struct redactor *r, const char *where, const void *json, size_t n, struct err *err);
int redactor_add_words(struct redactor *r, const char *where, const void *text, size_t n, struct err *err);

/* From now on these host and user names, and IP and MAC addresses, get tokens too (classes hostName,
 * userName, address). Which token stands for what is told to redactor_watch: the map is the caller's. */
int redactor_pseudonymize(struct redactor *r, char *const *hosts, char *const *users, struct err *err);

/* Called with every secret that is replaced: how `reveal` learns what a token stands for. The value is
 * valid during the call and must not be kept. NULL ends it. */
typedef void redact_on_secret(void *context, const char *token, const char *class, const void *value, size_t n);
void redactor_watch(struct redactor *r, redact_on_secret *fn, void *context);

/* Where clean bytes go. open returns a handle or NULL (then everything of it is dropped and the
 * record says FAILED). close makes them durable or says why not. */
struct spool {
	void *(*open)(struct spool *s, const struct probe *p, enum stream stream);
	int (*write)(struct spool *s, void *handle, const void *p, size_t n);
	int (*close)(struct spool *s, void *handle, struct err *err);
};

struct redact_job;
struct redact_job *redact_begin(struct redactor *r, const struct probe *p, struct spool *spool);
void redact_chunk(struct redact_job *j, enum stream stream, const void *p, size_t n);
/* Ends the job, which is freed. rec is copied, its reason and link cleaned as well. */
struct clean_record *redact_end(struct redact_job *j, const struct record *rec);

struct redact_count {
	const char *class; /* "registryAuth", "privateKey"…: the rule table's names */
	uint64_t count;
};
const struct probe *clean_probe(const struct clean_record *c);	 /* argv, env, path cleaned too */
const struct record *clean_rec(const struct clean_record *c);
const struct redact_count *clean_counts(const struct clean_record *c, size_t *n);
bool clean_withheld(const struct clean_record *c); /* the payload was withheld whole */
void clean_record_free(struct clean_record *c);
void clean_record_freep(struct clean_record **c);

/* The same engine on bytes in memory: documents that we write ourselves, what goes to a screen.
 * Appends to out. Counts are added to the redactor's totals. */
void redact_bytes(struct redactor *r, enum payload_class class, const void *p, size_t n, struct buf *out);

/* Totals per class over everything this redactor has cleaned. */
const struct redact_count *redactor_totals(const struct redactor *r, size_t *n);

/* The gate: searches p for any secret value that this redactor has replaced (raw, base64 at three offsets, URL-encoded,
 * JSON-escaped). Feed a file in chunks; 1 on a hit, with its class and offset, 0 if clean. */
struct redact_gate;
struct redact_gate *redact_gate_new(struct redactor *r);
int redact_gate_feed(struct redact_gate *g, const void *p, size_t n, const char **ret_class, uint64_t *ret_offset);
void redact_gate_reset(struct redact_gate *g); /* another file begins */
void redact_gate_free(struct redact_gate *g);

/* Replaces what the gate finds: for a payload that was cleaned before another one taught us a value of it.
 * Appends to out; the tail is kept back until `last`. Reset in between files. */
void redact_gate_scrub(struct redact_gate *g, const void *p, size_t n, bool last, struct buf *out);

/* The class of a payload that no probe names, from its file's name and its first bytes. Never AUTH's
 * leniency: what is called like an auth file is one. */
enum payload_class redact_sniff(const char *name, const void *head, size_t n);

/*
 * What the gate knows, for a capture that is interrupted and goes on in another process: the values that were seen, sealed
 * (XSalsa20-Poly1305) with a key that is kept elsewhere. -ERR_TRUST: another key, or damaged; -ERR_SYNTAX: not such a list.
 */
void redactor_seal_seen(const struct redactor *r, const uint8_t key[REDACT_KEY_BYTES], struct buf *out);
int redactor_open_seen(struct redactor *r, const uint8_t key[REDACT_KEY_BYTES], const void *p, size_t n, struct err *err);

/* True when values had to be dropped because they would not fit into the gate's memory. */
bool redactor_gate_is_partial(const struct redactor *r);

#endif
