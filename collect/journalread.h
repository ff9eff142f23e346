/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_JOURNALREAD_H
#define COLLECT_JOURNALREAD_H

#include <sys/types.h>

#include "formats/probe.h"

/*
 * `journalctl --output=json` without the program: a CMD probe with PROBE_LIBSYSTEMD and the words of journal_argv() is answered by a
 * child of ours that reads the journal's files through libsystemd. The program takes longer to be linked than it reads.
 *
 * It is a child, so that a file that is damaged or changes under it takes the child down and not us, and so that it can be killed at
 * its deadline. It writes once it has everything, and only when it could read every file of this host's journal that its user may
 * read, and ends with 0; or with JOURNALREAD_CUT, when of all entries the newest were written that fit into the probe's limit (journalctl
 * would print the oldest). Whenever it ends in another way, the command is to be run, which tells what is wrong.
 */
enum { JOURNALREAD_CUT = 3 };

/* The child, leader of a group of its own, that writes to `out` and keeps no other descriptor; -1: to be had from the command only. */
pid_t journalread_start(const struct probe *p, int out);

#endif
