/* SPDX-License-Identifier: MIT */
#include "collect/unitbus.h"

/* There is no such manager. */
struct unitbus *unitbus_start(struct job *job)
{
	return NULL;
}

struct pollfd unitbus_fd(const struct unitbus *u)
{
	return (struct pollfd){ .fd = -1 };
}

enum unitbus_state unitbus_turn(struct unitbus *u)
{
	return UNITBUS_INSTEAD;
}

void unitbus_free(struct unitbus *u)
{
}
