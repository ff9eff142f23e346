/* SPDX-License-Identifier: MIT */
#include "formats/launchctl.h"

#include <string.h>

#include "formats/launchctl_lines.h"
#include "formats/text.h"

static void strip_blanks(struct lc_line *l)
{
	while (l->n && (*l->s == ' ' || *l->s == '\t')) {
		l->s++;
		l->n--;
	}
	while (l->n && (l->s[l->n - 1] == ' ' || l->s[l->n - 1] == '\t'))
		l->n--;
}

static void read_overrides(const struct lc_lines *lines, size_t i, struct launchctl_overrides *o)
{
	for (; i < lines->n && !lc_is(&lines->v[i], "}"); i++) {
		struct launchctl_override one;

		if (lc_override_parse(&lines->v[i], &one)) {
			o->v = mem_array(o->v, o->n + 1, sizeof(*o->v));
			o->v[o->n++] = one;
		} else if (!lc_blank(&lines->v[i])) {
			lc_unknown(&o->unknown, &o->unknown_lines, &lines->v[i]);
		}
	}
}

/* By the braces, not by the depth: pastes of this command come with any indentation. */
int launchctl_disabled_parse(const char *p, size_t n, struct launchctl_overrides *ret, struct err *err)
{
	_cleanup_lc_lines_ struct lc_lines lines = { 0 };
	struct launchctl_overrides o = { 0 };

	lc_lines_read(&lines, p, n);
	for (size_t i = 0; i < lines.n; i++)
		strip_blanks(&lines.v[i]);
	for (size_t i = 0; i < lines.n; i++) {
		bool none = lc_is(&lines.v[i], "(no disabled services)");

		if (!none && !lc_is(&lines.v[i], "disabled services = {"))
			continue;
		if (!none)
			read_overrides(&lines, i + 1, &o);
		*ret = o;
		return 0;
	}
	return err_set(err, ERR_SYNTAX, "not the output of launchctl print-disabled");
}

int launchctl_overrides_get(const struct launchctl_overrides *o, const char *label)
{
	for (size_t i = 0; i < o->n; i++)
		if (text_eq(o->v[i].label, label))
			return o->v[i].disabled;
	return -1;
}

void launchctl_overrides_free(struct launchctl_overrides *o)
{
	for (size_t i = 0; i < o->n; i++)
		free(o->v[i].label);
	free(o->v);
	strv_free(o->unknown);
	*o = (struct launchctl_overrides){ 0 };
}

int launchctl_table_parse(const char *p, size_t n, struct launchctl_table *ret, struct err *err)
{
	_cleanup_lc_lines_ struct lc_lines lines = { 0 };
	struct launchctl_table t = { 0 };
	bool header = false;
	size_t cap = 0;

	lc_lines_read(&lines, p, n);
	for (size_t i = 0; i < lines.n; i++) {
		const struct lc_line *l = &lines.v[i];
		struct launchctl_row row;

		if (lc_starts(l, "PID") && l->n > 5 && memcmp(l->s + l->n - 5, "Label", 5) == 0) {
			header = true;
		} else if (lc_row_parse(l->s, l->n, &row)) {
			if (t.n == cap) {
				cap = cap ? cap * 2 : 64;
				t.v = mem_array(t.v, cap, sizeof(*t.v));
			}
			t.v[t.n++] = row;
		} else if (!lc_blank(l)) {
			lc_unknown(&t.unknown, &t.unknown_lines, l);
		}
	}
	if (!t.n && !header) {
		launchctl_table_free(&t);
		return err_set(err, ERR_SYNTAX, "not the output of launchctl list");
	}
	*ret = t;
	return 0;
}

void launchctl_table_free(struct launchctl_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		lc_row_free(&t->v[i]);
	free(t->v);
	strv_free(t->unknown);
	*t = (struct launchctl_table){ 0 };
}

const struct launchctl_row *launchctl_table_find(const struct launchctl_table *t, const char *label)
{
	for (size_t i = 0; i < t->n; i++)
		if (text_eq(t->v[i].label, label))
			return &t->v[i];
	return NULL;
}

