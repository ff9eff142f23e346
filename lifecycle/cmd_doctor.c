/* SPDX-License-Identifier: MIT */
/* doctor and preflight: one agent, judged. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/check.h"
#include "lifecycle/checks/judge.h"
#include "lifecycle/commands.h"
#include "lifecycle/earlier.h"
#include "lifecycle/exam.h"
#include "lifecycle/local_runtime.h"

/* That nothing is wrong with what is not there is soon misread. */
static char *absence(const struct exam *x, const struct evidence *e)
{
	if (!known_not_installed(e))
		return NULL;
	_cleanup_free_ char *why = x->from ? NULL : earlier_note(x->cli, &x->session, e->target.agent->name);

	return mem_printf("not installed%s%s", why ? ": " : "", why ? why : "");
}

static int examine(struct cli *cli, unsigned question, struct err *err)
{
	_cleanup_exam_ struct exam x = { 0 };
	_cleanup_evidence_ struct evidence *e = NULL;
	struct target target = { 0 };
	int r = exam_open(cli, &x, err);

	if (r)
		return r;
	session_warn(&x.session, cli);
	r = exam_target(&x, cli->n_args ? cli->args[0] : NULL, &target, err);
	if (r == 0)
		r = exam_gather(&x, &target, checks_wants(question), &e, err);
	target_free(&target);
	if (r)
		return r;
	checks_run(e, question, &x.findings);
	x.note = question == CHECK_DOCTOR ? absence(&x, e) : NULL;
	return exam_print(&x, e->target.agent->name);
}

int cmd_doctor(struct cli *cli, struct err *err)
{
	if (cli->n_args && strcmp(cli->args[0], "local-runtime") == 0)
		return local_runtime(cli, err);
	return examine(cli, CHECK_DOCTOR, err);
}

int cmd_preflight(struct cli *cli, struct err *err)
{
	return examine(cli, CHECK_PREFLIGHT | CHECK_PATTERNS, err);
}
