/* SPDX-License-Identifier: MIT */
#include "collect/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "formats/text.h"

int spawn_close_inherited(posix_spawn_file_actions_t *actions, short *flags)
{
	return posix_spawn_file_actions_addclosefrom_np(actions, 3);
}

int spawn_watch(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0); /* close-on-exec by definition */
}

/*
 * setpriv (util-linux) rather than sudo or runuser: it asks no PAM, opens no session, writes no log
 * line and leaves the environment as we built it. No --no-new-privs: rootless Podman needs the
 * setuid newuidmap.
 */
char **spawn_as(const struct identity *as, const char *program, char *const *argv, char *const *env)
{
	char **v = strv_add(NULL, "setpriv");

	v = strv_take(v, mem_printf("--reuid=%u", as->uid));
	v = strv_take(v, mem_printf("--regid=%u", as->gid));
	v = strv_add(v, "--init-groups");
	v = strv_add(v, "--");
	v = strv_add(v, program);
	for (size_t i = 1; argv[0] && argv[i]; i++)
		v = strv_add(v, argv[i]);
	return v;
}

uint64_t spawn_maxrss_kb(const struct rusage *ru)
{
	return (uint64_t)ru->ru_maxrss;
}

int64_t stat_mtime_us(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
}

int64_t stat_mtime_nsec(const struct stat *st)
{
	return st->st_mtim.tv_nsec;
}

int64_t stat_ctime_nsec(const struct stat *st)
{
	return st->st_ctim.tv_nsec;
}

const char *platform_ours(void)
{
	return "linux";
}

/* The first line of a small file of /proc or /etc, without its newline; NULL when it cannot be read. */
static char *first_line(const char *path)
{
	char line[256];
	FILE *f = fopen(path, "re");

	if (!f)
		return NULL;
	bool got = fgets(line, sizeof(line), f);
	fclose(f);
	if (!got)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return *line ? mem_strdup(line) : NULL;
}

char *platform_machine_id(void)
{
	return first_line("/etc/machine-id");
}

char *platform_boot_id(void)
{
	return first_line("/proc/sys/kernel/random/boot_id");
}

uint64_t platform_booted_us(void)
{
	unsigned long long seconds = 0;
	char line[512];
	FILE *f = fopen("/proc/stat", "re");

	while (f && !seconds && fgets(line, sizeof(line), f))
		if (sscanf(line, "btime %llu", &seconds) != 1)
			seconds = 0;
	if (f)
		fclose(f);
	return (uint64_t)seconds * 1000000;
}

/* Others than root need the group systemd-journal or adm; without, its entries are as if they were not there. */
bool platform_journal_denied(const char *machine_id)
{
	static const char *const dirs[] = { "/var/log/journal", "/run/log/journal" };

	for (size_t i = 0; machine_id && i < ARRAY_LEN(dirs); i++) {
		_cleanup_free_ char *path = mem_printf("%s/%s/system.journal", dirs[i], machine_id);
		if (faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) < 0 && errno == EACCES)
			return true;
	}
	return false;
}

char *platform_pid1(void)
{
	return first_line("/proc/1/comm");
}

char *platform_runtime_dir(uid_t uid)
{
	_cleanup_free_ char *dir = mem_printf("/run/user/%u", uid);
	struct stat st;

	/* a directory that somebody else left there is nobody's runtime directory */
	return lstat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid ? TAKE_PTR(dir) : NULL;
}

static bool is_socket(const char *dir, const char *name)
{
	_cleanup_free_ char *path = mem_printf("%s/%s", dir, name);
	struct stat st;

	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

bool platform_has_session(uid_t uid)
{
	_cleanup_free_ char *dir = platform_runtime_dir(uid);

	return dir && (is_socket(dir, "systemd/private") || is_socket(dir, "bus"));
}

bool platform_has_bus(const char *runtime_dir)
{
	return is_socket(runtime_dir, "bus");
}

/* A number in a file that may be anybody's: nothing is opened that could hold root up, or lead elsewhere. 0: there is none. */
static uint64_t number_in(const char *path)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[32];
	struct stat st;
	uint64_t number;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	ssize_t n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return text_to_u64(text, INT32_MAX, &number) == 0 ? number : 0;
}

/* Podman has the pid where its tmp_dir is by default. The process may have ended, and another have its pid. */
bool platform_podman_pause(uid_t uid, const char *runtime_dir)
{
	_cleanup_free_ char *file = mem_printf("%s/libpod/tmp/pause.pid", runtime_dir);
	unsigned pid = (unsigned)number_in(file);
	_cleanup_free_ char *proc = mem_printf("/proc/%u", pid), *comm = mem_printf("/proc/%u/comm", pid);
	struct stat st;

	if (!pid || stat(proc, &st) < 0 || st.st_uid != uid)
		return false;
	_cleanup_free_ char *name = first_line(comm);
	return name && (text_starts(name, "podman") || text_starts(name, "catatonit"));
}
