/* SPDX-License-Identifier: MIT */
#include "formats/declaration.h"

#include <ctype.h>
#include <string.h>

#include "formats/buf.h"
#include "formats/text.h"

static const char *const scope_names[] = { "user", "system" };
static const char *const runtime_names[] = { "podman", "native", "nix-app", "systemd" };
static const char *const auth_names[] = { "empty-authfile", "service-account", "none", "forbidden-ambient" };
static const char *const pull_names[] = { "never", "explicit", "always" };
static const char *const restart_names[] = { "manual", "bounded", "supervised" };
static const char *const health_names[] = { "none", "podman-container", "process", "command", "http" };

#define ENUM_NAME(fn, type, table)                                                                                     \
	const char *fn(enum type v)                                                                                    \
	{                                                                                                              \
		return (size_t)v < ARRAY_LEN(table) ? table[v] : "?";                                                  \
	}
ENUM_NAME(agent_scope_name, agent_scope, scope_names)
ENUM_NAME(agent_runtime_name, agent_runtime, runtime_names)
ENUM_NAME(auth_mode_name, auth_mode, auth_names)
ENUM_NAME(pull_policy_name, pull_policy, pull_names)
ENUM_NAME(restart_policy_name, restart_policy, restart_names)
ENUM_NAME(health_type_name, health_type, health_names)

/* Every plain string of an agent, for freeing and copying: a new one is added here and nowhere else. */
static char **agent_string(struct agent *a, size_t i)
{
	char **all[] = {
		&a->name,
		&a->label,
		&a->image,
		&a->source_image,
		&a->container_name,
		&a->owner.project,
		&a->owner.component,
		&a->owner.contact,
		&a->auth.authfile,
		&a->podman.connection,
		&a->logs.directory,
		&a->logs.app,
		&a->logs.stdout_path,
		&a->logs.stderr_path,
		&a->health.expected,
		&a->macos.plist,
		&a->macos.legacy_system_plist,
		&a->linux_unit.user_unit,
		&a->linux_unit.system_unit,
		&a->linux_unit.restart,
		&a->path,
	};
	return i < ARRAY_LEN(all) ? all[i] : NULL;
}

void agent_free(struct agent *a)
{
	char **s;

	if (!a)
		return;
	for (size_t i = 0; (s = agent_string(a, i)); i++)
		free(*s);
	strv_free(a->command);
	strv_free(a->health.command);
	warnings_free(&a->unknown);
	free(a);
}

void agent_freep(struct agent **a)
{
	agent_free(*a);
	*a = NULL;
}

struct agent *agent_copy(const struct agent *a)
{
	struct agent *c = mem_alloc(sizeof(*c));
	char **s;

	*c = *a;
	for (size_t i = 0; (s = agent_string(c, i)); i++)
		*s = mem_strdup(*s);
	c->command = a->command ? strv_dup(a->command) : NULL;
	c->health.command = a->health.command ? strv_dup(a->health.command) : NULL;
	c->unknown = (struct warnings){ 0 };
	for (size_t i = 0; i < a->unknown.n; i++)
		warnings_add(&c->unknown, a->unknown.v[i].line, a->unknown.v[i].key, a->path, a->unknown.v[i].said);
	return c;
}

void agents_free(struct agent **list)
{
	for (size_t i = 0; list && list[i]; i++)
		agent_free(list[i]);
	free(list);
}

void agents_freep(struct agent ***list)
{
	agents_free(*list);
	*list = NULL;
}

void warnings_add(struct warnings *w, unsigned line, const char *key, const char *path, const char *said)
{
	_cleanup_free_ char *text = mem_printf("%s:%u: %s", path, line, said);

	w->v = mem_array(w->v, w->n + 1, sizeof(*w->v));
	w->v[w->n++] = (struct warning){ .line = line, .key = mem_strdup(key), .text = text_safe(text), .said = text_safe(said) };
}

void warnings_free(struct warnings *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->v[i].key);
		free(w->v[i].text);
		free(w->v[i].said);
	}
	free(w->v);
	*w = (struct warnings){ 0 };
}

