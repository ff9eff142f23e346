/* SPDX-License-Identifier: MIT */
#include "lifecycle/session.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "collect/live.h"
#include "formats/text.h"
#include "lifecycle/installation.h"
#include "lifecycle/unloaded.h"

static char *state_dir(const struct host *h, const struct user *caller)
{
	bool darwin = h->platform == PLATFORM_DARWIN;
	const char *xdg = host_env(h, "XDG_STATE_HOME");

	if (h->euid == 0)
		return mem_strdup(darwin ? "/Library/Application Support/sourceos-agent" : "/var/lib/sourceos-agent");
	if (xdg && xdg[0] == '/')
		return mem_printf("%s/sourceos-agent", xdg);
	return mem_printf(darwin ? "%s/Library/Application Support/sourceos-agent" : "%s/.local/state/sourceos-agent", caller->id.home);
}

/* What a signal stops: the one place that a handler can look at. Ctrl-C then ends what we started, and the
 * command returns through its own clean-up, with the journal saying where it stood. */
static _Atomic(struct source *) interruptible;

static void on_signal(int sig)
{
	struct source *s = atomic_load(&interruptible);

	if (s)
		source_live_stop(s);
}

static void catch_signals(struct source *live)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

	sigemptyset(&sa.sa_mask);
	atomic_store(&interruptible, live);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaction(signals[i], &sa, NULL);
}

/* The one person of a mounted image: the only home in it; NULL when there are none or several. */
static char *only_home(struct source *s, const char *homes)
{
	_cleanup_probe_ struct probe *p = probe_dir(homes);
	_cleanup_answer_ struct answer a = { 0 };
	char *found = NULL;

	if (source_get(s, p, &a, NULL))
		return NULL;
	for (const char *line = buf_str(&a.out), *end; *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		json_t *j = json_loadb(line, (size_t)(end - line), 0, NULL);
		/* a home need not be called after whose it is */
		const char *owner = json_string_value(json_object_get(j, "owner"));
		const char *name = owner ? owner : json_string_value(json_object_get(j, "name"));
		bool person = name && json_integer_value(json_object_get(j, "uid")) >= 500 && text_eq(json_string_value(json_object_get(j, "type")), "d");
		char *kept = !person || text_eq(found, name) ? found : mem_strdup(found ? "" : name);
		if (kept != found)
			free(found);
		found = kept;
		json_decref(j);
	}
	if (found && !*found)
		mem_freep(&found);
	return found;
}

/* Nobody calls from within an image: its person is who --owner says, or who is the only one there, else root. */
static int image_caller(const struct session *s, const struct cli *cli, struct user *ret, struct err *err)
{
	const char *owner = cli_get(cli, "owner");
	_cleanup_free_ char *only = only_home(s->source, s->host.platform == PLATFORM_DARWIN ? "/Users" : "/home");

	if (owner && *owner)
		return user_get(s->source, owner, ret, err);
	if (only && user_get(s->source, only, ret, NULL) == 0)
		return 0;
	return user_get(s->source, "root", ret, err);
}

static char *rules_dir(const struct host *h, const struct user *caller)
{
	const char *xdg = host_env(h, "XDG_CONFIG_HOME");

	return xdg && *xdg == '/' ? mem_printf("%s/sourceos/redact.d", xdg) : mem_printf("%s/.config/sourceos/redact.d", caller->id.home);
}

/* With --root what is read is the image's; what is kept (keys, evidence) is kept on this host, where the operator's rules are too. */
static int own_dirs(struct session *s, const char *root, struct err *err)
{
	_cleanup_source_ struct source *live = root ? source_live(NULL, err) : NULL;
	struct host host = { 0 };
	struct user caller = { 0 };
	int r = 0;

	if (!root) {
		s->state_dir = state_dir(&s->host, &s->caller);
		s->rules_dir = rules_dir(&s->host, &s->caller);
	} else {
		r = live ? host_get(live, &host, err) : -err->code;
		r = r ? r : caller_get(live, &caller, err);
		s->state_dir = r ? NULL : state_dir(&host, &caller);
		s->rules_dir = r ? NULL : rules_dir(&host, &caller);
		host_free(&host);
		user_free(&caller);
	}
	s->keys_dir = r ? NULL : mem_printf("%s/keys", s->state_dir);
	return r;
}

int session_open(const struct cli *cli, struct session *ret, struct err *err)
{
	const char *root = cli_get(cli, "root");
	struct session s = { .source = source_live(root, err) };
	int r = s.source ? host_get(s.source, &s.host, err) : -err->code;

	if (r == 0)
		r = root ? image_caller(&s, cli, &s.caller, err) : caller_get(s.source, &s.caller, err);
	if (r == 0)
		r = agents_load(s.source, &s.host, &s.caller.id, &s.agents, err);
	if (r == 0)
		r = own_dirs(&s, root, err);
	if (r) {
		session_close(&s);
		return r;
	}
	/* what only reads a bundle, or sends it, leaves nothing half done: there a signal ends us, at once */
	if (!text_starts(cli->verb->name, "bundle "))
		catch_signals(s.source);
	*ret = s;
	return 0;
}

void session_close(struct session *s)
{
	agents_close(&s->agents);
	host_free(&s->host);
	user_free(&s->caller);
	free(s->state_dir);
	free(s->keys_dir);
	free(s->rules_dir);
	atomic_store(&interruptible, NULL);
	source_close(s->source);
	*s = (struct session){ 0 };
}

