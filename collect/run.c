/* SPDX-License-Identifier: MIT */
#include "collect/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "collect/journalread.h"
#include "collect/platform.h"
#include "collect/spawn.h"
#include "collect/unitbus.h"

enum phase { PHASE_RUNNING, PHASE_TERM, PHASE_KILL, PHASE_LEFT };

struct run {
	struct job *job;
	struct unitbus *bus; /* asked first; NULL from when the child is started */
	bool reads_journal;  /* the child is journalread.h's */
	pid_t pid;
	int exit_fd; /* readable at its end; -1 where the platform has no such thing */
	int pipes[STREAMS];
	uint64_t dropped[STREAMS];
	enum phase phase;
	bool timed_out;
	bool flooded;
	bool lost;   /* somebody else reaped it: neither its status nor its group can be had any more */
	bool exited; /* a zombie until run_end: its pid, and so the group's, stays ours */
	uint64_t due_us;
};

static uint64_t stream_cap(const struct run *r, enum stream s)
{
	return s == STREAM_OUT ? r->job->probe->limits.max_bytes : RUN_STDERR_MAX;
}

/* Both ends close-on-exec and above 2, so that the child's dup2 cannot hit one of them. */
static int pipe_make(int ends[2])
{
	int p[2];

	if (pipe(p) < 0)
		return errno;
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(p[i], F_DUPFD_CLOEXEC, 3);
		if (ends[i] < 0) {
			int e = errno;
			if (i)
				fd_closep(&ends[0]);
			close(p[0]);
			close(p[1]);
			return e;
		}
	}
	close(p[0]);
	close(p[1]);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	return 0;
}

/* direct: what may be told without the command is. */
static bool child_start(struct run *r, bool direct)
{
	struct job *job = r->job;
	const struct probe *p = job->probe;
	int out[2] = { -1, -1 }, err[2] = { -1, -1 };

	int e = pipe_make(out);
	if (!e)
		e = pipe_make(err);
	pid_t pid = -1;
	if (e)
		job_errno(job, e, "%s: pipe", p->argv[0]);
	else if (direct)
		pid = journalread_start(p, out[1]);
	r->reads_journal = pid > 0;
	if (!e && pid < 0)
		pid = command_spawn(job, out[1], err[1]);
	fd_closep(&out[1]);
	fd_closep(&err[1]);
	if (pid < 0) {
		fd_closep(&out[0]);
		fd_closep(&err[0]);
		return false;
	}
	r->pid = pid;
	r->pipes[STREAM_OUT] = out[0];
	r->pipes[STREAM_ERR] = err[0];
	r->exit_fd = spawn_watch(pid);
	return true;
}

struct run *run_start(struct job *job)
{
	const struct probe *p = job->probe;

	if (!p->argv || !p->argv[0]) {
		job_fail(job, OUTCOME_FAILED, EINVAL, "%s: no command", p->key);
		return NULL;
	}
	if (p->as && p->as->uid != geteuid() && geteuid() != 0) {
		job_fail(job, OUTCOME_DENIED, EPERM, "only root can ask this as %s: run it with sudo, or as %s", p->as->name, p->as->name);
		return NULL;
	}
	struct run *r = mem_alloc(sizeof(*r));
	*r = (struct run){ .job = job, .pid = -1, .exit_fd = -1, .pipes = { -1, -1 } };
	r->due_us = job->start_us + (uint64_t)p->limits.timeout_ms * 1000;
	bool direct = p->flags & PROBE_LIBSYSTEMD;
	if (direct)
		r->bus = unitbus_start(job);
	if (!r->bus && !child_start(r, direct)) {
		free(r);
		return NULL;
	}
	return r;
}

size_t run_fds(const struct run *r, struct pollfd fds[RUN_FDS])
{
	size_t n = 0;

	if (r->bus)
		fds[n++] = unitbus_fd(r->bus);
	for (int s = 0; s < STREAMS; s++)
		if (r->pipes[s] >= 0)
			fds[n++] = (struct pollfd){ .fd = r->pipes[s], .events = POLLIN };
	if (r->exit_fd >= 0 && !r->exited)
		fds[n++] = (struct pollfd){ .fd = r->exit_fd, .events = POLLIN };
	return n;
}

