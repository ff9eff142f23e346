/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_REDACTION_H
#define LIFECYCLE_REDACTION_H

#include "lifecycle/session.h"
#include "redact/redact.h"

/*
 * What this host's operator adds to the built-in rules: redact.d/NAME.json in /etc/sourceos and ~/.config/sourceos, in the
 * order of their names, and what a command line says. A rule that does not hold is an error and not passed over: what it
 * was to keep on the host would leave it.
 */

/* The rules of redact.d. A file there that others may write is -ERR_TRUST. */
int redaction_rules(const struct session *s, struct redactor *r, struct err *err);

#define WORDS_MAX (4u << 20) /* bytes of them */
/* The words of --also-redact, if it was given. ret_text (may be NULL) gets the file's bytes, for a later run. */
int redaction_words(const struct cli *cli, struct redactor *r, struct buf *ret_text, struct err *err);

/* Host names, users and addresses of this host become pseudonyms. */
int redaction_pseudonymize(const struct session *s, struct redactor *r, struct err *err);

/* The options that redaction reads; a verb's list holds them. */
#define OPTION_ALSO_REDACT                                                                                                \
	{                                                                                                                 \
		"also-redact", 0, "FILE", "words, one a line, that are never to leave this host", false                    \
	}
#define OPTION_PSEUDONYMIZE                                                                                               \
	{                                                                                                                 \
		"pseudonymize", 0, NULL, "replace names of hosts and users, and addresses, too; 'translate' turns them back", false \
	}

#endif
