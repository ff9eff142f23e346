/* SPDX-License-Identifier: MIT */
/* Names that are values themselves, elements and calls: where in these the value stands. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/keyed.h"
#include "redact/value.h"

/* The word "value" ends at i: what follows it is judged. */
static void judge_value(struct finder *f, const struct rule *rule, const struct key *k, size_t i, struct key *closers)
{
	bool prose;
	size_t v = keyed_skip_spaces(f, keyed_skip_closers(f, i, closers));
	size_t s = keyed_separator(f, v, &prose);

	if (s)
		keyed_judge(f, rule, k, keyed_skip_spaces(f, v + s), false);
}

/* The value runs to `stop`, or to the end of its line. */
static void take_until(struct finder *f, const struct rule *rule, const struct key *k, size_t at, const char *stop)
{
	const char *end = memmem(f->p + at, f->hi - at, stop, strlen(stop)), *nl = memchr(f->p + at, '\n', f->hi - at);
	size_t to = end && (!nl || end < nl) ? (size_t)(end - f->p) : nl ? (size_t)(nl - f->p) : f->hi;
	struct value v = { .from = at, .to = to };

	buf_add(&v.text, f->p + at, to - at);
	if (to > at && value_is_secret(k->kind, PLACE_QUOTED, v.text.data, v.text.len))
		value_span(f, rule->class, &v);
	value_free(&v);
}

/* The key is itself a value: {"name":"DB_PASSWORD","value":"x"} in either order, in JSON, YAML or XML. */
bool keyed_judge_pair(struct finder *f, const struct rule *rule, const struct key *k)
{
	size_t at = k->from, end = f->hi - k->to > 400 ? k->to + 400 : f->hi;
	struct key other = *k;

	while (at > f->lo && k->from - at < 8 && f->p[at - 1] && strchr(" \"'\\=:>", f->p[at - 1]))
		at--;
	size_t word = at;
	while (word > f->lo && at - word < 8 && isalpha((unsigned char)f->p[word - 1]))
		word--;
	if (!(at - word == 4 && strncasecmp(f->p + word, "name", 4) == 0) &&
		!(at - word == 3 && strncasecmp(f->p + word, "key", 3) == 0))
		return false;
	/* a form's part: its value is the next paragraph */
	if (k->quoted) {
		size_t after = keyed_skip_closers(f, k->to, &other);
		if (at_is(f, after, "\r\n\r\n")) {
			take_until(f, rule, k, after + 4, "\r\n");
			return true;
		}
	}
	/* forward: within this item, so not past its end nor the next item's name */
	for (size_t i = k->to; i + 5 < end; i++) {
		if (f->p[i] == '}' || at_is(f, i, "name:") || at_is(f, i, "\"name\"") || at_is(f, i, "/>"))
			break;
		/* <meta name="csrf-token" content="x"> */
		if (at_is(f, i, "content=\"") && f->p[i - 1] == ' ') {
			judge_value(f, rule, k, i + 7, &other);
			return true;
		}
		if (!at_is(f, i, "value") || isalnum((unsigned char)f->p[i + 5]) || isalnum((unsigned char)f->p[i - 1]))
			continue;
		if (f->p[i - 1] == '<' && i + 6 < end && f->p[i + 5] == '>') {
			take_until(f, rule, k, i + 6, "<");
			return true;
		}
		judge_value(f, rule, k, i + 5, &other);
		return true;
	}
	/* backward */
	size_t lo = word - f->lo > 400 ? word - 400 : f->lo;
	for (size_t i = word; i-- > lo;) {
		if (f->p[i] == '{' || f->p[i] == '}' || f->p[i] == '<' || (f->p[i] == '-' && i + 1 < word && f->p[i + 1] == ' ' && !at_is(f, i, "- value")))
			return false;
		if (!at_is(f, i, "value") || isalnum((unsigned char)f->p[i + 5]))
			continue;
		judge_value(f, rule, k, i + 5, &other);
		return true;
	}
	return false;
}

