/* SPDX-License-Identifier: MIT */
#include "collect_test.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "collect/env.h"
#include "collect/run.h"
#include "formats/journal.h"

static void answers_with_both_streams_and_exit_code(void **state)
{
	_cleanup_answer_ struct answer a = ask(shell("echo out; echo err >&2; exit 3"));

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.rec.status, 3);
	assert_int_equal(a.rec.signal, 0);
	assert_string_equal(buf_str(&a.out), "out\n");
	assert_string_equal(buf_str(&a.err), "err\n");
	assert_true(a.rec.maxrss_kb > 0);
	assert_true(a.rec.started_us > 1000000000ull * 1000000);
	assert_true(a.rec.took_us > 0);
}

/*
 * Those that hang are asked together, once, before all tests: their deadline is long enough for a
 * loaded machine to get them where they hang, and they wait it out side by side.
 */
enum { HANGS, IGNORES_TERM, STOPPED, MEMBER_IGNORES_TERM, AS_NOBODY, HANGING };

static const char *const hanging[HANGING] = {
	[HANGS] = "echo $$; sleep 1000 & sleep 1000",
	[IGNORES_TERM] = "trap '' TERM; echo $$; while :; do sleep 1000; done",
	[STOPPED] = "echo $$; kill -STOP $$",
	[MEMBER_IGNORES_TERM] = "(trap '' TERM; echo $$; exec >/dev/null 2>&1; sleep 1000; sleep 1000) & wait",
	[AS_NOBODY] = "echo $$; sleep 1000 & sleep 1000",
};

struct hung {
	struct sink sink;
	struct answer answer;
};
static struct hung hung[HANGING];

static void hung_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	if (stream == STREAM_OUT)
		buf_add(&((struct hung *)s)->answer.out, p, n);
}

static void hung_end(struct sink *s, const struct probe *p, const struct record *r)
{
	record_copy(&((struct hung *)s)->answer.rec, r);
}

static struct identity nobody(void)
{
	static char name[] = "nobody", home[] = "/nonexistent", run[] = "/run/user/65534";

	return (struct identity){ .name = name, .uid = 65534, .gid = 65534, .home = home, .runtime_dir = run };
}

static int ask_the_hanging(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);

	for (int i = 0; i < HANGING; i++) {
		_cleanup_probe_ struct probe *p = shell(hanging[i]);
		const struct identity id = nobody();
		p->limits.timeout_ms = 2000;
		if (i == AS_NOBODY)
			p->as = identity_copy(&id);
		hung[i].sink = (struct sink){ hung_chunk, hung_end };
		source_ask(s, p, &hung[i].sink);
	}
	return scratch_make(state) || source_run(s, NULL);
}

static int forget_the_hanging(void **state)
{
	for (int i = 0; i < HANGING; i++)
		answer_free(&hung[i].answer);
	return scratch_remove(state);
}

/* The group's members are killed, but init may not have reaped them yet: bounded waiting for a fact. */
static void assert_hung(int which, int signal)
{
	struct answer *a = &hung[which].answer;
	uint64_t pid;

	assert_int_equal(a->rec.outcome, OUTCOME_TIMEOUT);
	assert_int_equal(a->rec.signal, signal);
	assert_non_null(strstr(a->rec.reason, "2000 ms"));
	/* what came before the deadline is kept: the group's number */
	assert_true(text_ends(buf_str(&a->out), "\n"));
	a->out.data[a->out.len - 1] = '\0';
	assert_int_equal(text_to_u64(a->out.data, INT32_MAX, &pid), 0);
	for (int i = 0; i < 10000; i++) {
		if (kill(-(pid_t)pid, 0) < 0 && errno == ESRCH)
			return;
		usleep(1000);
	}
	fail_msg("process group %s is still there", a->out.data);
}

static void hanging_command_times_out_and_its_group_is_gone(void **state)
{
	assert_hung(HANGS, SIGTERM);
}

static void command_that_ignores_term_is_killed(void **state)
{
	assert_hung(IGNORES_TERM, SIGKILL);
}

