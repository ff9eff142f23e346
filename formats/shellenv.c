/* SPDX-License-Identifier: MIT */
#include "formats/shellenv.h"

#include <string.h>

#include "formats/text.h"

#define NOTES_MAX ((size_t)256)
#define VALUE_MAX ((size_t)4096)

static const char *const names[] = { "REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "HOME", "XDG_RUNTIME_DIR", "CONTAINER_HOST", "CONTAINER_CONNECTION" };

static bool is_of(const char *note, const char *name, size_t n)
{
	return strncmp(note, name, n) == 0 && (note[n] == '=' || note[n] == '\0');
}

static bool matters(const char *note)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (is_of(note, names[i], strlen(names[i])))
			return true;
	return false;
}

/* Everything is taken away that is not set again behind it. */
static char **all_gone(char **env)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		env = strv_add(env, names[i]);
	return env;
}

char **shell_env_of_words(char *const *argv, size_t at)
{
	char **env = NULL;
	bool in_env = false;

	for (size_t i = 0; argv && i < at && argv[i]; i++) {
		const char *s = argv[i];
		if (text_is_assignment(s)) {
			if (matters(s))
				env = strv_add(env, s);
		} else if (s[0] != '-') {
			in_env = strcmp(text_base_name(s), "env") == 0;
		} else if (in_env && (!s[1] || strcmp(s, "-i") == 0 || strcmp(s, "--ignore-environment") == 0)) {
			env = all_gone(env);
		} else if (in_env && (strcmp(s, "-u") == 0 || strcmp(s, "--unset") == 0) && i + 1 < at) {
			if (matters(argv[++i]))
				env = strv_add(env, argv[i]);
		} else if (in_env && text_starts(s, "--unset=") && matters(s + strlen("--unset="))) {
			env = strv_add(env, s + strlen("--unset="));
		}
	}
	return env;
}

/* "NAME=value" or "NAME" as it was noted last, here or in what this text stands in; NULL when it was not. */
static const char *noted(const struct lexer *l, const char *name, size_t n)
{
	for (; l; l = l->outer)
		for (size_t i = l->n_notes; i-- > 0;)
			if (is_of(l->notes[i], name, n))
				return l->notes[i];
	return NULL;
}

/* A value with the variables that the script has set; what only a run would tell stays as it is written. */
static char *expand(const struct lexer *l, const char *s)
{
	struct buf b = { 0 };

	while (*s && b.len < VALUE_MAX) {
		bool brace = s[0] == '$' && s[1] == '{';
		const char *name = s + 1 + brace;
		size_t n = *s == '$' ? text_name_length(name) : 0;
		const char *note = n && (!brace || name[n] == '}') ? noted(l, name, n) : NULL;
		if (!note) {
			buf_addc(&b, *s++);
			continue;
		}
		buf_adds(&b, note[n] ? note + n + 1 : "");
		s = name + n + brace;
	}
	return buf_take(&b);
}

static void note(struct lexer *l, const char *word)
{
	const char *eq = strchr(word, '=');

	if (l->n_notes >= NOTES_MAX)
		return;
	_cleanup_free_ char *value = eq ? expand(l, eq + 1) : NULL;
	l->notes = strv_take(l->notes, eq ? mem_printf("%.*s=%s", (int)(eq - word), word, value) : mem_strdup(word));
	l->n_notes++;
}

static void note_export(struct lexer *l, const char *word)
{
	_cleanup_free_ char *name = mem_strndup(word, strcspn(word, "="));

	if (matters(name) && !strv_has(l->exports, name))
		l->exports = strv_add(l->exports, name);
}

void shell_env_note(struct lexer *l, char *const *argv)
{
	bool is_export = text_eq(argv[0], "export"), declares = text_eq(argv[0], "declare") || text_eq(argv[0], "typeset");
	bool unset = text_eq(argv[0], "unset"), plain = true;

	for (size_t i = 0; argv[i]; i++)
		plain = plain && text_is_assignment(argv[i]);
	if (!plain && !is_export && !declares && !unset)
		return;
	for (size_t i = plain ? 0 : 1; argv[i]; i++) {
		if (argv[i][0] == '-') {
			is_export |= declares && strchr(argv[i], 'x');
			continue;
		}
		if (unset || text_is_assignment(argv[i]))
			note(l, argv[i]);
		if (unset || is_export)
			note_export(l, argv[i]);
	}
}

size_t shell_env_enter(struct lexer *l, char *const *argv, size_t at)
{
	size_t mark = l->n_notes;
	_cleanup_strv_ char **words = shell_env_of_words(argv, at);

	for (char **w = words; w && *w; w++) {
		note(l, *w);
		note_export(l, *w);
	}
	return mark;
}

void shell_env_leave(struct lexer *l, size_t mark)
{
	while (l->n_notes > mark) {
		free(l->notes[--l->n_notes]);
		l->notes[l->n_notes] = NULL;
	}
}

/* These every process has in its environment already: to set them is to export them. */
static bool is_exported(const struct lexer *l, const char *name)
{
	if (strcmp(name, "HOME") == 0 || strcmp(name, "XDG_RUNTIME_DIR") == 0)
		return true;
	for (; l; l = l->outer)
		if (strv_has(l->exports, name))
			return true;
	return false;
}

char **shell_env_before(const struct lexer *l, char **env)
{
	char **all = NULL;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *known = is_exported(l, names[i]) ? noted(l, names[i], strlen(names[i])) : NULL;
		if (known)
			all = strv_add(all, known);
	}
	for (char **w = env; w && *w; w++) {
		const char *eq = strchr(*w, '=');
		_cleanup_free_ char *value = eq ? expand(l, eq + 1) : NULL;
		all = strv_take(all, eq ? mem_printf("%.*s=%s", (int)(eq - *w), *w, value) : mem_strdup(*w));
	}
	strv_free(env);
	return all;
}
