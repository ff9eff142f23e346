/* SPDX-License-Identifier: MIT */
#include "formats/manifest.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "formats/text.h"

#define COMPONENT_MAX 120
static const char path_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._@+=:,~#-";
static const char case_id_chars[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:#/@+=-";

void manifest_case_free(struct manifest_case *c)
{
	free(c->id);
	free(c->operator);
	free(c->reason);
	*c = (struct manifest_case){ 0 };
}

void manifest_free(struct manifest *m)
{
	free(m->id);
	free(m->agent);
	free(m->purpose);
	manifest_case_free(&m->about);
	free(m->tool);
	free(m->version);
	free(m->host_tag);
	free(m->platform);
	for (size_t i = 0; i < m->n_redactions; i++)
		free(m->redactions[i].class);
	free(m->redactions);
	for (size_t i = 0; i < m->n_artifacts; i++) {
		free(m->artifacts[i].path);
		free(m->artifacts[i].key);
	}
	free(m->artifacts);
	for (size_t i = 0; i < m->n_gaps; i++) {
		free(m->gaps[i].what);
		free(m->gaps[i].outcome);
		free(m->gaps[i].reason);
	}
	free(m->gaps);
	*m = (struct manifest){ 0 };
}

/* Room for one more in an array that has n: doubling at powers of two. */
static void *grow(void *p, size_t n, size_t size)
{
	return n & (n - 1) ? p : mem_array(p, n ? 2 * n : 1, size);
}

void manifest_add_artifact(struct manifest *m, const char *path, uint64_t bytes, const uint8_t sha256[32], uint32_t mode,
	const char *key)
{
	m->artifacts = grow(m->artifacts, m->n_artifacts, sizeof(*m->artifacts));
	struct manifest_artifact *a = &m->artifacts[m->n_artifacts++];
	*a = (struct manifest_artifact){ .path = mem_strdup(path), .bytes = bytes, .mode = mode, .key = mem_strdup(key) };
	memcpy(a->sha256, sha256, 32);
}

void manifest_add_gap(struct manifest *m, const char *what, const char *outcome, const char *reason)
{
	m->gaps = grow(m->gaps, m->n_gaps, sizeof(*m->gaps));
	m->gaps[m->n_gaps++] = (struct manifest_gap){ mem_strdup(what), mem_strdup(outcome), mem_strdup(reason ? reason : "") };
}

void manifest_add_redaction(struct manifest *m, const char *class, uint64_t count)
{
	m->redactions = grow(m->redactions, m->n_redactions, sizeof(*m->redactions));
	m->redactions[m->n_redactions++] = (struct manifest_count){ mem_strdup(class), count };
}

const struct manifest_artifact *manifest_find(const struct manifest *m, const char *path)
{
	for (size_t i = 0; i < m->n_artifacts; i++)
		if (strcmp(m->artifacts[i].path, path) == 0)
			return &m->artifacts[i];
	return NULL;
}

bool manifest_path_ok(const char *path)
{
	if (strlen(path) > MANIFEST_PATH_MAX)
		return false;
	for (;;) {
		size_t n = strspn(path, path_chars);
		if (!n || n > COMPONENT_MAX || *path == '.' || (path[n] && path[n] != '/'))
			return false;
		if (!path[n])
			return true;
		path += n + 1;
	}
}

bool manifest_case_id_ok(const char *id)
{
	size_t n = strspn(id, case_id_chars);

	return n && n <= CASE_ID_MAX && !id[n];
}

void manifest_add_safe_name(struct buf *b, const char *name, size_t max)
{
	size_t n = strlen(name);

	if (n > max) {
		name += n - max;
		n = max;
	}
	if (!n)
		buf_addc(b, '_');
	for (size_t i = 0; i < n; i++)
		buf_addc(b, strchr(path_chars, name[i]) && !(i == 0 && name[i] == '.') ? name[i] : '_');
}

static json_t *text_json(const char *s)
{
	json_t *j = json_string(s ? s : "");

	if (!j) {
		_cleanup_free_ char *safe = text_safe(s);
		j = json_string(safe);
	}
	return j;
}

static json_t *redaction_json(const struct manifest *m)
{
	json_t *j = json_object(), *classes = json_object();

	json_object_set_new(j, "mode", json_string(m->raw_retained ? "raw-and-share" : "share-only"));
	json_object_set_new(j, "rawRetained", json_boolean(m->raw_retained));
	json_object_set_new(j, "deterministic", json_true());
	for (size_t i = 0; i < m->n_redactions; i++)
		json_object_set_new(classes, m->redactions[i].class, json_integer((json_int_t)m->redactions[i].count));
	json_object_set_new(j, "replaced", classes);
	return j;
}

static json_t *artifact_json(const struct manifest_artifact *a)
{
	json_t *j = json_object();
	char hex[65], mode[16];

	text_hex(hex, a->sha256, 32);
	snprintf(mode, sizeof(mode), "%04o", a->mode & 07777);
	json_object_set_new(j, "path", text_json(a->path));
	json_object_set_new(j, "bytes", json_integer((json_int_t)a->bytes));
	json_object_set_new(j, "sha256", json_string(hex));
	json_object_set_new(j, "mode", json_string(mode));
	if (a->key)
		json_object_set_new(j, "key", text_json(a->key));
	return j;
}

json_t *manifest_case_json(const struct manifest_case *c)
{
	if (!c->id && !c->reason)
		return NULL;
	json_t *j = json_object();

	if (c->id)
		json_object_set_new(j, "id", text_json(c->id));
	json_object_set_new(j, "operator", text_json(c->operator));
	if (c->reason)
		json_object_set_new(j, "reason", text_json(c->reason));
	return j;
}

static json_t *manifest_json(const struct manifest *m)
{
	json_t *j = json_object(), *tool = json_object(), *list;
	char when[32];

	text_time(when, m->created_us);
	json_object_set_new(j, "schemaVersion", json_string(MANIFEST_SCHEMA));
	json_object_set_new(j, "id", text_json(m->id));
	json_object_set_new(j, "agent", text_json(m->agent));
	json_object_set_new(j, "purpose", text_json(m->purpose));
	json_t *about = manifest_case_json(&m->about);
	if (about)
		json_object_set_new(j, "case", about);
	json_object_set_new(j, "created", json_string(when));
	json_object_set_new(j, "createdUs", json_integer((json_int_t)m->created_us));
	json_object_set_new(tool, "name", text_json(m->tool));
	json_object_set_new(tool, "version", text_json(m->version));
	json_object_set_new(j, "tool", tool);
	json_object_set_new(j, "hostTag", text_json(m->host_tag));
	json_object_set_new(j, "platform", text_json(m->platform));
	json_object_set_new(j, "redaction", redaction_json(m));
	json_object_set_new(j, "gaps", list = json_array());
	for (size_t i = 0; i < m->n_gaps; i++) {
		json_t *g = json_object();
		json_object_set_new(g, "what", text_json(m->gaps[i].what));
		json_object_set_new(g, "outcome", text_json(m->gaps[i].outcome));
		json_object_set_new(g, "reason", text_json(m->gaps[i].reason));
		json_array_append_new(list, g);
	}
	json_object_set_new(j, "artifacts", list = json_array());
	for (size_t i = 0; i < m->n_artifacts; i++)
		json_array_append_new(list, artifact_json(&m->artifacts[i]));
	return j;
}

void manifest_add_json(struct buf *b, const struct manifest *m)
{
	json_t *j = manifest_json(m);
	char *text = json_dumps(j, JSON_INDENT(1));

	if (!text)
		abort(); /* out of memory: see mem.h */
	buf_adds(b, text);
	buf_addc(b, '\n');
	free(text);
	json_decref(j);
}

static const char *str(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static int parse_artifact(const json_t *j, struct manifest *m, struct err *err)
{
	const char *path = str(j, "path"), *sha = str(j, "sha256"), *mode = str(j, "mode"), *key = str(j, "key");
	const json_t *bytes = json_object_get(j, "bytes");
	uint8_t sha256[32];

	if (!path || !manifest_path_ok(path))
		return err_set(err, ERR_SYNTAX, "manifest: a path that a bundle cannot hold: \"%.200s\"", path ? path : "");
	if (strcmp(path, MANIFEST_NAME) == 0 || strcmp(path, MANIFEST_SUMS) == 0)
		return err_set(err, ERR_SYNTAX, "manifest: %s cannot be an artifact", path);
	if (!sha || text_unhex(sha256, 32, sha) || !json_is_integer(bytes) || json_integer_value(bytes) < 0)
		return err_set(err, ERR_SYNTAX, "manifest: %s: bytes and sha256 are not as they should be", path);
	if (!mode || strlen(mode) != 4 || strspn(mode, "01234567") != 4)
		return err_set(err, ERR_SYNTAX, "manifest: %s: mode is not four octal digits", path);
	manifest_add_artifact(m, path, (uint64_t)json_integer_value(bytes), sha256, (uint32_t)strtoul(mode, NULL, 8), key);
	return 0;
}

static int path_compare(const void *a, const void *b)
{
	return strcasecmp(*(const char *const *)a, *(const char *const *)b);
}

/* Neither the same path twice nor one that is both a file and another's directory. */
static int check_unique(const struct manifest *m, struct err *err)
{
	_cleanup_free_ const char **v = mem_alloc((m->n_artifacts + 1) * sizeof(*v));

	for (size_t i = 0; i < m->n_artifacts; i++)
		v[i] = m->artifacts[i].path;
	qsort(v, m->n_artifacts, sizeof(*v), path_compare);
	for (size_t i = 0; i + 1 < m->n_artifacts; i++)
		if (strcasecmp(v[i], v[i + 1]) == 0)
			return err_set(err, ERR_SYNTAX, "manifest: %s is named twice", v[i + 1]);
	for (size_t i = 0; i < m->n_artifacts; i++) {
		_cleanup_free_ char *dir = mem_strdup(m->artifacts[i].path);
		for (char *s; (s = strrchr(dir, '/'));) {
			const char *look = dir;
			*s = '\0';
			if (bsearch(&look, v, m->n_artifacts, sizeof(*v), path_compare))
				return err_set(err, ERR_SYNTAX, "manifest: %s is a file and a directory", dir);
		}
	}
	return 0;
}

static int parse_lists(const json_t *j, struct manifest *m, struct err *err)
{
	const json_t *artifacts = json_object_get(j, "artifacts"), *gaps = json_object_get(j, "gaps");
	const json_t *replaced = json_object_get(json_object_get(j, "redaction"), "replaced");
	const char *class;
	json_t *v;
	size_t i;

	if (!json_is_array(artifacts) || !json_is_array(gaps) || !json_is_object(replaced))
		return err_set(err, ERR_SYNTAX, "manifest: artifacts, gaps or redaction.replaced is missing");
	if (json_array_size(artifacts) > MANIFEST_ARTIFACTS_MAX)
		return err_set(err, ERR_LIMIT, "manifest: more than %d artifacts", MANIFEST_ARTIFACTS_MAX);
	json_array_foreach(artifacts, i, v)
	{
		int r = parse_artifact(v, m, err);
		if (r)
			return r;
	}
	json_array_foreach(gaps, i, v)
	{
		if (!str(v, "what") || !str(v, "outcome"))
			return err_set(err, ERR_SYNTAX, "manifest: a gap without what or outcome");
		manifest_add_gap(m, str(v, "what"), str(v, "outcome"), str(v, "reason"));
	}
	json_object_foreach((json_t *)(uintptr_t)replaced, class, v)
	{
		if (!json_is_integer(v) || json_integer_value(v) < 0)
			return err_set(err, ERR_SYNTAX, "manifest: redaction.replaced.%s is not a count", class);
		manifest_add_redaction(m, class, (uint64_t)json_integer_value(v));
	}
	return check_unique(m, err);
}

int manifest_case_parse(const json_t *j, struct manifest_case *c, struct err *err)
{
	*c = (struct manifest_case){ 0 };
	if (!j)
		return 0;
	c->id = mem_strdup(str(j, "id"));
	c->operator = mem_strdup(str(j, "operator"));
	c->reason = mem_strdup(str(j, "reason"));
	if (!c->operator || (c->id && !manifest_case_id_ok(c->id)) || (c->reason && strlen(c->reason) > CASE_REASON_MAX))
		return err_set(err, ERR_SYNTAX, "manifest: case is not as it should be");
	return 0;
}

static int from_json(const json_t *j, struct manifest *m, struct err *err)
{
	const json_t *tool = json_object_get(j, "tool"), *created = json_object_get(j, "createdUs");
	const char *schema = str(j, "schemaVersion");

	if (!schema)
		return err_set(err, ERR_SYNTAX, "manifest: no schemaVersion");
	if (strcmp(schema, MANIFEST_SCHEMA) != 0)
		return err_set(err, ERR_SYNTAX, "manifest: schemaVersion is \"%.60s\", this version reads \"" MANIFEST_SCHEMA "\"", schema);
	m->id = mem_strdup(str(j, "id"));
	m->agent = mem_strdup(str(j, "agent"));
	m->purpose = mem_strdup(str(j, "purpose"));
	m->tool = mem_strdup(str(tool, "name"));
	m->version = mem_strdup(str(tool, "version"));
	m->host_tag = mem_strdup(str(j, "hostTag"));
	m->platform = mem_strdup(str(j, "platform"));
	if (!m->id || !m->agent || !m->purpose || !m->tool || !m->version || !m->host_tag || !m->platform)
		return err_set(err, ERR_SYNTAX, "manifest: one of id, agent, purpose, tool, hostTag, platform is missing");
	if (!json_is_integer(created) || json_integer_value(created) < 0)
		return err_set(err, ERR_SYNTAX, "manifest: createdUs is missing");
	m->created_us = (uint64_t)json_integer_value(created);
	m->raw_retained = json_is_true(json_object_get(json_object_get(j, "redaction"), "rawRetained"));
	int r = manifest_case_parse(json_object_get(j, "case"), &m->about, err);
	return r ? r : parse_lists(j, m, err);
}

int manifest_parse(const char *p, size_t n, struct manifest *ret, struct err *err)
{
	_cleanup_manifest_ struct manifest m = { 0 };
	json_error_t where;

	if (n > MANIFEST_MAX)
		return err_set(err, ERR_LIMIT, "manifest: larger than %u MiB", MANIFEST_MAX >> 20);
	json_t *j = json_loadb(p, n, JSON_REJECT_DUPLICATES, &where);
	if (!j)
		return err_set(err, ERR_SYNTAX, "manifest:%d: %s", where.line, where.text);
	int r = from_json(j, &m, err);
	json_decref(j);
	if (r)
		return r;
	*ret = m;
	m = (struct manifest){ 0 };
	return 0;
}

static void add_sum(struct buf *b, const uint8_t sha256[32], const char *path)
{
	char hex[65];

	text_hex(hex, sha256, 32);
	buf_addf(b, "%s  %s\n", hex, path);
}

void manifest_add_sums(struct buf *b, const struct manifest *m, const uint8_t manifest_sha256[32])
{
	add_sum(b, manifest_sha256, MANIFEST_NAME);
	for (size_t i = 0; i < m->n_artifacts; i++)
		add_sum(b, m->artifacts[i].sha256, m->artifacts[i].path);
}