static void stopped_command_is_ended_too(void **state)
{
	assert_hung(STOPPED, SIGTERM); /* not KILL: CONT let it see TERM */
}

static void group_member_that_ignores_term_dies_with_the_leader(void **state)
{
	assert_hung(MEMBER_IGNORES_TERM, SIGTERM);
}

static void another_users_hanging_command_is_killed_too(void **state)
{
	if (geteuid() != 0)
		skip();
	assert_hung(AS_NOBODY, SIGTERM);
}

static void flooding_command_is_cut_and_stopped(void **state)
{
	char yes[] = "yes";
	char *argv[] = { yes, NULL };
	struct probe *p = probe_cmd("test/yes", argv, NULL, PAYLOAD_TEXT);

	p->limits.timeout_ms = 600000; /* it is the flood that ends it */
	p->limits.max_bytes = 1000;
	_cleanup_answer_ struct answer a = ask(p);
	assert_int_equal(a.rec.outcome, OUTCOME_CUT);
	assert_int_equal(a.out.len, 1000);
	assert_int_equal(a.rec.signal, SIGTERM);
	assert_true(a.rec.cut_bytes > RUN_FLOOD);
}

static void stderr_is_held_to_its_cap(void **state)
{
	_cleanup_answer_ struct answer a = ask(shell("head -c 200000 /dev/zero >&2; echo done"));

	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.err.len, RUN_STDERR_MAX);
	assert_string_equal(buf_str(&a.out), "done\n");
}

static void output_beyond_the_cap_is_counted(void **state)
{
	struct probe *p = shell("head -c 5000 /dev/zero");

	p->limits.max_bytes = 4096;
	_cleanup_answer_ struct answer a = ask(p);
	assert_int_equal(a.rec.outcome, OUTCOME_CUT);
	assert_int_equal(a.rec.status, 0);
	assert_int_equal(a.out.len, 4096);
	assert_int_equal(a.rec.cut_bytes, 904);
}

static void output_of_exactly_the_cap_is_whole(void **state)
{
	struct probe *p = shell("head -c 4096 /dev/zero");

	p->limits.max_bytes = 4096;
	_cleanup_answer_ struct answer a = ask(p);
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.out.len, 4096);
}

static void signal_that_was_not_ours_is_a_failure(void **state)
{
	_cleanup_answer_ struct answer a = ask(shell("kill -SEGV $$"));

	assert_int_equal(a.rec.outcome, OUTCOME_FAILED);
	assert_int_equal(a.rec.signal, SIGSEGV);
	assert_non_null(strstr(a.rec.reason, "signal 11"));
}

static void grandchild_that_holds_the_pipe_is_not_waited_for(void **state)
{
	struct probe *p = shell("echo here; sleep 1000 & echo $!");

	p->limits.timeout_ms = 600000; /* waiting for it would be seen */
	_cleanup_answer_ struct answer a = ask(p);
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.rec.status, 0);
	assert_true(text_starts(buf_str(&a.out), "here\n"));
	/* and it is left alone: what a command leaves behind on purpose is not ours to kill */
	pid_t pid = (pid_t)strtol(a.out.data + 5, NULL, 10);
	assert_int_equal(kill(pid, 0), 0);
	kill(pid, SIGKILL);
}

static void missing_command_is_absent(void **state)
{
	char name[] = "no-such-command-at-all";
	char *argv[] = { name, NULL };
	_cleanup_answer_ struct answer a = ask(probe_cmd("test/missing", argv, NULL, PAYLOAD_TEXT));

	assert_int_equal(a.rec.outcome, OUTCOME_ABSENT);
	assert_int_equal(a.rec.status, ENOENT);
}

