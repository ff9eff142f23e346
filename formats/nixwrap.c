/* SPDX-License-Identifier: MIT */
#include "formats/macos.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/launchctl_lines.h"
#include "formats/text.h"

const char *nix_wait4path_rest(const char *script)
{
	static const char *const heads[] = { "/bin/wait4path /nix/store && ", "/bin/wait4path /run/wrappers/bin && " };

	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		if (!text_starts(script, heads[i]))
			continue;
		script += strlen(heads[i]);
		if (text_starts(script, "exec "))
			script += 5;
		return *script ? script : NULL;
	}
	return NULL;
}

/* The words of a command that needs no shell: bare words, '…' and "…" without anything to expand. NULL else. */
static char **plain_words(const char *s)
{
	struct lc_list words = { 0 };

	while (*s) {
		struct buf b = { 0 };
		bool any = false, plain = true;

		s += strspn(s, " ");
		while (plain && *s && *s != ' ') {
			any = true;
			if (*s == '\'' || *s == '"') {
				const char *end = strchr(s + 1, *s);
				size_t n = end ? (size_t)(end - s) - 1 : 0;
				plain = end && (*s == '\'' || (!memchr(s + 1, '$', n) && !memchr(s + 1, '`', n) && !memchr(s + 1, '\\', n)));
				if (plain) {
					buf_add(&b, s + 1, n);
					s = end + 1;
				}
			} else {
				plain = !strchr("$`\\;&|<>()*?[]{}#~!\n\t\r", *s);
				buf_addc(&b, *s++);
			}
		}
		if (!plain) {
			buf_free(&b);
			strv_free(words.v);
			return NULL;
		}
		if (any)
			lc_list_take(&words, buf_take(&b));
		buf_free(&b);
	}
	return words.v;
}

bool nix_unwrap(char *const *argv, char ***ret_argv)
{
	if (strv_len(argv) != 3 || strcmp(argv[0], "/bin/sh") != 0 || strcmp(argv[1], "-c") != 0)
		return false;
	const char *rest = nix_wait4path_rest(argv[2]);
	if (!rest)
		return false;
	char **words = plain_words(rest);
	if (!words) {
		words = strv_add(words, "/bin/sh");
		words = strv_add(words, "-c");
		words = strv_add(words, rest);
	}
	*ret_argv = words;
	return true;
}

char *nix_store_item(const char *path)
{
	static const char store[] = "/nix/store/";
	bool there = text_starts(path, store) || text_starts(path, "/gnu/store/"); /* of one length */
	size_t n = there ? strcspn(path + strlen(store), "/") : 0;

	/* 32 characters of hash, a dash, a name */
	if (n < 34 || path[strlen(store) + 32] != '-')
		return NULL;
	return mem_strndup(path, strlen(store) + n);
}
