/* SPDX-License-Identifier: MIT */
#include "formats/macos.h"

#include <string.h>

#include "formats/launchctl_lines.h"
#include "formats/text.h"

/* "Key: value", the blanks behind the colon dropped. */
static bool split_colon(const struct lc_line *l, char **ret_key, char **ret_value)
{
	const char *colon = l->n ? memchr(l->s, ':', l->n) : NULL;

	if (!colon)
		return false;
	const char *value = colon + 1, *end = l->s + l->n;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	*ret_key = mem_strndup(l->s, (size_t)(colon - l->s));
	*ret_value = mem_strndup(value, (size_t)(end - value));
	return true;
}

int macos_enrollment_parse(const char *p, size_t n, struct macos_enrollment *ret, struct err *err)
{
	_cleanup_lc_lines_ struct lc_lines lines = { 0 };
	struct macos_enrollment e = { 0 };
	size_t unknown = 0;
	bool any = false;

	lc_lines_read(&lines, p, n);
	for (size_t i = 0; i < lines.n; i++) {
		_cleanup_free_ char *key = NULL, *value = NULL;

		if (lc_blank(&lines.v[i]))
			continue;
		if (!split_colon(&lines.v[i], &key, &value)) {
			lc_unknown(&e.unknown, &unknown, &lines.v[i]);
		} else if (strcmp(key, "Enrolled via DEP") == 0) {
			e.dep = text_starts(value, "Yes");
			any = true;
		} else if (strcmp(key, "MDM enrollment") == 0) {
			e.mdm = text_starts(value, "Yes");
			e.user_approved = e.mdm && strstr(value, "User Approved");
			any = true;
		} else if (strcmp(key, "MDM server") == 0) {
			mem_set(&e.server, value);
		} else {
			lc_unknown(&e.unknown, &unknown, &lines.v[i]);
		}
	}
	if (!any) {
		macos_enrollment_free(&e);
		return err_set(err, ERR_SYNTAX, "not the output of profiles status -type enrollment");
	}
	*ret = e;
	return 0;
}

void macos_enrollment_free(struct macos_enrollment *e)
{
	free(e->server);
	strv_free(e->unknown);
	*e = (struct macos_enrollment){ 0 };
}

/* A number of at most four digits at s; 0 when none stands there. */
static int short_number(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n && n <= 4 ? (int)strtol(s, NULL, 10) : 0;
}

static void read_numbers(struct macos_version *v)
{
	const char *dot = v->version + strspn(v->version, "0123456789");

	v->major = short_number(v->version);
	v->minor = v->major && *dot == '.' ? short_number(dot + 1) : 0;
}

int macos_version_parse(const char *p, size_t n, struct macos_version *ret, struct err *err)
{
	_cleanup_lc_lines_ struct lc_lines lines = { 0 };
	struct macos_version v = { 0 };
	size_t unknown = 0;
	struct {
		const char *key;
		char **at;
	} rows[] = { { "ProductName", &v.name }, { "ProductVersion", &v.version }, { "ProductVersionExtra", &v.extra },
		{ "BuildVersion", &v.build } };

	lc_lines_read(&lines, p, n);
	for (size_t i = 0; i < lines.n; i++) {
		_cleanup_free_ char *key = NULL, *value = NULL;
		char **at = NULL;

		if (lc_blank(&lines.v[i]))
			continue;
		bool split = split_colon(&lines.v[i], &key, &value);
		for (size_t j = 0; split && j < ARRAY_LEN(rows); j++)
			if (strcmp(rows[j].key, key) == 0)
				at = rows[j].at;
		if (at)
			mem_set(at, value);
		else
			lc_unknown(&v.unknown, &unknown, &lines.v[i]);
	}
	if (!v.version) {
		macos_version_free(&v);
		return err_set(err, ERR_SYNTAX, "not the output of sw_vers: no ProductVersion");
	}
	read_numbers(&v);
	*ret = v;
	return 0;
}

void macos_version_free(struct macos_version *v)
{
	free(v->name);
	free(v->version);
	free(v->extra);
	free(v->build);
	strv_free(v->unknown);
	*v = (struct macos_version){ 0 };
}
