/* SPDX-License-Identifier: MIT */
#include "lifecycle/session_target.h"

#include <string.h>

#include "formats/text.h"
#include "lifecycle/earlier.h"
#include "lifecycle/installation.h"
#include "lifecycle/owner.h"
#include "lifecycle/unloaded.h"

/* ---- what somebody declared ---- */

/* Paths of the declaration were expanded to the caller's home; the owner's may be another. */
static void rebase_home(struct agent *a, const char *from, const char *to)
{
	char **paths[] = { &a->auth.authfile, &a->logs.directory, &a->logs.app, &a->logs.stdout_path, &a->logs.stderr_path, &a->macos.plist,
		&a->linux_unit.user_unit };
	size_t n = strlen(from);

	for (size_t i = 0; i < ARRAY_LEN(paths) && strcmp(from, to) != 0; i++)
		if (*paths[i] && strncmp(*paths[i], from, n) == 0 && (*paths[i])[n] == '/') {
			char *moved = mem_printf("%s%s", to, *paths[i] + n);
			free(*paths[i]);
			*paths[i] = moved;
		}
}

static int target_declared(const struct session *s, const struct cli *cli, const struct agent *a, struct target *ret, struct err *err)
{
	struct target t = { .agent = agent_copy(a), .declared = true, .unit = s->host.platform == PLATFORM_DARWIN ? mem_strdup(a->label) : NULL };
	int r = agent_owner(s, cli, a, &t.owner, err);

	if (r) {
		target_free(&t);
		return r;
	}
	if (a->scope == SCOPE_USER)
		rebase_home(t.agent, s->caller.id.home, t.owner.id.home);
	if (install_form_of(a, s->host.platform) == INSTALL_UNIT && installed_as_quadlet(s->source, s->host.platform, a, &t.owner.id))
		install_as_quadlet(t.agent);
	target_complete(&t);
	*ret = t;
	return 0;
}

static int unknown_agent(const struct session *s, const char *name, struct err *err)
{
	struct buf names = { 0 }, places = { 0 };

	for (struct agent **a = s->agents.list; a && *a; a++)
		buf_addf(&names, "%s%s", names.len ? ", " : "", (*a)->name);
	for (char **p = s->agents.searched; p && *p; p++)
		buf_addf(&places, "%s%s", places.len ? ", " : "", *p);
	int r = err_set(err, ERR_USAGE, "no agent \"%s\"; declared: %s (looked in %s)", name, names.len ? names.data : "none", buf_str(&places));
	buf_free(&names);
	buf_free(&places);
	return r;
}

int session_target(const struct session *s, const struct cli *cli, const char *name, struct target *ret, struct err *err)
{
	const struct agent *a = agents_find(&s->agents, name);

	return a ? target_declared(s, cli, a, ret, err) : unknown_agent(s, name, err);
}

/* ---- what nobody declared ---- */

static const char *const unit_suffixes[] = { ".service", ".timer", ".socket", ".path", ".container" };

static const char *unit_suffix(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(unit_suffixes); i++)
		if (text_ends(name, unit_suffixes[i]))
			return unit_suffixes[i];
	return NULL;
}