/* Letters and digits of ASCII, whatever the locale says. */
static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_word(const char *s, const char *more, size_t max)
{
	if (!is_alnum(*s) || strlen(s) > max)
		return false;
	for (; *s; s++)
		if (!is_alnum(*s) && !strchr(more, *s))
			return false;
	return true;
}

bool agent_name_valid(const char *s)
{
	return is_word(s, "._-", 64);
}

bool agent_label_valid(const char *s)
{
	return is_word(s, "._-", 128);
}

bool container_name_valid(const char *s)
{
	return is_word(s, "._-", 255);
}

static char *expand(const char *s, const char *home)
{
	static const char *const spellings[] = { "${HOME}", "$HOME" };
	struct buf b = { 0 };

	if (*s == '~' && (!s[1] || s[1] == '/')) {
		buf_adds(&b, home);
		s++;
	}
	while (*s) {
		size_t len = 0;
		for (size_t i = 0; i < ARRAY_LEN(spellings) && !len; i++)
			if (text_starts(s, spellings[i]))
				len = strlen(spellings[i]);
		/* $HOMEPAGE is another variable */
		if (len && (s[len - 1] == '}' || (!is_alnum(s[len]) && s[len] != '_'))) {
			buf_adds(&b, home);
			s += len;
		} else {
			buf_addc(&b, *s++);
		}
	}
	return buf_take(&b);
}

static void expand_in(char **s, const char *home)
{
	if (*s) {
		char *e = expand(*s, home);
		free(*s);
		*s = e;
	}
}

void declaration_expand(struct agent *a, const char *home)
{
	char **const paths[] = {
		&a->auth.authfile,
		&a->logs.directory,
		&a->logs.app,
		&a->logs.stdout_path,
		&a->logs.stderr_path,
		&a->macos.plist,
		&a->macos.legacy_system_plist,
		&a->linux_unit.user_unit,
		&a->linux_unit.system_unit,
	};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		expand_in(paths[i], home);
	for (size_t i = 0; a->command && a->command[i]; i++)
		expand_in(&a->command[i], home);
	for (size_t i = 0; a->health.command && a->health.command[i]; i++)
		expand_in(&a->health.command[i], home);
}

static const char *declared_unit(const struct agent *a)
{
	return a->scope == SCOPE_USER ? a->linux_unit.user_unit : a->linux_unit.system_unit;
}

char *agent_unit_name(const struct agent *a)
{
	const char *unit = declared_unit(a);

	if (!unit)
		return mem_printf("sourceos-agent@%s.service", a->name);
	const char *slash = strrchr(unit, '/');
	const char *base = slash ? slash + 1 : unit;
	/* Quadlet: what systemd knows is the service made of it */
	if (text_ends(base, ".container"))
		return mem_printf("%.*s.service", (int)(strlen(base) - strlen(".container")), base);
	return mem_strdup(base);
}

char *agent_unit_path(const struct agent *a, const char *home)
{
	const char *unit = declared_unit(a);

	if (unit && strchr(unit, '/'))
		return expand(unit, home);
	_cleanup_free_ char *name = unit ? mem_strdup(unit) : agent_unit_name(a);
	bool quadlet = text_ends(name, ".container");
	if (a->scope == SCOPE_SYSTEM)
		return mem_printf("%s/%s", quadlet ? "/etc/containers/systemd" : "/etc/systemd/system", name);
	return mem_printf("%s/.config/%s/%s", home, quadlet ? "containers/systemd" : "systemd/user", name);
}

char *agent_plist_path(const struct agent *a, const char *home)
{
	if (a->macos.plist)
		return expand(a->macos.plist, home);
	if (a->scope == SCOPE_SYSTEM)
		return mem_printf("/Library/LaunchDaemons/%s.plist", a->label);
	return mem_printf("%s/Library/LaunchAgents/%s.plist", home, a->label);
}

char **agent_log_paths(const struct agent *a)
{
	const char *const paths[] = { a->logs.app, a->logs.stdout_path, a->logs.stderr_path };
	char **list = NULL;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (paths[i] && !strv_has(list, paths[i]))
			list = strv_add(list, paths[i]);
	return list;
}
