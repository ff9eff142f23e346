/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_FINDING_H
#define FORMATS_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * A finding is what one check says about one thing. Format: docs/formats/findings.md and
 * findings.schema.json there. Messages are one line, hold no secret (a check never quotes commands,
 * environments or log lines) and nothing that differs between a host and its bundle.
 */
enum verdict {
	VERDICT_OK,
	VERDICT_WARN,
	VERDICT_FAIL,
	VERDICT_BLOCKED,	/* a check it depends on failed: see blocked_by */
	VERDICT_UNKNOWN,	/* the evidence was not collected or could not be read. Never ok */
	VERDICT_NOT_APPLICABLE, /* other platform, other runtime, nothing of the kind is there */
	VERDICTS,
};
const char *verdict_name(enum verdict v); /* "ok", "warn", "fail", "blocked", "unknown", "not-applicable" */
int verdict_parse(const char *s, enum verdict *ret);
/* Of two, the one that a person must know first: fail, unknown, warn, blocked, ok, not-applicable. */
enum verdict verdict_worse(enum verdict a, enum verdict b);

struct finding {
	char *check;	  /* "PF-07" */
	char *title;	  /* of the check */
	enum verdict verdict;
	char *subject;	  /* agent, unit or file that it is about; NULL: the host */
	char *message;
	char *detail;	  /* further lines; NULL: none */
	char **evidence;  /* keys of the records it was read from */
	char *file;	  /* NULL: not of one place */
	unsigned line;	  /* 0: not of one line */
	char *blocked_by; /* id of the check that failed; NULL */
	char *remedy;	  /* a command to paste, NULL: none */
	char *hint;	  /* what to do, in words, where a command is not enough; NULL */
};

struct findings {
	struct finding **v; /* each stays where it is as the list grows */
	size_t n;
};
/* Adds one; the caller goes on to fill it by the functions below, which copy. Never NULL. */
struct finding *findings_add(struct findings *l, const char *check, enum verdict v);
void findings_free(struct findings *l);
#define _cleanup_findings_ CLEANUP(findings_free)
size_t findings_count(const struct findings *l, enum verdict v);
enum verdict findings_verdict(const struct findings *l); /* the worst; ok when there is none */
/* The first of that check, NULL when none. */
const struct finding *findings_find(const struct findings *l, const char *check);

/* Each returns f. Text is made safe for a terminal. */
struct finding *finding_say(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct finding *finding_detail(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3))); /* adds a line */
struct finding *finding_at(struct finding *f, const char *file, unsigned line);
struct finding *finding_cite(struct finding *f, const char *key); /* NULL and what is cited already are left out */
/* Of text_shell_printf(): each %s is one word of the command, quoted. */
struct finding *finding_remedy(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct finding *finding_remedy_made(struct finding *f, const char *command); /* of text_shell_printf() already */
struct finding *finding_hint(struct finding *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

json_t *finding_to_json(const struct finding *f);
json_t *findings_to_json(const struct findings *l); /* array, in order */
json_t *findings_counts(const struct findings *l);  /* {"ok":n,…}, every verdict */
int finding_from_json(const json_t *j, struct findings *l, struct err *err); /* appends */

#endif
