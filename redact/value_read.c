/* SPDX-License-Identifier: MIT */
/* Reading a value out of text: where it ends, and what it says once unescaped. */
#include <ctype.h>
#include <string.h>

#include "redact/find.h"

void value_free(struct value *v)
{
	buf_wipe(&v->text);
}

/* How a value is quoted: so many backslashes, then a quote; or a quote by another name. */
struct quote {
	size_t length;	/* of the opening */
	size_t escapes; /* backslashes before the quote */
	const char *name; /* "%22", "\\u0022", "&quot;"; NULL: the character */
	char c;
};

static bool quote_at(const char *p, size_t n, struct quote *ret)
{
	static const char *const names[] = { "%22", "%27", "\\u0022", "&quot;", "&#34;", "&apos;", "&#39;", NULL };
	size_t k = 0;

	if (!n || !p[0] || !strchr("%&\\\"'`bBuUrRfFN@$", p[0]))
		return false;
	for (const char *const *s = names; *s; s++)
		if (p[0] == **s && n > strlen(*s) && memcmp(p, *s, strlen(*s)) == 0) {
			*ret = (struct quote){ strlen(*s), 0, *s, 0 };
			return true;
		}
	while (k < n && k < 16 && p[k] == '\\')
		k++;
	if (k < n && (p[k] == '"' || p[k] == '\'' || p[k] == '`')) {
		*ret = (struct quote){ k + 1, k, NULL, p[k] };
		return true;
	}
	/* b'…', u"…", N'…', $'…' */
	if (n > 1 && strchr("bBuUrRfFN@$", p[0]) && p[0] && (p[1] == '"' || p[1] == '\'')) {
		*ret = (struct quote){ 2, 0, NULL, p[1] };
		return true;
	}
	return false;
}

/* The end of a quoted value that begins at `at`; false when it is not closed on this line. */
static bool quote_close(const struct finder *f, size_t at, const struct quote *q, size_t *ret)
{
	size_t slashes = 0;

	for (size_t i = at; i < f->hi && f->p[i] != '\n'; i++) {
		if (q->name) {
			if (f->hi - i >= q->length && memcmp(f->p + i, q->name, q->length) == 0) {
				*ret = i;
				return true;
			}
			continue;
		}
		if (f->p[i] == '\\') {
			slashes++;
			continue;
		}
		if (f->p[i] == q->c && (q->escapes ? slashes <= q->escapes : slashes % 2 == 0)) {
			/* what precedes a deeper quote is its escape, what precedes a plain one is text */
			*ret = i - (q->escapes ? slashes : 0);
			return true;
		}
		slashes = 0;
	}
	return false;
}

static size_t hex_value(const char *p, size_t n, unsigned *ret)
{
	*ret = 0;
	for (size_t i = 0; i < n; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return 0;
		*ret = *ret * 16 + (unsigned)(isdigit((unsigned char)p[i]) ? p[i] - '0' : tolower(p[i]) - 'a' + 10);
	}
	return n;
}

static void add_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_addc(b, (char)c);
	} else if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(b, (char)(0xe0 | c >> 12));
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(b, (char)(0x80 | (c & 0x3f)));
	}
}

/* One layer of backslashes off, in place. */
static void unescape(struct buf *b)
{
	struct buf out = { 0 };
	unsigned c;

	if (!b->len || !memchr(b->data, '\\', b->len))
		return;
	buf_reserve(&out, b->len);
	for (size_t i = 0; i < b->len; i++) {
		if (b->data[i] != '\\' || i + 1 == b->len) {
			buf_addc(&out, b->data[i]);
			continue;
		}
		char e = b->data[++i];
		if (e == 'u' && i + 4 < b->len && hex_value(b->data + i + 1, 4, &c)) {
			add_utf8(&out, c);
			i += 4;
		} else {
			buf_addc(&out, e == 'n' ? '\n' : e == 't' ? '\t' : e == 'r' ? '\r' : e);
		}
	}
	struct value v = { .text = *b };
	value_free(&v);
	*b = out;
}

static void strip_ansi(struct buf *b)
{
	size_t out = 0;

	for (size_t i = 0; i < b->len;) {
		size_t k = ansi_length(b->data + i, b->len - i);
		if (k)
			i += k;
		else
			b->data[out++] = b->data[i++];
	}
	if (b->data)
		b->data[b->len = out] = '\0';
}

