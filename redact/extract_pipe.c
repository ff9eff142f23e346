/* SPDX-License-Identifier: MIT */
/* Passwords that are written to a program's standard input: echo X | sudo -S, chpasswd <<< u:X. */
#include <string.h>

#include "redact/find.h"
#include "redact/value.h"

static size_t line_start(const struct finder *f, size_t at)
{
	while (at > f->lo && f->p[at - 1] != '\n' && f->p[at - 1] != ';')
		at--;
	return at;
}

/* user:password of chpasswd: the password. */
static void add_input(struct finder *f, const struct rule *rule, struct value *v, bool pairs)
{
	const char *colon = pairs ? memchr(f->p + v->from, ':', v->to - v->from) : NULL;

	if (colon) {
		v->from = (size_t)(colon - f->p) + 1;
		buf_clear(&v->text);
		buf_add(&v->text, f->p + v->from, v->to - v->from);
	}
	if (v->to > v->from && value_is_secret(KEY_STRONG, PLACE_FIELD, v->text.data, v->text.len))
		value_span(f, rule->class, v);
}

/* chpasswd <<EOF: user:password on each line, to the word that ends it */
static void take_heredoc(struct finder *f, const struct rule *rule, size_t at)
{
	const char *nl = memchr(f->p + at, '\n', f->hi - at), *mark = nl ? memmem(f->p + at, (size_t)(nl - f->p) - at, "<<", 2) : NULL;

	if (!mark || mark[2] == '<')
		return;
	for (mark += 2; *mark && strchr("-'\" ", *mark);)
		mark++;
	size_t n = 0;
	while (mark + n < nl && char_is(mark[n], CHAR_NAME))
		n++;
	for (int i = 0; n && nl && i < 256; i++) {
		size_t from = (size_t)(nl + 1 - f->p);
		nl = memchr(f->p + from, '\n', f->hi - from);
		struct value v = { .from = from, .to = nl ? (size_t)(nl - f->p) : f->hi };
		if (v.to - from >= n && memcmp(f->p + from, mark, n) == 0)
			return;
		if (memchr(f->p + from, ':', v.to - from))
			add_input(f, rule, &v, true);
		value_free(&v);
	}
}

/* cloud-init: chpasswd: list: |, and user:password on each line */
static void take_list(struct finder *f, const struct rule *rule, size_t at)
{
	const char *list = at_is(f, at, ":") ? memmem(f->p + at, f->hi - at > 120 ? 120 : f->hi - at, "list:", 5) : NULL;
	const char *nl = list ? memchr(list, '\n', (size_t)(f->p + f->hi - list)) : NULL;

	for (int i = 0; nl && i < 256; i++) {
		size_t from = (size_t)(nl + 1 - f->p), at_colon;
		nl = memchr(f->p + from, '\n', f->hi - from);
		struct value v = { .from = from, .to = nl ? (size_t)(nl - f->p) : f->hi };
		while (v.from < v.to && (f->p[v.from] == ' ' || f->p[v.from] == '-'))
			v.from++;
		for (at_colon = v.from; at_colon < v.to && char_is(f->p[at_colon], CHAR_NAME); at_colon++)
			;
		/* name: value is the next setting */
		if (at_colon == v.from || at_colon + 1 >= v.to || f->p[at_colon] != ':' || f->p[at_colon + 1] == ' ')
			return;
		add_input(f, rule, &v, true);
		value_free(&v);
	}
}

void extract_pipe(struct finder *f, const struct rule *rule, size_t end)
{
	static const char *const writers[] = { "echo", "printf", NULL };
	size_t at = end - strlen(rule->trigger), from = line_start(f, at), last = 0;
	bool pairs = at_is(f, at, "chpasswd");
	struct value v;

	if (pairs) {
		take_heredoc(f, rule, end);
		take_list(f, rule, end);
	}
	/* the words of the command before the bar, of which the last is what it writes */
	const char *bar = mem_rchr(f->p + from, '|', at - from);
	for (size_t i = from; bar && i + 6 < (size_t)(bar - f->p); i++)
		for (const char *const *w = writers; *w; w++)
			if (at_is(f, i, *w) && f->p[i + strlen(*w)] == ' ' && boundary_before(f, i))
				last = i + strlen(*w) + 1;
	while (last && last < (size_t)(bar - f->p) && value_read(f, last, &v)) {
		size_t next = v.to + (v.quoted ? 1 : 0);
		while (next < f->hi && f->p[next] == ' ')
			next++;
		bool is_option = f->p[v.from] == '-' && !v.quoted, is_last = next >= (size_t)(bar - f->p);
		/* printf '%s' X */
		if (is_last && !is_option)
			add_input(f, rule, &v, pairs);
		value_free(&v);
		if (is_last || next <= last)
			break;
		last = next;
	}
	const char *here = memmem(f->p + end, f->hi - end < 200 ? f->hi - end : 200, "<<<", 3), *nl = memchr(f->p + end, '\n', f->hi - end);
	if (!here || (nl && nl < here))
		return;
	for (at = (size_t)(here - f->p) + 3; at < f->hi && f->p[at] == ' ';)
		at++;
	if (value_read(f, at, &v)) {
		add_input(f, rule, &v, pairs);
		value_free(&v);
	}
}
