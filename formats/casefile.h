/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_CASEFILE_H
#define FORMATS_CASEFILE_H

#include "formats/finding.h"
#include "formats/manifest.h"

/*
 * What one bundle says, ready to be told: as a page (page.h), as a summary (brief.h), against another
 * bundle (facts). Text is as the evidence has it; whoever writes it out makes it harmless.
 */

/* One line of what is so: layer "service", name "Restart", value "always". The order is the order of telling. */
struct fact {
	char *layer;
	char *name;
	char *value;
};
struct facts {
	struct fact *v;
	size_t n;
};
void facts_free(struct facts *f);
#define _cleanup_facts_ CLEANUP(facts_free)
/* Made fit for a terminal. Nothing is added for a NULL or empty value; one longer than FACT_VALUE_MAX is cut. */
#define FACT_VALUE_MAX 2000
void facts_add(struct facts *f, const char *layer, const char *name, const char *value);
void facts_addf(struct facts *f, const char *layer, const char *name, const char *fmt, ...) __attribute__((format(printf, 4, 5)));
const char *facts_get(const struct facts *f, const char *layer, const char *name); /* the first; NULL */

/*
 * What changed from a to b, calling back for each in a's order, then b's: before or after is NULL when the fact
 * is only in the other. Facts of one layer and name are compared as a list in order of value. Redaction tokens,
 * which differ from bundle to bundle, count as equal to each other. Returns how many changed.
 */
size_t facts_diff(const struct facts *a, const struct facts *b,
	void (*change)(void *ctx, const char *layer, const char *name, const char *before, const char *after), void *ctx);

/* One act of custody: from custody.jsonl in the bundle, or a hand beside it. */
struct case_act {
	uint64_t time_us;
	char *action, *actor, *detail;
	char *proof; /* "in the bundle", "signed, trusted as the-mac", "signed with a key that is not trusted here"; NULL */
	int exit;
};

struct casefile {
	/* borrowed */
	const struct manifest *manifest;
	const struct findings *findings;
	/* its own */
	char *os;	  /* NULL: unknown */
	char *service;	  /* unit or label */
	struct facts facts;
	uint64_t *starts; /* times, in order */
	size_t n_starts;
	struct case_act *acts;
	size_t n_acts;
	char *signer;	  /* trusted as; NULL: nobody trusted signed it, or it is not signed yet */
	char *key_id;
	char *public_key; /* the trusted key's text; NULL as signer is */
	char *file;	  /* the bundle's name; NULL: the page lies in the bundle itself, and links to its neighbours */
	char sha256[65];  /* of the bundle; "" within it */
};
void casefile_free(struct casefile *c); /* frees what is its own */
#define _cleanup_casefile_ CLEANUP(casefile_free)
void casefile_add_act(struct casefile *c, uint64_t time_us, const char *action, const char *actor, const char *detail, const char *proof,
	int exit);

/* The failure that explains most others: the one that most checks wait for, else the first. NULL when nothing fails. */
const struct finding *casefile_root(const struct casefile *c);
/* "214 starts in 2 h 10 min, 98 an hour"; NULL when fewer than two are known. Caller frees. */
char *casefile_rate(const struct casefile *c);

/* Appends the text with markup and control characters made harmless, for HTML between tags and in quoted attributes. */
void casefile_add_html(struct buf *b, const char *s);

/* report.html: one page, without scripts, that needs nothing from elsewhere. */
void casefile_add_page(struct buf *b, const struct casefile *c);
extern const char casefile_css[];	 /* its style sheet, for the test of… */
extern const char casefile_css_sha256[]; /* …this: its hash in base64, which the page's policy names */

/* The summary to paste into a ticket, plain or Markdown, at most CASE_BRIEF_MAX bytes. */
#define CASE_BRIEF_MAX 6000
void casefile_add_brief(struct buf *b, const struct casefile *c, bool markdown);

#endif
