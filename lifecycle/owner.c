/* SPDX-License-Identifier: MIT */
#include "lifecycle/owner.h"

#include <string.h>

#include "lifecycle/install_paths.h"

static void user_dup(struct user *to, const struct user *from)
{
	*to = *from;
	to->id.name = mem_strdup(from->id.name);
	to->id.home = mem_strdup(from->id.home);
	to->id.runtime_dir = mem_strdup(from->id.runtime_dir);
	to->shell = mem_strdup(from->shell);
}

/* "LoadState=loaded" of a unit in a manager; NULL when the manager does not answer. */
static char *load_state(const struct session *s, const struct user *owner, const char *unit)
{
	_cleanup_strv_ char **argv = strv_new("systemctl", owner ? "--user" : "--system", "--no-pager", "--value",
		"--property=LoadState", "show", "--", unit, NULL);
	_cleanup_free_ char *key = mem_printf("load-state/%s/%s", owner ? owner->id.name : "system", unit);
	_cleanup_probe_ struct probe *p = probe_cmd(key, argv, owner ? &owner->id : NULL, PAYLOAD_TEXT);
	_cleanup_answer_ struct answer a = { 0 };
	if (source_get(s->source, p, &a, NULL) || !record_answered(&a.rec) || a.rec.status != 0)
		return NULL;
	return mem_strndup(buf_str(&a.out), strcspn(buf_str(&a.out), "\n"));
}

static bool on_darwin(const struct session *s)
{
	return s->host.platform == PLATFORM_DARWIN;
}

/* launchctl print finds it in the session of that user (or in the system's domain): any user may ask. */
static bool launchd_has(const struct session *s, const struct user *owner, const char *label)
{
	_cleanup_free_ char *target = owner ? mem_printf("gui/%u/%s", (unsigned)owner->id.uid, label) : mem_printf("system/%s", label);
	_cleanup_strv_ char **argv = strv_new("launchctl", "print", target, NULL);
	_cleanup_probe_ struct probe *p = probe_cmd("loaded", argv, NULL, PAYLOAD_LAUNCHCTL);
	_cleanup_answer_ struct answer a = { 0 };

	return source_get(s->source, p, &a, NULL) == 0 && record_answered(&a.rec) && a.rec.status == 0;
}

bool manager_has(const struct session *s, const struct user *owner, const char *unit)
{
	if (on_darwin(s))
		return launchd_has(s, owner, unit);
	_cleanup_free_ char *state = load_state(s, owner, unit);

	return state && *state && strcmp(state, "not-found") != 0;
}

/* The names of the users who may have a manager: the owners of the directories in /run/user, or on a Mac of the homes. */
static char **running_users(const struct session *s)
{
	_cleanup_probe_ struct probe *p = probe_dir(on_darwin(s) ? "/Users" : "/run/user");
	_cleanup_answer_ struct answer a = { 0 };
	char **names = NULL;

	if (source_get(s->source, p, &a, NULL))
		return NULL;
	for (const char *line = buf_str(&a.out), *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		json_t *j = json_loadb(line, (size_t)(end - line), 0, NULL);
		const char *owner = json_string_value(json_object_get(j, "owner"));
		if (owner && strcmp(owner, "root") != 0 && !strv_has(names, owner))
			names = strv_add(names, owner);
		json_decref(j);
	}
	return names;
}

/* What the agent's unit may be called: a Quadlet's has a name of its own. */
static char **unit_names(const struct session *s, const struct agent *a)
{
	char **v = strv_take(NULL, on_darwin(s) ? mem_strdup(a->label) : agent_unit_name(a));

	if (install_form_of(a, s->host.platform) == INSTALL_UNIT) {
		_cleanup_agent_ struct agent *quadlet = agent_copy(a);
		install_as_quadlet(quadlet);
		v = strv_take(v, agent_unit_name(quadlet));
	}
	return v;
}

static bool manager_has_any(const struct session *s, const struct user *owner, char *const *units)
{
	for (; *units; units++)
		if (manager_has(s, owner, *units))
			return true;
	return false;
}

/* Root without sudo and without --owner: the one user whose manager knows one of the units. */
static int find_owner(const struct session *s, char *const *units, struct user *ret, struct err *err)
{
	_cleanup_strv_ char **names = running_users(s);
	struct user found = { 0 };

	for (char **n = names; n && *n; n++) {
		struct user u = { 0 };
		if (user_get(s->source, *n, &u, NULL))
			continue;
		if (!manager_has_any(s, &u, units)) {
			user_free(&u);
			continue;
		}
		if (found.id.name) {
			int r = err_set(err, ERR_USAGE, "%s is there for %s and for %s; say --owner USER", units[0], found.id.name, u.id.name);
			user_free(&u);
			user_free(&found);
			return r;
		}
		found = u;
	}
	if (!found.id.name)
		return err_set(err, ERR_ABSENT, "no user's service manager knows %s", units[0]);
	*ret = found;
	return 0;
}

int agent_owner(const struct session *s, const struct cli *cli, const struct agent *a, struct user *ret, struct err *err)
{
	const char *named = cli_get(cli, "owner");

	if (a->scope == SCOPE_SYSTEM)
		return user_get(s->source, "root", ret, err);
	if (named && *named) {
		int r = user_get(s->source, named, ret, err);
		return r == -ERR_ABSENT ? err_set(err, ERR_USAGE, "--owner %s: no such user", named) : r;
	}
	if (s->host.euid == 0 && !s->caller.sudo && s->caller.id.uid == 0) {
		_cleanup_strv_ char **units = unit_names(s, a);
		int r = find_owner(s, units, ret, err);
		if (r != -ERR_ABSENT)
			return r;
	}
	user_dup(ret, &s->caller);
	return 0;
}
