/* SPDX-License-Identifier: MIT */
#include "redact/value.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "formats/mem.h"

size_t value_token(const char *s, size_t n)
{
	static const char head[] = "REDACTED_";
	size_t i = sizeof(head) - 1;

	if (n < i + 10 || memcmp(s, head, i) != 0)
		return 0;
	while (i < n && isalpha((unsigned char)s[i]))
		i++;
	if (i == sizeof(head) - 1 || i + 9 > n || s[i] != '_')
		return 0;
	for (size_t k = 1; k <= 8; k++)
		if (!isdigit((unsigned char)s[i + k]) && !(s[i + k] >= 'a' && s[i + k] <= 'f'))
			return 0;
	return i + 9;
}

/* "/root" and "~": one short word in small letters */
static bool is_short_path(const char *s, size_t n)
{
	size_t i = 1;

	if (n < 1 || n > 16 || (s[0] != '/' && s[0] != '~'))
		return false;
	while (i < n && islower((unsigned char)s[i]))
		i++;
	return i == n;
}

static bool is_any(const char *s, size_t n, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == n && strncasecmp(s, *list, n) == 0)
			return true;
	return false;
}

static bool is_one_char_repeated(const char *s, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (s[i] != s[0])
			return false;
	return n > 0 && strchr("*xX.-_#?", s[0]) != NULL;
}

/* $VAR, ${VAR}, $(cmd), %(name)s, {{ x }}, <placeholder>, `cmd`, %s: what stands for a value. */
static bool is_reference(const char *s, size_t n)
{
	/* a command's beginning, its word taken apart; env:NAME tells where it is */
	if ((n == 1 && s[0] == '$') || (n > 4 && strncmp(s, "env:", 4) == 0 && isupper((unsigned char)s[4])))
		return true;
	if (s[0] == '$' && n > 1) {
		/* a command, perhaps cut off by its first space */
		if (s[1] == '(')
			return true;
		if (s[1] == '{')
			return memchr(s, '}', n) == s + n - 1;
		size_t i = 1;
		while (i < n && (isalnum((unsigned char)s[i]) || s[i] == '_'))
			i++;
		return i == n && (isupper((unsigned char)s[1]) || islower((unsigned char)s[1])) && n < 64;
	}
	if (n >= 4 && ((s[0] == '{' && s[1] == '{') || (s[0] == '%' && (s[1] == '(' || s[1] == '{'))))
		return true;
	if (s[0] == '<' && s[n - 1] == '>')
		return true;
	if (s[0] == '`' || (s[0] == '%' && n == 2))
		return true;
	/* (sensitive value), (known after apply) */
	if (s[0] == '(' && n > 4) {
		size_t i = 1;
		while (i < n && (islower((unsigned char)s[i]) || s[i] == ' ' || s[i] == ')'))
			i++;
		return i == n;
	}
	/* !vault: a tag of YAML */
	if (s[0] == '!' && n > 3 && n < 16) {
		size_t i = 1;
		while (i < n && islower((unsigned char)s[i]))
			i++;
		return i == n;
	}
	if (s[0] == '[' && s[n - 1] == ']' && n < 24) {
		for (size_t i = 1; i + 1 < n; i++)
			if (!isalpha((unsigned char)s[i]) && s[i] != ' ' && s[i] != '-' && s[i] != '_')
				return false;
		return true;
	}
	return false;
}

/* A value that holds one of our tokens was judged before. */
static bool has_token(const char *s, size_t n)
{
	const char *end = s + n;

	for (; (s = memchr(s, 'R', (size_t)(end - s))); s++)
		if (value_token(s, (size_t)(end - s)))
			return true;
	return false;
}

bool value_is_empty(const char *s, size_t n)
{
	static const char *const nothing[] = { "true", "false", "null", "none", "nil", "undefined", "yes", "no", "on", "off",
		"0", "1", "redacted", "removed", "filtered", "masked", "hidden", "changeit", "n/a", "\"\"", "''", "{}",
		"[]", "(null)", "<nil>", "false,", "true,", "null,",
		/* passwd:amd64 is a package */ "amd64", "arm64", "i386", "armhf", "amd64.", "arm64.", "amd64)", "all", "any", "native",
		/* where passwd: looks */ "files", "compat", "systemd", "~", NULL };

	/* None), null}; : what ends a call or a list in source */
	size_t word = n;
	while (word > 1 && strchr("):,;]}", s[word - 1]))
		word--;
	return n == 0 || has_token(s, n) || (word < n && is_any(s, word, nothing)) || is_any(s, n, nothing) || is_one_char_repeated(s, n) || is_reference(s, n);
}