/* "name=", "name:" or "\"": another field begins. */
static bool field_at(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && isspace((unsigned char)p[i]) && i < 2)
		i++;
	if (i < n && strchr("\"'{[}])\\", p[i]) && p[i])
		return true;
	size_t from = i;
	while (i < n && i - from < 48 && (isalnum((unsigned char)p[i]) || (p[i] && strchr("_.- ", p[i]))))
		i++;
	return i > from && i < n && (p[i] == '=' || p[i] == ':');
}

/* Punctuation that may be part of a bare value, or end it. */
static bool ends_bare(const struct finder *f, size_t from, size_t i)
{
	const char *p = f->p;
	char c = p[i];
	size_t rest = f->hi - i - 1;
	bool last = rest == 0 || isspace((unsigned char)p[i + 1]);

	switch (c) {
	case ',':
	case ';':
	case '&':
	case '|':
		return last || field_at(p + i + 1, rest) || (c == '&' && rest > 3 && memcmp(p + i + 1, "amp;", 4) == 0);
	case ')':
	case ']':
	case '}':
		/* closes something unless it was opened inside */
		for (size_t k = i; k-- > from;)
			if (p[k] == (c == ')' ? '(' : c == ']' ? '[' : '{'))
				return false;
		return last || (p[i + 1] && strchr(",;)]}\"'.", p[i + 1]));
	case '<':
		return true;
	case '>':
		return last || p[from > 0 ? from - 1 : 0] == '<';
	case '"':
	case '\'':
	case '`':
		/* don't: an apostrophe inside a word is not a quote */
		return last || c != '\'' || !isalnum((unsigned char)p[i + 1]);
	}
	return false;
}

static size_t bare_end(const struct finder *f, size_t from)
{
	size_t i = from;

	while (i < f->hi) {
		unsigned char c = (unsigned char)f->p[i];
		size_t k = ansi_length(f->p + i, f->hi - i);
		if (k) {
			/* colour ends a value unless it goes on right behind it */
			if (i + k >= f->hi || isspace((unsigned char)f->p[i + k]) || (f->p[i + k] && strchr(",;:\"'", f->p[i + k])) ||
				ansi_length(f->p + i + k, f->hi - i - k))
				break;
			i += k;
			continue;
		}
		if (isspace(c) || c < 0x20 || c == 0x7f)
			break;
		/* in a JSON string: its end, or a line break written out */
		if (c == '\\' && i + 1 < f->hi && strchr("\"'nrt\\u", f->p[i + 1]))
			break;
		if (strchr(",;&|)]}<>\"'`", c) && ends_bare(f, from, i))
			break;
		i++;
	}
	return i;
}

bool value_read(const struct finder *f, size_t at, struct value *ret)
{
	struct quote q;

	while (at < f->hi && ansi_length(f->p + at, f->hi - at))
		at += ansi_length(f->p + at, f->hi - at);
	if (at >= f->hi)
		return false;
	/* TOML's and Python's """x""" */
	if (f->hi - at > 6 && (f->p[at] == '"' || f->p[at] == '\'') && f->p[at + 1] == f->p[at] && f->p[at + 2] == f->p[at])
		at += 2;
	*ret = (struct value){ .from = at };
	if (quote_at(f->p + at, f->hi - at, &q) && quote_close(f, at + q.length, &q, &ret->to)) {
		ret->from = at + q.length;
		ret->quoted = true;
		buf_add(&ret->text, f->p + ret->from, ret->to - ret->from);
		if (q.c != '`' && !(q.c == '\'' && !q.escapes && q.length == 1))
			for (size_t times = q.escapes ? (q.escapes > 1 ? 3 : 2) : 1; times; times--)
				unescape(&ret->text);
	} else {
		if (quote_at(f->p + at, f->hi - at, &q))
			ret->from = at += q.length; /* not closed: cut off, or over several lines */
		ret->to = bare_end(f, at);
		buf_add(&ret->text, f->p + ret->from, ret->to - ret->from);
	}
	strip_ansi(&ret->text);
	if (ret->to > ret->from)
		return true;
	value_free(ret);
	return false;
}

void value_span(struct finder *f, enum secret_class class, const struct value *v)
{
	struct span *s = spans_add(f->out, v->from, v->to, class, RANK_TEXT, v->text.data, v->text.len);

	if (v->to == f->hi && f->hi < f->n)
		s->open = OPEN_RUN;
}
