/* SPDX-License-Identifier: MIT */
#include "formats/shellscan.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/containercmd.h"
#include "formats/shellenv.h"
#include "formats/shelllex.h"
#include "formats/text.h"

#define DEPTH_MAX 8
#define COMMANDS_MAX ((size_t)1000)
#define PROGRAMS_MAX ((size_t)200)
#define WORDS_MAX ((size_t)5000)

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
	if (*s != '$')
		return NULL;
	const char *name = s + 1 + (s[1] == '{');
	size_t n = text_name_length(name);
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

static void note_program(struct lexer *l, const char *program)
{
	size_t n = strv_len(l->out->programs);

	if (program && n < PROGRAMS_MAX && !strv_has(l->out->programs, program))
		l->out->programs = strv_add(l->out->programs, program);
}

static void note_programs(struct lexer *l, char *const *argv)
{
	bool sourced = strcmp(argv[0], ".") == 0 || strcmp(argv[0], "source") == 0;

	note_program(l, argv[0]);
	note_program(l, sourced ? argv[1] : argv_program(argv));
}

/* One simple command, its words split. Owns nothing. */
static void end_command(struct lexer *l, char **argv, unsigned line)
{
	struct shell_scan *out = l->out;
	struct shell_command c;
	size_t n = strv_len(argv), first = 0;
	bool exec;

	shell_env_note(l, argv);
	while (first < n && text_is_assignment(argv[first]))
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
	if (script) {
		size_t mark = shell_env_enter(l, argv, at);
		shell_scan_text(l, script, strlen(script), line);
		shell_env_leave(l, mark);
	}
	if (strcmp(argv[at], "eval") == 0)
		for (size_t i = at + 1; i < n; i++)
			shell_scan_text(l, argv[i], strlen(argv[i]), line);
	if (!argv_container_command(argv, &c)) {
		note_programs(l, argv + at);
		return;
	}
	if (out->n >= COMMANDS_MAX) {
		out->cut = true;
		shell_command_free(&c);
		return;
	}
	c.line = line;
	c.env = shell_env_before(l, c.env);
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
	char next = shell_peek(l, 0);
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
	char op = shell_peek(l, 0);

	if (op == ')' && l->cases && !l->parens)
		command_clear(c); /* a pattern of case */
	else if (op == '(' && c->n == 1 && shell_peek(l, 1) == ')')
		command_clear(c); /* name() */
	else
		command_end(l, c);
	if (op == '(')
		l->parens++;
	else if (op == ')' && l->parens)
		l->parens--;
	if (op == '\n')
		shell_take_newline(l);
	else
		l->i++;
}

void shell_scan_text(const struct lexer *outer, const char *p, size_t n, unsigned line)
{
	struct lexer l = { .p = p, .n = n, .line = line, .depth = outer->depth + 1, .outer = outer, .out = outer->out };
	struct command c = { 0 };
	struct word w = { 0 };

	if (l.depth > DEPTH_MAX)
		return;
	for (;;) {
		shell_skip_blanks(&l);
		if (shell_at_end(&l))
			break;
		char ch = shell_peek(&l, 0);
		if (ch == '<' || ch == '>') {
			shell_take_redirection(&l);
		} else if (shell_is_meta(ch)) {
			take_operator(&l, &c);
		} else {
			shell_take_word(&l, &w);
			add_word(&l, &c, &w);
		}
	}
	command_end(&l, &c);
	for (size_t i = 0; i < l.n_heredocs; i++)
		free(l.heredocs[i].end);
	strv_free(l.vars);
	strv_free(l.notes);
	strv_free(l.exports);
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
	shell_scan_text(&top, text, n, 1);
}

const struct shell_command *shell_scan_start(const struct shell_scan *s)
{
	const struct shell_command *old = NULL;

	for (size_t i = 0; i < s->n; i++) {
		if (s->v[i].starts != STARTS_NONE && s->v[i].starts != STARTS_OLD)
			return &s->v[i];
		old = !old && s->v[i].starts == STARTS_OLD ? &s->v[i] : old;
	}
	return old;
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
