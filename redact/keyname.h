/* SPDX-License-Identifier: MIT */
#ifndef REDACT_KEYNAME_H
#define REDACT_KEYNAME_H

#include <stddef.h>

/*
 * What a name (JSON key, variable, option, header) says about its value. Names are split into words
 * at punctuation and at a change to upper case; case does not matter: DB_PASSWORD, dbPassword,
 * db-password and "db password" are one name.
 */
enum key_kind {
	KEY_NONE,   /* nothing secret, or a name that only sounds so: token_type, MAX_TOKENS, GPG_KEY, *_FILE */
	KEY_WEAK,   /* a secret when the value looks like one: "key", "sig", "salt", STRIPE_KEY */
	KEY_MEDIUM, /* a secret unless the value is plainly not: "token", "pass", "auth" */
	KEY_STRONG, /* a secret whatever the value: "password", "client_secret", "api_key" */
	KEY_HEADER, /* Authorization and its like: a scheme, then the credential */
	KEY_COOKIE,
};

enum key_kind key_kind(const char *name, size_t n);

#endif
