/* SPDX-License-Identifier: MIT */
/* start, stop, restart: what a person asks of an installed agent, each read back. */
#include <string.h>

#include "formats/text.h"
#include "lifecycle/commands.h"
#include "lifecycle/ledger.h"
#include "lifecycle/operation.h"

/* What a person asks for is not counted against the service's own restarts. */
static int forget_starts(const struct operation *o, struct err *err)
{
	return o->dry_run ? 0 : ledger_reset(o->paths.ledger, err);
}

static int plan_and_run(struct operation *o, bool roll_back, struct err *err)
{
	if (o->dry_run)
		return 0;
	cli_say(o->cli, "%s %s", o->verb, o->agent->name);
	int r = operation_run(o, roll_back, err);
	return r ? r : operation_end(o, o->service.unit, err);
}

int cmd_start(struct cli *cli, struct err *err)
{
	_cleanup_operation_ struct operation o;
	int r = operation_open(cli, "start", false, &o, err);

	if (r == 0)
		r = operation_need_installed(&o, err);
	if (r == 0)
		r = operation_preflight(&o, err);
	if (r)
		return r;
	o.plan = plan_new("start", o.agent->name);
	service_ops_of(o.service.platform)->start(&o.service, o.plan);
	if (o.dry_run)
		return operation_dry_run(&o);
	r = forget_starts(&o, err);
	if (r == 0)
		r = plan_and_run(&o, true, err);
	if (r == 0)
		operation_report(&o, "up", "%s is up%s", o.agent->name, o.service.was_active ? ", as it was" : "");
	return r;
}

int cmd_stop(struct cli *cli, struct err *err)
{
	_cleanup_operation_ struct operation o;
	int r = operation_open(cli, "stop", false, &o, err);

	if (r == 0)
		r = operation_need_installed(&o, err);
	if (r)
		return r;
	o.plan = plan_new("stop", o.agent->name);
	service_ops_of(o.service.platform)->stop(&o.service, o.plan);
	if (o.dry_run)
		return operation_dry_run(&o);
	/* half stopped is nearer to what was asked for than started again */
	r = plan_and_run(&o, false, err);
	if (r == 0)
		operation_report(&o, "down", "%s is down%s", o.agent->name, o.agent->runtime == RUNTIME_PODMAN ? ", and its container is gone" : "");
	return r;
}

/* What a restart that failed has left behind: never in silence. */
static int say_what_is(struct operation *o, struct err *err)
{
	struct expect up = service_ops_of(o->service.platform)->is_active(&o->service);
	int holds = expect_holds(o->session.source, &up, NULL);
	_cleanup_free_ char *why = mem_strdup(err->msg);

	probe_free(up.probe);
	strv_free(up.words);
	return err_set(err, ERR_CHANGE, "%s; %s %s now; look at: %s doctor %s", why, o->agent->name,
		holds == 1 ? "is up" : holds == 0 ? "is DOWN" : "is in an unknown state", o->cli->program, o->agent->name);
}

int cmd_restart(struct cli *cli, struct err *err)
{
	_cleanup_operation_ struct operation o;
	int r = operation_open(cli, "restart", false, &o, err);

	if (r == 0)
		r = operation_need_installed(&o, err);
	/* what cannot start again is not stopped */
	if (r == 0)
		r = operation_preflight(&o, err);
	if (r)
		return r;
	o.plan = plan_new("restart", o.agent->name);
	service_ops_of(o.service.platform)->restart(&o.service, o.plan);
	if (o.dry_run)
		return operation_dry_run(&o);
	r = forget_starts(&o, err);
	if (r == 0)
		r = plan_and_run(&o, false, err);
	if (r < 0)
		return say_what_is(&o, err);
	if (r == 0)
		operation_report(&o, "up", "%s was restarted, and is up", o.agent->name);
	return r;
}
