/* SPDX-License-Identifier: MIT */
#include "lifecycle/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bundle/sha256.h"
#include "formats/text.h"

static const char *const act_names[] = { "run", "move", "link", "write", "mkdir", "wait" };
static const char *const expect_names[] = { "nothing", "absent", "word", "exit", "target", "content", "directory", "disabled" };

struct plan *plan_new(const char *verb, const char *agent)
{
	struct plan *p = mem_alloc(sizeof(*p));

	p->verb = mem_strdup(verb);
	p->agent = mem_strdup(agent);
	return p;
}

struct step *plan_add(struct plan *p, const char *id, enum step_act act, const char *fmt, ...)
{
	struct step *s = mem_alloc(sizeof(*s));
	va_list ap;

	s->id = mem_strdup(id);
	s->act = act;
	va_start(ap, fmt);
	if (vasprintf(&s->title, fmt, ap) < 0)
		abort();
	va_end(ap);
	p->steps = mem_array(p->steps, p->n_steps + 1, sizeof(struct step *));
	p->steps[p->n_steps++] = s;
	return s;
}

struct step *plan_add_write(struct plan *p, const char *id, const char *what, const char *path, const char *content, uint32_t mode,
	const char *vault)
{
	struct step *s = plan_add(p, id, STEP_WRITE, "write %s %s", what, path);
	char hex[SHA256_HEX];

	sha256_hex_of(hex, content, strlen(content));
	s->undo_title = mem_printf(vault ? "put back %s %s as it was" : "remove %s %s", what, path);
	s->path = mem_strdup(path);
	s->content = mem_strdup(content);
	s->mode = mode;
	s->vault = mem_strdup(vault);
	s->holds = (struct expect){ .kind = EXPECT_CONTENT, .probe = probe_file(path, PAYLOAD_TEXT), .words = strv_new(hex, NULL), .status = (int)mode };
	if (!vault)
		s->undone = (struct expect){ .kind = EXPECT_ABSENT, .probe = probe_link(path) };
	return s;
}

struct step *plan_add_mkdir(struct plan *p, const char *id, const char *path, uint32_t mode)
{
	struct step *s = plan_add(p, id, STEP_MKDIR, "make the directory %s", path);

	s->undo_title = mem_printf("remove the directory %s, if it is empty", path);
	s->path = mem_strdup(path);
	s->mode = mode;
	s->holds = (struct expect){ .kind = EXPECT_DIRECTORY, .probe = probe_link(path) };
	return s;
}

static void expect_free(struct expect *e)
{
	probe_free(e->probe);
	strv_free(e->words);
}

static void step_free(struct step *s)
{
	free(s->id);
	free(s->title);
	free(s->undo_title);
	probe_free(s->cmd);
	probe_free(s->undo_cmd);
	free(s->path);
	free(s->target);
	identity_free(s->as);
	free(s->vault);
	free(s->content);
	expect_free(&s->holds);
	expect_free(&s->undone);
	expect_free(&s->doomed);
	free(s);
}

void plan_free(struct plan *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_steps; i++)
		step_free(p->steps[i]);
	free(p->steps);
	free(p->verb);
	free(p->agent);
	free(p);
}

void plan_freep(struct plan **p)
{
	plan_free(*p);
	*p = NULL;
}

/* ---- JSON ---- */

static void set_str(json_t *j, const char *key, const char *s)
{
	if (s)
		json_object_set_new(j, key, json_string(s));
}

static json_t *strv_to_json(char *const *v)
{
	json_t *a = json_array();

	for (; v && *v; v++)
		json_array_append_new(a, json_string(*v));
	return a;
}

static char **strv_from_json(const json_t *a)
{
	char **v = NULL;
	size_t i;
	json_t *e;

	json_array_foreach(a, i, e)
		if (json_is_string(e))
			v = strv_add(v, json_string_value(e));
	return v;
}

static json_t *identity_to_json(const struct identity *id)
{
	json_t *j = json_pack("{s:s, s:i, s:i}", "name", id->name, "uid", (int)id->uid, "gid", (int)id->gid);

	set_str(j, "home", id->home);
	set_str(j, "runtimeDir", id->runtime_dir);
	return j;
}

