/* SPDX-License-Identifier: MIT */
#include "formats/unitfile.h"

#include <string.h>
#include <strings.h>

#include "formats/buf.h"
#include "formats/text.h"

#define LINE_MAX_BYTES ((size_t)1 << 20) /* systemd's LONG_LINE_MAX */
#define PROBLEMS_MAX ((size_t)1000)

struct reader {
	struct unitfile *u;
	unsigned file;
	unsigned line;	/* of the physical line */
	char *section;
	struct buf logical; /* with its continuations */
	unsigned logical_line;
	bool continued;
	size_t cap; /* of u->entries */
};

static void problem(struct reader *r, unsigned line, const char *text)
{
	struct unitfile *u = r->u;

	if (u->n_problems >= PROBLEMS_MAX)
		return;
	u->problems = mem_array(u->problems, u->n_problems + 1, sizeof(*u->problems));
	u->problems[u->n_problems++] = (struct unit_problem){ .file = r->file, .line = line, .text = text };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A copy of [s, e) without outer blanks. */
static char *strip(const char *s, const char *e)
{
	while (s < e && is_blank(*s))
		s++;
	while (e > s && is_blank(e[-1]))
		e--;
	return mem_strndup(s, (size_t)(e - s));
}

static void add_entry(struct reader *r, const char *s, const char *eq, const char *e)
{
	struct unitfile *u = r->u;

	if (u->n >= UNITFILE_MAX_ENTRIES) {
		u->cut = true;
		return;
	}
	if (u->n >= r->cap) {
		r->cap = u->n ? u->n * 2 : 16;
		u->entries = mem_array(u->entries, r->cap, sizeof(*u->entries));
	}
	u->entries[u->n++] = (struct unit_entry){
		.section = mem_strdup(r->section),
		.key = strip(s, eq),
		.value = strip(eq + 1, e),
		.line = r->logical_line,
		.file = r->file,
	};
}

/* One logical line, as parse_line() of systemd's conf-parser.c takes it. */
static void take_line(struct reader *r, const char *s, size_t n)
{
	const char *e = s + n;

	while (s < e && is_blank(*s))
		s++;
	while (e > s && is_blank(e[-1]))
		e--;
	if (s == e)
		return;
	if (*s == '[') {
		if (e[-1] != ']' || e - s < 3) {
			problem(r, r->logical_line, "invalid section header");
			return;
		}
		free(r->section);
		r->section = mem_strndup(s + 1, (size_t)(e - s) - 2);
		return;
	}
	const char *eq = memchr(s, '=', (size_t)(e - s));
	if (!eq) {
		problem(r, r->logical_line, "missing '='");
	} else if (eq == s) {
		problem(r, r->logical_line, "missing key before '='");
	} else {
		if (!*r->section)
			problem(r, r->logical_line, "assignment outside of a section");
		add_entry(r, s, eq, e);
	}
}

static bool ends_escaped(const char *s, size_t n)
{
	bool escaped = false;

	for (size_t i = 0; i < n; i++)
		escaped = !escaped && s[i] == '\\';
	return escaped;
}

static void physical_line(struct reader *r, const char *s, size_t n)
{
	size_t lead = 0;

	while (lead < n && is_blank(s[lead]))
		lead++;
	/* a comment within a continuation is left out, and the continuation goes on */
	if (lead < n && (s[lead] == '#' || s[lead] == ';'))
		return;
	if (!r->continued) {
		buf_clear(&r->logical);
		r->logical_line = r->line;
	}
	if (n > LINE_MAX_BYTES || r->logical.len + n > LINE_MAX_BYTES) {
		problem(r, r->logical_line, "line is too long");
		r->continued = false;
		return;
	}
	buf_add(&r->logical, s, n);
	/* the whole logical line is looked at, as systemd does; each backslash before was made a blank */
	r->continued = ends_escaped(s, n);
	if (r->continued)
		r->logical.data[r->logical.len - 1] = ' ';
	else
		take_line(r, buf_str(&r->logical), r->logical.len);
}

/* Line ends are LF, CRLF, CR and NUL, as in systemd's read_line(). Returns what was consumed. */
static size_t line_end(const char *s, size_t n, size_t *ret_len)
{
	size_t len = 0;

	while (len < n && s[len] != '\n' && s[len] != '\r' && s[len])
		len++;
	*ret_len = len;
	if (len < n)
		return len + (s[len] == '\r' && len + 1 < n && s[len + 1] == '\n' ? 2 : 1);
	return len;
}

void unitfile_add(struct unitfile *u, const char *path, const char *text, size_t n)
{
	struct reader r = { .u = u, .file = (unsigned)strv_len(u->files), .cap = u->n, .section = mem_strdup("") };

	u->files = strv_add(u->files, path);
	if (n > UNITFILE_MAX) {
		n = UNITFILE_MAX;
		u->cut = true;
	}
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		n -= 3;
	}
	while (n && !(u->cut && u->n >= UNITFILE_MAX_ENTRIES)) {
		size_t len, used = line_end(text, n, &len);
		r.line++;
		physical_line(&r, text, len);
		text += used;
		n -= used;
	}
	if (r.continued)
		take_line(&r, buf_str(&r.logical), r.logical.len);
	free(r.section);
	buf_free(&r.logical);
}

