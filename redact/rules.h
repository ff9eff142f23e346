/* SPDX-License-Identifier: MIT */
#ifndef REDACT_RULES_H
#define REDACT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "redact/class.h"

/*
 * The rules of the text stage, one row each; `yes` and `no` are documentation and unit test.
 *
 * A trigger is a literal: all of them are looked for at once, at memory speed, and only where one
 * ends does the extractor of its kind look closer. Triggers may therefore be cheap to believe in and
 * common words: it is the extractor that decides.
 */
enum rule_kind {
	RULE_PREFIX, /* trigger, then at least `min` characters of `chars`; all there are of them are taken.
		      * A trigger that ends in a slash or in ">" is not secret itself and stays. */
	RULE_KEY,    /* a word in a name; the name and its value are judged by keyname.h and value.h */
	RULE_URL,    /* "://": user:password@ */
	RULE_USERINFO, /* "@": user:password before it and a host behind */
	RULE_DSN,    /* "@tcp(": user:password before it */
	RULE_PEM,    /* "-----BEGIN ": private keys, to END or the end of the base64 */
	RULE_PEM_END, /* "-----END ": what stands before it of a private key whose beginning is not there */
	RULE_SCHEME, /* "Bearer ": a credential without its header */
	RULE_JWT,    /* "eyJ": three dotted parts, or an encrypted five */
	RULE_CRYPT,  /* "$6$": a password hash */
	RULE_BOT,    /* ":AA": like PREFIX, but at least eight letters or digits stand before the trigger */
	RULE_COMMAND, /* "curl ": the words after it are judged as its arguments */
	RULE_PIPE,   /* "sudo -S": what echo writes into it, or <<< gives it */
	RULE_ENCODED, /* "%3D": the word is judged percent-decoded */
	RULE_SQL,    /* "identified by": a quoted value */
	RULE_PGPASS, /* ":5432:" and ":*:": host:port:database:user:password lines */
	RULE_NIXKEY, /* not a trigger of its own: a name, a colon and 64 bytes in base64 */
	RULE_K8S,    /* "kind: Secret": every value under data and stringData */
	RULE_DATACENTRE, /* "-us": 32 hexadecimal digits before it, a number behind */
	RULE_PPK,    /* "Private-Lines: ": PuTTY's, so many lines of base64 */
	RULE_JWK,    /* "kty": the private members of the same object */
	RULE_INSERT, /* "insert into": the values of columns whose names say what they are */
	RULE_STATEMENT, /* "AUTH ": of a line protocol, its last word */
	RULE_SEND,   /* "send ": what expect types */
	RULE_BUNDLE, /* "BUNDLE_": user:password for a host that the name spells */
	RULE_MINISIGN, /* "secret key": an untrusted comment, and the key on the next line */
	RULE_ANSI, /* colour inside a word: its line is judged without colours */
	RULE_BYTES, /* "\"MESSAGE\":[": text as an array of numbers */
	RULE_RUN,    /* not a trigger: a run of base64, found by its own search */
};

enum rule_chars {
	CHARS_ALNUM = 1, /* A-Za-z0-9 */
	CHARS_WORD,	 /* and _ */
	CHARS_SLUG,	 /* and - */
	CHARS_DOTTED,	 /* and . */
	CHARS_HEX,
	CHARS_UPPER, /* A-Z0-9 */
	CHARS_BASE64, /* alphanumeric + / = _ - */
	CHARS_PATH,  /* what a URL's path and query hold */
};
bool rule_char(enum rule_chars set, unsigned char c);

struct rule {
	const char *name;
	enum secret_class class;
	enum rule_kind kind;
	const char *trigger;
	bool caseless;
	enum rule_chars chars;
	unsigned short min;
	bool (*check)(const char *s, size_t n); /* of the characters after the trigger; NULL: they are enough */
	const char *yes; /* the secret between << and >> */
	const char *no;
};
extern const struct rule rules[];
extern const size_t rules_count;

/* The provider whose token the whole of s is; CLASS_NONE if none's. */
enum secret_class rules_shape(const char *s, size_t n);

#endif
