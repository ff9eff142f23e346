/* SPDX-License-Identifier: MIT */
#include "formats/nixscan.h"

#include <ctype.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/text.h"

struct reader {
	const char *p, *end;
	unsigned line;
	struct nix_scan *out;
	char *names[NIX_DEPTH_MAX]; /* attribute path that each open { belongs to; NULL: none */
	size_t depth;
};

static void step(struct reader *r)
{
	r->line += *r->p == '\n';
	r->p++;
}

static bool at(const struct reader *r, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(r->end - r->p) >= n && memcmp(r->p, word, n) == 0;
}

static void skip_blank(struct reader *r)
{
	while (r->p < r->end) {
		if (*r->p == '#') {
			while (r->p < r->end && *r->p != '\n')
				r->p++;
		} else if (at(r, "/*")) {
			while (r->p < r->end && !at(r, "*/"))
				step(r);
			for (int i = 0; i < 2 && r->p < r->end; i++)
				step(r);
		} else if (isspace((unsigned char)*r->p)) {
			step(r);
		} else {
			return;
		}
	}
}

/* ${ … } with what is nested in it, kept as written. */
static void copy_interpolation(struct reader *r, struct buf *b)
{
	int open = 0;

	do {
		open += *r->p == '{';
		open -= *r->p == '}';
		buf_addc(b, *r->p);
		step(r);
	} while (r->p < r->end && open > 0);
}

static void add_string(struct reader *r, const char *text, unsigned line)
{
	struct nix_scan *s = r->out;

	if (s->n_strings >= NIX_ITEMS_MAX) {
		s->cut = true;
		return;
	}
	s->strings = mem_array(s->strings, s->n_strings + 1, sizeof(*s->strings));
	s->strings[s->n_strings++] = (struct nix_string){ mem_strdup(text), line };
}

/* "…" */
static char *read_quoted(struct reader *r, unsigned *ret_line)
{
	struct buf b = { 0 };

	*ret_line = r->line;
	step(r);
	while (r->p < r->end && *r->p != '"') {
		if (*r->p == '\\' && r->p + 1 < r->end) {
			step(r);
			buf_addc(&b, *r->p == 'n' ? '\n' : *r->p == 't' ? '\t' : *r->p);
			step(r);
		} else if (at(r, "${")) {
			buf_addc(&b, '$');
			step(r);
			copy_interpolation(r, &b);
		} else {
			buf_addc(&b, *r->p);
			step(r);
		}
	}
	if (r->p < r->end)
		step(r);
	return buf_take(&b);
}

/* ''…'': ''' and ''$ are escapes. A first line that is empty is no text. */
static char *read_indented(struct reader *r, unsigned *ret_line)
{
	struct buf b = { 0 };

	r->p += 2;
	while (r->p < r->end && *r->p == ' ')
		r->p++;
	if (r->p < r->end && *r->p == '\n')
		step(r);
	*ret_line = r->line;
	while (r->p < r->end && !(at(r, "''") && !at(r, "'''") && !at(r, "''$") && !at(r, "''\\"))) {
		if (at(r, "'''") || at(r, "''$")) {
			buf_adds(&b, at(r, "'''") ? "''" : "$");
			r->p += 3;
		} else if (at(r, "''\\")) {
			r->p += 3;
		} else if (at(r, "${")) {
			buf_addc(&b, '$');
			step(r);
			copy_interpolation(r, &b);
		} else {
			buf_addc(&b, *r->p);
			step(r);
		}
	}
	r->p = r->end - r->p >= 2 ? r->p + 2 : r->end;
	return buf_take(&b);
}

static bool is_name_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' || c == '\'';
}

static char *read_word(struct reader *r)
{
	const char *from = r->p;

	while (r->p < r->end && (is_name_byte(*r->p) || strchr("./~+", *r->p)))
		r->p++;
	return mem_strndup(from, (size_t)(r->p - from));
}

/* An attribute path: a.b."c d".${x}; NULL when there is none here. */
static char *read_path(struct reader *r)
{
	struct buf b = { 0 };

	for (;;) {
		if (r->p < r->end && (isalpha((unsigned char)*r->p) || *r->p == '_')) {
			while (r->p < r->end && is_name_byte(*r->p))
				buf_addc(&b, *r->p++);
		} else if (r->p < r->end && *r->p == '"') {
			unsigned line;
			_cleanup_free_ char *s = read_quoted(r, &line);
			buf_adds(&b, s);
		} else {
			break;
		}
		if (r->p >= r->end || *r->p != '.')
			return buf_take(&b);
		buf_addc(&b, '.');
		r->p++;
	}
	buf_free(&b);
	return NULL;
}

