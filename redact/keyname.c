/* SPDX-License-Identifier: MIT */
#include "redact/keyname.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "formats/mem.h"

#define NAME_MAX_BYTES 128
#define WORDS_MAX 16

/* A name in lower case, as words and run together. */
struct name {
	char joined[NAME_MAX_BYTES + 1];
	size_t len;
	struct {
		const char *p;
		size_t n;
	} word[WORDS_MAX];
	size_t words;
};

static bool ends_in_digest(const struct name *k, size_t digits)
{
	const char *p = k->joined + k->len - digits;

	return p - k->joined >= 3 && (memcmp(p - 3, "sha", 3) == 0 || memcmp(p - 2, "md", 2) == 0 || memcmp(p - 3, "ase", 3) == 0);
}

static void name_split(struct name *k, const char *s, size_t n)
{
	bool fresh = true;

	/* the end of a name says most */
	if (n > NAME_MAX_BYTES) {
		s += n - NAME_MAX_BYTES;
		n = NAME_MAX_BYTES;
	}
	k->len = k->words = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (!isalnum(c)) {
			fresh = true;
			continue;
		}
		/* fooBar, and the last capital of FOOBar */
		if (i && isupper(c) && (islower((unsigned char)s[i - 1]) || (i + 1 < n && islower((unsigned char)s[i + 1]))))
			fresh = true;
		if (fresh && k->words < WORDS_MAX) {
			k->word[k->words].p = k->joined + k->len;
			k->word[k->words++].n = 0;
		}
		fresh = false;
		k->joined[k->len++] = (char)tolower(c);
		k->word[k->words - 1].n++;
	}
	/* PASSWORD2, but not SHA256 */
	if (k->words && isalpha((unsigned char)k->word[k->words - 1].p[0])) {
		size_t last = k->words - 1, digits = 0;
		while (isdigit((unsigned char)k->joined[k->len - 1 - digits]))
			digits++;
		if (digits <= 2 && k->word[last].n - digits >= 3 && digits < k->word[last].n && !ends_in_digest(k, digits)) {
			k->word[last].n -= digits;
			k->len -= digits;
		}
	}
	k->joined[k->len] = '\0';
}

static bool word_is(const struct name *k, size_t i, const char *w)
{
	return i < k->words && k->word[i].p[0] == w[0] && strncmp(k->word[i].p, w, k->word[i].n) == 0 && !w[k->word[i].n];
}

static bool word_in(const struct name *k, size_t i, const char *const *list)
{
	char first = i < k->words ? k->word[i].p[0] : '\0';

	for (; *list; list++)
		if (**list == first && word_is(k, i, *list))
			return true;
	return false;
}

static bool has_word(const struct name *k, const char *w)
{
	for (size_t i = 0; i < k->words; i++)
		if (word_is(k, i, w))
			return true;
	return false;
}

static bool ends_with(const struct name *k, const char *s)
{
	size_t n = strlen(s);

	return k->len >= n && memcmp(k->joined + k->len - n, s, n) == 0;
}

/* The last word tells of the secret instead of being it. */
static const char *const about[] = { "file", "files", "path", "dir", "directory", "sha1", "sha256", "sha512", "md5",
	"checksum", "digest", "fingerprint", "type", "types", "uri", "url", "urls", "endpoint", "name", "names", "ttl",
	"expiry", "expires", "expiration", "expire", "expired", "in", "at", "count", "counts", "length", "len", "size",
	"limit", "limits", "max", "min", "policy", "policies", "enabled", "disabled", "required", "optional", "algorithm",
	"alg", "algo", "method", "mode", "provider", "helper", "helpers", "store", "version", "format", "field", "header",
	"prefix", "suffix", "timeout", "sock", "socket", "status", "state", "age", "date", "time", "rotation", "issuer",
	"scope", "scopes", "usage", "budget", "label", "manager", "agent", "service", "ref", "stdin", "prompt", "command",
	"cmd", "env", "index", "bits", "curve", "error", "errors", "failed", "failures", "attempts", "rate", "used",
	"total", "remaining", "validator", "strength", "host", "port", "user", "username", "rounds", "iterations",
	"changed", "last", "set", "created", "updated", "audience", "server", "realm", "authority", "driver", "options",
	"opts", "source", "valid", "invalid", "supported", "allowed", "exists", "present", "missing", "ok", "hint",
	"verify", "verified", "ids", "plugin", "plugins", "engine", "backend", "module", "context", "event", "action",
	"reset", "lookup", "check", "found", "id", "encryption", "description", "desc",
	/* password.go:12 */ "go", "py", "rb", "js", "ts", "rs", "kt", "php", "java", "cs", "log", "txt", "md", NULL };

/* And so may the word before the last: MAX_TOKENS, primary_key, GPG_KEY, has_password. */
static const char *const not_keys[] = { "public", "primary", "foreign", "gpg", "pgp", "sort", "partition", "cache",
	"routing", "idempotency", "trusted", "unique", "object", "map", "host", "row", "group", "dict", "hot", "index",
	"composite", "natural", "surrogate", "candidate", "known", "pub", "publishable", "missing", "duplicate", "lookup",
	"bucket", "registry", "metric", "config", "no", "s3", "by", "range", "dedup", "join", "label", "tag", "enter",
	"return", "escape", "arrow", "function", "verifying", "verify", NULL };
static const char *const not_tokens[] = { "max", "min", "num", "total", "prompt", "completion", "input", "output", "cached",
	"reasoning", "per", "count", "next", "page", "continuation", "pagination", "sync", "eos", "bos", "pad", NULL };
static const char *const not_any[] = { "has", "is", "use", "uses", "require", "requires", "no", "allow", "enable",
	"disable", "skip", "show", "with", "without", "missing", "need", "needs", NULL };

