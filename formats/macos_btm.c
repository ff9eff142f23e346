/* SPDX-License-Identifier: MIT */
#include "formats/macos_btm.h"

#include <string.h>

#include "formats/buf.h"
#include "formats/launchctl_lines.h"
#include "formats/text.h"

enum { ITEMS_MAX = 65536 };

/* The digits before `end`, with a sign or as 0x…; false when it is no number. */
static bool read_number(const char *s, const char *end, int64_t *ret)
{
	_cleanup_free_ char *text = mem_strndup(s, (size_t)(end - s));
	bool hex = text_starts(text, "0x");

	if (!hex)
		return text_to_i64(text, ret) == 0;
	size_t n = strspn(text + 2, "0123456789abcdefABCDEF");
	if (!n || n > 8 || text[2 + n])
		return false;
	*ret = (int64_t)strtoul(text + 2, NULL, 16);
	return true;
}

static bool section(const char *line, int64_t *ret_uid)
{
	static const char head[] = "Records for UID ";
	const char *at = line + strspn(line, " ");

	if (!text_starts(at, head))
		return false;
	at += strlen(head);
	return read_number(at, at + strcspn(at, " :"), ret_uid);
}

/* " #12:" alone on its line begins a record; "    #1: 16.com.example" lists what is embedded in one. */
static bool begins_record(const char *line)
{
	const char *s = line + strspn(line, " \t");

	if (*s != '#')
		return false;
	s += 1 + strspn(s + 1, "0123456789");
	return *s == ':' && !s[1 + strspn(s + 1, " \t")];
}

static char *url_path(const char *url)
{
	struct buf b = { 0 };

	if (text_starts(url, "file://"))
		url += strlen("file://");
	if (*url != '/')
		return NULL; /* relative to an app, or none */
	for (; *url; url++) {
		static const char digits[] = "0123456789abcdef";
		const char *hi = url[0] == '%' && url[1] ? strchr(digits, url[1] | 0x20) : NULL, *lo = hi && url[2] ? strchr(digits, url[2] | 0x20) : NULL;
		int c = lo ? (int)((hi - digits) << 4 | (lo - digits)) : 0;
		buf_addc(&b, c ? (char)c : *url);
		url += c ? 2 : 0;
	}
	return buf_take(&b);
}

static void read_disposition(struct macos_btm_item *it)
{
	const char *open = strchr(it->disposition, '('), *close = open ? strchr(open, ')') : NULL;
	int64_t bits;

	if (it->disposition[0] != '[' || !close || !read_number(open + 1, close, &bits))
		return;
	it->known = true;
	it->enabled = bits & 1;
	it->allowed = bits & 2;
}

/* "16.com.example.daemon": the number is the type's. */
static const char *without_type(const char *identifier)
{
	size_t n = strspn(identifier, "0123456789");

	return n && identifier[n] == '.' && identifier[n + 1] ? identifier + n + 1 : identifier;
}

static void read_field(struct macos_btm_item *it, const char *line)
{
	const struct {
		const char *key;
		char **at;
	} rows[] = { { "Name: ", &it->name }, { "Developer Name: ", &it->developer }, { "Identifier: ", &it->identifier }, { "URL: ", &it->path },
		{ "Executable Path: ", &it->executable }, { "Disposition: ", &it->disposition } };
	const char *s = line + strspn(line, " \t");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *value = s + strlen(rows[i].key);
		if (!text_starts(s, rows[i].key) || *rows[i].at || !*value || strcmp(value, "(null)") == 0)
			continue;
		*rows[i].at = rows[i].at == &it->path ? url_path(value) : mem_strdup(rows[i].at == &it->identifier ? without_type(value) : value);
		if (rows[i].at == &it->disposition)
			read_disposition(it);
	}
}

int macos_btm_parse(const char *p, size_t n, struct macos_btm *ret, struct err *err)
{
	_cleanup_lc_lines_ struct lc_lines lines = { 0 };
	struct macos_btm b = { 0 };
	bool any = false, within = false;
	int64_t uid = 0;

	lc_lines_read(&lines, p, n);
	for (size_t i = 0; i < lines.n; i++) {
		_cleanup_free_ char *line = mem_strndup(lines.v[i].s, lines.v[i].n);
		if (section(line, &uid)) {
			any = true;
			within = false;
		} else if (any && begins_record(line) && b.n < ITEMS_MAX) {
			b.v = mem_array(b.v, b.n + 1, sizeof(*b.v));
			b.v[b.n++] = (struct macos_btm_item){ .uid = uid };
			within = true;
		} else if (within) {
			read_field(&b.v[b.n - 1], line);
		}
	}
	if (!any)
		return err_set(err, ERR_SYNTAX, "not the output of sfltool dumpbtm: no \"Records for UID\"");
	*ret = b;
	return 0;
}

void macos_btm_free(struct macos_btm *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->v[i].name);
		free(b->v[i].developer);
		free(b->v[i].identifier);
		free(b->v[i].path);
		free(b->v[i].executable);
		free(b->v[i].disposition);
	}
	free(b->v);
	*b = (struct macos_btm){ 0 };
}

const struct macos_btm_item *macos_btm_find(const struct macos_btm *b, int64_t uid, const char *label, const char *path)
{
	const struct macos_btm_item *found = NULL;
	int best = 0;

	for (size_t i = 0; i < b->n; i++) {
		const struct macos_btm_item *it = &b->v[i];
		bool file = path && text_eq(it->path, path);
		/* an app may have the identifier of its agent */
		bool named = text_eq(it->identifier, label) && (!it->path || text_ends(it->path, ".plist"));
		int rank = (file ? 4 : named ? 2 : 0) + (it->uid == uid);
		if ((it->uid > 0 && it->uid != uid) || rank < 2 || rank <= best)
			continue;
		best = rank;
		found = it;
	}
	return found;
}
