/* SPDX-License-Identifier: MIT */
/* The values of Authorization and Cookie: what in them is the credential. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/find.h"
#include "redact/value.h"

/* Basic x, Bearer x, Digest a="b", …: the scheme stays. */
void extract_header(struct finder *f, struct value *v)
{
	static const char *const lists[] = { "digest ", "oauth ", "aws4-hmac-sha256 ", "signature ", "hawk ", "mac ", NULL };
	static const char *const singles[] = { "bearer ", "basic ", "token ", "negotiate ", "ntlm ", "apikey ", "dpop ",
		"splunk ", "sso-key ", "gssapi ", "sharedkey ", "key ", NULL };
	size_t at = v->from, line = v->from, word;

	/* a bare value ended at the scheme's space */
	while (line < f->hi && f->p[line] != '\n' && f->p[line] != '\r')
		line++;
	size_t stop = v->quoted ? v->to : line;
	for (word = at; word < stop && (isalnum((unsigned char)f->p[word]) || f->p[word] == '-'); word++)
		;
	bool list = false, known = false;
	for (const char *const *s = lists; *s; s++)
		list |= at_is(f, at, *s);
	for (const char *const *s = singles; *s; s++)
		known |= at_is(f, at, *s);
	/* another scheme: a name, a space, and what only a credential looks like */
	if (!known && !list && !v->quoted && word > at && word - at <= 20 && word + 1 < stop && f->p[word] == ' ') {
		size_t end = word + 1;
		while (end < stop && char_is(f->p[end], CHAR_RUN))
			end++;
		known = end - word > 8 && !memchr(f->p + at, '=', end - at - 1);
	}
	if (known || list || (word < stop && word > at && f->p[word] == ' ' && word - at <= 20 && v->quoted)) {
		at = word;
		while (at < stop && (f->p[at] == ' ' || ansi_length(f->p + at, stop - at)))
			at += f->p[at] == ' ' ? 1 : ansi_length(f->p + at, stop - at);
	}
	struct value rest = { .from = at, .to = stop };
	if (!list && !v->quoted) {
		rest.to = at;
		while (rest.to < stop && !isspace((unsigned char)f->p[rest.to]) && !strchr("\"'`,;<>]\\&", f->p[rest.to]))
			rest.to++;
	} else if (!v->quoted) {
		/* to the line's end, but for what closes the header or a form's field */
		bool in = false;
		for (rest.to = at; rest.to < stop && f->p[rest.to] != '\'' && (in || (f->p[rest.to] != ']' && f->p[rest.to] != '&')); rest.to++)
			in ^= f->p[rest.to] == '"';
	}
	while (rest.to > rest.from && strchr(" \t\"'", f->p[rest.to - 1]))
		rest.to--;
	if (rest.to <= rest.from || value_is_empty(f->p + rest.from, rest.to - rest.from))
		return;
	/* "authorization: denied for alice" */
	if (!known && !list && !v->quoted && !value_is_secret(KEY_MEDIUM, PLACE_PROSE, f->p + rest.from, rest.to - rest.from))
		return;
	buf_add(&rest.text, f->p + rest.from, rest.to - rest.from);
	value_span(f, CLASS_HTTP, &rest);
	value_free(&rest);
}

/* a=b; c=d; Path=/: the values go, but for those of attributes. */
void extract_cookies(struct finder *f, const struct value *v)
{
	static const char *const attributes[] = { "path", "domain", "expires", "max-age", "samesite", "priority", "version", NULL };
	size_t at = v->from;
	int pairs = 0;

	while (at < f->hi && (!v->quoted || at < v->to)) {
		size_t name = at, eq = at;
		while (eq < f->hi && eq - name < 128 && !char_is(f->p[eq], CHAR_URL_END) && !strchr("=;,\"'\\", f->p[eq]))
			eq++;
		if (eq < f->hi && f->p[eq] == '=' && eq > name) {
			bool attribute = false;
			size_t to = ++eq;
			for (const char *const *a = attributes; *a; a++)
				attribute |= strlen(*a) == eq - 1 - name && strncasecmp(f->p + name, *a, eq - 1 - name) == 0;
			while (to < f->hi && !char_is(f->p[to], CHAR_URL_END) && !strchr(";\"'\\", f->p[to]) && (f->p[to] != ',' || attribute))
				to++;
			if (!attribute && to > eq && !value_is_empty(f->p + eq, to - eq)) {
				struct value one = { .from = eq, .to = to };
				buf_add(&one.text, f->p + eq, to - eq);
				value_span(f, CLASS_COOKIE, &one);
				value_free(&one);
			}
			while (attribute && to < f->hi && f->p[to] != ';' && f->p[to] >= ' ' && f->p[to] != '"')
				to++; /* Expires=Thu, 01 Jan */
			eq = to;
			pairs++;
		} else if (eq == name || !pairs) {
			return;
		}
		if (eq >= f->hi || (f->p[eq] != ';' && f->p[eq] != ','))
			return;
		for (at = eq + 1; at < f->hi && f->p[at] == ' '; at++)
			;
	}
}
