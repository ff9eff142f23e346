/* SPDX-License-Identifier: MIT */
#include "lifecycle/local_runtime.h"

#include "lifecycle/exam.h"

int local_runtime(struct cli *cli, struct err *err)
{
	return err_set(err, ERR_USAGE, "not yet");
}
