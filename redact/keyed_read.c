/* SPDX-License-Identifier: MIT */
/* Around a name: where its quotes end, what parts it from its value, and what wraps that. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/keyed.h"
#include "redact/value.h"

size_t keyed_skip_spaces(const struct finder *f, size_t at)
{
	for (;;) {
		size_t k = at < f->hi ? ansi_length(f->p + at, f->hi - at) : 0;
		if (k)
			at += k;
		else if (at < f->hi && (f->p[at] == ' ' || f->p[at] == '\t'))
			at++;
		else
			return at;
	}
}

/* The quotes and brackets that close a name. */
size_t keyed_skip_closers(const struct finder *f, size_t at, struct key *k)
{
	static const char *const names[] = { "%22", "%27", "\\u0022", "&quot;", "&#34;", NULL };

	for (;;) {
		const char *p = f->p + at;
		size_t n = f->hi - at, s = 0;

		if (!n || !p[0] || !strchr("%&\\\"'`]\x1b#^", p[0]))
			return at;
		for (const char *const *name = names; *name; name++)
			if (n > strlen(*name) && memcmp(p, *name, strlen(*name)) == 0)
				s = strlen(*name);
		if (!s) {
			while (s < n && s < 16 && p[s] == '\\')
				s++;
			if (s < n && p[s] && strchr("\"'`", p[s]))
				s++;
			else
				s = ansi_length(p, n);
			if (!s && n && p[0] == ']')
				s = 1;
			else if (s && !ansi_length(p, n))
				k->quoted = true;
		} else {
			k->quoted = true;
		}
		if (!s)
			return at;
		at += s;
	}
}

/* "=", ":", "=>", ":=" and their encodings; 0 when there is none at `at`. prose: ": " as in a sentence. */
size_t keyed_separator(const struct finder *f, size_t at, bool *prose)
{
	static const char *const encoded[] = { "%3d", "%3a", "\\u003d", "\\u003e", NULL };
	size_t n = f->hi - at;

	*prose = false;
	for (const char *const *s = encoded; n && (f->p[at] == '%' || f->p[at] == '\\') && *s; s++)
		if (at_is(f, at, *s))
			return strlen(*s);
	if (!n || (f->p[at] != '=' && f->p[at] != ':'))
		return 0;
	if (n > 1 && f->p[at] == ':' && f->p[at + 1] == ':')
		return 0;
	*prose = f->p[at] == ':' && n > 1 && (f->p[at + 1] == ' ' || f->p[at + 1] == '\t');
	size_t k = 1;
	while (k < n && k < 3 && (f->p[at + k] == '=' || f->p[at + k] == '>'))
		k++;
	return k;
}

/* -Zk3LmN0pQrSt: a value that begins with a dash, as no option looks */
static bool is_dashed(const struct finder *f, size_t at)
{
	size_t to = ++at;

	while (to < f->hi && to - at < 64 && !char_is(f->p[to], CHAR_URL_END))
		to++;
	return at < f->hi && f->p[at] != '-' && to - at >= 12 && value_is_random(f->p + at, to - at);
}

/* After an option: spaces, a continued line, or the next element of a list. */
size_t keyed_next_word(const struct finder *f, size_t at)
{
	size_t i = at;

	while (i < f->hi && (isspace((unsigned char)f->p[i]) || f->p[i] == ',' || f->p[i] == '\0' ||
		(f->p[i] == '\\' && i + 1 < f->hi && isspace((unsigned char)f->p[i + 1]))))
		i++;
	if (i < f->hi && f->p[i] == '-' && i + 1 < f->hi && f->p[i + 1] == ' ')
		i += 2; /* YAML's next item */
	return i < f->hi && (f->p[i] != '-' || is_dashed(f, i)) ? i : 0;
}

/* What stands before a value that is not part of it: Some("x"), &anchor x, !!str x, string(20) "x", <<"x">>, : string = 'x' */
size_t keyed_skip_wrapping(const struct finder *f, size_t at)
{
	size_t i = at;

	if (at >= f->hi)
		return at;
	if (at_is(f, at, "Some(") && f->hi - at > 6) {
		for (i = at + 5; i < f->hi && isspace((unsigned char)f->p[i]);)
			i++;
		return i < f->hi && f->p[i] == '"' ? i : at;
	}
	if (at_is(f, at, "<<\""))
		return at + 2;
	/* *password:* x */
	if (at_is(f, at, "* "))
		return at + 2;
	if (at_is(f, at, "** ") || at_is(f, at, "__ "))
		return at + 3;
	if (f->p[at] == '&' || at_is(f, at, "!!str ")) {
		for (i++; i < f->hi && i - at < 32 && (isalnum((unsigned char)f->p[i]) || strchr("_-!", f->p[i])); i++)
			;
		return i < f->hi && f->p[i] == ' ' ? i + 1 : at;
	}
	if (at_is(f, at, "string") || at_is(f, at, "String")) {
		for (i = at + 6; i < f->hi && i - at < 16 && f->p[i] && strchr("(0123456789) =", f->p[i]); i++)
			;
		return i > at + 6 && i < f->hi && (f->p[i] == '"' || f->p[i] == '\'') ? i : at;
	}
	return at;
}
