/* SPDX-License-Identifier: MIT */
#include "formats/shlint.h"

#include <ctype.h>
#include <string.h>

#include "formats/text.h"

static void add(struct lints *l, enum lint_level level, const char *id, unsigned line, const char *what, const char *instead)
{
	char *text = mem_printf("%s; %s", what, instead);

	l->v = mem_array(l->v, l->n + 1, sizeof(*l->v));
	l->v[l->n++] = (struct lint){ level, id, (int)line, text, 0 };
}

/* ---- the script with everything blanked that is not code ---- */

static size_t blank(char *s, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (s[i] != '\n')
			s[i] = ' ';
	return to;
}

static size_t line_end(const char *s, size_t n, size_t i)
{
	const char *nl = memchr(s + i, '\n', n - i);

	return nl ? (size_t)(nl - s) : n;
}

/* A here-document that begins at i ("<<WORD", "<<-'WORD'"): blanks its body, which starts on the next line. */
static void blank_heredoc(char *s, size_t n, size_t i)
{
	char word[64];
	size_t len = 0;

	i += 2;
	bool tabs = i < n && s[i] == '-';
	i += tabs;
	while (i < n && (s[i] == ' ' || s[i] == '\t' || s[i] == '\'' || s[i] == '"' || s[i] == '\\'))
		i++;
	while (i < n && len < sizeof(word) - 1 && (isalnum((unsigned char)s[i]) || s[i] == '_'))
		word[len++] = s[i++];
	word[len] = '\0';
	if (len == 0)
		return;
	for (size_t at = line_end(s, n, i) + 1, end; at < n; at = end + 1) {
		end = line_end(s, n, at);
		size_t start = at;
		while (tabs && start < end && s[start] == '\t')
			start++;
		bool last = end - start == len && memcmp(s + start, word, len) == 0;
		blank(s, at, end);
		if (last)
			return;
	}
}

static void blank_text(char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '\\' && i + 1 < n) {
			i++;
		} else if (s[i] == '#' && (i == 0 || strchr(" \t\n;&|(", s[i - 1]))) {
			i = blank(s, i, line_end(s, n, i));
		} else if (s[i] == '\'') {
			const char *end = memchr(s + i + 1, '\'', n - i - 1);
			size_t to = end ? (size_t)(end - s) : n;
			if (i > 0 && s[i - 1] == '$')
				s[i - 1] = '\001'; /* $'…' */
			blank(s, i + 1, to);
			i = to;
		} else if (s[i] == '"') {
			size_t from = ++i;
			while (i < n && s[i] != '"')
				i += s[i] == '\\' && i + 1 < n ? 2 : 1;
			blank(s, from, i < n ? i : n);
		} else if (s[i] == '<' && i + 2 < n && s[i + 1] == '<' && s[i + 2] != '<' && (i == 0 || s[i - 1] != '<')) {
			blank_heredoc(s, n, i);
			i++;
		}
	}
}

/* ---- what is looked for ---- */

/* A shell word or operator of bash. `word`: stands alone, in command position or between blanks. */
static const struct {
	const char *text;
	bool word;
	const char *what, *instead;
} bashisms[] = {
	{ "[[", true, "[[ is bash's", "write [ with quoted words, or case" },
	{ "function", true, "the word function is bash's", "write name() {" },
	{ "source", true, "source is bash's", "write ." },
	{ "declare", true, "declare is bash's", "assign plainly" },
	{ "typeset", true, "typeset is not POSIX", "assign plainly" },
	{ "shopt", true, "shopt is bash's", "there is nothing like it in sh" },
	{ "pushd", true, "pushd is bash's", "write (cd … && …)" },
	{ "mapfile", true, "mapfile is bash's", "read in a while loop" },
	{ "select", true, "select is not POSIX", "print the choices and read" },
	{ "==", true, "== in a test is bash's", "write =" },
	{ "<<<", false, "<<< is bash's", "write printf '%s\\n' … |" },
	{ "<(", false, "<(…) is bash's", "use a pipe or a temporary file" },
	{ ">(", false, ">(…) is bash's", "use a pipe" },
	{ "&>", false, "&> is bash's", "write >file 2>&1" },
	{ "|&", false, "|& is bash's", "write 2>&1 |" },
	{ "=(", false, "arrays are bash's", "use set -- or words" },
	{ "+=", false, "+= is bash's", "write x=$x…" },
	{ "\001'", false, "$'…' is not in dash", "use printf" },
	{ "${!", false, "${!…} is bash's", "use eval with care, or case" },
	{ "pipefail", true, "pipefail is not in older sh", "test each command" },
};