void session_warn(const struct session *s, const struct cli *cli)
{
	for (char **p = s->agents.problems; p && *p; p++)
		fprintf(stderr, "%s: warning: %s\n", cli->program, *p);
	for (size_t i = 0; i < s->agents.warnings.n && !cli->quiet; i++)
		fprintf(stderr, "%s: warning: %s\n", cli->program, s->agents.warnings.v[i].text);
}

/* ---- owners ---- */

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

static bool manager_has(const struct session *s, const struct user *owner, const char *unit)
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

/* Root without sudo and without --owner: the one user whose manager knows the unit. */
static int find_owner(const struct session *s, const char *unit, struct user *ret, struct err *err)
{
	_cleanup_strv_ char **names = running_users(s);
	struct user found = { 0 };

	for (char **n = names; n && *n; n++) {
		struct user u = { 0 };
		if (user_get(s->source, *n, &u, NULL))
			continue;
		if (!manager_has(s, &u, unit)) {
			user_free(&u);
			continue;
		}
		if (found.id.name) {
			int r = err_set(err, ERR_USAGE, "%s is there for %s and for %s; say --owner USER", unit, found.id.name, u.id.name);
			user_free(&u);
			user_free(&found);
			return r;
		}
		found = u;
	}
	if (!found.id.name)
		return err_set(err, ERR_ABSENT, "no user's service manager knows %s", unit);
	*ret = found;
	return 0;
}

static int owner_of(const struct session *s, const struct cli *cli, const struct agent *a, struct user *ret, struct err *err)
{
	const char *named = cli_get(cli, "owner");

	if (a->scope == SCOPE_SYSTEM)
		return user_get(s->source, "root", ret, err);
	if (named && *named) {
		int r = user_get(s->source, named, ret, err);
		return r == -ERR_ABSENT ? err_set(err, ERR_USAGE, "--owner %s: no such user", named) : r;
	}
	if (s->host.euid == 0 && !s->caller.sudo && s->caller.id.uid == 0) {
		_cleanup_free_ char *unit = on_darwin(s) ? mem_strdup(a->label) : agent_unit_name(a);
		int r = find_owner(s, unit, ret, err);
		if (r != -ERR_ABSENT)
			return r;
	}
	user_dup(ret, &s->caller);
	return 0;
}

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
	struct target t = { .agent = agent_copy(a), .declared = true, .unit = on_darwin(s) ? mem_strdup(a->label) : NULL };
	int r = owner_of(s, cli, a, &t.owner, err);

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
	if (on_darwin(s))
		return !strstr(path, "/Library/LaunchDaemons/");
	size_t n = strlen(s->caller.id.home);
	bool below_home = strncmp(path, s->caller.id.home, n) == 0 && path[n] == '/';

	return strstr(path, "/systemd/user/") || (below_home && strstr(path, "/containers/systemd/"));
}

/* "x.container" is the source of x.service */
static char *unit_of_name(const struct session *s, const char *base)
{
	/* launchd knows labels, and the list is named after its label */
	if (on_darwin(s))
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

static const char *last_component(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

char *session_agent_name(const struct session *s, const char *name)
{
	_cleanup_free_ char *unit = unit_of_name(s, last_component(name));
	const struct agent *declared = declared_as(s, name, unit);
	_cleanup_agent_ struct agent *inferred = declared ? NULL : session_infer_agent(unit, SCOPE_USER);

	return mem_strdup(declared ? declared->name : inferred->name);
}

int session_target_any(const struct session *s, const struct cli *cli, const char *name, struct target *ret, struct err *err)
{
	_cleanup_free_ char *unit = unit_of_name(s, last_component(name));
	const char *slash = strrchr(name, '/'), *scope = cli_get(cli, "scope");
	const struct agent *declared = declared_as(s, name, unit);
	enum agent_scope found;
	_cleanup_free_ char *path = NULL; /* of its definition */

	if (declared && (!scope || agents_find(&s->agents, name)))
		return target_declared(s, cli, declared, ret, err);
	struct agent *user = session_infer_agent(unit, SCOPE_USER);
	struct user owner = { 0 };
	int r = owner_of(s, cli, user, &owner, err);
	if (r == 0 && scope && !text_eq(scope, "user") && !text_eq(scope, "system"))
		r = err_set(err, ERR_USAGE, "--scope is user or system, not \"%s\"", scope);
	if (r == 0 && scope) {
		found = text_eq(scope, "user") ? SCOPE_USER : SCOPE_SYSTEM;
	} else if (r == 0 && slash) {
		found = is_user_path(s, name) ? SCOPE_USER : SCOPE_SYSTEM;
	} else if (r == 0) {
		bool in_user = manager_has(s, &owner, unit), in_system = manager_has(s, NULL, unit);
		found = in_user ? SCOPE_USER : SCOPE_SYSTEM;
		if (in_user && in_system)
			r = err_set(err, ERR_USAGE, "%s is both a user and a system unit; say --scope user or --scope system", unit);
		/* never loaded, or nobody there to be asked */
		else if (!in_user && !in_system && !(path = unloaded_find(s->source, s->host.platform, &owner.id, unit, &found)))
			r = unknown_agent(s, name, err);
	}
	agent_free(user);
	struct target t = { .declared = false };
	if (r == 0) {
		t.agent = session_infer_agent(unit, found);
		t.unit = on_darwin(s) ? mem_strdup(unit) : NULL;
		t.definition = slash ? mem_strdup(name) : TAKE_PTR(path);
		r = owner_of(s, cli, t.agent, &t.owner, err);
	}
	user_free(&owner);
	if (r) {
		target_free(&t);
		return r;
	}
	target_complete(&t);
	*ret = t;
	return 0;
}
