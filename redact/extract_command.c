/* SPDX-License-Identifier: MIT */
/* A command line within text: from the program's name to the end of its line. */
#include <ctype.h>
#include <string.h>

#include "redact/argv.h"
#include "redact/find.h"

static size_t skip_separators(const struct finder *f, size_t at)
{
	while (at < f->hi) {
		char c = f->p[at];
		if (c == ' ' || c == '\t' || c == ',' || c == '[' || c == ']')
			at++;
		else if (c == '\\' && at + 1 < f->hi && f->p[at + 1] == '\n')
			at += 2;
		else
			break;
	}
	return at;
}

void extract_command(struct finder *f, const struct rule *rule, size_t end)
{
	struct argv_state state = { 0 };
	size_t at = end - strlen(rule->trigger), words = 0;
	char around = 0;

	if (f->depth >= DEPTH_MAX || end <= f->command_done)
		return;
	while (at < end && f->p[at] == ' ')
		at++;
	if (f->p[at] != '-' && at > f->lo && char_is(f->p[at - 1], CHAR_NAME) && !escape_before(f, at))
		return;
	while (at > f->lo && (char_is(f->p[at - 1], CHAR_NAME) || f->p[at - 1] == '/'))
		at--;
	if (at > f->lo && (f->p[at - 1] == '"' || f->p[at - 1] == '\'')) {
		size_t name = end;
		while (name < f->hi && (isalnum((unsigned char)f->p[name]) || strchr("-_.", f->p[name])) && f->p[name])
			name++;
		if (name < f->hi && f->p[name] == f->p[at - 1])
			at--; /* a list of quoted words */
		else
			around = f->p[at - 1];
	}
	for (; words < 256; words++) {
		struct value v;
		at = skip_separators(f, at);
		if (at >= f->hi || f->p[at] == '\n' || f->p[at] == '\r' || (f->p[at] && strchr("|;&)<>", f->p[at])) ||
			(around && f->p[at] == around) || !value_read(f, at, &v))
			break;
		_cleanup_spans_ struct spans spans = { 0 };
		argv_word(f->r, &state, v.text.len ? v.text.data : "", v.text.len, f->depth + 1, &spans);
		for (size_t i = 0; i < spans.n; i++) {
			struct span *s = &spans.v[i];
			bool plain = v.text.len == v.to - v.from;
			if (s->rank != RANK_STRUCTURE)
				continue; /* the text stage sees these by itself */
			spans_add(f->out, plain ? v.from + s->from : v.from, plain ? v.from + s->to : v.to, s->class, RANK_TEXT,
				s->value_len ? spans.values.data + s->value : NULL, s->value_len);
		}
		at = v.to + (v.quoted ? 1 : 0);
		while (v.quoted && at < f->hi && f->p[at] == '\\')
			at++;
		if (!v.quoted && at < f->hi && (f->p[at] == '"' || f->p[at] == '\''))
			at += !around;
		value_free(&v);
	}
	f->command_done = at > end ? at : end;
}