/* An option that only GNU's version of a tool has. letters: any of them in a short option cluster; or one long option. */
static const struct {
	const char *tool, *letters, *option, *what, *instead;
} gnu[] = {
	{ "sed", "ir", NULL, "sed -i without a suffix, and -r, are GNU's", "write to a temporary file and mv; -E for extended expressions" },
	{ "readlink", "fem", NULL, "readlink -f is not on older macOS", "cd to the directory and use pwd -P" },
	{ "date", "d", NULL, "date -d is GNU's", "compute in another way" },
	{ "stat", "c", NULL, "stat -c is GNU's", "use ls -l, wc -c, or find" },
	{ "grep", "P", NULL, "grep -P is GNU's", "write grep -E" },
	{ "xargs", "rd", NULL, "xargs -r and -d are GNU's", "test for input first" },
	{ "base64", "w", NULL, "base64 -w is GNU's", "pipe through tr -d '\\n'" },
	{ "sort", "V", NULL, "sort -V is GNU's", "sort by numeric keys" },
	{ "cp", NULL, "--parents", "cp --parents is GNU's", "mkdir -p, then cp" },
	{ "mktemp", NULL, "--suffix", "mktemp --suffix is GNU's", "write mktemp /tmp/x.XXXXXX" },
	{ "ps", NULL, "--no-headers", "ps --no-headers is GNU's", "write ps -o pid=" },
	{ "find", NULL, "-printf", "find -printf is GNU's", "use -exec" },
	{ "tail", NULL, "--pid", "tail --pid is GNU's", "wait for the process" },
	{ "ls", NULL, "--color", "ls --color is GNU's", "leave it out" },
	{ "timeout", "", NULL, "timeout is not on macOS", "let the service manager limit the time" },
	{ "tac", "", NULL, "tac is GNU's", "write sed '1!G;h;$!d'" },
	{ "nproc", "", NULL, "nproc is GNU's", "write getconf _NPROCESSORS_ONLN" },
	{ "realpath", "", NULL, "realpath is not on older macOS", "cd to the directory and use pwd -P" },
	{ "setsid", "", NULL, "setsid is not on macOS", "let the service manager start it" },
};

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || strchr("_-./=[", c);
}

static bool stands_alone(const char *code, const char *at, size_t len)
{
	char next = at[len];

	return (at == code || !is_word_byte(at[-1])) && (next == '\0' || !is_word_byte(next));
}

static void find_bashisms(const char *code, unsigned line, struct lints *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(bashisms); i++) {
		size_t len = strlen(bashisms[i].text);
		for (const char *at = strstr(code, bashisms[i].text); at; at = strstr(at + 1, bashisms[i].text)) {
			if (bashisms[i].word && !stands_alone(code, at, len))
				continue;
			if (strcmp(bashisms[i].text, "==") == 0 && strstr(code, "(("))
				continue; /* arithmetic has it */
			/* a=(  and not  $((a == (b))) ; x+=1 and not $((x+=1)) */
			if ((bashisms[i].text[0] == '=' || bashisms[i].text[0] == '+') && !bashisms[i].word &&
				(at == code || !isalnum((unsigned char)at[-1]) || strstr(code, "((")))
				continue;
			add(ret, LINT_ERROR, "sh.bashism", line, bashisms[i].what, bashisms[i].instead);
			break;
		}
	}
}

/* Words of one simple command: is one of them the option? */
static bool has_option(char *const *argv, size_t n, const char *letters, const char *option)
{
	if (letters && !*letters)
		return true; /* the tool itself */
	for (size_t i = 1; i < n; i++) {
		const char *w = argv[i];
		if (option && text_starts(w, option))
			return true;
		/* "-i.bak" and "-i ''" are BSD's ways, which GNU's sed takes or not: only a bare cluster is accused */
		if (letters && w[0] == '-' && isalpha((unsigned char)w[1]) && strlen(w) <= 3 && strpbrk(w + 1, letters) &&
			!(i + 1 < n && (strcmp(argv[i + 1], "''") == 0 || strcmp(argv[i + 1], "\"\"") == 0)))
			return true;
	}
	return false;
}

static void judge_command(char *const *argv, size_t n, unsigned line, struct lints *ret)
{
	const char *slash = n ? strrchr(argv[0], '/') : NULL;

	for (size_t i = 0; n && i < ARRAY_LEN(gnu); i++)
		if (strcmp(slash ? slash + 1 : argv[0], gnu[i].tool) == 0 && has_option(argv, n, gnu[i].letters, gnu[i].option))
			add(ret, LINT_ERROR, "sh.gnu", line, gnu[i].what, gnu[i].instead);
}

static void find_gnu(char *code, unsigned line, struct lints *ret)
{
	char *argv[64];
	size_t n = 0;

	for (char *p = code;;) {
		p += strspn(p, " \t`{!");
		size_t len = strcspn(p, " \t;|&()`");
		char stop = p[len];
		bool assignment = n == 0 && len && memchr(p, '=', len) && isalpha((unsigned char)*p);
		bool prefix = n == 0 && ((len == 4 && (!memcmp(p, "exec", 4) || !memcmp(p, "then", 4) || !memcmp(p, "else", 4))) ||
						(len == 2 && (!memcmp(p, "if", 2) || !memcmp(p, "do", 2))));
		if (len && !assignment && !prefix && n < ARRAY_LEN(argv))
			argv[n++] = p;
		p[len] = '\0';
		if (stop == '\0' || strchr(";|&()`", stop)) {
			judge_command(argv, n, line, ret);
			n = 0;
		}
		if (stop == '\0')
			return;
		p += len + 1;
	}
}

void sh_lint(const char *text, size_t n, struct lints *ret)
{
	_cleanup_free_ char *code = mem_strndup(text, n);
	size_t len = strlen(code);
	bool posix = true;
	unsigned line = 1;

	if (len < 2 || code[0] != '#' || code[1] != '!') {
		add(ret, LINT_WARNING, "sh.no-interpreter", 1, "no #! line, so what runs it depends on who starts it", "begin with #!/bin/sh");
	} else {
		_cleanup_free_ char *first = mem_strndup(code, line_end(code, len, 0));
		posix = !strstr(first, "bash") && !strstr(first, "zsh") && !strstr(first, "ksh");
	}
	blank_text(code, len);
	for (char *p = code, *end; *p; p = end, line++) {
		end = p + strcspn(p, "\n");
		end += *end == '\n';
		_cleanup_free_ char *one = mem_strndup(p, (size_t)(end - p) - (end > p && end[-1] == '\n'));
		if (posix)
			find_bashisms(one, line, ret);
		find_gnu(one, line, ret);
	}
}
