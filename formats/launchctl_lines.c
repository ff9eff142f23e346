/* SPDX-License-Identifier: MIT */
#include "formats/launchctl_lines.h"

#include <string.h>

#include "formats/text.h"

static size_t count_leading(const char *s, size_t n, char c)
{
	size_t i = 0;

	while (i < n && s[i] == c)
		i++;
	return i;
}

/* The first indented line is one level deep, in headed documents and in fragments. */
static size_t find_unit(const char *p, size_t n)
{
	for (size_t i = 0; i < n;) {
		const char *nl = memchr(p + i, '\n', n - i);
		size_t len = nl ? (size_t)(nl - p) - i : n - i;
		size_t blanks = count_leading(p + i, len, ' ');

		if (len && p[i] == '\t')
			return 0;
		if (blanks && blanks < len)
			return blanks;
		i += len + 1;
	}
	return 0;
}

static void line_set(struct lc_line *l, const char *s, size_t n, size_t unit)
{
	if (n && s[n - 1] == '\r')
		n--;
	size_t indent = count_leading(s, n, unit ? ' ' : '\t');

	l->raw = s;
	l->raw_n = n;
	l->depth = unit ? indent / unit : indent;
	l->s = s + indent;
	l->n = n - indent;
}

void lc_lines_read(struct lc_lines *l, const char *p, size_t n)
{
	size_t cap = 0;

	*l = (struct lc_lines){ .unit = find_unit(p, n) };
	for (size_t i = 0; i < n;) {
		const char *nl = memchr(p + i, '\n', n - i);
		size_t len = nl ? (size_t)(nl - p) - i : n - i;

		if (l->n == cap) {
			cap = cap ? cap * 2 : 64;
			l->v = mem_array(l->v, cap, sizeof(*l->v));
		}
		line_set(&l->v[l->n++], p + i, len, l->unit);
		i += len + 1;
	}
}

void lc_lines_free(struct lc_lines *l)
{
	free(l->v);
	*l = (struct lc_lines){ 0 };
}

bool lc_is(const struct lc_line *l, const char *s)
{
	return l->n == strlen(s) && memcmp(l->s, s, l->n) == 0;
}

bool lc_starts(const struct lc_line *l, const char *s)
{
	return l->n >= strlen(s) && memcmp(l->s, s, strlen(s)) == 0;
}

bool lc_split(const struct lc_line *l, bool arrow, char **ret_key, char **ret_value)
{
	const char *sep = arrow ? " => " : " = ";
	size_t sep_n = strlen(sep);
	const char *at = l->n ? memmem(l->s, l->n, sep, sep_n) : NULL;

	/* an empty value whose trailing blank a paste lost */
	if (!at && l->n >= sep_n && memcmp(l->s + l->n - (sep_n - 1), sep, sep_n - 1) == 0)
		at = l->s + l->n - (sep_n - 1);
	if (!at || at == l->s)
		return false;
	size_t key_n = (size_t)(at - l->s), skip = key_n + sep_n;

	*ret_key = mem_strndup(l->s, key_n);
	*ret_value = skip < l->n ? mem_strndup(l->s + skip, l->n - skip) : mem_strdup("");
	return true;
}

char *lc_unquote(const char *s, size_t n)
{
	if (n >= 2 && s[0] == '"' && s[n - 1] == '"')
		return mem_strndup(s + 1, n - 2);
	return mem_strndup(s, n);
}

char *lc_block_key(const struct lc_line *l)
{
	static const char *const ends[] = { " => {", " = {" };

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		size_t n = strlen(ends[i]);
		if (l->n > n && memcmp(l->s + l->n - n, ends[i], n) == 0)
			return lc_unquote(l->s, l->n - n);
	}
	return NULL;
}

static bool closes_free(const struct lc_lines *l, size_t i, size_t depth)
{
	const struct lc_line *line = &l->v[i];

	if (line->depth != depth || !lc_is(line, "}"))
		return false;
	if (i + 1 == l->n)
		return true;
	const struct lc_line *next = &l->v[i + 1];
	return lc_blank(next) || (next->depth < depth && lc_is(next, "}")) || (next->depth == depth && !lc_is(next, "}"));
}

