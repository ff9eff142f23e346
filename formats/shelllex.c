/* SPDX-License-Identifier: MIT */
#include "formats/shelllex.h"

#include <string.h>

#include "formats/buf.h"

bool shell_at_end(const struct lexer *l)
{
	return l->i >= l->n;
}

char shell_peek(const struct lexer *l, size_t k)
{
	return l->i + k < l->n ? l->p[l->i + k] : '\0';
}

/* Takes one byte into b. */
static void take(struct lexer *l, struct buf *b)
{
	l->line += l->p[l->i] == '\n';
	buf_addc(b, l->p[l->i++]);
}

/* Index behind the ')' that closes what begins at i (behind the "("); n when none does. */
static size_t close_paren(const char *p, size_t n, size_t i)
{
	unsigned depth = 1;
	char quote = 0;

	for (; i < n; i++) {
		if (p[i] == '\\' && quote != '\'')
			i++;
		else if (quote)
			quote = p[i] == quote ? 0 : quote;
		else if (p[i] == '\'' || p[i] == '"')
			quote = p[i];
		else if (p[i] == '(')
			depth++;
		else if (p[i] == ')' && --depth == 0)
			return i + 1;
	}
	return n;
}

static size_t close_backtick(const char *p, size_t n, size_t i)
{
	for (; i < n; i++)
		if (p[i] == '\\')
			i++;
		else if (p[i] == '`')
			return i + 1;
	return n;
}

static size_t close_brace(const char *p, size_t n, size_t i)
{
	unsigned depth = 1;

	for (; i < n; i++)
		if (p[i] == '\\')
			i++;
		else if (p[i] == '{')
			depth++;
		else if (p[i] == '}' && --depth == 0)
			return i + 1;
	return n;
}

/* $(…), `…`, ${…}: kept as written; what is run inside is looked into. */
static void take_expansion(struct lexer *l, struct buf *b)
{
	bool tick = shell_peek(l, 0) == '`', paren = !tick && shell_peek(l, 1) == '(';
	size_t start = l->i + (tick ? 1 : 2), end;

	if (!tick && !paren && shell_peek(l, 1) != '{') {
		take(l, b);
		return;
	}
	end = tick ? close_backtick(l->p, l->n, start) : paren ? close_paren(l->p, l->n, start) : close_brace(l->p, l->n, start);
	if ((tick || paren) && end > start)
		shell_scan_text(l, l->p + start, end - start - (l->p[end - 1] == (tick ? '`' : ')')), l->line);
	while (l->i < end && !shell_at_end(l))
		take(l, b);
}

static void take_double_quoted(struct lexer *l, struct buf *b)
{
	l->i++;
	while (!shell_at_end(l) && shell_peek(l, 0) != '"') {
		char c = shell_peek(l, 0);
		if (c == '\\' && shell_peek(l, 1) && strchr("$`\"\\\n", shell_peek(l, 1))) {
			l->i++;
			if (shell_peek(l, 0) == '\n') {
				l->i++;
				l->line++;
			} else {
				take(l, b);
			}
		} else if (c == '$' || c == '`') {
			take_expansion(l, b);
		} else {
			take(l, b);
		}
	}
	l->i++;
}

static void take_single_quoted(struct lexer *l, struct buf *b)
{
	for (l->i++; !shell_at_end(l) && shell_peek(l, 0) != '\'';)
		take(l, b);
	l->i++;
}

bool shell_is_meta(char c)
{
	switch (c) {
	case '\0':
	case ' ':
	case '\t':
	case '\r':
	case '\n':
	case ';':
	case '&':
	case '|':
	case '(':
	case ')':
	case '<':
	case '>':
		return true;
	default:
		return false;
	}
}

void shell_take_word(struct lexer *l, struct word *w)
{
	buf_clear(&w->text);
	w->quoted = false;
	w->line = l->line;
	while (!shell_at_end(l) && !shell_is_meta(shell_peek(l, 0))) {
		char c = shell_peek(l, 0);
		if (c == '\\') {
			l->i++;
			if (shell_peek(l, 0) == '\n') {
				l->i++;
				l->line++;
			} else if (!shell_at_end(l)) {
				take(l, &w->text);
				w->quoted = true;
			}
		} else if (c == '\'' || c == '"') {
			w->quoted = true;
			if (c == '"')
				take_double_quoted(l, &w->text);
			else
				take_single_quoted(l, &w->text);
		} else if (c == '$' || c == '`') {
			take_expansion(l, &w->text);
		} else {
			take(l, &w->text);
		}
	}
}

/* Blanks, continuations and comments before the next token. */
void shell_skip_blanks(struct lexer *l)
{
	for (;;) {
		char c = shell_peek(l, 0);
		if (shell_at_end(l))
			return;
		if (c == '\\' && shell_peek(l, 1) == '\n') {
			l->i += 2;
			l->line++;
		} else if (c == '#') {
			while (!shell_at_end(l) && shell_peek(l, 0) != '\n')
				l->i++;
		} else if (!c || c == ' ' || c == '\t' || c == '\r') {
			l->i++;
		} else {
			return;
		}
	}
}

static void skip_heredoc(struct lexer *l, const struct heredoc *h)
{
	while (!shell_at_end(l)) {
		const char *start = l->p + l->i, *nl = memchr(start, '\n', l->n - l->i);
		size_t len = nl ? (size_t)(nl - start) : l->n - l->i;
		l->i += len + (nl ? 1 : 0);
		l->line += nl ? 1 : 0;
		for (; h->tabs && len && *start == '\t'; len--)
			start++;
		if (len == strlen(h->end) && memcmp(start, h->end, len) == 0)
			return;
	}
}

void shell_take_newline(struct lexer *l)
{
	l->i++;
	l->line++;
	for (size_t k = 0; k < l->n_heredocs; k++) {
		skip_heredoc(l, &l->heredocs[k]);
		free(l->heredocs[k].end);
	}
	l->n_heredocs = 0;
}

/* At '<' or '>': the operator and its word are no part of argv. */
void shell_take_redirection(struct lexer *l)
{
	_cleanup_buf_ struct buf ignored = { 0 };
	bool here = shell_peek(l, 0) == '<' && shell_peek(l, 1) == '<' && shell_peek(l, 2) != '<';
	bool tabs = here && shell_peek(l, 2) == '-';
	struct word w = { 0 };

	/* <(…) and >(…) of bash: a process whose name becomes the word */
	if (shell_peek(l, 1) == '(') {
		l->i++;
		size_t end = close_paren(l->p, l->n, l->i + 1);
		shell_scan_text(l, l->p + l->i + 1, end - l->i - 1 - (l->p[end - 1] == ')' && end > l->i + 1), l->line);
		while (l->i < end)
			take(l, &ignored);
		return;
	}
	while (!shell_at_end(l) && strchr("<>&|-", shell_peek(l, 0)) && shell_peek(l, 0))
		l->i++;
	shell_skip_blanks(l);
	shell_take_word(l, &w);
	if (here && l->n_heredocs < HEREDOCS_MAX)
		l->heredocs[l->n_heredocs++] = (struct heredoc){ .end = mem_strdup(buf_str(&w.text)), .tabs = tabs };
	buf_free(&w.text);
}