uint64_t run_due_us(const struct run *r, uint64_t now_us)
{
	uint64_t poll_us = now_us + RUN_POLL_MS * 1000;

	return !r->bus && r->exit_fd < 0 && !r->exited && poll_us < r->due_us ? poll_us : r->due_us;
}

static void group_signal(const struct run *r, int sig)
{
	kill(-r->pid, sig);
	if (sig == SIGTERM)
		kill(-r->pid, SIGCONT); /* a stopped process does not see TERM */
}

static void stop(struct run *r, uint64_t now_us)
{
	group_signal(r, SIGTERM);
	r->phase = PHASE_TERM;
	r->due_us = now_us + RUN_TERM_MS * 1000;
}

/* A bounded number of reads, so that one flooding child does not keep us from the others. */
static void drain(struct run *r, enum stream s, char *scratch, size_t size)
{
	for (int i = 0; i < 4 && r->pipes[s] >= 0; i++) {
		ssize_t n = read(r->pipes[s], scratch, size);
		if (n > 0)
			r->dropped[s] += job_chunk(r->job, s, scratch, (size_t)n, stream_cap(r, s));
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			fd_closep(&r->pipes[s]);
		else
			break;
	}
}

static bool flooding(const struct run *r)
{
	return r->dropped[STREAM_OUT] > RUN_FLOOD || r->dropped[STREAM_ERR] > RUN_FLOOD;
}

