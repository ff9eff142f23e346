/* SPDX-License-Identifier: MIT */
#include "lifecycle/checks/likeness.h"

#include <string.h>

#include "formats/text.h"
#include "lifecycle/checks/pattern.h"

static char **blank_words(const char *s)
{
	char **v = NULL;

	while (s && *(s += strspn(s, " "))) {
		size_t n = strcspn(s, " ");
		v = strv_take(v, mem_strndup(s, n));
		s += n;
	}
	return v;
}

char **likeness_words(char *const *argv, const char *home)
{
	char **v = NULL;

	for (; argv && *argv; argv++) {
		_cleanup_free_ char *word = path_expand(*argv, home);
		_cleanup_strv_ char **parts = blank_words(word);
		for (char **p = parts; p && *p; p++)
			v = strv_add(v, *p);
	}
	return v;
}

bool likeness_program(const char *a, const char *b)
{
	if (*a != '/' || *b != '/')
		return strcmp(text_base_name(a), text_base_name(b)) == 0;
	a += text_starts(a, "/usr/") ? strlen("/usr") : 0;
	b += text_starts(b, "/usr/") ? strlen("/usr") : 0;
	return strcmp(a, b) == 0;
}

bool likeness_open(const char *word)
{
	return strpbrk(word, "$%`") || strstr(word, "REDACTED_");
}

static bool same_words(char *const *a, char *const *b)
{
	for (; *a && *b; a++, b++) {
		if (strstr(*a, "REDACTED_") || strstr(*b, "REDACTED_"))
			return true;
		if (strcmp(*a, *b) != 0 && !likeness_open(*a) && !likeness_open(*b))
			return false;
	}
	return !*a && !*b;
}

enum likeness likeness_of(char *const *a, char *const *b)
{
	if (!likeness_open(a[0]) && !likeness_open(b[0]) && !likeness_program(a[0], b[0]))
		return LIKE_NOTHING;
	return same_words(a + 1, b + 1) ? LIKE_ALL : LIKE_PROGRAM;
}

char **likeness_loaded(const struct unit_props *p)
{
	const struct exec_status *last = p->n_exec_start ? &p->exec_start[p->n_exec_start - 1] : NULL;
	char **v = last ? blank_words(last->argv) : NULL;

	if (v && last->path) /* with "@" its first word is what the program is told */
		mem_set(&v[0], last->path);
	return v;
}
