/* SPDX-License-Identifier: MIT */
#include "lifecycle/become.h"

#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include "collect/env.h"

int become_owner(const struct identity *id, struct err *err)
{
	if (geteuid() == id->uid)
		return 0;
	if (geteuid() != 0)
		return err_set(err, ERR_DENIED, "the agent belongs to %s; run as %s, or with sudo", id->name, id->name);
	if (initgroups(id->name, id->gid) || setgid(id->gid) || setuid(id->uid))
		return err_errno(err, errno, "cannot become %s", id->name);
	/* nothing leads back */
	if (setuid(0) == 0 || geteuid() != id->uid || getuid() != id->uid)
		abort();
	env_become(id);
	/* we may stand where the owner may not */
	if (chdir(id->home) && chdir("/"))
		return err_errno(err, errno, "/");
	return 0;
}
