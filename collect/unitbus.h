/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_UNITBUS_H
#define COLLECT_UNITBUS_H

#include <poll.h>

#include "collect/job.h"

/*
 * `systemctl show` of units, without the program: a CMD probe with PROBE_LIBSYSTEMD is asked of the manager over its own socket,
 * through libsystemd, and answered with the lines that systemctl prints (seen with systemd 252; the order is the manager's, as
 * there). That program takes longer to be linked than the manager takes to answer.
 *
 * It is a shortcut, never the only way: wherever anything is not as it should be (no libsystemd, no socket, an error, a value
 * that systemctl would have to quote), the command is to be run, and tells. It is not taken for another user than ourselves
 * either: root does not read what a user's process chose to send it.
 */
struct unitbus;

/* NULL: to be had from the command only. The job stays the caller's, untouched. */
struct unitbus *unitbus_start(struct job *job);

struct pollfd unitbus_fd(const struct unitbus *u);

/* Moves it on. ANSWERED: the payload was passed on, and the record says that it came over the bus. INSTEAD: nothing was. */
enum unitbus_state { UNITBUS_WAITS, UNITBUS_ANSWERED, UNITBUS_INSTEAD };
enum unitbus_state unitbus_turn(struct unitbus *u);

void unitbus_free(struct unitbus *u); /* accepts NULL */

#endif
