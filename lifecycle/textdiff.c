/* SPDX-License-Identifier: MIT */
#include "lifecycle/textdiff.h"

#include <string.h>

#include "formats/text.h"

static char **split(const char *s)
{
	char **v = NULL;

	while (*s) {
		size_t n = strcspn(s, "\n");
		v = strv_take(v, mem_strndup(s, n));
		s += n + (s[n] == '\n');
	}
	return v;
}

static void say(struct buf *out, char sign, const char *line)
{
	buf_addf(out, "  %c ", sign);
	text_add_safe(out, line, strlen(line), false);
	buf_addc(out, '\n');
}

/* Longest common subsequence: length[i][k] is that of a[i…] and b[k…]. */
void textdiff(const char *a, const char *b, struct buf *out)
{
	_cleanup_strv_ char **x = split(a), **y = split(b);
	size_t n = strv_len(x), m = strv_len(y), i = 0, k = 0;

	if (n > TEXTDIFF_LINES || m > TEXTDIFF_LINES) {
		buf_adds(out, "  (too long to show line by line)\n");
		return;
	}
	_cleanup_free_ unsigned short *length = mem_alloc((n + 1) * (m + 1) * sizeof(*length));
#define LENGTH(r, c) length[(r) * (m + 1) + (c)]
	for (size_t r = n; r-- > 0;)
		for (size_t c = m; c-- > 0;)
			LENGTH(r, c) = (unsigned short)(strcmp(x[r], y[c]) == 0	     ? LENGTH(r + 1, c + 1) + 1
						       : LENGTH(r + 1, c) > LENGTH(r, c + 1) ? LENGTH(r + 1, c)
											     : LENGTH(r, c + 1));
	while (i < n || k < m) {
		if (i < n && k < m && strcmp(x[i], y[k]) == 0) {
			i++;
			k++;
		} else if (i < n && (k == m || LENGTH(i + 1, k) >= LENGTH(i, k + 1))) {
			say(out, '-', x[i++]);
		} else {
			say(out, '+', y[k++]);
		}
	}
#undef LENGTH
}
