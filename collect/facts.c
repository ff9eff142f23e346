/* SPDX-License-Identifier: MIT */
#include "collect/facts.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "collect/env.h"
#include "collect/platform.h"
#include "formats/text.h"

enum { SMALL_FILE = 64 << 10 };

static const char system_version[] = "/System/Library/CoreServices/SystemVersion.plist";

static void put(json_t *j, const char *key, const char *value)
{
	json_object_set_new(j, key, value ? job_json_text(value) : json_null());
}

static void put_time(json_t *j, const char *key, uint64_t us)
{
	char when[32];

	text_time(when, us);
	put(j, key, us ? when : NULL);
}

char *facts_machine_tag(const char *machine_id)
{
	static const char key[] = "sourceos-agent machine tag, 1st";
	unsigned char hash[crypto_generichash_BYTES_MIN];
	char hex[13];

	if (!machine_id)
		return NULL;
	crypto_generichash(hash, sizeof(hash), (const unsigned char *)machine_id, strlen(machine_id), (const unsigned char *)key,
		sizeof(key) - 1);
	text_hex(hex, hash, 6);
	return mem_printf("host-%s", hex);
}

/* The value of an os-release line: quotes off, backslash escapes resolved. */
static char *os_release_value(const char *v, size_t n)
{
	char quote = n && (*v == '"' || *v == '\'') ? *v : 0;
	struct buf b = { 0 };

	for (size_t i = quote != 0; i < n && !(quote && v[i] == quote); i++) {
		if (v[i] == '\\' && quote != '\'' && i + 1 < n)
			i++;
		buf_addc(&b, v[i]);
	}
	return buf_take(&b);
}

void facts_os_release(const char *text, json_t *j)
{
	static const char *const keys[][2] = {
		{ "ID=", "id" },
		{ "VERSION_ID=", "version" },
		{ "PRETTY_NAME=", "name" },
		{ "BUILD_ID=", "build" },
	};

	for (const char *p = text; *p;) {
		size_t n = strcspn(p, "\n");
		for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
			size_t k = strlen(keys[i][0]);
			if (n < k || strncmp(p, keys[i][0], k) != 0)
				continue;
			_cleanup_free_ char *value = os_release_value(p + k, n - k);
			put(j, keys[i][1], value);
		}
		p += n + (p[n] == '\n');
	}
}

/* The <string> after <key>K</key>; NULL without. The system's own file, always XML text: no plist parser is needed. */
static char *plist_string(const char *text, const char *key)
{
	_cleanup_free_ char *tag = mem_printf("<key>%s</key>", key);
	const char *p = strstr(text, tag);

	if (!p)
		return NULL;
	p += strlen(tag);
	p += strspn(p, " \t\r\n");
	if (!text_starts(p, "<string>"))
		return NULL;
	p += strlen("<string>");
	return mem_strndup(p, strcspn(p, "<"));
}

void facts_system_version(const char *text, json_t *j)
{
	_cleanup_free_ char *product = plist_string(text, "ProductName");
	_cleanup_free_ char *version = plist_string(text, "ProductVersion");
	_cleanup_free_ char *build = plist_string(text, "ProductBuildVersion");
	_cleanup_free_ char *name = mem_printf("%s %s", product ? product : "macOS", version ? version : "");

	put(j, "id", "macos");
	put(j, "version", version);
	put(j, "name", name);
	put(j, "build", build);
}

/* What lies in the file system says the platform, so that it works below a root as well. */
static const char *put_os(const struct hostfs *fs, json_t *j)
{
	static const char *const files[] = { "/etc/os-release", "/usr/lib/os-release" };
	_cleanup_buf_ struct buf b = { 0 };
	const char *platform = NULL;
	json_t *os = json_object();

	if (hostfs_read(fs, system_version, SMALL_FILE, &b) == 0) {
		facts_system_version(buf_str(&b), os);
		platform = "darwin";
	}
	/* the data volume of a Mac, mounted alone: its system volume holds the rest */
	if (!platform && hostfs_exists(fs, "/private/var/db/dslocal"))
		platform = "darwin";
	for (size_t i = 0; !platform && i < ARRAY_LEN(files); i++) {
		buf_clear(&b);
		if (hostfs_read(fs, files[i], SMALL_FILE, &b))
			continue;
		facts_os_release(buf_str(&b), os);
		platform = "linux";
	}
	json_object_set(j, "osRelease", json_object_get(os, "name"));
	json_object_set_new(j, "os", os);
	return platform;
}

static void put_first_line(const struct hostfs *fs, json_t *j, const char *key, const char *path)
{
	_cleanup_buf_ struct buf b = { 0 };

	if (hostfs_read(fs, path, SMALL_FILE, &b) || !b.len)
		return put(j, key, NULL);
	b.data[strcspn(b.data, "\n")] = '\0';
	put(j, key, b.data);
}

/* Only what files tell: the kernel that runs is not that of the image. */
static void host_below_root(const struct hostfs *fs, json_t *j)
{
	_cleanup_buf_ struct buf id = { 0 };

	if (hostfs_read(fs, "/etc/machine-id", SMALL_FILE, &id) == 0 && id.len) {
		id.data[strcspn(id.data, "\n")] = '\0';
		_cleanup_free_ char *tag = facts_machine_tag(*id.data ? id.data : NULL);
		put(j, "machineTag", tag);
	}
	put_first_line(fs, j, "hostname", "/etc/hostname");
}

