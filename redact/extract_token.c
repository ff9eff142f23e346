/* SPDX-License-Identifier: MIT */
/* Secrets that are known by their own shape: provider tokens, JWTs, password hashes, bare credentials. */
#include <ctype.h>
#include <sodium.h>
#include <string.h>

#include "redact/find.h"
#include "redact/value.h"

/* Walks over characters of a set, and over ANSI sequences between them; what was seen goes to text. */
static size_t run_forward(const struct finder *f, size_t at, enum rule_chars set, struct buf *text)
{
	size_t end = at;

	while (at < f->hi) {
		if (rule_char(set, (unsigned char)f->p[at])) {
			buf_addc(text, f->p[at++]);
			end = at;
			continue;
		}
		size_t k = ansi_length(f->p + at, f->hi - at);
		if (!k)
			break;
		at += k;
	}
	return end;
}

static void add_run(struct finder *f, size_t from, size_t to, enum secret_class class, const struct buf *text)
{
	struct span *s = spans_add(f->out, from, to, class, RANK_TEXT, text->data, text->len);

	if (to == f->hi && f->hi < f->n)
		s->open = OPEN_RUN;
}

/* KEYID:SECRET, KEYID,SECRET: forty characters right behind the id */
static void add_partner(struct finder *f, const struct rule *rule, size_t at)
{
	size_t to = at + 1;

	if (at >= f->hi || (f->p[at] != ':' && f->p[at] != ','))
		return;
	while (to < f->hi && (isalnum((unsigned char)f->p[to]) || f->p[to] == '+' || f->p[to] == '/'))
		to++;
	if (to - at == 41)
		spans_add(f->out, at + 1, to, rule->class, RANK_TEXT, f->p + at + 1, 40);
}

void extract_prefix(struct finder *f, const struct rule *rule, size_t end)
{
	size_t len = strlen(rule->trigger), start = end - len, skip = len;
	struct buf text = { 0 };

	if (rule->kind == RULE_BOT) {
		start = word_start(f, start, CHAR_ALNUM, 64);
		if (end - len - start < 8)
			return;
	}
	if (isalnum((unsigned char)f->p[start]) && !boundary_before(f, start))
		return;
	/* https://hooks…/services/SECRET: where it is says nothing */
	if (rule->trigger[len - 1] == '/' || rule->trigger[len - 1] == '>') {
		start = end;
		skip = 0;
	}
	buf_add(&text, f->p + start, end - start);
	skip = text.len;
	size_t to = run_forward(f, end, rule->chars, &text);
	/* a full stop or comma after it is the sentence's */
	while (to > end && text.len > skip && (rule->chars == CHARS_DOTTED || rule->chars == CHARS_PATH) &&
		strchr(".,;:!?)&", f->p[to - 1])) {
		to--;
		text.len--;
	}
	if (text.len - skip >= rule->min && (!rule->check || rule->check(text.data + skip, text.len - skip)) &&
		!value_token(text.data, text.len))
		add_run(f, start, to, rule->class, &text);
	if (rule->class == CLASS_AWS)
		add_partner(f, rule, to);
	buf_wipe(&text);
}

/* Mailchimp: 32 hexadecimal digits, and which of its data centres: -us12 */
void extract_datacentre(struct finder *f, const struct rule *rule, size_t end)
{
	size_t dash = end - strlen(rule->trigger), start = word_start(f, dash, CHAR_HEX, 64), to = end;

	while (to < f->hi && to - end < 3 && isdigit((unsigned char)f->p[to]))
		to++;
	if (dash - start == 32 && to > end && boundary_before(f, start))
		spans_add(f->out, start, to, rule->class, RANK_TEXT, f->p + start, to - start);
}

