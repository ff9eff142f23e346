/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_COLLECTION_REDACTION_H
#define LIFECYCLE_COLLECTION_REDACTION_H

#include "lifecycle/pseudonyms.h"
#include "lifecycle/session.h"

/*
 * What the redactor of a collection is told, and what it must still know when the collection goes on after a crash. In private/:
 *
 *	also-redact.words   a copy of --also-redact
 *	pseudonyms.jsonl    the map of --pseudonymize: that it is there says that it was asked for
 *	seen.sealed         the secret values that were met, for the gate: sealed with this host's local key, which lies in its
 *	                    key directory, so that an evidence directory which is copied away does not tell them. Kept from the
 *	                    end of gathering until the bundle is signed, or the quarantine undone.
 */
struct collection_redaction {
	struct redactor *redactor; /* the capture's */
	const char *dir;	   /* the collection's */
	const struct session *session;
	int privatefd;
	struct pseudonyms names;
	char *names_path;
	bool pseudonyms; /* who holds this struct for good lets `names` watch the redactor */
};

/* Before the first payload: rules, words and pseudonyms, of the command line and of an earlier run. What was seen and
 * cannot be opened is said, and costs no evidence. */
int collection_redaction_open(struct collection_redaction *c, const struct cli *cli, struct err *err);
/* Keeps what a later run must know. */
int collection_redaction_keep(struct collection_redaction *c, struct err *err);
/* The map on disk, before the tokens are in a bundle. */
int collection_redaction_save(struct collection_redaction *c, struct err *err);
/* The bundle is made: what was seen needs not be known any more. */
void collection_redaction_forget(struct collection_redaction *c);
/* The same for a collection that is not open: private/ of dir. */
void collection_redaction_forget_in(const char *dir);
void collection_redaction_free(struct collection_redaction *c);

#endif