/* An agent's name is a safe path component; a unit's or label's may not be. */
static char *safe_name(const char *s)
{
	char *name = mem_strndup(s, 64);

	for (char *p = name; *p; p++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", *p))
			*p = '-';
	if (!agent_name_valid(name)) {
		free(name);
		return mem_strdup("service");
	}
	return name;
}

struct agent *session_infer_agent(const char *unit, enum agent_scope scope)
{
	struct agent *a = mem_alloc(sizeof(*a));
	const char *suffix = unit_suffix(unit);
	_cleanup_free_ char *stem = mem_strndup(unit, strlen(unit) - (suffix ? strlen(suffix) : 0));

	a->name = safe_name(stem);
	a->label = mem_strdup(stem);
	a->scope = scope;
	a->runtime = RUNTIME_SYSTEMD; /* until its definition says Podman */
	a->quarantine = CAPTURE_ALL;
	a->lifecycle.shutdown_timeout_sec = 10;
	if (scope == SCOPE_USER)
		a->linux_unit.user_unit = mem_strdup(unit);
	else
		a->linux_unit.system_unit = mem_strdup(unit);
	return a;
}

static bool is_user_path(const struct session *s, const char *path)
{
	if (s->host.platform == PLATFORM_DARWIN)
		return !strstr(path, "/Library/LaunchDaemons/");
	size_t n = strlen(s->caller.id.home);
	bool below_home = strncmp(path, s->caller.id.home, n) == 0 && path[n] == '/';

	return strstr(path, "/systemd/user/") || (below_home && strstr(path, "/containers/systemd/"));
}

/* "x.container" is the source of x.service */
static char *unit_of_name(const struct session *s, const char *base)
{
	/* launchd knows labels, and the list is named after its label */
	if (s->host.platform == PLATFORM_DARWIN)
		return mem_strndup(base, strlen(base) - (text_ends(base, ".plist") ? strlen(".plist") : 0));
	const char *suffix = unit_suffix(base);

	if (text_eq(suffix, ".container"))
		return mem_printf("%.*s.service", (int)(strlen(base) - strlen(".container")), base);
	return suffix ? mem_strdup(base) : mem_printf("%s.service", base);
}

/* A declared agent by name, label or the name of its unit. */
static const struct agent *declared_as(const struct session *s, const char *name, const char *unit)
{
	const struct agent *found = agents_find(&s->agents, name);

	for (struct agent **a = s->agents.list; !found && a && *a; a++) {
		_cleanup_free_ char *of = agent_unit_name(*a);
		if (strcmp(of, unit) == 0)
			found = *a;
	}
	return found;
}

char *session_agent_name(const struct session *s, const char *name)
{
	_cleanup_free_ char *unit = unit_of_name(s, text_base_name(name));
	const struct agent *declared = declared_as(s, name, unit);
	_cleanup_agent_ struct agent *inferred = declared ? NULL : session_infer_agent(unit, SCOPE_USER);

	return mem_strdup(declared ? declared->name : inferred->name);
}

/* A path that leads nowhere is a slip of who typed it, unless a manager still has what was loaded from there, or a quarantine took
 * it away. */
static int check_definition(const struct session *s, const struct target *t, const char *name, struct err *err)
{
	bool user = t->agent->scope == SCOPE_USER;

	if (definition_is_there(s->source, name) || manager_has(s, user ? &t->owner : NULL, t->unit))
		return 0;
	_cleanup_free_ char *evidence = session_evidence_dir(s), *dir = NULL;
	if (earlier_find(evidence, t->agent->name, &dir) != EARLIER_NONE)
		return 0;
	_cleanup_free_ char *safe = text_safe(name);
	return err_set(err, ERR_USAGE, "%s does not exist, and no such service is loaded", safe);
}

/* Whose manager knows the unit; where none does, *ret_path is its definition on the disk, which the caller frees. */
static int find_scope(const struct session *s, const struct cli *cli, const char *name, const char *unit, enum agent_scope *ret, char **ret_path,
	struct err *err)
{
	_cleanup_agent_ struct agent *user = session_infer_agent(unit, SCOPE_USER);
	struct user owner = { 0 };
	int r = agent_owner(s, cli, user, &owner, err);

	if (r)
		return r;
	bool in_user = manager_has(s, &owner, unit), in_system = manager_has(s, NULL, unit);
	*ret = in_user ? SCOPE_USER : SCOPE_SYSTEM;
	if (in_user && in_system)
		r = err_set(err, ERR_USAGE, "%s is both a user and a system unit; say --scope user or --scope system", unit);
	/* never loaded, or nobody there to be asked */
	else if (!in_user && !in_system && !(*ret_path = unloaded_find(s->source, s->host.platform, &owner.id, unit, ret)))
		r = unknown_agent(s, name, err);
	user_free(&owner);
	return r;
}

int session_target_any(const struct session *s, const struct cli *cli, const char *name, struct target *ret, struct err *err)
{
	_cleanup_free_ char *unit = unit_of_name(s, text_base_name(name));
	const char *slash = strrchr(name, '/'), *scope = cli_get(cli, "scope");
	const struct agent *declared = declared_as(s, name, unit);
	enum agent_scope found;
	_cleanup_free_ char *path = NULL; /* of its definition */

	if (scope && !text_eq(scope, "user") && !text_eq(scope, "system"))
		return err_set(err, ERR_USAGE, "--scope is user or system, not \"%s\"", scope);
	if (declared && (!scope || text_eq(scope, agent_scope_name(declared->scope))))
		return target_declared(s, cli, declared, ret, err);
	if (declared && agents_find(&s->agents, name))
		return err_set(err, ERR_USAGE, "%s is declared with scope %s; for a unit of another manager say its name", name, agent_scope_name(declared->scope));
	int r = 0;
	if (scope)
		found = text_eq(scope, "user") ? SCOPE_USER : SCOPE_SYSTEM;
	else if (slash)
		found = is_user_path(s, name) ? SCOPE_USER : SCOPE_SYSTEM;
	else
		r = find_scope(s, cli, name, unit, &found, &path, err);
	struct target t = { .declared = false };
	if (r == 0) {
		t.agent = session_infer_agent(unit, found);
		t.unit = s->host.platform == PLATFORM_DARWIN ? mem_strdup(unit) : NULL;
		t.definition = slash ? mem_strdup(name) : TAKE_PTR(path);
		r = agent_owner(s, cli, t.agent, &t.owner, err);
	}
	if (r == 0)
		target_complete(&t);
	if (r == 0 && slash)
		r = check_definition(s, &t, name, err);
	if (r) {
		target_free(&t);
		return r;
	}
	*ret = t;
	return 0;
}
