/* SPDX-License-Identifier: MIT */
#include "collect/env.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/text.h"

const struct env_name env_names[] = {
	{ "PATH", 0 },
	{ "HOME", ENV_OWN },
	{ "USER", ENV_OWN },
	{ "LOGNAME", ENV_OWN },
	{ "XDG_RUNTIME_DIR", ENV_OWN },
	{ "XDG_CONFIG_HOME", ENV_OWN },
	{ "XDG_DATA_HOME", ENV_OWN },
	{ "DBUS_SESSION_BUS_ADDRESS", ENV_OWN },
	{ "TMPDIR", ENV_OWN },
	{ "CONTAINERS_CONF", ENV_OWN },
	{ "CONTAINERS_REGISTRIES_CONF", ENV_OWN },
	{ "CONTAINERS_STORAGE_CONF", ENV_OWN },
	{ "CONTAINER_HOST", ENV_OWN },
	{ "CONTAINER_CONNECTION", ENV_OWN },
	{ "DOCKER_CONFIG", ENV_OWN },
	{ "DOCKER_HOST", ENV_OWN },
	{ "REGISTRY_AUTH_FILE", ENV_OWN },
	{ "NIX_REMOTE", 0 },
	{ "NIX_STORE_DIR", 0 },
	{ "NIX_STATE_DIR", 0 },
	{ "NIX_CONF_DIR", 0 },
	{ "XDG_STATE_HOME", ENV_OWN | ENV_TOLD_ONLY },
	{ "SOURCEOS_AGENTS_PATH", ENV_TOLD_ONLY },
	{ NULL, 0 },
};

/* Where programs are, when PATH does not say: sudo, cron and launchd give a short one. */
static const char *const usual_dirs[] = {
	"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin",
	"/run/current-system/sw/bin", "/nix/var/nix/profiles/default/bin", "/opt/homebrew/bin", "/opt/podman/bin",
};

static size_t name_length(const char *assignment)
{
	return strcspn(assignment, "=");
}