static const char *const strong_words[] = { "password", "passwords", "passwd", "passphrase", "passwort", "pwd", "secret",
	"secrets", "credential", "credentials", "creds", "apikey", "pgpassword", "passcode", NULL };
static const char *const strong_parts[] = { "password", "passwd", "passphrase", "apikey", "secretkey", "privatekey",
	"clientsecret", "accesstoken", "refreshtoken", "authtoken", "identitytoken", "registrytoken", "sessiontoken",
	"secretaccesskey", "accountkey", "sharedaccesskey", "accesskey", "idtoken", "bearertoken", "oauthtoken",
	"connectionstring", "presharedkey", "masterkey", "signingkey", "encryptionkey", "clientkeydata", "deploykey",
	"dockerauthconfig", "sharedkey", "authident", "requirepass", "masterauth", "amzsignature", "googsignature", "storepass",
	"keypass", "psksecret", "wpapassphrase", "unsealkey", "walletseed", "authkey", "erlangcookie", "appkey", "licensekey", "bindpw", "rootpw", "securitytoken", "vaulttoken", "webhooksecret",
	NULL };
static const char *const key_kinds[] = { "api", "access", "secret", "private", "encryption", "signing", "master", "shared",
	"account", "storage", "license", "session", "server", "deploy", "service", "admin", "root", "write", "hmac",
	"crypto", "cipher", "decryption", "preshared", "subscription", "app", "application", "auth", "aes", "jwt",
	"cookie", "sas", "unlock", "unseal", "recovery", "webhook", "integration", "ingest", "instrumentation", NULL };
static const char *const medium_words[] = { "token", "pass", "auth", "jwt", "otp", "totp", "pin", "sas", "passw", "pw",
	"authtok", "mnemonic", "psk", "macaroon", NULL };
static const char *const weak_words[] = { "key", "keys", "sig", "signature", "salt", "seed", "session", "sid", "sessionid",
	"hash", "dsn", "tokens", "code", "nonce", "csrf", "xsrf", NULL };
static const char *const headers[] = { "authorization", "proxyauthorization", "xauthorization", "wwwauthenticate", NULL };

static bool joined_in(const struct name *k, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(k->joined, *list) == 0)
			return true;
	return false;
}

static bool joined_has(const struct name *k, const char *const *list)
{
	for (; *list; list++)
		if (strstr(k->joined, *list))
			return true;
	return false;
}

/* Names whose last word would acquit them, and which are secrets. */
static bool is_guilty_id(const struct name *k)
{
	return ends_with(k, "secretid") || ends_with(k, "accesskeyid") || ends_with(k, "sessionid") ||
	       ends_with(k, "connectionstring") || ends_with(k, "clientkeydata");
}

static bool is_about(const struct name *k)
{
	static const char *const run_together[] = { "authfile", "passwordfile", "keyfile", "tokenfile", "secretfile",
		"credentialsfile", "authsock", "publickey", "publickeys", "keyring", "keyboard", "primarykey", "foreignkey",
		"tokentype", "keyid", "keyname", "certificateauthority", "bypass", "compass", "keypair", "pullsecrets", "pullsecret", "secretsmanager", NULL };
	size_t last = k->words - 1;

	if (is_guilty_id(k))
		return false;
	/* LoadCredential=ID:PATH */
	static const char *const directives[] = { "load", "import", "condition", "assert", "pass", NULL };
	if (word_in(k, 0, directives) && (word_is(k, 1, "credential") || word_is(k, 1, "credentials")))
		return true;
	/* the name of a program */
	if (word_is(k, 0, "docker") && word_is(k, 1, "credential"))
		return true;
	if (word_in(k, last, about) && k->words > 1)
		return true;
	for (const char *const *p = run_together; *p; p++)
		if (ends_with(k, *p))
			return true;
	if (k->words < 2)
		return false;
	if (word_in(k, last - 1, not_any))
		return true;
	if (word_is(k, last, "key") || word_is(k, last, "keys"))
		return word_in(k, last - 1, not_keys);
	return (word_is(k, last, "token") || word_is(k, last, "tokens")) && word_in(k, last - 1, not_tokens);
}

enum key_kind key_kind(const char *s, size_t n)
{
	struct name k;

	name_split(&k, s, n);
	if (!k.words)
		return KEY_NONE;
	if (joined_in(&k, headers) || ends_with(&k, "httpauthorization") || ends_with(&k, "headerauthorization"))
		return KEY_HEADER;
	/* Erlang's are passwords; setcookie in one word is its option, Set-Cookie is two */
	if (ends_with(&k, "erlangcookie") || (k.words == 1 && ends_with(&k, "setcookie")))
		return KEY_STRONG;
	if (word_is(&k, k.words - 1, "cookie") || word_is(&k, k.words - 1, "cookies") || ends_with(&k, "setcookie"))
		return KEY_COOKIE;
	if (is_about(&k))
		return KEY_NONE;
	size_t last = k.words - 1;
	for (size_t i = 0; i < k.words; i++)
		if (word_in(&k, i, strong_words))
			return KEY_STRONG;
	if (joined_has(&k, strong_parts))
		return KEY_STRONG;
	if (last && (word_is(&k, last, "key") || word_is(&k, last, "keys")) && word_in(&k, last - 1, key_kinds))
		return KEY_STRONG;
	if (word_in(&k, last, medium_words) || ends_with(&k, "token") || ends_with(&k, "pass") || ends_with(&k, "pwd"))
		return KEY_MEDIUM;
	if (strstr(k.joined, "secret"))
		return KEY_MEDIUM;
	if (word_in(&k, last, weak_words) || has_word(&k, "token") || ends_with(&k, "key"))
		return KEY_WEAK;
	return KEY_NONE;
}