/* Base64 with slashes in it: a part of twelve or more letters of both cases and digits, and no sign. */
static bool has_random_part(const char *s, size_t n)
{
	for (size_t i = 0, from = 0; i <= n; i++) {
		if (i < n && s[i] != '/')
			continue;
		bool upper = false, lower = false, plain = true;
		for (size_t k = from; k < i; k++) {
			upper |= isupper((unsigned char)s[k]) != 0;
			lower |= islower((unsigned char)s[k]) != 0;
			plain &= isalnum((unsigned char)s[k]) || s[k] == '+' || s[k] == '=';
		}
		if (plain && upper && lower && i - from >= 12 && value_is_random(s + from, i - from))
			return true;
		from = i + 1;
	}
	return false;
}

bool value_is_path(const char *s, size_t n)
{
	size_t slashes = 0, seg = 0, longest = 0;

	if (n >= 5 && strncmp(s, "file:", 5) == 0)
		return true;
	size_t i = n >= 2 && (s[0] == '~' || s[0] == '.') && s[1] == '/' ? 1 : 0;
	if (n >= 3 && isalpha((unsigned char)s[0]) && s[1] == ':' && s[2] == '\\')
		return true;
	if (is_short_path(s, n))
		return true;
	if (i >= n || s[i] != '/' || (i + 1 < n && s[i + 1] == '/'))
		return false;
	for (; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == '/') {
			slashes++;
			seg = 0;
		} else if (isalnum(c) || strchr("._-@ %{}$", c)) {
			if (++seg > longest)
				longest = seg;
		} else {
			return false;
		}
	}
	/* base64 may begin with a slash and hold another, but not two with short words between */
	return slashes >= 2 ? longest < 40 && !has_random_part(s, n) : memchr(s, '.', n) != NULL;
}

bool value_is_number(const char *s, size_t n)
{
	size_t i = n && (s[0] == '-' || s[0] == '+') ? 1 : 0, digits = 0;

	for (; i < n; i++) {
		if (isdigit((unsigned char)s[i]))
			digits++;
		else if (s[i] != '.' && s[i] != ',')
			break;
	}
	/* 30s, 12ms, 5m, 80% */
	while (i < n && n - i <= 3 && (isalpha((unsigned char)s[i]) || s[i] == '%'))
		i++;
	return digits > 0 && i == n;
}

static size_t hex_run(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && isxdigit((unsigned char)s[i]))
		i++;
	return i;
}

bool value_is_id(const char *s, size_t n)
{
	static const char *const digests[] = { "sha256:", "sha512:", "sha1:", "md5:", "sha256-", "sha512-", "sha384-",
		"urn:", "arn:", "SHA256:", "S-1-5-", NULL };

	for (const char *const *p = digests; *p; p++)
		if (n > strlen(*p) && strncmp(s, *p, strlen(*p)) == 0)
			return true;
	if (n == 36 && s[8] == '-' && s[13] == '-' && s[18] == '-' && s[23] == '-')
		return true;
	if (n >= 8 && hex_run(s, n) == n)
		return true;
	/* 2026-11-24T06:50:03Z */
	return n >= 10 && isdigit((unsigned char)s[0]) && isdigit((unsigned char)s[3]) && s[4] == '-' && s[7] == '-';
}

bool value_is_random(const char *s, size_t n)
{
	size_t digit = 0, upper = 0, lower = 0, other = 0, turns = 0;
	int before = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		int kind = isdigit(c) ? 1 : isupper(c) ? 2 : islower(c) ? 3 : 4;
		digit += kind == 1;
		upper += kind == 2;
		lower += kind == 3;
		other += kind == 4;
		turns += before && kind != before;
		before = kind;
	}
	if (n < 12 || other * 4 > n || memchr(s, ' ', n))
		return false;
	return digit && (upper || lower) && turns * 6 >= n;
}

