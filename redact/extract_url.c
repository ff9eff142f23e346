/* SPDX-License-Identifier: MIT */
/* Passwords in URLs, DSNs and .pgpass lines. */
#include <ctype.h>
#include <string.h>

#include "redact/find.h"
#include "redact/value.h"

/* host, host:port, [v6], then the rest of the URL or nothing. */
static bool is_host(const char *p, size_t n)
{
	size_t i = 0;

	if (n && p[0] == '[')
		return memchr(p, ']', n) != NULL;
	while (i < n && (isalnum((unsigned char)p[i]) || strchr(".-_", p[i])) && p[i])
		i++;
	if (i == 0)
		return n > 0 && p[0] == '/'; /* @/database: a local socket */
	if (i < n && p[i] == ':') {
		size_t digits = ++i;
		while (i < n && isdigit((unsigned char)p[i]))
			i++;
		if (i == digits)
			return i == n; /* "host: refused" */
	}
	return i == n || (p[i] && strchr("/?#,;:)]}\\|", p[i]));
}

/* The @ that ends the userinfo of the authority at [from, end); 0 if there is none. */
static size_t userinfo_end(const char *p, size_t from, size_t end)
{
	size_t slash = from, best = 0;

	while (slash < end && p[slash] != '/' && p[slash] != '?' && p[slash] != '#')
		slash++;
	/* in order: one @ before the first slash is the rule; the last of those that a host follows */
	for (size_t i = from; i < slash; i++)
		if (p[i] == '@' && is_host(p + i + 1, end - i - 1))
			best = i;
	const char *colon = memchr(p + from, ':', slash - from);
	if (best)
		return best;
	if (!colon)
		return 0;
	/* a slash in the password: what follows the colon is then no port */
	bool port = p + slash > colon + 1 && p[slash] != '#';
	for (const char *c = colon + 1; c < p + slash; c++)
		port &= isdigit((unsigned char)*c) != 0;
	if (port)
		return 0;
	for (size_t i = slash; i < end; i++)
		if (p[i] == '@' && is_host(p + i + 1, end - i - 1))
			return i;
	return 0;
}