size_t lc_block(const struct lc_lines *l, size_t head, bool free, size_t *ret_end, bool *ret_broken)
{
	size_t depth = l->v[head].depth;

	*ret_broken = false;
	for (size_t i = head + 1; i < l->n; i++) {
		const struct lc_line *line = &l->v[i];

		if (free) {
			if (!closes_free(l, i, depth))
				continue;
			*ret_end = i;
			return i + 1;
		}
		if (lc_blank(line) || line->depth > depth)
			continue;
		*ret_end = i;
		if (line->depth == depth && lc_is(line, "}"))
			return i + 1;
		*ret_broken = true;
		return i;
	}
	*ret_end = l->n;
	*ret_broken = true;
	return l->n;
}

void lc_list_take(struct lc_list *l, char *s)
{
	if (l->n + 2 > l->cap) {
		l->cap = l->cap ? l->cap * 2 : 16;
		l->v = mem_array(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

void lc_unknown(char ***v, size_t *count, const struct lc_line *l)
{
	if ((*count)++ < LAUNCHCTL_UNKNOWN_KEPT)
		*v = strv_take(*v, mem_strndup(l->s, l->n));
}

void lc_pairs_add(struct launchctl_pairs *p, char *key, char *value)
{
	p->v = mem_array(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n++] = (struct launchctl_pair){ key, value };
}

void lc_pairs_free(struct launchctl_pairs *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].key);
		free(p->v[i].value);
	}
	free(p->v);
	*p = (struct launchctl_pairs){ 0 };
}

const char *launchctl_pairs_get(const struct launchctl_pairs *p, const char *key)
{
	for (size_t i = 0; i < p->n; i++)
		if (text_eq(p->v[i].key, key))
			return p->v[i].value;
	return NULL;
}

int64_t lc_number(const char *s)
{
	size_t n = strspn(s, "0123456789");
	int64_t v;

	if (!n || (s[n] && s[n] != ' '))
		return -1;
	_cleanup_free_ char *digits = mem_strndup(s, n);
	return text_to_i64(digits, &v) == 0 && v >= 0 ? v : -1;
}

char **lc_flags(const char *s)
{
	struct lc_list list = { 0 };

	while (*s) {
		const char *bar = strstr(s, " | ");
		size_t n = bar ? (size_t)(bar - s) : strlen(s);
		if (n)
			lc_list_take(&list, mem_strndup(s, n));
		s += n + (bar ? 3 : 0);
	}
	return list.v;
}

static const char *next_column(const char *s, const char *end, size_t *ret_n)
{
	const char *e;

	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	for (e = s; e < end && *e != ' ' && *e != '\t'; e++)
		;
	*ret_n = (size_t)(e - s);
	return s;
}

bool lc_row_parse(const char *s, size_t n, struct launchctl_row *ret)
{
	const char *end = s + n;
	size_t pid_n, status_n;
	const char *pid = next_column(s, end, &pid_n);
	const char *status = next_column(pid + pid_n, end, &status_n);
	const char *label = status + status_n;
	int64_t number = 0;

	while (label < end && (*label == ' ' || *label == '\t'))
		label++;
	if (!pid_n || !status_n || label == end || memchr(s, '\0', n))
		return false;
	_cleanup_free_ char *pid_s = mem_strndup(pid, pid_n), *status_s = mem_strndup(status, status_n);
	if (strcmp(pid_s, "-") != 0 && (text_to_i64(pid_s, &number) || number < 0))
		return false;

	struct launchctl_row row = { .pid = number, .kind = LAUNCHCTL_ROW_OTHER };
	if (strcmp(status_s, "-") == 0) {
		row.kind = LAUNCHCTL_ROW_NONE;
	} else if (text_to_i64(status_s, &number) == 0 && number > INT64_MIN) {
		row.kind = number < 0 ? LAUNCHCTL_ROW_SIGNAL : LAUNCHCTL_ROW_CODE;
		row.status = number < 0 ? -number : number;
	} else if (status_s[0] != '(' && strcmp(status_s, "?") != 0) {
		return false;
	}
	row.text = TAKE_PTR(status_s);
	row.label = mem_strndup(label, (size_t)(end - label));
	*ret = row;
	return true;
}

void lc_row_free(struct launchctl_row *r)
{
	free(r->text);
	free(r->label);
}

bool lc_override_parse(const struct lc_line *l, struct launchctl_override *ret)
{
	_cleanup_free_ char *key = NULL, *value = NULL;

	if (!l->n || l->s[0] != '"' || !lc_split(l, true, &key, &value))
		return false;
	bool off = strcmp(value, "disabled") == 0 || strcmp(value, "true") == 0;
	if (!off && strcmp(value, "enabled") != 0 && strcmp(value, "false") != 0)
		return false;
	*ret = (struct launchctl_override){ lc_unquote(key, strlen(key)), off };
	return true;
}