void unitfile_free(struct unitfile *u)
{
	for (size_t i = 0; i < u->n; i++) {
		free(u->entries[i].section);
		free(u->entries[i].key);
		free(u->entries[i].value);
	}
	free(u->entries);
	free(u->problems);
	strv_free(u->files);
	*u = (struct unitfile){ 0 };
}

static bool is_key(const struct unit_entry *e, const char *section, const char *key)
{
	return strcmp(e->key, key) == 0 && strcmp(e->section, section) == 0;
}

const struct unit_entry *unitfile_get(const struct unitfile *u, const char *section, const char *key)
{
	for (size_t i = u->n; i-- > 0;)
		if (is_key(&u->entries[i], section, key))
			return *u->entries[i].value ? &u->entries[i] : NULL;
	return NULL;
}

const char *unitfile_value(const struct unitfile *u, const char *section, const char *key)
{
	const struct unit_entry *e = unitfile_get(u, section, key);

	return e ? e->value : NULL;
}

bool unitfile_bool(const struct unitfile *u, const char *section, const char *key, bool otherwise)
{
	static const char *const yes[] = { "1", "yes", "y", "true", "t", "on" };
	static const char *const no[] = { "0", "no", "n", "false", "f", "off" };
	const char *v = unitfile_value(u, section, key);

	for (size_t i = 0; v && i < ARRAY_LEN(yes); i++) {
		if (strcasecmp(v, yes[i]) == 0)
			return true;
		if (strcasecmp(v, no[i]) == 0)
			return false;
	}
	return otherwise;
}

size_t unitfile_get_all(const struct unitfile *u, const char *section, const char *key, const struct unit_entry ***ret)
{
	const struct unit_entry **list = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < u->n; i++) {
		if (!is_key(&u->entries[i], section, key))
			continue;
		if (!*u->entries[i].value) {
			n = 0;
			continue;
		}
		if (n >= cap) {
			cap = cap ? cap * 2 : 8;
			list = mem_array(list, cap, sizeof(*list));
		}
		list[n++] = &u->entries[i];
	}
	*ret = list;
	return n;
}

const struct unit_entry *unitfile_find(const struct unitfile *u, const char *key)
{
	for (size_t i = u->n; i-- > 0;)
		if (strcmp(u->entries[i].key, key) == 0)
			return &u->entries[i];
	return NULL;
}

bool unitfile_has_section(const struct unitfile *u, const char *section)
{
	for (size_t i = 0; i < u->n; i++)
		if (strcmp(u->entries[i].section, section) == 0)
			return true;
	return false;
}

char *unit_entry_where(const struct unitfile *u, const struct unit_entry *e)
{
	return mem_printf("%s:%u", e->file < strv_len(u->files) ? u->files[e->file] : "?", e->line);
}
