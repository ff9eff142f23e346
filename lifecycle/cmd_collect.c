/* SPDX-License-Identifier: MIT */
/* collect: the evidence of an agent as a signed bundle; changes nothing on the host. */
#include "lifecycle/collection.h"
#include "lifecycle/commands.h"
#include "lifecycle/session_target.h"

int cmd_collect(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	struct target target = { 0 };
	struct collection c = { 0 };
	int r = session_open(cli, &s, err);

	if (r == 0) {
		session_warn(&s, cli);
		r = session_target_any(&s, cli, cli->args[0], &target, err);
	}
	if (r == 0)
		r = collection_open(cli, &s, target.agent->name, "collect", NULL, &c, err);
	if (r) {
		target_free(&target);
		return r;
	}
	r = collection_gather(&c, &target, err);
	target_free(&target);
	if (r == 0)
		r = collection_finish(&c, NULL, err);
	if (r == 0)
		collection_report(&c);
	bool gaps = c.made.manifest.n_gaps > 0;
	collection_close(&c, r != 0);
	return r ? r : gaps ? EXIT_INCOMPLETE : EXIT_OK;
}
