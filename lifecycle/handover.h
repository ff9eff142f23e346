/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_HANDOVER_H
#define LIFECYCLE_HANDOVER_H

#include <jansson.h>

#include "bundle/hands.h"
#include "bundle/seal.h"
#include "lifecycle/bundle_arg.h"

/* What the verbs of the hand-over (seal, open, attach, custody, verify) have in common. */

/* Appends to FILE.custody.jsonl that the caller did `action`, signed with the host's key (made on first use). */
int handover_note(const struct session *s, const char *file, const char *action, const char *case_id, const char *detail, struct err *err);

/*
 * The chain beside a file, for verify: 0 also when there is none (*ret is then empty). -ERR_TRUST: it does not
 * hold, and ret has the lines up to where.
 */
int handover_chain(const char *file, const struct trust *t, struct hands *ret, struct err *err);
void handover_print_chain(const struct cli *cli, const struct hands *h);
json_t *handover_chain_json(const struct hands *h);

/* Where the signature of the bundle inside FILE.age is, if it was sent along: FILE.minisig. Caller frees. */
char *handover_inner_signature(const char *sealed);

/* A sealed bundle's own layer, for verify: who vouches for it (as far as anybody does), how many can open it,
 * and with --identity or --passphrase what is in it. */
int cmd_bundle_verify_sealed(struct cli *cli, struct session *s, struct bundle_arg *b, const char *path, struct err *err);

/* -i and --passphrase of a command line. Free with handover_with_free. */
struct handover_with {
	struct seal_with with;
	char *passphrase;
};
/*
 * What --passphrase names: "ask" is a prompt on the terminal (twice for one that is new), the rest secret_load's.
 * NULL with err. Free with secret_free.
 */
char *handover_passphrase(const char *spec, const char *file, bool is_new, struct err *err);
/* path is the sealed file: when neither is given and it opens with a passphrase, that is asked for. */
int handover_with_load(const struct cli *cli, const char *path, struct handover_with *ret, struct err *err);
void handover_with_free(struct handover_with *w);
#define _cleanup_with_ CLEANUP(handover_with_free)

#define OPTION_IDENTITY                                                                                                   \
	{                                                                                                                 \
		"identity", 'i', "FILE", "secret keys (AGE-SECRET-KEY-1…) to open it with", true                          \
	}
#define OPTION_PASSPHRASE                                                                                                 \
	{                                                                                                                 \
		"passphrase", 0, "ask|env:NAME|file:PATH", "where the passphrase is: asked for on the terminal, or there", false \
	}
#define OPTION_CASE                                                                                                       \
	{                                                                                                                 \
		"case", 0, "ID", "the case (INC-1234), for the chain of custody", false                                              \
	}
#define OPTION_NOTE                                                                                                       \
	{                                                                                                                 \
		"note", 0, "TEXT", "words for the chain of custody, redacted", false                                                \
	}

#endif