const char *env_get(char *const *env, const char *name)
{
	size_t n = strlen(name);

	for (; env && *env; env++)
		if (name_length(*env) == n && memcmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

static void env_put(char ***env, char *assignment)
{
	size_t n = name_length(assignment);

	for (char **p = *env; p && *p; p++)
		if (name_length(*p) == n && memcmp(*p, assignment, n) == 0) {
			free(*p);
			*p = assignment;
			return;
		}
	*env = strv_take(*env, assignment);
}

static void env_set(char ***env, const char *name, const char *value)
{
	if (value)
		env_put(env, mem_printf("%s=%s", name, value));
}

static bool dir_is_roots(const char *dir)
{
	struct stat st;

	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0 && !(st.st_mode & S_IWOTH);
}

static void path_add(struct buf *path, char ***seen, const char *dir, bool for_root)
{
	if (*dir != '/' || strchr(dir, ':') || strv_has(*seen, dir) || (for_root && !dir_is_roots(dir)))
		return;
	*seen = strv_add(*seen, dir);
	if (path->len)
		buf_addc(path, ':');
	buf_adds(path, dir);
}

static char *path_build(const struct identity *as, bool for_root)
{
	_cleanup_strv_ char **seen = NULL;
	struct buf path = { 0 };

	for (const char *p = getenv("PATH"); p && *p;) {
		size_t n = strcspn(p, ":");
		_cleanup_free_ char *dir = mem_strndup(p, n);
		path_add(&path, &seen, dir, for_root);
		p += n + (p[n] == ':');
	}
	for (size_t i = 0; i < ARRAY_LEN(usual_dirs); i++)
		path_add(&path, &seen, usual_dirs[i], for_root);
	if (as && as->home) {
		_cleanup_free_ char *nix = mem_printf("%s/.nix-profile/bin", as->home);
		path_add(&path, &seen, nix, for_root);
	}
	return buf_take(&path);
}

static void env_set_user(char ***env, const struct identity *as, bool ours)
{
	env_set(env, "HOME", as->home);
	env_set(env, "USER", as->name);
	env_set(env, "LOGNAME", as->name);
	if (!as->runtime_dir)
		return;
	bool same = ours && text_eq(env_get(*env, "XDG_RUNTIME_DIR"), as->runtime_dir);
	env_set(env, "XDG_RUNTIME_DIR", as->runtime_dir);
	if (!same || !env_get(*env, "DBUS_SESSION_BUS_ADDRESS"))
		env_put(env, mem_printf("DBUS_SESSION_BUS_ADDRESS=unix:path=%s/bus", as->runtime_dir));
}

static bool behind_sudo(void)
{
	const char *uid = getenv("SUDO_UID");

	return geteuid() == 0 && uid && strcmp(uid, "0") != 0;
}

char **env_build(const struct identity *as, char *const *extra)
{
	bool ours = (!as || as->uid == geteuid()) && !behind_sudo();
	bool for_root = as ? as->uid == 0 : geteuid() == 0;
	char **env = NULL;

	for (const struct env_name *e = env_names; e->name; e++)
		if (!(e->flags & ENV_TOLD_ONLY) && (ours || !(e->flags & ENV_OWN)))
			env_set(&env, e->name, getenv(e->name));
	if (as) {
		env_set_user(&env, as, ours);
	} else if (!ours) {
		const struct passwd *pw = getpwuid(geteuid());
		const struct identity self = { .name = pw ? pw->pw_name : NULL, .home = pw ? pw->pw_dir : NULL };
		env_set_user(&env, &self, ours);
	}
	env_put(&env, mem_strdup("LC_ALL=C"));
	env_put(&env, mem_strdup("TZ=UTC"));
	_cleanup_free_ char *path = path_build(as, for_root);
	env_set(&env, "PATH", path);
	for (; extra && *extra; extra++)
		env_put(&env, mem_strdup(*extra));
	return env;
}

void env_become(const struct identity *id)
{
	static const char *const sudo[] = { "SUDO_UID", "SUDO_GID", "SUDO_USER", "SUDO_COMMAND", "MAIL", "OLDPWD" };

	for (const struct env_name *e = env_names; e->name; e++)
		if ((e->flags & ENV_OWN) && !(e->flags & ENV_TOLD_ONLY))
			unsetenv(e->name);
	unsetenv("XDG_STATE_HOME");
	for (size_t i = 0; i < ARRAY_LEN(sudo); i++)
		unsetenv(sudo[i]);
	setenv("HOME", id->home, 1);
	setenv("USER", id->name, 1);
	setenv("LOGNAME", id->name, 1);
	if (!id->runtime_dir)
		return;
	_cleanup_free_ char *bus = mem_printf("unix:path=%s/bus", id->runtime_dir);
	setenv("XDG_RUNTIME_DIR", id->runtime_dir, 1);
	setenv("DBUS_SESSION_BUS_ADDRESS", bus, 1);
}

/* 0 when it is a file that may be executed, else the errno. */
static int program_check(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return errno == ENOTDIR ? ENOENT : errno;
	if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0)
		return EACCES;
	return 0;
}

char *env_find_program(const char *name, const char *path)
{
	int found = ENOENT;

	if (strchr(name, '/')) {
		found = program_check(name);
		errno = found;
		return found ? NULL : mem_strdup(name);
	}
	for (const char *p = path; p && *p;) {
		size_t n = strcspn(p, ":");
		_cleanup_free_ char *file = mem_printf("%.*s/%s", (int)n, p, name);
		struct stat st;
		/* a directory that we may not search says nothing about the program */
		int e = n && *name && stat(file, &st) == 0 ? program_check(file) : ENOENT;
		if (!e)
			return TAKE_PTR(file);
		if (e == EACCES)
			found = e;
		p += n + (p[n] == ':');
	}
	errno = found;
	return NULL;
}
