/* SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/declaration_field.h"
#include "formats/json.h"
#include "formats/text.h"
#include "formats/unitcmd.h"

struct parse {
	const char *path;
	const char *text;
	size_t n;
	struct warnings *warn;
	struct err *err;
	const char *keys[8]; /* where we are in the file, NULL-terminated */
	size_t depth;
	size_t base;	     /* keys before the agent itself: 1 in a map of agents */
	unsigned spelling;   /* REGISTRY or ATTRSET */
	unsigned long long set; /* a bit per row (field_index) that was declared */
};

/* Line of the key where we are; the agent's own when the text has it in a way we cannot find. */
static unsigned here(const struct parse *p)
{
	unsigned line = json_line(p->text, p->n, p->keys);

	return line ? line : 1;
}

static char *dotted(const struct parse *p)
{
	struct buf b = { 0 };

	for (size_t i = p->base; i < p->depth; i++)
		buf_addf(&b, "%s%s", i > p->base ? "." : "", p->keys[i]);
	return buf_take(&b);
}

/* "file:12: <key> is <what is wrong>; allowed: a, b" */
static int refuse(const struct parse *p, const char *wrong, const char *allowed)
{
	_cleanup_free_ char *key = dotted(p);
	_cleanup_free_ char *list = mem_strdup(allowed);
	struct buf b = { 0 };

	for (const char *c = list; *c; c++)
		buf_adds(&b, *c == '|' ? ", " : (char[]){ *c, '\0' });
	_cleanup_free_ char *words = buf_take(&b);
	return err_set(p->err, ERR_USAGE, "%s:%u: %s is %s; allowed: %s", p->path, here(p), key, wrong, words);
}

static const char *type_name(const json_t *v)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list",	 [JSON_STRING] = "a string", [JSON_INTEGER] = "a number",
		[JSON_REAL] = "a number",    [JSON_TRUE] = "a boolean", [JSON_FALSE] = "a boolean", [JSON_NULL] = "null",
	};
	return names[json_typeof(v)];
}

static int refuse_string(const struct parse *p, const char *s, const char *allowed)
{
	_cleanup_free_ char *safe = text_safe(s);
	_cleanup_free_ char *wrong = mem_printf("\"%.60s\"", safe);

	return refuse(p, wrong, allowed);
}

static void warn_unknown(struct parse *p, struct agent *a, bool other_spelling)
{
	_cleanup_free_ char *key = dotted(p);
	_cleanup_free_ char *said = mem_printf("%s \"%s\" is ignored%s", other_spelling ? "key" : "unknown key", key,
		other_spelling ? ": it belongs to the other spelling of declarations" : "");
	unsigned line = here(p);

	warnings_add(&a->unknown, line, key, p->path, said);
	if (p->warn)
		warnings_add(p->warn, line, key, p->path, said);
}

static int set_command(const struct parse *p, const json_t *v, char ***ret)
{
	char **argv = NULL;
	const json_t *item;
	size_t i;

	if (json_is_string(v)) {
		if (unit_words(json_string_value(v), &argv, NULL))
			return refuse_string(p, json_string_value(v), "a command line with balanced quotes, or a list of strings");
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, item) {
			if (!json_is_string(item)) {
				strv_free(argv);
				return refuse(p, "a list with something else than strings", "a list of strings");
			}
			argv = strv_add(argv, json_string_value(item));
		}
	} else {
		return refuse(p, type_name(v), "a string or a list of strings");
	}
	if (!argv || !argv[0] || !*argv[0]) {
		strv_free(argv);
		return refuse(p, "empty", "a program and its arguments");
	}
	strv_free(*ret);
	*ret = argv;
	return 0;
}

static int set_uint(const struct parse *p, const struct field *f, const json_t *v, uint32_t *ret)
{
	json_int_t i = json_integer_value(v);
	_cleanup_free_ char *range = mem_printf("0 to %u", f->arg);

	if (!json_is_integer(v))
		return refuse(p, type_name(v), range);
	if (i < 0 || i > (json_int_t)f->arg) {
		_cleanup_free_ char *number = mem_printf("%lld", (long long)i);
		return refuse(p, number, range);
	}
	*ret = (uint32_t)i;
	return 0;
}

