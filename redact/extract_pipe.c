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

void extract_pipe(struct finder *f, const struct rule *rule, size_t end)
{
	static const char *const writers[] = { "echo", "printf", NULL };
	size_t at = end - strlen(rule->trigger), from = line_start(f, at), last = 0;
	bool pairs = at_is(f, at, "chpasswd");
	struct value v;

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