static void path_that_may_not_be_searched_does_not_hide_an_absence(void **state)
{
	_cleanup_free_ char *closed = scratch("closed");
	_cleanup_free_ char *plain = scratch("plain-dir");
	_cleanup_free_ char *path = mem_printf("%s:%s", closed, plain);

	assert_int_equal(mkdir(closed, 0), 0);
	assert_int_equal(mkdir(plain, 0755), 0);
	assert_int_equal(chmod(scratch_dir, 0711), 0);
	if (getuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	errno = 0;
	assert_null(env_find_program("tool", path));
	int absent = errno;
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	free(scratch_write("plain-dir/tool", "", 0));
	assert_null(env_find_program("tool", path));
	assert_int_equal(errno, EACCES);
	assert_int_equal(absent, ENOENT);
}

static void command_that_is_not_executable_is_denied(void **state)
{
	_cleanup_free_ char *path = scratch_write("plain", "#!/bin/sh\n", 10);
	char *argv[] = { path, NULL };
	_cleanup_answer_ struct answer a = ask(probe_cmd("test/plain", argv, NULL, PAYLOAD_TEXT));

	assert_int_equal(a.rec.outcome, OUTCOME_DENIED);
	assert_int_equal(a.rec.status, EACCES);
}

static void command_whose_interpreter_is_gone_says_so(void **state)
{
	_cleanup_free_ char *path = scratch_script("orphan", "#!/nix/store/gone/bin/sh\n");
	char *argv[] = { path, NULL };
	_cleanup_answer_ struct answer a = ask(probe_cmd("test/orphan", argv, NULL, PAYLOAD_TEXT));

	assert_int_equal(a.rec.outcome, OUTCOME_FAILED);
	assert_non_null(strstr(a.rec.reason, "interpreter"));
}

static void empty_command_fails(void **state)
{
	char *argv[] = { NULL };
	_cleanup_answer_ struct answer a = ask(probe_cmd("test/empty", argv, NULL, PAYLOAD_TEXT));

	assert_int_equal(a.rec.outcome, OUTCOME_FAILED);
}

static void child_has_no_input_no_terminal_and_a_plain_place(void **state)
{
	_cleanup_answer_ struct answer a = ask(shell("readlink /proc/self/fd/0; pwd; cat; (: </dev/tty) 2>/dev/null || echo no tty"));

	assert_string_equal(buf_str(&a.out), "/dev/null\n/\nno tty\n");
}

static void child_inherits_no_descriptor(void **state)
{
	int leaks[4];

	for (int i = 0; i < 4; i++)
		assert_true((leaks[i] = open("/dev/null", O_RDONLY)) > 2); /* on purpose without O_CLOEXEC */
	_cleanup_answer_ struct answer a = ask(shell("ls /proc/$$/fd"));
	for (int i = 0; i < 4; i++)
		close(leaks[i]);
	assert_string_equal(buf_str(&a.out), "0\n1\n2\n");
}

static void child_has_default_signals(void **state)
{
	void (*old)(int) = signal(SIGPIPE, SIG_IGN);
	sigset_t block, before;

	sigemptyset(&block);
	sigaddset(&block, SIGTERM);
	sigprocmask(SIG_BLOCK, &block, &before);
	_cleanup_answer_ struct answer a = ask(shell("grep -E '^SigBlk' /proc/self/status; kill -PIPE $$; echo alive"));
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, old);
	assert_string_equal(buf_str(&a.out), "SigBlk:\t0000000000000000\n");
	assert_int_equal(a.rec.signal, SIGPIPE);
}

