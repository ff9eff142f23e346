/* SPDX-License-Identifier: MIT */
#include "formats/journal_line.h"

#include <string.h>

#include "formats/json_plain.h"
#include "formats/text.h"

void journal_line_add(struct journal_line *l, const void *field, size_t n)
{
	const char *equals = memchr(field, '=', n);

	if (!equals)
		return;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 32;
		l->v = mem_array(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = (struct journal_field){ l->bytes.len, (size_t)(equals - (const char *)field), n, NULL };
	buf_add(&l->bytes, field, n);
}

/* As systemd has it: neither control characters nor code points that will never be characters. */
static bool is_printable(const char *s, size_t n)
{
	uint32_t c;

	for (size_t len; n; s += len, n -= len) {
		len = text_utf8((const unsigned char *)s, n, &c);
		if (!len || (c < ' ' && c != '\t' && c != '\n') || (c >= 0x7f && c <= 0x9f) || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe)
			return false;
	}
	return true;
}

static void put_string(struct buf *b, const char *s, size_t n)
{
	buf_addc(b, '"');
	while (n) {
		size_t plain = 0;
		while (plain < n && s[plain] != '"' && s[plain] != '\\' && (unsigned char)s[plain] >= ' ')
			plain++;
		buf_add(b, s, plain);
		s += plain;
		n -= plain;
		if (!n)
			break;
		if (*s == '"' || *s == '\\')
			buf_addf(b, "\\%c", *s);
		else if (*s == '\n' || *s == '\t')
			buf_adds(b, *s == '\n' ? "\\n" : "\\t");
		else
			buf_addf(b, "\\u%04x", (unsigned char)*s);
		s++;
		n--;
	}
	buf_addc(b, '"');
}

static void put_value(struct buf *b, const char *s, size_t n)
{
	if (json_is_plain(s, n) || is_printable(s, n)) { /* nearly all is plain */
		put_string(b, s, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%c%u", i ? ',' : '[', (unsigned char)s[i]);
	buf_addc(b, ']');
}

static int compare_names(const struct journal_field *a, const struct journal_field *b)
{
	size_t n = a->name_len < b->name_len ? a->name_len : b->name_len;
	int c = memcmp(a->text, b->text, n);

	return c ? c : a->name_len < b->name_len ? -1 : a->name_len > b->name_len;
}

/* By name; those of one name as they came. */
static int compare(const void *p, const void *q)
{
	const struct journal_field *a = p, *b = q;
	int c = compare_names(a, b);

	return c ? c : a->at < b->at ? -1 : a->at > b->at;
}

/* The fields from v on that share its name. */
static size_t alike(const struct journal_field *v, size_t n)
{
	size_t k = 1;

	while (k < n && compare_names(v, v + k) == 0)
		k++;
	return k;
}

void journal_line_put(struct journal_line *l, struct buf *out)
{
	for (size_t i = 0; i < l->n; i++)
		l->v[i].text = l->bytes.data + l->v[i].at;
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare);
	buf_addc(out, '{');
	for (size_t i = 0, n; i < l->n; i += n) {
		const struct journal_field *f = &l->v[i];
		n = alike(f, l->n - i);
		if (i)
			buf_addc(out, ',');
		put_string(out, f->text, f->name_len);
		buf_adds(out, n > 1 ? ":[" : ":");
		for (size_t k = 0; k < n; k++) {
			if (k)
				buf_addc(out, ',');
			put_value(out, f[k].text + f->name_len + 1, f[k].len - f->name_len - 1);
		}
		if (n > 1)
			buf_addc(out, ']');
	}
	buf_adds(out, "}\n");
	buf_clear(&l->bytes);
	l->n = 0;
}

void journal_line_free(struct journal_line *l)
{
	buf_free(&l->bytes);
	free(l->v);
	*l = (struct journal_line){ 0 };
}
