/* SPDX-License-Identifier: MIT */
#include "bundle/thread.h"

#include <signal.h>

bool thread_start(pthread_t *ret, void *(*work)(void *data), void *data)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	bool ok = pthread_create(ret, NULL, work, data) == 0;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return ok;
}
