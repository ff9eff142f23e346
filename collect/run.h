/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_RUN_H
#define COLLECT_RUN_H

#include <poll.h>

#include "collect/job.h"

/*
 * The runner: one CMD probe as a child process, driven by turns of somebody's poll loop. No signal
 * handler, no thread, no shell. What unitbus.h or journalread.h can answer is asked there first, and
 * the command only started when they have nothing to say.
 *
 * The child has a session of its own (so no terminal to prompt at, and a group that can be killed
 * whole), stdin from /dev/null, no descriptor of ours, "/" as its directory, default signals and
 * the environment of env.h. At its deadline, or when it floods (more than RUN_FLOOD bytes beyond a
 * stream's cap), the group gets TERM and CONT, after RUN_TERM_MS KILL. When the process that was
 * asked has ended but something that it started holds the pipe, we wait RUN_GRACE_MS more and
 * leave it alone: Podman's pause process and conmon are meant to stay.
 *
 * Outcomes: OK whatever the exit code; FAILED when a signal that was not ours ended it; CUT when
 * stdout passed max_bytes or the child was stopped for flooding; TIMEOUT; ABSENT and DENIED when
 * the program is not there or not executable, or when it should run as somebody whom we may not be.
 * status is the exit code, signal the signal that ended it; both are 0 when it never ran (then
 * status is the errno).
 */
enum {
	RUN_TERM_MS = 500,
	RUN_KILL_MS = 1000, /* after KILL: a process that is stuck in the kernel is left */
	RUN_GRACE_MS = 200,
	RUN_POLL_MS = 10, /* where no descriptor tells of its end */
	RUN_FDS = 3,
	RUN_STDERR_MAX = 64 << 10,
	RUN_FLOOD = 8 << 20,
};

struct run;

/* NULL when it could not be started: the job's record says why. The job stays the caller's. */
struct run *run_start(struct job *job);

/* Fills in what to poll (for input); returns how many. */
size_t run_fds(const struct run *r, struct pollfd fds[RUN_FDS]);
uint64_t run_due_us(const struct run *r, uint64_t now_us); /* monotonic: when it needs a turn in any case */

/* Reads what is there, keeps the deadlines; true when the record is complete. scratch is any memory. */
bool run_turn(struct run *r, uint64_t now_us, char *scratch, size_t n);

struct job *run_job(const struct run *r);
void run_free(struct run *r); /* a child that still runs is killed with its group, and reaped */

#endif
