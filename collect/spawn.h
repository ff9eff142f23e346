/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_SPAWN_H
#define COLLECT_SPAWN_H

#include "collect/job.h"

/*
 * Starts the command of a CMD probe, as the probe's user: a session of its own, stdin from /dev/null, stdout and stderr as given, no
 * other descriptor of ours, "/" as its directory, default signals, the environment of env.h. No shell; the program is looked for in
 * that environment's PATH. -1: it could not be started, and the job's record says why.
 */
pid_t command_spawn(struct job *job, int out, int err);

#endif
