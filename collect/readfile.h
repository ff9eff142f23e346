/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_READFILE_H
#define COLLECT_READFILE_H

#include "collect/hostfs.h"
#include "collect/job.h"

/*
 * FILE probes: regular files only (anything else is REFUSED with what it is, before it is opened:
 * opening a FIFO or a device has effects), a final symbolic link only with PROBE_FOLLOW (its target
 * is in stat.link either way). A slice is read at every turn, so that a large log keeps nobody
 * waiting, and nothing is ever held whole.
 *
 * Root does not lend its eyes: with `as` set to another user, what that user may not read is DENIED
 * (for paths that a user's own declaration names), and a link that somebody else than root owns is
 * followed only to what its owner may read. Owner, primary group and "others" are judged.
 *
 * What is read is what the file had when it was opened: a log that grows meanwhile is not chased.
 * Files that claim to be empty (as those of /proc do) are read to their end, within max_bytes.
 * Beyond max_bytes the record is CUT: the head is kept, or with PROBE_TAIL the head quarter and the
 * tail three quarters, whole lines only (half a line could hold half a secret, which no redactor
 * would know), with a line "[... N bytes cut ...]" between them; with PROBE_END whole lines of the
 * end alone, for who follows a log.
 */
struct readfile;

struct readfile *readfile_start(struct job *job, struct hostfs *fs); /* NULL: ended, see the record */
bool readfile_turn(struct readfile *r, char *scratch, size_t n);     /* true when the record is complete */
struct job *readfile_job(const struct readfile *r);
void readfile_free(struct readfile *r);

/* DIR and LINK probes, answered at once. DIR follows a final symbolic link with PROBE_FOLLOW only,
 * and lists DIR_ENTRIES_MAX entries at most (CUT beyond). */
enum { DIR_ENTRIES_MAX = 65536 };
void readdir_answer(struct job *job, struct hostfs *fs);
void readlink_answer(struct job *job, struct hostfs *fs);

#endif