static int hex_digit(unsigned char c)
{
	return isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* %40 undone, and a unit's %%: one password however it is written. */
static void add_password(struct finder *f, size_t from, size_t to, enum secret_class class)
{
	struct buf text = { 0 };

	for (size_t i = from; i < to; i++) {
		if (f->p[i] == '%' && i + 2 < to + 0 && isxdigit((unsigned char)f->p[i + 1]) && isxdigit((unsigned char)f->p[i + 2])) {
			buf_addc(&text, (char)(hex_digit((unsigned char)f->p[i + 1]) * 16 + hex_digit((unsigned char)f->p[i + 2])));
			i += 2;
		} else if (f->p[i] == '%' && i + 1 < to && f->p[i + 1] == '%') {
			/* %%40 in a unit is %40 */
		} else {
			buf_addc(&text, f->p[i]);
		}
	}
	if (!value_is_empty(text.data ? text.data : "", text.len) && !value_is_empty(f->p + from, to - from))
		spans_add(f->out, from, to, class, RANK_TEXT, text.data, text.len);
	buf_wipe(&text);
}

void extract_url(struct finder *f, const struct rule *rule, size_t end)
{
	size_t to = end, scheme = end - strlen(rule->trigger);

	if (scheme == f->lo || !(isalnum((unsigned char)f->p[scheme - 1])))
		return;
	bool marked = false;
	while (to < f->hi && !char_is(f->p[to], CHAR_URL_END))
		marked |= f->p[to++] == '@';
	if (!marked)
		return;
	size_t at = userinfo_end(f->p, end, to);
	if (!at)
		return;
	const char *colon = memchr(f->p + end, ':', at - end);
	if (!colon) {
		/* https://TOKEN@host: a long random user is a credential */
		if (at - end >= 20 && value_is_random(f->p + end, at - end))
			add_password(f, end, at, rule->class);
		return;
	}
	size_t from = (size_t)(colon - f->p) + 1;
	/* https://TOKEN:x-oauth-basic@host, https://TOKEN:@host */
	if (from == at || (at - from == 13 && memcmp(f->p + from, "x-oauth-basic", 13) == 0)) {
		if (from - 1 - end >= 8)
			add_password(f, end, from - 1, rule->class);
		return;
	}
	add_password(f, from, at, rule->class);
}

void extract_dsn(struct finder *f, const struct rule *rule, size_t end)
{
	/* jdbc:oracle:thin:user/password@host */
	if (f->p[end - 1] == ':') {
		size_t to = end, slash = 0;
		for (; to < f->hi && !char_is(f->p[to], CHAR_URL_END) && f->p[to] != '@'; to++)
			if (f->p[to] == '/' && !slash)
				slash = to + 1;
		if (slash && to < f->hi && f->p[to] == '@')
			add_password(f, slash, to, rule->class);
		return;
	}
	size_t at = end - strlen(rule->trigger), from = at;

	while (from > f->lo && !char_is(f->p[from - 1], CHAR_URL_END) && !strchr("\"'<>=`", f->p[from - 1]))
		from--;
	const char *colon = memchr(f->p + from, ':', at - from);
	if (!colon)
		return;
	/* mysql://user:… is a DSN too in some hands */
	if (at - (size_t)(colon - f->p) > 3 && memcmp(colon, "://", 3) == 0) {
		colon = memchr(colon + 3, ':', (size_t)(f->p + at - colon) - 3);
		if (!colon)
			return;
	}
	add_password(f, (size_t)(colon - f->p) + 1, at, rule->class);
}

/* host:port:database:user:password, the whole line. */
void extract_pgpass(struct finder *f, const struct rule *rule, size_t end)
{
	size_t from = end, to = end, colons = 0, value = 0;

	while (from > f->lo && f->p[from - 1] != '\n')
		from--;
	if (from < f->word_done)
		return;
	for (to = from; to < f->hi && f->p[to] != '\n' && f->p[to] != '\r'; to++) {
		if (colons < 4 && (f->p[to] == ' ' || f->p[to] == '\t'))
			return;
		if (f->p[to] == '\\' && to + 1 < f->hi) {
			to++;
			continue;
		}
		if (f->p[to] == ':' && ++colons == 4)
			value = to + 1;
		/* a fifth one would be escaped: this is a line of /etc/shadow */
		if (colons > 4)
			return;
		if (colons == 2 && f->p[to] != ':' && to + 1 == end)
			return;
	}
	/* host and port before, so the trigger's colons are the first two or the second pair */
	if (colons < 4 || value >= to || f->p[from] == ':')
		return;
	const char *port = memchr(f->p + from, ':', to - from);
	size_t digits = 1;
	while (isdigit((unsigned char)port[digits]) && digits < 6)
		digits++;
	if (!(digits > 1 && port[digits] == ':') && !(port[1] == '*' && port[2] == ':'))
		return;
	f->word_done = to;
	if (!value_is_empty(f->p + value, to - value))
		spans_add(f->out, value, to, rule->class, RANK_TEXT, f->p + value, to - value);
}

/* The host behind an @ that no scheme precedes: a dotted name, an address or localhost, and then a port, a path or nothing. */
static bool is_plain_host(const struct finder *f, size_t at)
{
	size_t to = at, dots = 0, last = at;
	bool letters = false;

	/* Go: user:password@/database */
	if (to + 1 < f->hi && f->p[to] == '/' && isalpha((unsigned char)f->p[to + 1]))
		return true;
	for (; to < f->hi && (isalnum((unsigned char)f->p[to]) || f->p[to] == '.' || f->p[to] == '-'); to++) {
		if (f->p[to] == '.') {
			dots++;
			last = to + 1;
			letters = false;
		}
		letters |= isalpha((unsigned char)f->p[to]) != 0;
	}
	bool named = (dots && letters && to - last >= 2) || (to - at == 9 && at_is(f, at, "localhost")), address = dots == 3 && !letters && to > last;
	if (!named && !address)
		return false;
	if (to + 1 < f->hi && f->p[to] == ':')
		return isdigit((unsigned char)f->p[to + 1]);
	return to >= f->hi || f->p[to] == '/' || char_is(f->p[to], CHAR_URL_END) || strchr(",;)]", f->p[to]);
}

/* user:password@host without a scheme: letters, and a digit or a sign, as nobody names a package or a unit. */
void extract_userinfo(struct finder *f, const struct rule *rule, size_t end)
{
	static const char *const schemes[] = { "mailto", "sip", "sips", "xmpp", "acct", "npm", "urn", "im", NULL };
	size_t at = end - 1, from = at, colon = 0;
	bool letter = false, odd = false;

	while (from > f->lo && at - from < 160 && !char_is(f->p[from - 1], CHAR_URL_END) && !strchr("=(,/[{;&|", f->p[from - 1]))
		if (f->p[--from] == ':')
			colon = from;
	if (!colon || at - colon < 7 || !is_plain_host(f, end))
		return;
	from = word_start(f, colon, CHAR_NAME, 96);
	if (from == colon || (from > f->lo && f->p[from - 1] == '/'))
		return;
	for (const char *const *s = schemes; *s; s++)
		if (strlen(*s) == colon - from && at_is(f, from, *s))
			return;
	for (size_t i = colon + 1; i < at; i++) {
		letter |= isalpha((unsigned char)f->p[i]) != 0;
		odd |= isdigit((unsigned char)f->p[i]) || strchr("!#$%^*+~", f->p[i]);
		if (f->p[i] == ':' || f->p[i] == '@')
			return;
	}
	if (letter && odd)
		add_password(f, colon + 1, at, rule->class);
}
