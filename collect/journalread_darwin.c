/* SPDX-License-Identifier: MIT */
#include "collect/journalread.h"

/* There is no such journal. */
pid_t journalread_start(const struct probe *p, int out)
{
	return -1;
}
