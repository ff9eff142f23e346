/* SPDX-License-Identifier: MIT */
#include "formats/plist_lint.h"

int64_t launchd_throttle(const struct launchd_plist *p)
{
	return p->throttle_interval > 0 ? p->throttle_interval : 10;
}

const char *restart_cause_name(enum restart_cause c)
{
	static const char *const names[] = { "never", "on-failure", "on-success", "always", "on-condition", "timed" };

	return names[c];
}

/* An entry without Minute fires every minute that its other keys allow; with it, at most once an hour. */
static uint64_t calendar_per_hour(plist_t entry)
{
	if (!entry || plist_get_node_type(entry) != PLIST_DICT)
		return 0;
	return plist_dict_get_item(entry, "Minute") ? 1 : 60;
}

static uint64_t calendar_starts(const struct launchd_plist *p)
{
	plist_t calendar = p->root && p->calendar_entries ? plist_dict_get_item(p->root, "StartCalendarInterval") : NULL;
	uint64_t n = 0;

	if (!calendar)
		return 0;
	if (plist_get_node_type(calendar) != PLIST_ARRAY)
		return calendar_per_hour(calendar);
	for (uint32_t i = 0; i < p->calendar_entries && n < 3600; i++)
		n += calendar_per_hour(plist_array_get_item(calendar, i));
	return n;
}

static enum restart_cause keepalive_cause(const struct launchd_plist *p)
{
	if (p->launch_only_once == TRI_YES)
		return RESTART_NEVER;
	if (p->keepalive == KEEPALIVE_TRUE || (p->keepalive == KEEPALIVE_UNSET && p->on_demand == TRI_NO))
		return RESTART_ALWAYS;
	if (p->keepalive != KEEPALIVE_DICT)
		return RESTART_NEVER;

	bool failure = p->keepalive_successful_exit == TRI_NO || p->keepalive_crashed == TRI_YES;
	bool success = p->keepalive_successful_exit == TRI_YES || p->keepalive_crashed == TRI_NO;
	if (failure && success)
		return RESTART_ALWAYS;
	if (failure || success)
		return failure ? RESTART_ON_FAILURE : RESTART_ON_SUCCESS;
	return p->keepalive_path_state.n || p->keepalive_other_job.n ? RESTART_CONDITION : RESTART_NEVER;
}

struct restart_budget launchd_restart_budget(const struct launchd_plist *p)
{
	struct restart_budget b = { .cause = keepalive_cause(p) };
	uint64_t throttle = (uint64_t)launchd_throttle(p), most = throttle < 3600 ? 3600 / throttle : 1;

	if (b.cause != RESTART_NEVER) {
		b.per_hour = (uint32_t)most;
		return b;
	}
	uint64_t timed = calendar_starts(p);
	if (p->start_interval > 0)
		timed += p->start_interval < 3600 ? 3600 / (uint64_t)p->start_interval : 1;
	if (timed) {
		b.cause = RESTART_TIMED;
		b.per_hour = (uint32_t)(timed < most ? timed : most);
		return b;
	}
	b.gives_up = true;
	return b;
}