static int set_field(struct parse *p, const struct field *f, const json_t *v, struct agent *a)
{
	char *at = (char *)a + f->offset;
	void *member = at;

	p->set |= 1ull << field_index(f);
	switch (f->type) {
	case FIELD_BOOL:
	case FIELD_CAPTURE:
		if (!json_is_boolean(v))
			return refuse(p, type_name(v), "true, false");
		if (f->type == FIELD_BOOL)
			*(bool *)member = json_is_true(v);
		else
			a->quarantine = json_is_true(v) ? a->quarantine | f->arg : a->quarantine & ~f->arg;
		return 0;
	case FIELD_UINT:
		return set_uint(p, f, v, member);
	case FIELD_COMMAND:
		return set_command(p, v, member);
	default:
		break;
	}
	const char *s = json_string_value(v);
	if (!s)
		return refuse(p, type_name(v), f->words ? f->words : "a string");
	if (f->type == FIELD_ENUM) {
		int i = field_word(f->words, s);
		if (i < 0)
			return refuse_string(p, s, f->words);
		/* all enums of struct agent are plain ints for the compiler; memcpy keeps their own types out of this */
		_Static_assert(sizeof(enum agent_scope) == sizeof(int), "enum size");
		memcpy(member, &i, sizeof(i));
		return 0;
	}
	const char *allowed = field_refuses(f, s);
	if (allowed)
		return refuse_string(p, s, allowed);
	if (f->type != FIELD_VERSION)
		mem_set(member, s);
	return 0;
}

/* One level of the agent's object; p->keys names it. Declarations are at most three deep. */
static int parse_members(struct parse *p, const json_t *object, struct agent *a)
{
	const char *key;
	json_t *v;
	int r = 0;

	json_object_foreach((json_t *)(uintptr_t)object, key, v) {
		bool inner;
		p->keys[p->depth++] = key;
		p->keys[p->depth] = NULL;
		_cleanup_free_ char *path = dotted(p);
		const struct field *f = field_find(path, p->spelling, &inner);
		bool other;
		/* what Nix evaluates to null was not declared */
		if (json_is_null(v))
			r = 0;
		else if (f && !strchr(key, '.'))
			r = set_field(p, f, v, a);
		else if (inner && !strchr(key, '.'))
			r = json_is_object(v) ? parse_members(p, v, a) : refuse(p, type_name(v), "an object");
		else
			warn_unknown(p, a, field_find(path, BOTH, &other) || other);
		p->keys[--p->depth] = NULL;
		if (r)
			return r;
	}
	return 0;
}

static bool is_set(const struct parse *p, const char *path)
{
	bool inner;
	const struct field *f = field_find(path, p->spelling, &inner);

	return f && p->set >> field_index(f) & 1;
}

/* systemd's words, where a registry file has nothing else, tell the policy of the contract. */
static void derive_restart(const struct parse *p, struct agent *a)
{
	a->linux_unit.has_restart_sec = is_set(p, "linux.restartSec");
	a->linux_unit.has_start_limit = is_set(p, "linux.startLimitBurst") || is_set(p, "linux.startLimitIntervalSec");
	if (!a->linux_unit.restart)
		return;
	bool bounded = a->linux_unit.start_limit_interval_sec && a->linux_unit.start_limit_burst;
	if (!is_set(p, "lifecycle.restart"))
		a->lifecycle.restart = text_eq(a->linux_unit.restart, "no") ? RESTART_MANUAL :
				       bounded				    ? RESTART_BOUNDED :
									      RESTART_SUPERVISED;
	if (!is_set(p, "lifecycle.maxRestartsPerHour") && bounded) {
		uint64_t hour = (uint64_t)a->linux_unit.start_limit_burst * 3600 / a->linux_unit.start_limit_interval_sec;
		a->lifecycle.max_restarts_per_hour = hour > UINT32_MAX ? UINT32_MAX : (uint32_t)hour;
	}
}

static int require(const struct parse *p, const struct agent *a, const char *key, const char *why)
{
	return err_set(p->err, ERR_USAGE, "%s:%u: agent %s has no %s; %s", p->path, a->line, a->name, key, why);
}

static int finish(const struct parse *p, struct agent *a)
{
	bool registry = p->spelling == REGISTRY;

	if (registry && !is_set(p, "schemaVersion"))
		return require(p, a, "schemaVersion", "allowed: sourceos.local-agent.v1");
	if (!is_set(p, "runtime"))
		return require(p, a, "runtime", "allowed: podman, native, nix-app, systemd");
	if (a->runtime == RUNTIME_PODMAN && !a->image)
		return require(p, a, registry ? "container.runtimeImage" : "image", "runtime podman needs one");
	if ((a->runtime == RUNTIME_NATIVE || a->runtime == RUNTIME_NIX_APP) && !a->command)
		return require(p, a, "command", "runtimes native and nix-app need one");
	if (!a->label)
		a->label = mem_strdup(a->name);
	if (!a->container_name && a->runtime == RUNTIME_PODMAN)
		a->container_name = mem_strdup(a->name);
	a->auth.has_mode = is_set(p, "auth.mode");
	if (!is_set(p, "health.type") && a->runtime == RUNTIME_PODMAN)
		a->health.type = HEALTH_PODMAN_CONTAINER;
	if (!a->health.expected && a->health.type == HEALTH_PODMAN_CONTAINER)
		a->health.expected = mem_strdup("running");
	derive_restart(p, a);
	return 0;
}