static void host_live(json_t *j)
{
	_cleanup_free_ char *id = platform_machine_id();
	_cleanup_free_ char *tag = facts_machine_tag(id);
	_cleanup_free_ char *boot = platform_boot_id();
	_cleanup_free_ char *pid1 = platform_pid1();
	json_t *env = json_object();
	struct utsname un;

	if (uname(&un) == 0) {
		_cleanup_free_ char *kernel = mem_printf("%s %s", un.sysname, un.release);
		put(j, "kernel", kernel);
		put(j, "release", un.release);
		put(j, "machine", un.machine);
		put(j, "hostname", un.nodename);
	}
	put(j, "machineTag", tag);
	put(j, "bootId", boot);
	put_time(j, "bootedAt", platform_booted_us());
	put(j, "pid1", pid1);
	json_object_set_new(j, "journalDenied", json_boolean(platform_journal_denied(id)));
	for (const struct env_name *e = env_names; e->name; e++)
		if (getenv(e->name))
			put(env, e->name, getenv(e->name));
	json_object_set_new(j, "environment", env);
}

static json_t *fact_host(const struct hostfs *fs)
{
	json_t *j = json_object();
	const char *platform = put_os(fs, j);

	if (fs->rootfd < 0) {
		platform = platform_ours();
		host_live(j);
	} else {
		host_below_root(fs, j);
	}
	put(j, "platform", platform);
	put_time(j, "now", clock_wall_us());
	json_object_set_new(j, "uid", json_integer(getuid()));
	json_object_set_new(j, "euid", json_integer(geteuid()));
	return j;
}

static json_t *user_json(const struct hostfs *fs, const struct account *u)
{
	json_t *j = json_object();
	bool live = fs->rootfd < 0;
	_cleanup_free_ char *runtime = live ? platform_runtime_dir(u->uid) : NULL;
	_cleanup_free_ char *linger = mem_printf("/var/lib/systemd/linger/%s", u->name);

	put(j, "name", u->name);
	json_object_set_new(j, "uid", json_integer(u->uid));
	json_object_set_new(j, "gid", json_integer(u->gid));
	put(j, "home", u->home);
	put(j, "shell", u->shell);
	put(j, "runtimeDir", runtime);
	json_object_set_new(j, "linger", json_boolean(hostfs_exists(fs, linger)));
	json_object_set_new(j, "manager", json_boolean(live && platform_has_session(u->uid)));
	json_object_set_new(j, "bus", json_boolean(runtime && platform_has_bus(runtime)));
	json_object_set_new(j, "podmanPause", json_boolean(runtime && platform_podman_pause(u->uid, runtime)));
	return j;
}

/* The user behind sudo: believed of root's own environment only, and only when uid and name agree
 * with the user database (anybody can set variables; who is root need not lie). */
static bool sudo_user(const struct hostfs *fs, struct account *ret)
{
	const char *uid_text = getenv("SUDO_UID"), *name = getenv("SUDO_USER");
	_cleanup_account_ struct account u = { 0 };
	uint64_t uid;

	if (geteuid() != 0 || !uid_text || !name || text_to_u64(uid_text, UINT32_MAX, &uid) || hostfs_account(fs, name, &u) || u.uid != uid)
		return false;
	*ret = u;
	u = (struct account){ 0 };
	return true;
}

static json_t *fact_caller(const struct hostfs *fs)
{
	_cleanup_account_ struct account u = { 0 };
	bool sudo = sudo_user(fs, &u);

	if (!sudo && hostfs_account_by_uid(fs, geteuid(), &u)) {
		/* a uid without a line in the database, as in containers */
		u.name = mem_printf("%u", geteuid());
		u.uid = geteuid();
		u.gid = getegid();
		u.home = mem_strdup(getenv("HOME"));
	}
	json_t *j = user_json(fs, &u);
	json_object_set_new(j, "sudo", json_boolean(sudo));
	return j;
}

static json_t *fact_user(struct job *job, const struct hostfs *fs, const char *name)
{
	_cleanup_account_ struct account u = { 0 };
	uint64_t uid;
	int e = hostfs_account(fs, name, &u);

	if (e && text_to_u64(name, UINT32_MAX, &uid) == 0)
		e = hostfs_account_by_uid(fs, (uid_t)uid, &u);
	/* getpwnam says "not found" with any of these, see its manual */
	if (e == ENOENT || e == ESRCH || e == EBADF || e == EPERM) {
		job_fail(job, OUTCOME_ABSENT, ENOENT, "no user %s on this host", name);
		return NULL;
	}
	if (e) {
		job_errno(job, e, "user %s", name);
		return NULL;
	}
	return user_json(fs, &u);
}

void facts_answer(struct job *job, struct hostfs *fs)
{
	const char *name = job->probe->target ? job->probe->target : "";
	json_t *j = NULL;

	if (strcmp(name, "host") == 0)
		j = fact_host(fs);
	else if (strcmp(name, "caller") == 0 && fs->rootfd >= 0)
		job_fail(job, OUTCOME_NOT_COLLECTED, 0, "nobody calls from within a mounted root");
	else if (strcmp(name, "caller") == 0)
		j = fact_caller(fs);
	else if (text_starts(name, "user/") && name[5])
		j = fact_user(job, fs, name + 5);
	else
		job_fail(job, OUTCOME_FAILED, EINVAL, "%s: no such fact", name);
	if (!j)
		return;
	_cleanup_free_ char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
	job_chunk(job, STREAM_OUT, text, strlen(text), UINT64_MAX);
	json_decref(j);
}
