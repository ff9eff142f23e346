/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_BUNDLE_ARG_H
#define LIFECYCLE_BUNDLE_ARG_H

#include "bundle/reader.h"
#include "lifecycle/session.h"

/* A bundle as a command line names it: FILE (with FILE.minisig beside it, or --signature), or an
 * evidence directory; whom to trust: the key directory, and -p. */
struct bundle_arg {
	struct bundle_args args;
	struct trust trust;
	bool directory;
};
int bundle_arg_open(const struct cli *cli, const struct session *s, const char *path, struct bundle_arg *ret, struct err *err);
/* The same for who reads what is inside: ERR_USAGE, with the command that opens it, when it is sealed. */
int bundle_arg_open_plain(const struct cli *cli, const struct session *s, const char *path, struct bundle_arg *ret, struct err *err);
void bundle_arg_close(struct bundle_arg *b);
#define _cleanup_bundle_arg_ CLEANUP(bundle_arg_close)

/* The options that it reads; a verb's list holds them. */
#define OPTION_TRUST_KEY                                                                                                  \
	{                                                                                                                 \
		"key", 'p', "KEY|FILE", "trust this public key as well: its text, or its file", true                      \
	}
#define OPTION_SIGNATURE                                                                                                  \
	{                                                                                                                 \
		"signature", 0, "FILE", "where the signature is (default: beside the bundle, .minisig)", false            \
	}
#define OPTION_UNVERIFIED                                                                                                 \
	{                                                                                                                 \
		"unverified", 0, NULL, "read it although no trusted key signed it; the hashes are checked nevertheless", false \
	}

#endif