static void secret_in_our_environment_does_not_reach_a_child(void **state)
{
	char extra[] = "PROBE_SAYS=yes";
	char *add[] = { extra, NULL };
	struct probe *p = shell("env");

	setenv("AWS_SECRET_ACCESS_KEY", "not-for-children", 1);
	setenv("LD_PRELOAD_TEST", "x", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	p->env = strv_dup(add);
	_cleanup_answer_ struct answer a = ask(p);
	unsetenv("AWS_SECRET_ACCESS_KEY");
	unsetenv("LD_PRELOAD_TEST");
	assert_null(strstr(buf_str(&a.out), "not-for-children"));
	assert_null(strstr(buf_str(&a.out), "LD_PRELOAD_TEST"));
	assert_non_null(strstr(buf_str(&a.out), "LC_ALL=C\n"));
	assert_non_null(strstr(buf_str(&a.out), "TZ=UTC\n"));
	assert_non_null(strstr(buf_str(&a.out), "PROBE_SAYS=yes\n"));
	assert_non_null(strstr(buf_str(&a.out), "PATH=/"));
}

/* Whatever keeps our own reader of the journal from an answer, here a match that is none, the command is asked. */
static void a_journal_that_cannot_be_read_is_asked_of_the_command(void **state)
{
	_cleanup_free_ char *program = scratch_script("journalctl", "#!/bin/sh\necho \"the command: $*\"\n");
	_cleanup_free_ char *old = mem_strdup(getenv("PATH")), *path = mem_printf("%s:%s", scratch_dir, old);
	_cleanup_strv_ char **argv = strv_add(journal_argv(JOURNAL_WHOLE, 5), "=");

	setenv("PATH", path, 1);
	struct probe *p = probe_cmd("journal", argv, NULL, PAYLOAD_JSONL);
	p->flags = PROBE_LIBSYSTEMD;
	_cleanup_answer_ struct answer a = ask(p);
	setenv("PATH", old, 1);
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.rec.via, VIA_COMMAND);
	assert_string_equal(buf_str(&a.out), "the command: --no-pager --quiet --all --output=json --lines=5 =\n");
}

static void another_user_is_asked_as_that_user(void **state)
{
	struct identity id = nobody();
	struct probe *p = shell("id -u; id -g; env");

	if (geteuid() == id.uid)
		id.uid = 1;
	p->as = identity_copy(&id);
	setenv("XDG_CONFIG_HOME", "/root/ours", 1);
	setenv("REGISTRY_AUTH_FILE", "/root/auth.json", 1);
	_cleanup_answer_ struct answer a = ask(p);
	unsetenv("XDG_CONFIG_HOME");
	unsetenv("REGISTRY_AUTH_FILE");
	if (geteuid() != 0) {
		assert_int_equal(a.rec.outcome, OUTCOME_DENIED);
		assert_int_equal(a.rec.status, EPERM);
		return;
	}
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_true(text_starts(buf_str(&a.out), "65534\n65534\n"));
	assert_non_null(strstr(buf_str(&a.out), "\nHOME=/nonexistent\n"));
	assert_non_null(strstr(buf_str(&a.out), "\nUSER=nobody\n"));
	assert_non_null(strstr(buf_str(&a.out), "\nXDG_RUNTIME_DIR=/run/user/65534\n"));
	assert_non_null(strstr(buf_str(&a.out), "\nDBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/65534/bus\n"));
	assert_null(strstr(buf_str(&a.out), "/root/ours"));
	assert_null(strstr(buf_str(&a.out), "/root/auth.json"));
}

static void root_behind_sudo_does_not_use_the_users_places(void **state)
{
	if (geteuid() != 0)
		skip();
	setenv("SUDO_UID", "1000", 1);
	setenv("XDG_RUNTIME_DIR", "/run/user/1000", 1);
	setenv("HOME", "/home/somebody", 1);
	_cleanup_strv_ char **env = env_build(NULL, NULL);
	unsetenv("SUDO_UID");
	unsetenv("XDG_RUNTIME_DIR");
	setenv("HOME", "/root", 1);
	assert_null(env_get(env, "XDG_RUNTIME_DIR"));
	assert_string_equal(env_get(env, "HOME"), "/root");
	assert_string_equal(env_get(env, "USER"), "root");
}

static void root_runs_nobody_elses_programs(void **state)
{
	_cleanup_free_ char *theirs = scratch("theirs");
	_cleanup_free_ char *path = mem_printf("relative:%s:/usr/bin", theirs);
	_cleanup_free_ char *old = mem_strdup(getenv("PATH"));
	struct identity id = nobody();

	if (geteuid() != 0)
		skip();
	assert_int_equal(mkdir(theirs, 0755), 0);
	assert_int_equal(chown(theirs, 65534, 65534), 0);
	setenv("PATH", path, 1);
	_cleanup_strv_ char **roots = env_build(NULL, NULL);
	_cleanup_strv_ char **their = env_build(&id, NULL);
	setenv("PATH", old, 1);
	assert_true(text_starts(env_get(roots, "PATH"), "/usr/bin:"));
	assert_true(text_starts(env_get(their, "PATH"), theirs));
}

