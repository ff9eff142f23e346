/* SPDX-License-Identifier: MIT */
#include "collect/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <unistd.h>

#include "collect/env.h"
#include "collect/platform.h"

static int attributes(posix_spawnattr_t *attr, posix_spawn_file_actions_t *actions)
{
	short flags = POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
	sigset_t all, none;
	int e = spawn_close_inherited(actions, &flags);

	/* KILL and STOP have no disposition to set, and some systems refuse to be asked */
	sigfillset(&all);
	sigdelset(&all, SIGKILL);
	sigdelset(&all, SIGSTOP);
	sigemptyset(&none);
	posix_spawnattr_setsigdefault(attr, &all);
	posix_spawnattr_setsigmask(attr, &none);
	posix_spawnattr_setflags(attr, flags);
	return e;
}

static int spawn(const char *program, char *const *argv, char *const *env, int out, int err, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int e = posix_spawn_file_actions_init(&actions);

	if (e)
		return e;
	e = posix_spawnattr_init(&attr);
	if (!e) {
		posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
		posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
		posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
		posix_spawn_file_actions_addchdir_np(&actions, "/");
		e = attributes(&attr, &actions);
		if (!e)
			e = posix_spawn(ret_pid, program, &actions, &attr, argv, env);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&actions);
	return e;
}

static void spawn_failed(struct job *job, const char *program, int e)
{
	if (e == ENOENT)
		/* we have just seen the file, so it is what its first line or its ELF header names */
		job_fail(job, OUTCOME_FAILED, e, "%s: it is there, but the interpreter it names is not", program);
	else if (e == EACCES || e == EPERM)
		job_errno(job, e, "%s", program);
	else
		job_fail(job, OUTCOME_FAILED, e, "%s: cannot be started: %s", program, strerror(e));
}

static char *program_find(struct job *job, const char *name, char *const *env)
{
	char *program = env_find_program(name, env_get(env, "PATH"));

	if (program)
		return program;
	if (strchr(name, '/'))
		job_errno(job, errno, "%s", name);
	else if (errno == ENOENT)
		job_fail(job, OUTCOME_ABSENT, ENOENT, "%s: no such command in PATH (%s)", name, env_get(env, "PATH"));
	else
		job_errno(job, errno, "%s: found in PATH, but may not be executed", name);
	return NULL;
}

pid_t command_spawn(struct job *job, int out, int err)
{
	const struct probe *p = job->probe;
	_cleanup_strv_ char **env = env_build(p->as, p->env);
	_cleanup_strv_ char **wrapped = NULL;
	char *const *argv = p->argv;
	pid_t pid;

	_cleanup_free_ char *program = program_find(job, argv[0], env);
	if (!program)
		return -1;
	if (p->as && p->as->uid != geteuid()) {
		_cleanup_strv_ char **roots = env_build(NULL, NULL);
		wrapped = spawn_as(p->as, program, argv, env);
		argv = wrapped;
		char *wrapper = program_find(job, argv[0], roots);
		if (!wrapper) {
			job_fail(job, OUTCOME_FAILED, ENOENT, "%s is not installed: it is needed to run this as %s", argv[0], p->as->name);
			return -1;
		}
		free(program);
		program = wrapper;
	}
	int e = spawn(program, argv, env, out, err, &pid);
	if (e) {
		spawn_failed(job, program, e);
		return -1;
	}
	return pid;
}
