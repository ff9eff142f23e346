/* SPDX-License-Identifier: MIT */
#ifndef REDACT_ENGINE_H
#define REDACT_ENGINE_H

#include "formats/buf.h"
#include "redact/class.h"
#include "redact/extra.h"
#include "redact/keyname.h"
#include "redact/redact.h"
#include "redact/scan.h"
#include "redact/span.h"
#include "redact/vault.h"

/* What the files of redact/ share. */
#define TOKEN_MAX 64
#define CLASS_NAME_MAX 32

/* Names come again and again; what key_kind says of them is remembered. */
#define NAMES_CACHED 512
struct name_cached {
	unsigned char n, kind;
	char name[46];
};

struct redactor {
	uint8_t key[REDACT_KEY_BYTES];
	struct scanner *scanner;
	struct vault *vault;
	struct tally totals;
	struct redact_count counts[CLASSES]; /* the last redactor_totals */
	struct extra *extra; /* NULL until something is added */
	char **extra_keys;   /* names whose values an operator's rule wants gone */
	char operator_classes[CLASSES - CLASS_OPERATOR][CLASS_NAME_MAX];
	struct name_cached names[NAMES_CACHED];
	redact_on_secret *on_secret;
	void *on_secret_context;
};

/* Makes the token of a secret, counts it in tally (may be NULL) and the totals, remembers it for the gate. */
void secret_token(struct redactor *r, struct tally *tally, enum secret_class class, const void *value, size_t n,
	char ret[TOKEN_MAX]);
/* For the gate alone: a value that is known before it was met. */
void secret_remember(struct redactor *r, enum secret_class class, const void *value, size_t n);
const char *redactor_class_name(const struct redactor *r, enum secret_class class);
/* Lists what is not 0; returns how many. counts has CLASSES elements. */
size_t tally_list(const struct redactor *r, const struct tally *t, struct redact_count *counts);

/* Appends p with its (merged) spans replaced. */
void spans_apply(struct redactor *r, struct tally *tally, const struct spans *s, const char *p, size_t n, struct buf *out);

/* key_kind, remembered. */
enum key_kind redactor_key_kind(struct redactor *r, const char *name, size_t n);

/* How deep text in text in text is followed: JSON in strings, base64, percent-encoding. */
#define DEPTH_MAX 4

/* Secrets in n bytes of text. */
void find_text(struct redactor *r, const char *p, size_t n, int depth, struct spans *out);

/* The structural redactors: spans of the original bytes; those that say so cover the text stage too. */
int find_json(struct redactor *r, const char *p, size_t n, int depth, enum payload_class class, struct spans *out);
void find_unit(struct redactor *r, const char *p, size_t n, struct spans *out);
void find_show(struct redactor *r, const char *p, size_t n, struct spans *out);
void find_env(struct redactor *r, const char *p, size_t n, struct spans *out);
void find_script(struct redactor *r, const char *p, size_t n, struct spans *out);
void find_launchctl(struct redactor *r, const char *p, size_t n, struct spans *out);
void find_xml_plist(struct redactor *r, const char *p, size_t n, struct spans *out);

#endif