static struct identity *identity_from_json(const json_t *j)
{
	if (!json_is_object(j))
		return NULL;
	struct identity *id = mem_alloc(sizeof(*id));
	id->name = mem_strdup(json_string_value(json_object_get(j, "name")));
	id->uid = (uid_t)json_integer_value(json_object_get(j, "uid"));
	id->gid = (gid_t)json_integer_value(json_object_get(j, "gid"));
	id->home = mem_strdup(json_string_value(json_object_get(j, "home")));
	id->runtime_dir = mem_strdup(json_string_value(json_object_get(j, "runtimeDir")));
	return id;
}

static json_t *probe_to_json(const struct probe *p)
{
	json_t *j = json_pack("{s:i, s:s, s:i}", "kind", (int)p->kind, "name", p->key, "timeoutMs", (int)p->limits.timeout_ms);

	if (p->argv)
		json_object_set_new(j, "argv", strv_to_json(p->argv));
	if (p->env)
		json_object_set_new(j, "env", strv_to_json(p->env));
	if (p->as)
		json_object_set_new(j, "as", identity_to_json(p->as));
	set_str(j, "path", p->path);
	return j;
}

static struct probe *probe_from_json(const json_t *j, struct err *err)
{
	json_int_t kind = json_integer_value(json_object_get(j, "kind"));
	const char *key = json_string_value(json_object_get(j, "name"));
	const char *path = json_string_value(json_object_get(j, "path"));
	_cleanup_strv_ char **argv = strv_from_json(json_object_get(j, "argv"));
	struct probe *p = NULL;

	if (kind == PROBE_CMD && argv && key) {
		p = probe_cmd(key, argv, NULL, PAYLOAD_TEXT);
	} else if ((kind == PROBE_FILE || kind == PROBE_LINK) && path) {
		p = kind == PROBE_FILE ? probe_file(path, PAYLOAD_TEXT) : probe_link(path);
	} else {
		err_set(err, ERR_SYNTAX, "journal: a step's command is neither a command nor a path");
		return NULL;
	}
	p->env = strv_from_json(json_object_get(j, "env"));
	p->as = identity_from_json(json_object_get(j, "as"));
	json_int_t timeout = json_integer_value(json_object_get(j, "timeoutMs"));
	if (timeout > 0 && timeout < 24 * 3600 * 1000)
		p->limits.timeout_ms = (uint32_t)timeout;
	return p;
}

static json_t *expect_to_json(const struct expect *e)
{
	json_t *j = json_pack("{s:s, s:i}", "kind", expect_names[e->kind], "status", e->status);

	if (e->probe)
		json_object_set_new(j, "probe", probe_to_json(e->probe));
	if (e->words)
		json_object_set_new(j, "words", strv_to_json(e->words));
	return j;
}

static int name_index(const char *const *names, size_t n, const char *s)
{
	for (size_t i = 0; s && i < n; i++)
		if (strcmp(names[i], s) == 0)
			return (int)i;
	return -1;
}

static int expect_from_json(const json_t *j, struct expect *ret, struct err *err)
{
	int kind = name_index(expect_names, ARRAY_LEN(expect_names), json_string_value(json_object_get(j, "kind")));
	const json_t *probe = json_object_get(j, "probe");

	if (kind < 0)
		return err_set(err, ERR_SYNTAX, "journal: unknown expectation in a step");
	ret->kind = (enum expect_kind)kind;
	ret->status = (int)json_integer_value(json_object_get(j, "status"));
	ret->words = strv_from_json(json_object_get(j, "words"));
	if (probe && !(ret->probe = probe_from_json(probe, err)))
		return -err->code;
	if (kind != EXPECT_NOTHING && !ret->probe)
		return err_set(err, ERR_SYNTAX, "journal: an expectation without a probe");
	return 0;
}

static json_t *step_to_json(const struct step *s)
{
	json_t *j = json_pack("{s:s, s:s, s:s, s:b, s:b, s:b}", "id", s->id, "title", s->title, "act", act_names[s->act],
		"optional", (int)s->optional, "undoAlways", (int)s->undo_always, "undoOnly", (int)s->undo_only);

	if (s->cmd)
		json_object_set_new(j, "cmd", probe_to_json(s->cmd));
	if (s->undo_cmd)
		json_object_set_new(j, "undoCmd", probe_to_json(s->undo_cmd));
	set_str(j, "undoTitle", s->undo_title);
	set_str(j, "path", s->path);
	set_str(j, "target", s->target);
	if (s->as)
		json_object_set_new(j, "as", identity_to_json(s->as));
	set_str(j, "vault", s->vault);
	set_str(j, "content", s->content);
	if (s->mode)
		json_object_set_new(j, "mode", json_integer(s->mode));
	if (s->settle_ms)
		json_object_set_new(j, "settleMs", json_integer(s->settle_ms));
	if (s->read_back_decides)
		json_object_set_new(j, "readBackDecides", json_true());
	json_object_set_new(j, "holds", expect_to_json(&s->holds));
	json_object_set_new(j, "undone", expect_to_json(&s->undone));
	if (s->doomed.kind != EXPECT_NOTHING)
		json_object_set_new(j, "doomed", expect_to_json(&s->doomed));
	return j;
}

