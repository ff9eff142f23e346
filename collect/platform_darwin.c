/* SPDX-License-Identifier: MIT */
#include "collect/platform.h"

#include <fcntl.h>
#include <sys/event.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <unistd.h>
#include <uuid/uuid.h>

int spawn_close_inherited(posix_spawn_file_actions_t *actions, short *flags)
{
	/* everything that no file action names is closed */
	*flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
	return 0;
}

int spawn_watch(pid_t pid)
{
	struct kevent ev;
	int kq = kqueue();

	if (kq < 0)
		return -1;
	fcntl(kq, F_SETFD, FD_CLOEXEC);
	EV_SET(&ev, pid, EVFILT_PROC, EV_ADD | EV_ENABLE, NOTE_EXIT, 0, NULL);
	if (kevent(kq, &ev, 1, NULL, 0, NULL) < 0) {
		/* it has ended already: asking by turns finds out at once */
		close(kq);
		return -1;
	}
	return kq;
}

/*
 * asuser enters the user's bootstrap context, without which launchctl and podman machine see
 * another world; sudo then drops to the user. sudo resets the environment, so it is given anew.
 */
char **spawn_as(const struct identity *as, const char *program, char *const *argv, char *const *env)
{
	char **v = strv_add(NULL, "launchctl");

	v = strv_add(v, "asuser");
	v = strv_take(v, mem_printf("%u", as->uid));
	v = strv_add(v, "/usr/bin/sudo");
	v = strv_add(v, "-n");
	v = strv_add(v, "-u");
	v = strv_take(v, mem_printf("#%u", as->uid));
	v = strv_add(v, "--");
	v = strv_add(v, "/usr/bin/env");
	v = strv_add(v, "-i");
	for (; env && *env; env++)
		v = strv_add(v, *env);
	v = strv_add(v, program);
	for (size_t i = 1; argv[0] && argv[i]; i++)
		v = strv_add(v, argv[i]);
	return v;
}

uint64_t spawn_maxrss_kb(const struct rusage *ru)
{
	return (uint64_t)ru->ru_maxrss / 1024; /* bytes there */
}

int64_t stat_mtime_us(const struct stat *st)
{
	return (int64_t)st->st_mtimespec.tv_sec * 1000000 + st->st_mtimespec.tv_nsec / 1000;
}

int64_t stat_mtime_nsec(const struct stat *st)
{
	return st->st_mtimespec.tv_nsec;
}

int64_t stat_ctime_nsec(const struct stat *st)
{
	return st->st_ctimespec.tv_nsec;
}

const char *platform_ours(void)
{
	return "darwin";
}

char *platform_machine_id(void)
{
	const struct timespec wait = { .tv_sec = 1 };
	uuid_string_t text;
	uuid_t id;

	if (gethostuuid(id, &wait) < 0)
		return NULL;
	uuid_unparse_lower(id, text);
	return mem_strdup(text);
}

char *platform_boot_id(void)
{
	char id[64];
	size_t n = sizeof(id);

	return sysctlbyname("kern.bootsessionuuid", id, &n, NULL, 0) == 0 ? mem_strndup(id, n) : NULL;
}

uint64_t platform_booted_us(void)
{
	struct timeval tv;
	size_t n = sizeof(tv);

	if (sysctlbyname("kern.boottime", &tv, &n, NULL, 0) < 0)
		return 0;
	return (uint64_t)tv.tv_sec * 1000000 + (uint64_t)tv.tv_usec;
}

bool platform_journal_denied(const char *machine_id)
{
	return false;
}

char *platform_pid1(void)
{
	return mem_strdup("launchd");
}

char *platform_runtime_dir(uid_t uid)
{
	return NULL;
}

bool platform_podman_pause(uid_t uid, const char *runtime_dir)
{
	return false;
}

bool platform_has_bus(const char *runtime_dir)
{
	return false;
}

/* The user at the screen has a gui/UID domain; of others, launchctl print tells. */
bool platform_has_session(uid_t uid)
{
	struct stat st;

	return stat("/dev/console", &st) == 0 && st.st_uid == uid;
}
