/* SPDX-License-Identifier: MIT */
#ifndef REDACT_CLASS_H
#define REDACT_CLASS_H

#include <stddef.h>

/*
 * What kind of secret something is. The name is what reports count; the label is what stands in the
 * token. A value that is a secret only because of its key or place (an environment variable, an
 * argument, the password in a URL) has one label, "secret", wherever it was met: one credential in
 * two places must give one token. Counted apart all the same.
 */
enum secret_class {
	CLASS_NONE,
	CLASS_REGISTRY_AUTH,  /* user and password in base64 */
	CLASS_REGISTRY_TOKEN, /* the rest of what such files hold; counted with the former */
	CLASS_URL,
	CLASS_ENVIRONMENT,
	CLASS_ARGUMENT,
	CLASS_KEYED,
	CLASS_DOTFILE,
	CLASS_PRIVATE_KEY,
	CLASS_KEY_FILE,
	CLASS_HTTP,
	CLASS_COOKIE,
	CLASS_JWT,
	CLASS_HASH,
	CLASS_SEED,
	CLASS_ENCODED,
	CLASS_AWS,
	CLASS_GOOGLE,
	CLASS_AZURE,
	CLASS_GITHUB,
	CLASS_GITLAB,
	CLASS_SLACK,
	CLASS_STRIPE,
	CLASS_NPM,
	CLASS_PYPI,
	CLASS_DOCKER,
	CLASS_OPENAI,
	CLASS_ANTHROPIC,
	CLASS_HUGGINGFACE,
	CLASS_TAILSCALE,
	CLASS_DIGITALOCEAN,
	CLASS_VAULT,
	CLASS_TELEGRAM,
	CLASS_SENDGRID,
	CLASS_TWILIO,
	CLASS_PROVIDER, /* the other providers: one class, the rule's name tells which */
	CLASS_WORD,	/* the operator's words */
	CLASS_WITHHELD, /* a payload that was withheld whole */
	CLASS_HOST,	/* pseudonyms */
	CLASS_USER,
	CLASS_ADDRESS,
	CLASS_OPERATOR, /* this and above: classes of the operator's rules */
	CLASSES = 96,
};

/* Both NULL for CLASS_OPERATOR and above: those names live in the redactor. */
const char *class_name(enum secret_class c);
const char *class_label(enum secret_class c);

/* How many of each were replaced. */
struct tally {
	size_t n[CLASSES];
};

#endif