static struct agent *agent_default(void)
{
	struct agent *a = mem_alloc(sizeof(*a));

	a->enable = true;
	a->auth.mode = AUTH_EMPTY_AUTHFILE;
	a->podman.pull = PULL_NEVER;
	a->podman.require_local_image = true;
	a->podman.rootless = true;
	a->lifecycle.run_at_load = true;
	a->lifecycle.max_restarts_per_hour = 3;
	a->lifecycle.startup_timeout_sec = 20;
	a->lifecycle.shutdown_timeout_sec = 10;
	a->quarantine = CAPTURE_ALL;
	return a;
}

/* name: the key of the map, or what the file's name says; the former must agree with a declared one. */
static int parse_agent(struct parse *p, const json_t *j, const char *name, bool keyed, struct agent **ret)
{
	_cleanup_agent_ struct agent *a = agent_default();
	int r;

	p->set = 0;
	a->spelling = p->spelling == REGISTRY ? SPELLING_REGISTRY : SPELLING_ATTRSET;
	a->path = mem_strdup(p->path);
	a->line = here(p);
	if ((r = parse_members(p, j, a)))
		return r;
	if (a->name && keyed && strcmp(a->name, name) != 0)
		return err_set(p->err, ERR_USAGE, "%s:%u: the agent under key %s says that its name is %s; they must be the same", p->path,
			a->line, name, a->name);
	if (!a->name && !agent_name_valid(name)) {
		_cleanup_free_ char *safe = text_safe(name);
		return err_set(p->err, ERR_USAGE,
			"%s:%u: \"%.80s\" cannot be an agent's name; allowed: letters, digits and ._- from a letter or digit on, at most 64",
			p->path, a->line, safe);
	}
	if (!a->name)
		a->name = mem_strdup(name);
	if ((r = finish(p, a)))
		return r;
	*ret = TAKE_PTR(a);
	return 0;
}

static char *name_from_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;

	return text_ends(base, ".json") ? mem_strndup(base, strlen(base) - 5) : mem_strdup(base);
}

/* "container" is what only a registry file has: one that lacks the version is told so, and not that its keys are unknown. */
static bool is_registry(const json_t *top)
{
	return json_object_get(top, "schemaVersion") || (json_object_get(top, "container") && json_object_get(top, "runtime"));
}

/* One agent has scalars of ours at its top; a map of agents has objects only. */
static bool is_map(const json_t *top)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)top, key, v)
		if (!json_is_object(v))
			return false;
	return true;
}

int declaration_parse(const char *path, const char *text, size_t n, struct agent ***ret, struct warnings *warn,
	struct err *err)
{
	struct parse p = { .path = path, .text = text, .n = n, .warn = warn, .err = err };
	_cleanup_agents_ struct agent **list = NULL;
	_cleanup_json_ json_t *top = NULL;
	const char *key;
	size_t count = 0;
	json_t *v;
	int r;

	if (n > DECLARATION_MAX)
		return err_set(err, ERR_LIMIT, "%s: %zu bytes are too long for a declaration", path, n);
	if ((r = json_read(path, text, n, JSON_READ_UNIQUE, &top, err)))
		return r;
	if (!json_is_object(top))
		return err_set(err, ERR_USAGE, "%s:1: a declaration is an object, not %s", path, type_name(top));
	p.spelling = is_registry(top) ? REGISTRY : ATTRSET;
	list = mem_alloc((json_object_size(top) + 2) * sizeof(*list));
	if (!is_map(top)) {
		_cleanup_free_ char *name = name_from_path(path);
		if ((r = parse_agent(&p, top, name, false, &list[0])))
			return r;
		*ret = TAKE_PTR(list);
		return 0;
	}
	p.base = 1;
	json_object_foreach(top, key, v) {
		p.keys[0] = key;
		p.keys[p.depth = 1] = NULL;
		if ((r = parse_agent(&p, v, key, true, &list[count])))
			return r;
		count++;
	}
	*ret = TAKE_PTR(list);
	return 0;
}
