/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SHELLLEX_H
#define FORMATS_SHELLLEX_H

#include "formats/buf.h"
#include "formats/shellscan.h"

/* The words of a shell script: what shellscan.c reads commands from. For it only. */

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
	char **notes; /* "NAME=value" as it would be, "NAME" taken away; of shellenv.c */
	size_t n_notes;
	char **exports; /* names that go on to what is run, of those that shellenv.c knows */
	const struct lexer *outer; /* whose variables are known here too */
	struct shell_scan *out;
};

struct word {
	struct buf text;
	bool quoted;
	unsigned line;
};

bool shell_at_end(const struct lexer *l);
char shell_peek(const struct lexer *l, size_t k); /* the byte k ahead; NUL at the end */
bool shell_is_meta(char c);			  /* ends a word */
void shell_skip_blanks(struct lexer *l);	  /* blanks, continuations and comments before the next token */
void shell_take_word(struct lexer *l, struct word *w);
void shell_take_newline(struct lexer *l);	  /* and the bodies of the here-documents that wait for it */
void shell_take_redirection(struct lexer *l);	  /* at '<' or '>': operator and target */

/* In shellscan.c: reads the text of a substitution, of `sh -c`, of `eval` as a script within outer. */
void shell_scan_text(const struct lexer *outer, const char *p, size_t n, unsigned line);

#endif
