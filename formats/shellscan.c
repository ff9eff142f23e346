/* SPDX-License-Identifier: MIT */
#include "formats/shellscan.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/containercmd.h"
#include "formats/text.h"

#define DEPTH_MAX 8
#define COMMANDS_MAX ((size_t)1000)
#define PROGRAMS_MAX ((size_t)200)
#define WORDS_MAX ((size_t)5000)
#define HEREDOCS_MAX ((size_t)16)

struct heredoc {
	char *end;
	bool tabs; /* <<-: leading tabs do not count */
};

struct lexer {
	const char *p;
	size_t n, i;
	unsigned line;
	unsigned depth; /* of texts within texts */
	unsigned cases; /* open case … esac */
	unsigned parens;
	struct heredoc heredocs[HEREDOCS_MAX];
	size_t n_heredocs;
	char **vars; /* NAME=value, as far as literal */
	size_t n_vars;
	const struct lexer *outer; /* whose variables are known here too */
	struct shell_scan *out;
};

struct word {
	struct buf text;
	bool quoted;
	unsigned line;
};

static void scan_text(const struct lexer *outer, const char *p, size_t n, unsigned line);

static bool at_end(const struct lexer *l)
{
	return l->i >= l->n;
}

static char peek(const struct lexer *l, size_t k)
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
	bool tick = peek(l, 0) == '`', paren = !tick && peek(l, 1) == '(';
	size_t start = l->i + (tick ? 1 : 2), end;

	if (!tick && !paren && peek(l, 1) != '{') {
		take(l, b);
		return;
	}
	end = tick ? close_backtick(l->p, l->n, start) : paren ? close_paren(l->p, l->n, start) : close_brace(l->p, l->n, start);
	if ((tick || paren) && end > start)
		scan_text(l, l->p + start, end - start - (l->p[end - 1] == (tick ? '`' : ')')), l->line);
	while (l->i < end && !at_end(l))
		take(l, b);
}

