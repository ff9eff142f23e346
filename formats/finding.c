/* SPDX-License-Identifier: MIT */
#include "formats/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/json.h"
#include "formats/text.h"

static const char *const names[VERDICTS] = { "ok", "warn", "fail", "blocked", "unknown", "not-applicable" };

const char *verdict_name(enum verdict v)
{
	return v < VERDICTS ? names[v] : "unknown";
}

int verdict_parse(const char *s, enum verdict *ret)
{
	for (int i = 0; i < VERDICTS; i++)
		if (text_eq(s, names[i])) {
			*ret = (enum verdict)i;
			return 0;
		}
	return -1;
}

enum verdict verdict_worse(enum verdict a, enum verdict b)
{
	static const int rank[VERDICTS] = { [VERDICT_NOT_APPLICABLE] = 0, [VERDICT_OK] = 1, [VERDICT_BLOCKED] = 2, [VERDICT_WARN] = 3,
		[VERDICT_UNKNOWN] = 4, [VERDICT_FAIL] = 5 };

	return rank[a] >= rank[b] ? a : b;
}

struct finding *findings_add(struct findings *l, const char *check, enum verdict v)
{
	struct finding *f = mem_alloc(sizeof(*f));

	f->check = mem_strdup(check);
	f->verdict = v;
	l->v = mem_array(l->v, l->n + 1, sizeof(struct finding *));
	l->v[l->n++] = f;
	return f;
}

static void finding_free(struct finding *f)
{
	free(f->check);
	free(f->title);
	free(f->subject);
	free(f->message);
	free(f->detail);
	strv_free(f->evidence);
	free(f->file);
	free(f->blocked_by);
	free(f->remedy);
	free(f->hint);
	free(f);
}

void findings_free(struct findings *l)
{
	for (size_t i = 0; i < l->n; i++)
		finding_free(l->v[i]);
	free(l->v);
	*l = (struct findings){ 0 };
}

size_t findings_count(const struct findings *l, enum verdict v)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += l->v[i]->verdict == v;
	return n;
}

enum verdict findings_verdict(const struct findings *l)
{
	enum verdict worst = VERDICT_NOT_APPLICABLE;

	for (size_t i = 0; i < l->n; i++)
		worst = verdict_worse(l->v[i]->verdict, worst);
	return worst == VERDICT_NOT_APPLICABLE || worst == VERDICT_BLOCKED ? VERDICT_OK : worst;
}

const struct finding *findings_find(const struct findings *l, const char *check)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i]->check, check) == 0)
			return l->v[i];
	return NULL;
}

/* ---- filling one ---- */

__attribute__((format(printf, 1, 0))) static char *safe_vprintf(const char *fmt, va_list ap)
{
	char *raw = NULL;

	if (vasprintf(&raw, fmt, ap) < 0)
		abort(); /* out of memory */
	char *safe = text_safe(raw);
	free(raw);
	return safe;
}

__attribute__((format(printf, 2, 0))) static void fill(char **to, const char *fmt, va_list ap)
{
	free(*to);
	*to = safe_vprintf(fmt, ap);
}

struct finding *finding_say(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(&f->message, fmt, ap);
	va_end(ap);
	return f;
}

struct finding *finding_detail(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	_cleanup_free_ char *line = safe_vprintf(fmt, ap);
	va_end(ap);
	char *all = f->detail ? mem_printf("%s\n%s", f->detail, line) : mem_strdup(line);
	free(f->detail);
	f->detail = all;
	return f;
}

struct finding *finding_at(struct finding *f, const char *file, unsigned line)
{
	free(f->file);
	f->file = file ? text_safe(file) : NULL;
	f->line = file ? line : 0;
	return f;
}

struct finding *finding_cite(struct finding *f, const char *key)
{
	if (key && !strv_has(f->evidence, key))
		f->evidence = strv_take(f->evidence, text_safe(key));
	return f;
}

struct finding *finding_remedy(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	_cleanup_free_ char *command = text_shell_vprintf(fmt, ap);
	va_end(ap);
	return finding_remedy_made(f, command);
}

struct finding *finding_remedy_made(struct finding *f, const char *command)
{
	free(f->remedy);
	f->remedy = text_safe(command);
	return f;
}

struct finding *finding_hint(struct finding *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(&f->hint, fmt, ap);
	va_end(ap);
	return f;
}

/* ---- JSON ---- */

static void set(json_t *o, const char *key, const char *value)
{
	if (value)
		json_object_set_new(o, key, json_string(value));
}

json_t *finding_to_json(const struct finding *f)
{
	json_t *o = json_object();

	set(o, "check", f->check);
	set(o, "title", f->title);
	set(o, "verdict", verdict_name(f->verdict));
	set(o, "subject", f->subject);
	set(o, "message", f->message ? f->message : "");
	set(o, "detail", f->detail);
	json_t *keys = json_array();
	for (char **k = f->evidence; k && *k; k++)
		json_array_append_new(keys, json_string(*k));
	json_object_set_new(o, "evidence", keys);
	if (f->file) {
		json_t *at = json_pack("{s:s}", "file", f->file);
		if (f->line)
			json_object_set_new(at, "line", json_integer(f->line));
		json_object_set_new(o, "location", at);
	}
	set(o, "blockedBy", f->blocked_by);
	set(o, "remedy", f->remedy);
	set(o, "hint", f->hint);
	return o;
}

json_t *findings_to_json(const struct findings *l)
{
	json_t *a = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(a, finding_to_json(l->v[i]));
	return a;
}

json_t *findings_counts(const struct findings *l)
{
	json_t *o = json_object();

	for (int v = 0; v < VERDICTS; v++)
		json_object_set_new(o, names[v], json_integer((json_int_t)findings_count(l, (enum verdict)v)));
	return o;
}

int finding_from_json(const json_t *j, struct findings *l, struct err *err)
{
	const char *check = json_get(j, "check");
	const json_t *at = json_object_get(j, "location");
	enum verdict v;

	if (!check || verdict_parse(json_get(j, "verdict"), &v))
		return err_set(err, ERR_SYNTAX, "finding: lacks \"check\" or a \"verdict\" that we know");
	struct finding *f = findings_add(l, check, v);
	f->title = json_dup(j, "title");
	f->subject = json_dup(j, "subject");
	f->message = json_dup(j, "message");
	f->detail = json_dup(j, "detail");
	f->evidence = json_strv(j, "evidence");
	f->file = json_dup(at, "file");
	f->line = (unsigned)json_int(at, "line", 0);
	f->blocked_by = json_dup(j, "blockedBy");
	f->remedy = json_dup(j, "remedy");
	f->hint = json_dup(j, "hint");
	return 0;
}