void extract_jwt(struct finder *f, const struct rule *rule, size_t end)
{
	struct buf text = { 0 };
	size_t start = end - 3, dots = 0;

	if (!boundary_before(f, start))
		return;
	size_t to = run_forward(f, start, CHARS_DOTTED, &text);
	while (to > start && text.len && text.data[text.len - 1] == '.' && f->p[to - 1] == '.' && text.len > 1 &&
		text.data[text.len - 2] == '.') {
		to--;
		text.len--;
	}
	for (size_t i = 0; i < text.len; i++)
		dots += text.data[i] == '.';
	/* header.payload.signature; the signature may be empty or cut off by whoever logged it */
	if (dots >= 1 && text.len >= 24 && strchr(text.data, '.') - text.data >= 8 &&
		(dots >= 2 || strncmp(strchr(text.data, '.') + 1, "eyJ", 3) == 0 || (to == f->hi && f->hi < f->n)))
		add_run(f, start, to, rule->class, &text);
	buf_wipe(&text);
}

static bool is_crypt_char(unsigned char c)
{
	return isalnum(c) || (c && strchr("./$,=+-", c));
}

void extract_crypt(struct finder *f, const struct rule *rule, size_t end)
{
	size_t start = end - strlen(rule->trigger), to = end, dollars = 0;

	/* SCRAM has a colon between its two keys */
	while (to < f->hi && (is_crypt_char((unsigned char)f->p[to]) || (f->p[to] == ':' && rule->trigger[0] == 'S') ||
		(rule->trigger[0] == '{' && f->p[to] == '}') || (f->p[to] == '\\' && to + 1 < f->hi && f->p[to + 1] == '$')))
		dollars += f->p[to++] == '$';
	/* the salt and what comes of it are 22 characters in the shortest, MD5; bcrypt, phpass, GRUB and LDAP have no further dollar */
	if (to - end < 22 || (dollars == 0 && !strchr("2PrS", rule->trigger[1])) || (start > f->lo && isalnum((unsigned char)f->p[start - 1]) &&
		!escape_before(f, start)))
		return;
	while (to > end && strchr(",.", f->p[to - 1]) && f->p[to - 1] == ',')
		to--;
	spans_add(f->out, start, to, rule->class, RANK_TEXT, f->p + start, to - start);
}

static bool is_credential_char(unsigned char c)
{
	return isalnum(c) || (c && strchr("-._~+/=", c));
}

/* user:password in base64, the user of printable characters? */
static bool is_basic(const char *s, size_t n)
{
	unsigned char out[512];
	size_t len = 0;
	const char *end;

	if (n > 600 || n < 4)
		return false;
	sodium_base642bin(out, sizeof(out), s, n, NULL, &len, &end,
		sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	unsigned char *colon = memchr(out, ':', len);
	bool ok = colon != NULL && len > 2;
	for (unsigned char *c = out; ok && c < colon; c++)
		ok = *c >= 0x20 && *c < 0x7f;
	sodium_memzero(out, sizeof(out));
	return ok;
}

static bool has_digit(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (isdigit((unsigned char)s[i]))
			return true;
	return false;
}

void extract_scheme(struct finder *f, const struct rule *rule, size_t end)
{
	size_t from = end, to;

	if (!boundary_before(f, end - strlen(rule->trigger)))
		return;
	while (from < f->hi && f->p[from] == ' ')
		from++;
	while (ansi_length(f->p + from, f->hi - from))
		from += ansi_length(f->p + from, f->hi - from);
	to = from;
	while (to < f->hi && is_credential_char((unsigned char)f->p[to]))
		to++;
	/* a=b is no credential; a== may be one */
	const char *eq = memchr(f->p + from, '=', to - from);
	while (eq && eq < f->p + to && *eq == '=')
		eq++;
	if (eq && eq < f->p + to)
		return;
	size_t n = to - from;
	while (n && f->p[from + n - 1] == '.')
		n--;
	const char *s = f->p + from;
	bool basic = tolower((unsigned char)rule->trigger[1]) == 'a';
	if (value_is_empty(s, n))
		return;
	if (basic ? !is_basic(s, n) : n < 12 || (n < 24 && !has_digit(s, n)))
		return;
	struct span *span = spans_add(f->out, from, from + n, rule->class, RANK_TEXT, s, n);
	if (to == f->hi && f->hi < f->n)
		span->open = OPEN_RUN;
}