static const char *enclosing(const struct reader *r)
{
	for (size_t i = r->depth; i > 0; i--)
		if (i <= NIX_DEPTH_MAX && r->names[i - 1])
			return r->names[i - 1];
	return NULL;
}

static void add_binding(struct reader *r, const char *path, char *value, bool string, unsigned line)
{
	struct nix_scan *s = r->out;
	const char *outer = enclosing(r), *dot = strrchr(path, '.');

	if (s->n_bindings >= NIX_ITEMS_MAX) {
		s->cut = true;
		free(value);
		return;
	}
	s->bindings = mem_array(s->bindings, s->n_bindings + 1, sizeof(*s->bindings));
	s->bindings[s->n_bindings++] = (struct nix_binding){ outer ? mem_printf("%s.%s", outer, path) : mem_strdup(path),
		mem_strdup(dot ? dot + 1 : path), value, string, line };
}

static void open_brace(struct reader *r, const char *path)
{
	const char *outer = enclosing(r);

	if (r->depth < NIX_DEPTH_MAX)
		r->names[r->depth] = !path ? NULL : outer ? mem_printf("%s.%s", outer, path) : mem_strdup(path);
	else
		r->out->cut = true;
	r->depth++;
	r->p++;
}

static void close_brace(struct reader *r)
{
	if (r->depth > 0 && --r->depth < NIX_DEPTH_MAX) {
		free(r->names[r->depth]);
		r->names[r->depth] = NULL;
	}
	r->p++;
}

/* What stands behind "path =". */
static void read_value(struct reader *r, const char *path)
{
	unsigned line = r->line;

	skip_blank(r);
	if (at(r, "rec "))
		r->p += 4;
	skip_blank(r);
	if (r->p >= r->end)
		return;
	if (*r->p == '"' || at(r, "''")) {
		char *s = *r->p == '"' ? read_quoted(r, &line) : read_indented(r, &line);
		add_string(r, s, line);
		add_binding(r, path, s, true, line);
	} else if (*r->p == '{') {
		open_brace(r, path);
	} else if (isalnum((unsigned char)*r->p) || strchr("./~-", *r->p)) {
		line = r->line;
		char *word = read_word(r);
		if (!*word) {
			free(word);
			return;
		}
		add_binding(r, path, word, false, line);
	}
}

void nix_scan(const char *text, size_t n, struct nix_scan *ret)
{
	struct reader r = { .p = text, .end = text + n, .line = 1, .out = ret };
	unsigned line;

	*ret = (struct nix_scan){ 0 };
	for (skip_blank(&r); r.p < r.end; skip_blank(&r)) {
		const char *before = r.p;
		if (at(&r, "''")) {
			_cleanup_free_ char *s = read_indented(&r, &line);
			add_string(&r, s, line);
			continue;
		}
		bool quoted = *r.p == '"';
		line = r.line;
		_cleanup_free_ char *path = read_path(&r);
		if (path) {
			skip_blank(&r);
			if (r.p < r.end && *r.p == '=' && !at(&r, "==")) {
				r.p++;
				read_value(&r, path);
			} else if (quoted) {
				add_string(&r, path, line);
			}
		} else if (r.p < r.end && *r.p == '{') {
			open_brace(&r, NULL);
		} else if (r.p < r.end && *r.p == '}') {
			close_brace(&r);
		}
		if (r.p == before)
			step(&r);
	}
	while (r.depth > 0) {
		r.p = text; /* close_brace moves on; the text is over */
		close_brace(&r);
	}
}

void nix_scan_free(struct nix_scan *s)
{
	for (size_t i = 0; i < s->n_bindings; i++) {
		free(s->bindings[i].path);
		free(s->bindings[i].name);
		free(s->bindings[i].value);
	}
	for (size_t i = 0; i < s->n_strings; i++)
		free(s->strings[i].text);
	free(s->bindings);
	free(s->strings);
	*s = (struct nix_scan){ 0 };
}

const struct nix_binding *nix_scan_find(const struct nix_scan *s, const char *name)
{
	for (size_t i = 0; i < s->n_bindings; i++)
		if (strcmp(s->bindings[i].name, name) == 0)
			return &s->bindings[i];
	return NULL;
}