static void exit_code_is_had_though_we_inherited_an_ignored_sigchld(void **state)
{
	void (*old)(int) = signal(SIGCHLD, SIG_IGN);

	_cleanup_answer_ struct answer a = ask(shell("exit 5"));
	signal(SIGCHLD, old);
	assert_int_equal(a.rec.outcome, OUTCOME_OK);
	assert_int_equal(a.rec.status, 5);
}

static void steal_chunk(struct sink *s, enum stream stream, const void *p, size_t n)
{
	/* reaps the child behind the runner's back, as a program with a careless wait() would; the child said
	 * its pid and lives on, so that the runner cannot have been first */
	_cleanup_free_ char *text = mem_strndup(p, n);
	pid_t pid = (pid_t)strtol(text, NULL, 10);

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void stolen_exit_status_is_a_failure_and_no_hang(void **state)
{
	_cleanup_source_ struct source *s = source_live(NULL, NULL);
	_cleanup_probe_ struct probe *p = shell("echo $$; exec sleep 1000");
	struct hung h = { .sink = { steal_chunk, hung_end } };

	source_ask(s, p, &h.sink);
	assert_int_equal(source_run(s, NULL), 0);
	assert_int_equal(h.answer.rec.outcome, OUTCOME_FAILED);
	assert_int_equal(h.answer.rec.status, ECHILD);
	answer_free(&h.answer);
}

static size_t open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

static void nothing_is_left_behind(void **state)
{
	char name[] = "no-such-command-at-all";
	char *argv[] = { name, NULL };
	size_t before = open_descriptors();

	for (int i = 0; i < 20; i++) {
		_cleanup_answer_ struct answer a = ask(shell("echo x"));
		_cleanup_answer_ struct answer b = ask(probe_cmd("test/missing", argv, NULL, PAYLOAD_TEXT));
	}
	assert_int_equal(open_descriptors(), before);
	/* no zombie either */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_with_both_streams_and_exit_code),
		cmocka_unit_test(hanging_command_times_out_and_its_group_is_gone),
		cmocka_unit_test(command_that_ignores_term_is_killed),
		cmocka_unit_test(stopped_command_is_ended_too),
		cmocka_unit_test(group_member_that_ignores_term_dies_with_the_leader),
		cmocka_unit_test(flooding_command_is_cut_and_stopped),
		cmocka_unit_test(stderr_is_held_to_its_cap),
		cmocka_unit_test(output_beyond_the_cap_is_counted),
		cmocka_unit_test(output_of_exactly_the_cap_is_whole),
		cmocka_unit_test(signal_that_was_not_ours_is_a_failure),
		cmocka_unit_test(grandchild_that_holds_the_pipe_is_not_waited_for),
		cmocka_unit_test(missing_command_is_absent),
		cmocka_unit_test(path_that_may_not_be_searched_does_not_hide_an_absence),
		cmocka_unit_test(command_that_is_not_executable_is_denied),
		cmocka_unit_test(command_whose_interpreter_is_gone_says_so),
		cmocka_unit_test(empty_command_fails),
		cmocka_unit_test(child_has_no_input_no_terminal_and_a_plain_place),
		cmocka_unit_test(child_inherits_no_descriptor),
		cmocka_unit_test(child_has_default_signals),
		cmocka_unit_test(secret_in_our_environment_does_not_reach_a_child),
		cmocka_unit_test(a_journal_that_cannot_be_read_is_asked_of_the_command),
		cmocka_unit_test(another_user_is_asked_as_that_user),
		cmocka_unit_test(another_users_hanging_command_is_killed_too),
		cmocka_unit_test(root_behind_sudo_does_not_use_the_users_places),
		cmocka_unit_test(root_runs_nobody_elses_programs),
		cmocka_unit_test(exit_code_is_had_though_we_inherited_an_ignored_sigchld),
		cmocka_unit_test(stolen_exit_status_is_a_failure_and_no_hang),
		cmocka_unit_test(nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, ask_the_hanging, forget_the_hanging);
}