/* com.apple.x, user-agents/list: words with signs between, which machines give as names. */
static bool is_wordy(const char *s, size_t n)
{
	size_t words = 0, run = 0;
	bool letters = true;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && isalnum((unsigned char)s[i])) {
			letters &= islower((unsigned char)s[i]) != 0;
			run++;
			continue;
		}
		words += letters && run >= 3;
		run = 0;
		letters = true;
	}
	return words >= 2;
}

bool value_is_distinct(const char *s, size_t n)
{
	int lower = 0, upper = 0, digit = 0, other = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		if (isdigit(c))
			digit = 1;
		else if (isupper(c))
			upper = 1;
		else if (islower(c))
			lower = 1;
		else
			other = 1;
	}
	if (n < 6 || value_is_path(s, n) || value_is_number(s, n))
		return false;
	/* node-commander, my_db: names, however secret the variable they were in sounds */
	size_t plain = 0;
	for (size_t i = 0; i < n; i++)
		plain += islower((unsigned char)s[i]) || s[i] == '-' || s[i] == '_' || s[i] == '.' || s[i] == ' ';
	if (plain == n && n < 20)
		return false;
	return n >= 16 || lower + upper + digit + other >= (n >= 8 ? 2 : 3) || (digit && (lower || upper));
}

/* Words that stand after "password:" and "token:" in sentences and schemas. */
static bool is_prose(const char *s, size_t n)
{
	static const char *const words[] = { "required", "optional", "invalid", "incorrect", "expired", "missing", "failed",
		"failure", "denied", "empty", "set", "unset", "string", "str", "not", "is", "was", "are", "and", "or", "for",
		"must", "should", "cannot", "can", "could", "authentication", "mismatch", "changed", "updated", "reset", "ok",
		"unknown", "wrong", "bad", "error", "accepted", "rejected", "needed", "provided", "given", "found", "unable",
		"no", "the", "a", "an", "to", "from", "in", "with", "has", "does", "did", "will", "may", "unexpected",
		"malformed", "unauthorized", "forbidden", "user", "username", "enter", "please", "prompt", "refreshed",
		"rotated", "revoked", "created", "deleted", "read", "write", "loaded", "using", "used", "default", "disabled",
		"enabled", "auth", "token", "key", "login", "access", "bytes", "int", "object", "secretref", "external",
		"ambient", NULL };

	while (n && strchr(".,;:!?)", s[n - 1]))
		n--;
	return is_any(s, n, words);
}

static bool letters_only(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!islower((unsigned char)s[i]) && !(i == 0 && isupper((unsigned char)s[i])) && s[i] != '-' && s[i] != '_')
			return false;
	return true;
}

static bool is_dotted_name(const char *s, size_t n)
{
	size_t dots = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isalpha((unsigned char)s[i]) && s[i] != '_' && s[i] != '.')
			return false;
		dots += s[i] == '.';
	}
	return dots > 0 || isupper((unsigned char)s[0]);
}

bool value_is_secret(enum key_kind kind, enum value_place place, const char *s, size_t n)
{
	if (kind == KEY_NONE || value_is_empty(s, n))
		return false;
	if (kind == KEY_HEADER || kind == KEY_COOKIE)
		return true;
	if (kind == KEY_STRONG) {
		if (value_is_path(s, n) || (place == PLACE_PROSE && n > 7 && (strncmp(s, "http://", 7) == 0 || strncmp(s, "https://", 8) == 0)))
			return false;
		return place != PLACE_PROSE || !is_prose(s, n);
	}
	if (value_is_path(s, n) || (n > 7 && strncmp(s, "http", 4) == 0 && memmem(s, n, "://", 3)))
		return false;
	if (kind == KEY_MEDIUM) {
		if (value_is_number(s, n))
			return n >= 6;
		if (place == PLACE_FIELD)
			return !is_prose(s, n);
		if (place == PLACE_PROSE)
			return n >= 6 && !letters_only(s, n);
		/* token = Token.Keyword */
		if (place == PLACE_BARE && is_dotted_name(s, n))
			return false;
		return n >= 4 && !is_prose(s, n) && (n >= 6 || !letters_only(s, n));
	}
	return !value_is_number(s, n) && !value_is_id(s, n) && !is_wordy(s, n) && value_is_random(s, n);
}