static bool step_is_whole(const struct step *s)
{
	switch (s->act) {
	case STEP_RUN:
		return s->cmd || s->undo_only;
	case STEP_MOVE:
		return s->path && s->vault;
	case STEP_LINK:
		return s->path && s->target;
	case STEP_WRITE:
		return s->path && s->content && s->mode;
	case STEP_MKDIR:
		return s->path && s->mode;
	case STEP_WAIT:
		return true;
	}
	return false;
}

static int step_from_json(const json_t *j, struct plan *p, struct err *err)
{
	const char *id = json_string_value(json_object_get(j, "id"));
	const char *title = json_string_value(json_object_get(j, "title"));
	int act = name_index(act_names, ARRAY_LEN(act_names), json_string_value(json_object_get(j, "act")));
	const json_t *cmd = json_object_get(j, "cmd"), *undo = json_object_get(j, "undoCmd");

	if (!id || !title || act < 0)
		return err_set(err, ERR_SYNTAX, "journal: a step lacks id, title or act");
	struct step *s = plan_add(p, id, (enum step_act)act, "%s", title);
	s->optional = json_is_true(json_object_get(j, "optional"));
	s->undo_always = json_is_true(json_object_get(j, "undoAlways"));
	s->undo_only = json_is_true(json_object_get(j, "undoOnly"));
	json_int_t settle = json_integer_value(json_object_get(j, "settleMs"));
	s->settle_ms = settle > 0 && settle <= 3600 * 1000 ? (uint32_t)settle : 0;
	s->read_back_decides = json_is_true(json_object_get(j, "readBackDecides"));
	s->undo_title = mem_strdup(json_string_value(json_object_get(j, "undoTitle")));
	s->as = identity_from_json(json_object_get(j, "as"));
	s->path = mem_strdup(json_string_value(json_object_get(j, "path")));
	s->target = mem_strdup(json_string_value(json_object_get(j, "target")));
	s->vault = mem_strdup(json_string_value(json_object_get(j, "vault")));
	s->content = mem_strdup(json_string_value(json_object_get(j, "content")));
	s->mode = (uint32_t)json_integer_value(json_object_get(j, "mode")) & 07777;
	if ((cmd && !(s->cmd = probe_from_json(cmd, err))) || (undo && !(s->undo_cmd = probe_from_json(undo, err))))
		return -err->code;
	if (!step_is_whole(s))
		return err_set(err, ERR_SYNTAX, "journal: step %s is not whole", id);
	const json_t *doomed = json_object_get(j, "doomed");
	int r = expect_from_json(json_object_get(j, "holds"), &s->holds, err);
	if (r == 0)
		r = expect_from_json(json_object_get(j, "undone"), &s->undone, err);
	return r == 0 && doomed ? expect_from_json(doomed, &s->doomed, err) : r;
}

json_t *plan_to_json(const struct plan *p)
{
	json_t *steps = json_array();

	for (size_t i = 0; i < p->n_steps; i++)
		json_array_append_new(steps, step_to_json(p->steps[i]));
	return json_pack("{s:s, s:s, s:o}", "verb", p->verb, "agent", p->agent, "steps", steps);
}

struct plan *plan_from_json(const json_t *j, struct err *err)
{
	const char *verb = json_string_value(json_object_get(j, "verb"));
	const char *agent = json_string_value(json_object_get(j, "agent"));
	struct err local;
	size_t i;
	json_t *e;

	if (!err)
		err = &local;
	if (!verb || !agent) {
		err_set(err, ERR_SYNTAX, "journal: the plan lacks its verb or agent");
		return NULL;
	}
	struct plan *p = plan_new(verb, agent);
	json_array_foreach(json_object_get(j, "steps"), i, e)
		if (step_from_json(e, p, err)) {
			plan_free(p);
			return NULL;
		}
	return p;
}