void launchctl_wait_status(int64_t raw, int *ret_code, int *ret_signal)
{
	*ret_signal = (int)(raw & 0x7f);
	*ret_code = *ret_signal ? 0 : (int)(raw >> 8 & 0xff);
}

/* `"text"` or `word`, behind which stands a semicolon. */
static char *job_value(const char *s)
{
	size_t n = strlen(s);

	if (n && s[n - 1] == ';')
		n--;
	return lc_unquote(s, n);
}

static void job_field(struct launchctl_job *j, char *key, char *value)
{
	int64_t number;
	struct {
		const char *key;
		char **at;
	} texts[] = { { "Label", &j->label }, { "Program", &j->program }, { "StandardOutPath", &j->stdout_path },
		{ "StandardErrorPath", &j->stderr_path }, { "LimitLoadToSessionType", &j->session } };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (strcmp(texts[i].key, key) != 0)
			continue;
		free(*texts[i].at);
		*texts[i].at = value;
		free(key);
		return;
	}
	if (strcmp(key, "OnDemand") == 0) {
		j->on_demand = strcmp(value, "true") == 0;
	} else if (strcmp(key, "PID") == 0 && text_to_i64(value, &number) == 0 && number > 0) {
		j->pid = number;
	} else if (strcmp(key, "LastExitStatus") == 0 && text_to_i64(value, &number) == 0) {
		j->has_status = true;
		launchctl_wait_status(number, &j->exit_code, &j->exit_signal);
	} else {
		lc_pairs_add(&j->other, key, value);
		return;
	}
	free(key);
	free(value);
}

/* The lines of an array or a nested dictionary, up to the bracket that closes it. */
static size_t job_block(struct launchctl_job *j, const struct lc_lines *lines, size_t head, const char *key, bool array)
{
	struct lc_list list = { 0 };
	size_t i = head + 1, depth = lines->v[head].depth;

	for (; i < lines->n; i++) {
		const struct lc_line *l = &lines->v[i];

		if (l->depth <= depth && (lc_is(l, array ? ");" : "};") || lc_is(l, array ? ")" : "}")))
			break;
		if (array && l->depth == depth + 1 && strcmp(key, "ProgramArguments") == 0) {
			_cleanup_free_ char *text = mem_strndup(l->s, l->n);
			lc_list_take(&list, job_value(text));
		}
	}
	if (list.v) {
		strv_free(j->arguments);
		j->arguments = list.v;
	}
	return i < lines->n ? i + 1 : i;
}

int launchctl_job_parse(const char *p, size_t n, struct launchctl_job *ret, struct err *err)
{
	_cleanup_lc_lines_ struct lc_lines lines = { 0 };
	struct launchctl_job j = { .on_demand = -1 };
	size_t i = 0;

	lc_lines_read(&lines, p, n);
	while (i < lines.n && lc_blank(&lines.v[i]))
		i++;
	if (i == lines.n || !lc_is(&lines.v[i++], "{"))
		return err_set(err, ERR_SYNTAX, "not the output of launchctl list for a label");
	while (i < lines.n && !lc_is(&lines.v[i], "};") && !(lines.v[i].depth == 0 && lc_is(&lines.v[i], "}"))) {
		const struct lc_line *l = &lines.v[i];
		char *key, *value;

		if (lc_blank(l) || !lc_split(l, false, &key, &value)) {
			if (!lc_blank(l))
				lc_unknown(&j.unknown, &j.unknown_lines, l);
			i++;
			continue;
		}
		char *name = lc_unquote(key, strlen(key));
		free(key);
		if (strcmp(value, "(") == 0 || strcmp(value, "{") == 0) {
			i = job_block(&j, &lines, i, name, *value == '(');
			free(name);
			free(value);
			continue;
		}
		char *text = job_value(value);
		free(value);
		job_field(&j, name, text);
		i++;
	}
	*ret = j;
	return 0;
}

void launchctl_job_free(struct launchctl_job *j)
{
	free(j->label);
	free(j->program);
	strv_free(j->arguments);
	free(j->stdout_path);
	free(j->stderr_path);
	free(j->session);
	lc_pairs_free(&j->other);
	strv_free(j->unknown);
	*j = (struct launchctl_job){ 0 };
}
