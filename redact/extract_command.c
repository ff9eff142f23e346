/* SPDX-License-Identifier: MIT */
/* A command line within text: from the program's name to the end of its line. */
#include <ctype.h>
#include <string.h>

#include "redact/argv.h"
#include "redact/find.h"

/* What parts the words: blanks, a list's commas, or a zero byte or a line feed when each has its own. */
static size_t skip_separators(const struct finder *f, size_t at, char apart)
{
	while (at < f->hi) {
		char c = f->p[at];
		if (c == apart && (c == '\0' || c == '\n'))
			return at + 1;
		if (c == ' ' || c == '\t' || c == ',' || c == '[' || c == ']')
			at++;
		else if (c == '\\' && at + 1 < f->hi && f->p[at + 1] == '\n')
			at += 2;
		else
			break;
	}
	return at;
}

/* A zero byte right behind the program, as in /proc/PID/cmdline; a line feed when it is alone on its line and an option on the next; else a blank. */
static char words_apart(const struct finder *f, size_t from, size_t at)
{
	while (at < f->hi && char_is(f->p[at], CHAR_NAME))
		at++;
	if (at + 1 >= f->hi)
		return ' ';
	if (f->p[at] == '\0' && char_is(f->p[at + 1], CHAR_NAME))
		return '\0';
	return f->p[at] == '\n' && (from == f->lo || f->p[from - 1] == '\n') && f->p[at + 1] == '-' ? '\n' : ' ';
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
	/* " login": whose? */
	if (rule->trigger[0] == ' ')
		for (size_t back = at - 1; back > f->lo && char_is(f->p[back - 1], CHAR_NAME); back--)
			at = back - 1;
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
	char apart = words_apart(f, at, end);
	for (; words < 256; words++) {
		struct value v;
		at = skip_separators(f, at, words ? apart : ' ');
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