static void take_double_quoted(struct lexer *l, struct buf *b)
{
	l->i++;
	while (!at_end(l) && peek(l, 0) != '"') {
		char c = peek(l, 0);
		if (c == '\\' && peek(l, 1) && strchr("$`\"\\\n", peek(l, 1))) {
			l->i++;
			if (peek(l, 0) == '\n') {
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
	for (l->i++; !at_end(l) && peek(l, 0) != '\'';)
		take(l, b);
	l->i++;
}

static bool is_meta(char c)
{
	return !c || strchr(" \t\r\n;&|()<>", c);
}

static void take_word(struct lexer *l, struct word *w)
{
	buf_clear(&w->text);
	w->quoted = false;
	w->line = l->line;
	while (!at_end(l) && !is_meta(peek(l, 0))) {
		char c = peek(l, 0);
		if (c == '\\') {
			l->i++;
			if (peek(l, 0) == '\n') {
				l->i++;
				l->line++;
			} else if (!at_end(l)) {
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
static void skip_blanks(struct lexer *l)
{
	for (;;) {
		char c = peek(l, 0);
		if (at_end(l))
			return;
		if (c == '\\' && peek(l, 1) == '\n') {
			l->i += 2;
			l->line++;
		} else if (c == '#') {
			while (!at_end(l) && peek(l, 0) != '\n')
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
	while (!at_end(l)) {
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

static void take_newline(struct lexer *l)
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
static void take_redirection(struct lexer *l)
{
	_cleanup_buf_ struct buf ignored = { 0 };
	bool here = peek(l, 0) == '<' && peek(l, 1) == '<' && peek(l, 2) != '<';
	bool tabs = here && peek(l, 2) == '-';
	struct word w = { 0 };

	/* <(…) and >(…) of bash: a process whose name becomes the word */
	if (peek(l, 1) == '(') {
		l->i++;
		size_t end = close_paren(l->p, l->n, l->i + 1);
		scan_text(l, l->p + l->i + 1, end - l->i - 1 - (l->p[end - 1] == ')' && end > l->i + 1), l->line);
		while (l->i < end)
			take(l, &ignored);
		return;
	}
	while (!at_end(l) && strchr("<>&|-", peek(l, 0)) && peek(l, 0))
		l->i++;
	skip_blanks(l);
	take_word(l, &w);
	if (here && l->n_heredocs < HEREDOCS_MAX)
		l->heredocs[l->n_heredocs++] = (struct heredoc){ .end = mem_strdup(buf_str(&w.text)), .tabs = tabs };
	buf_free(&w.text);
}

static const char *var_value(const struct lexer *l, const char *name, size_t n)
{
	for (; l; l = l->outer)
		for (size_t i = l->n_vars; i-- > 0;)
			if (strncmp(l->vars[i], name, n) == 0 && l->vars[i][n] == '=')
				return l->vars[i] + n + 1;
	return NULL;
}

/* A program that is a variable which the script has set: "$PODMAN", "${PODMAN}", "${PODMAN:-podman}"; NULL otherwise. */
static char *resolve_program(const struct lexer *l, const char *s)
{
	static const char name_chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	if (*s != '$')
		return NULL;
	const char *name = s + 1 + (s[1] == '{');
	size_t n = strspn(name, name_chars);
	const char *value = n ? var_value(l, name, n) : NULL;
	if (value)
		return mem_strdup(value);
	if (s[1] == '{' && text_starts(name + n, ":-") && text_ends(s, "}"))
		return mem_strndup(name + n + 2, strlen(name + n + 2) - 1);
	return NULL;
}

static void remember(struct lexer *l, const char *assignment)
{
	const char *eq = strchr(assignment, '=');

	if (l->n_vars >= 256 || !eq || strpbrk(eq, "$`"))
		return;
	l->vars = strv_add(l->vars, assignment);
	l->n_vars++;
}

static bool is_assignment(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n && s[n] == '=' && !(*s >= '0' && *s <= '9');
}

static void note_program(struct lexer *l, const char *program)
{
	size_t n = strv_len(l->out->programs);

	if (n < PROGRAMS_MAX && !strv_has(l->out->programs, program))
		l->out->programs = strv_add(l->out->programs, program);
}

/* One simple command, its words split. Owns nothing. */
static void end_command(struct lexer *l, char **argv, unsigned line)
{
	struct shell_scan *out = l->out;
	struct shell_command c;
	size_t n = strv_len(argv), first = 0;
	bool exec;

	while (first < n && is_assignment(argv[first]))
		first++;
	if (first == n) {
		for (size_t i = 0; i < n; i++)
			remember(l, argv[i]);
		return;
	}
	size_t at = argv_unwrap(argv, &exec);
	if (at >= n)
		return;
	char *program = resolve_program(l, argv[at]);
	if (program) {
		free(argv[at]);
		argv[at] = program;
	}
	const char *script = argv_script(argv);
	if (script)
		scan_text(l, script, strlen(script), line);
	if (strcmp(argv[at], "eval") == 0)
		for (size_t i = at + 1; i < n; i++)
			scan_text(l, argv[i], strlen(argv[i]), line);
	if (!argv_container_command(argv, &c)) {
		note_program(l, argv[at]);
		return;
	}
	if (out->n >= COMMANDS_MAX) {
		out->cut = true;
		shell_command_free(&c);
		return;
	}
	c.line = line;
	out->v = mem_array(out->v, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = c;
}

struct command {
	char **argv;
	size_t n;
	unsigned line;
	bool list; /* the words of for, case, function: no command */
	bool is_case;
};

static void command_clear(struct command *c)
{
	strv_free(c->argv);
	*c = (struct command){ 0 };
}

static void command_end(struct lexer *l, struct command *c)
{
	if (c->n && !c->list)
		end_command(l, c->argv, c->line);
	command_clear(c);
}

/* A word of the grammar in command position; true when it is none of the command's. */
static bool take_reserved(struct lexer *l, struct command *c, const struct word *w)
{
	static const char *const before[] = { "if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "fi", "done", NULL };
	static const char *const lists[] = { "for", "select", "case", "function", NULL };
	const char *s = w->quoted ? "" : buf_str(&w->text);

	if (c->list) {
		/* `case x in` ends its head by itself; `for x in a b` goes on to the line's end */
		if (strcmp(s, "in") == 0 ? c->is_case : strcmp(s, "{") == 0)
			*c = (struct command){ 0 };
		return true;
	}
	if (c->n)
		return false;
	for (size_t i = 0; before[i]; i++)
		if (strcmp(s, before[i]) == 0)
			return true;
	if (strcmp(s, "esac") == 0) {
		l->cases -= l->cases > 0;
		return true;
	}
	for (size_t i = 0; lists[i]; i++)
		if (strcmp(s, lists[i]) == 0) {
			c->list = true;
			c->is_case = strcmp(s, "case") == 0;
			l->cases += c->is_case;
			return true;
		}
	return false;
}

static void add_word(struct lexer *l, struct command *c, struct word *w)
{
	/* 2>file: digits right before a redirection are a descriptor */
	char next = peek(l, 0);
	if ((next == '<' || next == '>') && !w->quoted && w->text.len && strspn(buf_str(&w->text), "0123456789") == w->text.len)
		return;
	if (take_reserved(l, c, w))
		return;
	if (!c->n)
		c->line = w->line;
	if (c->n >= WORDS_MAX) {
		l->out->cut = true;
		return;
	}
	c->argv = mem_array(c->argv, c->n + 2, sizeof(*c->argv));
	c->argv[c->n++] = buf_take(&w->text);
	c->argv[c->n] = NULL;
}

/* ; & | ( ) and the end of the line. */
static void take_operator(struct lexer *l, struct command *c)
{
	char op = peek(l, 0);

	if (op == ')' && l->cases && !l->parens)
		command_clear(c); /* a pattern of case */
	else if (op == '(' && c->n == 1 && peek(l, 1) == ')')
		command_clear(c); /* name() */
	else
		command_end(l, c);
	if (op == '(')
		l->parens++;
	else if (op == ')' && l->parens)
		l->parens--;
	if (op == '\n')
		take_newline(l);
	else
		l->i++;
}

static void scan_text(const struct lexer *outer, const char *p, size_t n, unsigned line)
{
	struct lexer l = { .p = p, .n = n, .line = line, .depth = outer->depth + 1, .outer = outer, .out = outer->out };
	struct command c = { 0 };
	struct word w = { 0 };

	if (l.depth > DEPTH_MAX)
		return;
	for (;;) {
		skip_blanks(&l);
		if (at_end(&l))
			break;
		char ch = peek(&l, 0);
		if (ch == '<' || ch == '>') {
			take_redirection(&l);
		} else if (is_meta(ch)) {
			take_operator(&l, &c);
		} else {
			take_word(&l, &w);
			add_word(&l, &c, &w);
		}
	}
	command_end(&l, &c);
	for (size_t i = 0; i < l.n_heredocs; i++)
		free(l.heredocs[i].end);
	strv_free(l.vars);
	buf_free(&w.text);
}

void shellscan(const char *text, size_t n, struct shell_scan *ret)
{
	struct lexer top = { .out = ret };

	*ret = (struct shell_scan){ 0 };
	if (n > SHELLSCAN_MAX) {
		n = SHELLSCAN_MAX;
		ret->cut = true;
	}
	if (n > 2 && text[0] == '#' && text[1] == '!') {
		const char *nl = memchr(text, '\n', n);
		const char *s = text + 2, *e = nl ? nl : text + n;
		while (s < e && (*s == ' ' || *s == '\t'))
			s++;
		ret->interpreter = mem_strndup(s, (size_t)(e - s));
	}
	scan_text(&top, text, n, 1);
}

void shell_scan_free(struct shell_scan *s)
{
	for (size_t i = 0; i < s->n; i++)
		shell_command_free(&s->v[i]);
	free(s->v);
	free(s->interpreter);
	strv_free(s->programs);
	*s = (struct shell_scan){ 0 };
}