bool keyed_is_element(const struct finder *f, size_t at)
{
	if (at > f->lo && f->p[at - 1] == ':')
		at = word_start(f, at - 1, CHAR_NAME, 32);
	return at > f->lo && f->p[at - 1] == '<';
}

/* <key>K</key><string>V</string>, <k>V</k>, <e key="K">V</e> */
bool keyed_judge_xml(struct finder *f, const struct rule *rule, const struct key *k, size_t at)
{
	if (at_is(f, at, "</key>")) {
		for (at += 6; at < f->hi && isspace((unsigned char)f->p[at]);)
			at++;
		if (at_is(f, at, "<string>"))
			keyed_judge(f, rule, k, at + 8, false);
		else if (at_is(f, at, "<value>"))
			take_until(f, rule, k, at + 7, "<");
		return true;
	}
	/* <password type="x">V</password> */
	bool element = keyed_is_element(f, k->from);
	if (element && at < f->hi && f->p[at] == ' ') {
		size_t i = at;
		while (i < f->hi && i - at < 200 && f->p[i] != '>' && f->p[i] != '\n' && f->p[i] != '<')
			i++;
		if (i < f->hi && f->p[i] == '>' && f->p[i - 1] != '/')
			at = i;
	}
	if (at < f->hi && f->p[at] == '>' && (k->quoted || element)) {
		at++;
		if (at_is(f, at, "<![CDATA[")) {
			take_until(f, rule, k, at + 9, "]]>");
			return true;
		}
		/* <Password><Value>V</Value></Password> */
		if (at_is(f, at, "<value>"))
			at += 7;
		/* Jenkins: {V} */
		if (at < f->hi && f->p[at] == '{' && !at_is(f, at, "{{") && !at_is(f, at, "{\""))
			at++;
		const char *end = memchr(f->p + at, '<', f->hi - at), *nl = memchr(f->p + at, '\n', f->hi - at);
		bool closed = end && (!nl || end < nl) && end + 1 < f->p + f->hi && end[1] == '/' && k->kind != KEY_HEADER && k->kind != KEY_COOKIE;
		if (closed && end[-1] != '}')
			take_until(f, rule, k, at, "<");
		else if (at < f->hi && f->p[at] != '<')
			keyed_judge(f, rule, k, at, false);
		return true;
	}
	/* &lt;password&gt;V&lt;/password&gt;, and as \u003c */
	static const char *const closers[] = { "&gt;", "\\u003e", NULL };
	for (const char *const *c = closers; *c; c++)
		if (at_is(f, at, *c) && k->from > f->lo + 3 && (f->p[k->from - 1] == ';' || escape_before(f, k->from))) {
			struct value v = { .from = at + strlen(*c) };
			for (v.to = v.from; v.to < f->hi && f->p[v.to] > ' ' && f->p[v.to] != '&' && f->p[v.to] != '\\' && f->p[v.to] != '<'; v.to++)
				;
			buf_add(&v.text, f->p + v.from, v.to - v.from);
			if (v.to > v.from && value_is_secret(k->kind, PLACE_QUOTED, v.text.data, v.text.len))
				value_span(f, rule->class, &v);
			value_free(&v);
			return true;
		}
	return false;
}

/* setPassword("x"), PASSWORD('x'), but not getPassword("of") */
bool keyed_judge_call(struct finder *f, const struct rule *rule, const struct key *k, size_t at)
{
	static const char *const asks[] = { "get", "has", "is", "check", "find", "read", "load", "verify", "require", "prompt", NULL };
	struct value v;

	if (k->kind != KEY_STRONG || k->quoted || at + 2 >= f->hi || f->p[at] != '(' || (f->p[at + 1] != '"' && f->p[at + 1] != '\''))
		return false;
	for (const char *const *a = asks; *a; a++)
		if (at_is(f, k->from, *a))
			return false;
	if (!value_read(f, at + 1, &v))
		return false;
	if (v.quoted && v.to + 1 < f->hi && f->p[v.to + 1] == ')' && value_is_secret(KEY_MEDIUM, PLACE_QUOTED, v.text.data, v.text.len))
		value_span(f, rule->class, &v);
	value_free(&v);
	return true;
}
