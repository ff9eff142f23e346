/* SPDX-License-Identifier: MIT */
#include "redact/words.h"

#include <ctype.h>
#include <string.h>

static bool is_break(const struct words *w, char c)
{
	return w->style == WORDS_SHELL && c && strchr(";|&()<>\n", c);
}

static bool is_space(const struct words *w, char c)
{
	return c == ' ' || c == '\t' || c == '\r' || (c == '\n' && w->style != WORDS_SHELL);
}

static void skip(struct words *w)
{
	while (w->at < w->n) {
		char c = w->p[w->at];
		if (c == '\\' && w->at + 1 < w->n && w->p[w->at + 1] == '\n') {
			w->at += 2;
		} else if (is_break(w, c)) {
			w->ended = true;
			w->at++;
		} else if (c == '#' && w->style == WORDS_SHELL) {
			while (w->at < w->n && w->p[w->at] != '\n')
				w->at++;
		} else if (is_space(w, c)) {
			w->at++;
		} else {
			return;
		}
	}
}

/* A backslash and what it says; returns how many bytes that takes. */
static size_t take_escape(const struct words *w, struct decoded *d, char quote)
{
	static const char from[] = "abfnrtvs", to[] = "\a\b\f\n\r\t\v ";
	const char *p = w->p + w->at;
	size_t n = w->n - w->at;

	if (n < 2) {
		decoded_add(d, p, 1, w->at);
		return 1;
	}
	if (p[1] == '\n')
		return 2;
	if (w->style == WORDS_SHELL) {
		/* within double quotes only some are escapes */
		if (quote == '"' && !strchr("\"\\$`", p[1])) {
			decoded_add(d, p, 1, w->at);
			return 1;
		}
		decoded_add(d, p + 1, 1, w->at);
		return 2;
	}
	if (p[1] == 'x' && n >= 4 && isxdigit((unsigned char)p[2]) && isxdigit((unsigned char)p[3])) {
		char c = 0;
		for (int i = 2; i < 4; i++)
			c = (char)(c * 16 + (isdigit((unsigned char)p[i]) ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10));
		decoded_add(d, &c, 1, w->at);
		return 4;
	}
	const char *known = p[1] ? strchr(from, p[1]) : NULL;
	decoded_add(d, known ? &to[known - from] : p + 1, 1, w->at);
	return 2;
}

bool word_next(struct words *w, struct decoded *ret)
{
	char quote = 0;

	w->ended = false;
	skip(w);
	if (w->at >= w->n)
		return false;
	*ret = (struct decoded){ .from = w->at };
	while (w->at < w->n) {
		char c = w->p[w->at];
		if (!quote && (is_space(w, c) || is_break(w, c)))
			break;
		if (w->style != WORDS_SPACE) {
			if (quote ? c == quote : c == '"' || c == '\'') {
				quote = quote ? 0 : c;
				w->at++;
				continue;
			}
			if (c == '\\' && !(quote == '\'' && w->style == WORDS_SHELL)) {
				w->at += take_escape(w, ret, quote);
				continue;
			}
			if (c == '%' && w->style == WORDS_SYSTEMD && w->at + 1 < w->n && w->p[w->at + 1] == '%') {
				decoded_add(ret, "%", 1, w->at);
				w->at += 2;
				continue;
			}
		}
		decoded_add(ret, &c, 1, w->at++);
	}
	ret->to = w->at;
	/* the end of the last byte, before a closing quote */
	size_t end = ret->text.len ? ret->origin[ret->text.len - 1] + 1 : ret->from;
	if (ret->text.len && w->p[end - 1] == '\\')
		end = ret->to; /* an escape at the very end: its whole */
	decoded_end(ret, end);
	return true;
}