static void look_for_end(struct run *r, uint64_t now_us)
{
	siginfo_t si = { 0 };

	if (r->exited)
		return;
	/* WNOWAIT: while the zombie stands, nobody else can get its pid, and the group can be signalled */
	r->lost = waitid(P_PID, (id_t)r->pid, &si, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
	if (si.si_pid == 0 && !r->lost)
		return;
	r->exited = true;
	r->due_us = now_us + RUN_GRACE_MS * 1000;
}

static void reap(struct run *r)
{
	struct rusage ru;
	int st;

	if (r->lost) {
		r->pid = -1;
		return;
	}
	if (r->phase != PHASE_RUNNING)
		group_signal(r, SIGKILL);
	if (wait4(r->pid, &st, r->exited ? 0 : WNOHANG, &ru) != r->pid)
		return;
	r->pid = -1;
	r->job->rec.maxrss_kb = spawn_maxrss_kb(&ru);
	if (WIFSIGNALED(st))
		r->job->rec.signal = WTERMSIG(st);
	else
		r->job->rec.status = WEXITSTATUS(st);
}

/* Our own reader ended without an answer: the command is started in its place; false when that cannot be either. */
static bool command_instead(struct run *r)
{
	struct record *rec = &r->job->rec;

	for (int s = 0; s < STREAMS; s++)
		fd_closep(&r->pipes[s]);
	fd_closep(&r->exit_fd);
	rec->signal = rec->status = 0;
	rec->maxrss_kb = 0;
	r->exited = false;
	r->due_us = r->job->start_us + (uint64_t)r->job->probe->limits.timeout_ms * 1000;
	return child_start(r, false);
}

/* False when there is more to come: the command, in place of our own reader. */
static bool conclude(struct run *r)
{
	const struct probe *p = r->job->probe;
	const char *left = r->phase == PHASE_LEFT ? "; it could not be killed and is still there" : "";
	struct record *rec = &r->job->rec;

	reap(r);
	if (r->reads_journal && r->phase == PHASE_RUNNING && !rec->bytes[STREAM_OUT] && (rec->status || rec->signal || r->lost))
		return !command_instead(r);
	rec->via = r->reads_journal ? VIA_JOURNAL : VIA_COMMAND;
	rec->cut_bytes = r->dropped[STREAM_OUT];
	if (r->timed_out)
		job_fail(r->job, OUTCOME_TIMEOUT, rec->status, "no end within %" PRIu32 " ms%s", p->limits.timeout_ms, left);
	else if (r->flooded)
		job_fail(r->job, OUTCOME_CUT, rec->status, "stopped: it wrote far more than the limit of %" PRIu64 " bytes%s",
			stream_cap(r, r->dropped[STREAM_OUT] > RUN_FLOOD ? STREAM_OUT : STREAM_ERR), left);
	else if (r->lost)
		job_fail(r->job, OUTCOME_FAILED, ECHILD, "ended, but its exit status was taken by somebody else");
	else if (rec->signal)
		job_fail(r->job, OUTCOME_FAILED, 0, "ended by signal %d (%s)", rec->signal, strsignal(rec->signal));
	else if (rec->cut_bytes)
		job_fail(r->job, OUTCOME_CUT, rec->status, "%" PRIu64 " bytes beyond the limit of %" PRIu64 " left out", rec->cut_bytes,
			p->limits.max_bytes);
	else if (r->reads_journal && rec->status == JOURNALREAD_CUT)
		job_fail(r->job, OUTCOME_CUT, 0, "older entries are beyond the limit of %" PRIu64 " bytes", p->limits.max_bytes);
	return true;
}

static void keep_deadline(struct run *r, uint64_t now_us)
{
	if (r->exited || now_us < r->due_us)
		return;
	switch (r->phase) {
	case PHASE_RUNNING:
		r->timed_out = true;
		stop(r, now_us);
		break;
	case PHASE_TERM:
		group_signal(r, SIGKILL);
		r->phase = PHASE_KILL;
		r->due_us = now_us + RUN_KILL_MS * 1000;
		break;
	case PHASE_KILL:
	case PHASE_LEFT:
		r->phase = PHASE_LEFT;
		break;
	}
}

/* True when the record is complete: the manager answered, time is up, or not even the command could be started. */
static bool bus_turn(struct run *r, uint64_t now_us)
{
	enum unitbus_state state = unitbus_turn(r->bus);

	if (state == UNITBUS_WAITS && now_us >= r->due_us) {
		job_fail(r->job, OUTCOME_TIMEOUT, 0, "no answer of the service manager within %" PRIu32 " ms", r->job->probe->limits.timeout_ms);
		return true;
	}
	if (state != UNITBUS_INSTEAD)
		return state == UNITBUS_ANSWERED;
	unitbus_free(TAKE_PTR(r->bus));
	return !child_start(r, false);
}

bool run_turn(struct run *r, uint64_t now_us, char *scratch, size_t n)
{
	if (r->bus)
		return bus_turn(r, now_us);
	/* the end is looked for first: what was written before it is then in the pipe */
	look_for_end(r, now_us);
	drain(r, STREAM_OUT, scratch, n);
	drain(r, STREAM_ERR, scratch, n);
	if (r->phase == PHASE_RUNNING && !r->exited && flooding(r)) {
		r->flooded = true;
		stop(r, now_us);
	}
	keep_deadline(r, now_us);
	bool drained = r->pipes[STREAM_OUT] < 0 && r->pipes[STREAM_ERR] < 0;
	if (r->phase != PHASE_LEFT && !(r->exited && (drained || now_us >= r->due_us)))
		return false;
	return conclude(r);
}

struct job *run_job(const struct run *r)
{
	return r->job;
}

static void kill_and_reap(struct run *r)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	int tries = r->phase == PHASE_LEFT ? 1 : RUN_KILL_MS;

	/* one that is stuck in the kernel is not waited for: init reaps it after us */
	group_signal(r, SIGKILL);
	while (waitpid(r->pid, NULL, WNOHANG) == 0 && --tries > 0)
		nanosleep(&ms, NULL);
}

void run_free(struct run *r)
{
	if (!r)
		return;
	unitbus_free(r->bus);
	if (r->pid > 0)
		kill_and_reap(r);
	for (int s = 0; s < STREAMS; s++)
		fd_closep(&r->pipes[s]);
	fd_closep(&r->exit_fd);
	free(r);
}
