/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_LOCK_H
#define LIFECYCLE_LOCK_H

#include "lifecycle/session.h"

/*
 * One writer per agent: an flock on state_dir/locks/NAME.lock, whose text says who holds it, for
 * what and since when. The lock of a process that died is free, because the kernel frees it.
 */
struct lock {
	int fd;
};
#define LOCK_NONE ((struct lock){ -1 })

/* ERR_BUSY names the holder: "node-commander: quarantine by pid 4711 since 2026-11-24T06:50:03Z holds the lock". */
int lock_take(const struct session *s, const char *agent, const char *verb, struct lock *ret, struct err *err);
void lock_release(struct lock *l);
#define _cleanup_lock_ CLEANUP(lock_release)

#endif
