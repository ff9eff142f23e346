/* SPDX-License-Identifier: MIT */
/* PP-01, PP-02 and PP-11: in whose session it is loaded, and how often it may come back. */
#include "lifecycle/checks/pattern.h"

#include <string.h>

#include "formats/macos.h"
#include "formats/plist_lint.h"
#include "formats/text.h"

static struct finding *at_entry(struct finding *f, const struct view *v, const struct unit_entry *e)
{
	return finding_cite(finding_at(f, e ? v->unit->files[e->file] : v->path, e ? e->line : 0), v->evidence);
}

static struct finding *at_key(struct finding *f, const struct view *v, const char *key)
{
	return finding_cite(finding_at(f, v->path, v->text ? plist_key_line(v->text, v->text_len, key) : 0), v->evidence);
}

void pattern_01(const struct view *v, struct report *r)
{
	if (!v->plist || !v->path)
		report_skip(r, "no launchd definition");
	else if (launchd_dir_of(v->path) != LAUNCHD_DIR_LOCAL_AGENTS)
		report_ok(r, "not in /Library/LaunchAgents");
	else if (v->plist->label && text_starts(v->plist->label, "com.apple."))
		report_ok(r, "Apple's own");
	else
		finding_hint(finding_cite(finding_at(report_fail(r, "an agent in /Library/LaunchAgents is loaded into every user's session"), v->path, 0),
				     v->evidence), "quarantine it, and install it for its user in ~/Library/LaunchAgents");
}

static const char *restart_of(const struct view *v)
{
	if (v->loaded && v->loaded->restart)
		return v->loaded->restart;
	return v->unit ? unitfile_value(v->unit, "Service", "Restart") : NULL;
}

static const struct unit_entry *restart_entry(const struct view *v)
{
	return v->unit ? unitfile_get(v->unit, "Service", "Restart") : NULL;
}

/* An explicit 0 is the decision to have no limit, not a limit that fails. */
static bool limit_is_off(const struct view *v)
{
	if (v->loaded && v->loaded->restart)
		return v->loaded->start_limit_interval_us == 0 || v->loaded->start_limit_burst == 0;
	if (!v->unit)
		return false;
	struct budget_rule rule = budget_rule_written(v->unit);
	return rule.interval_us == 0 || rule.burst == 0;
}

static bool always_restarts(const char *restart)
{
	return text_eq(restart, "always") || text_eq(restart, "on-success");
}

static void bound_hint(struct finding *f)
{
	finding_hint(f, "write Restart=on-failure, and StartLimitIntervalSec=1h with StartLimitBurst=3 in [Unit]");
}

static void plist_unbounded(const struct view *v, struct report *r)
{
	struct restart_budget b = launchd_restart_budget(v->plist);

	if (b.cause != RESTART_ALWAYS) {
		report_ok(r, "not kept alive unconditionally (%s)", restart_cause_name(b.cause));
		return;
	}
	/* nix-darwin's own daemons are kept alive so; what they start is named, not accused */
	bool nix = v->plist->arguments && argv_script(v->plist->arguments) && nix_wait4path_rest(argv_script(v->plist->arguments));
	struct finding *f = report_add(r, nix && !view_runs_containers(v) ? VERDICT_WARN : VERDICT_FAIL,
		"KeepAlive is true and launchd never gives up: up to %u starts an hour", b.per_hour);
	at_key(f, v, "KeepAlive");
	finding_hint(f, "write a KeepAlive dictionary with SuccessfulExit false, and let the launcher bound the starts");
}

void pattern_02(const struct view *v, struct report *r)
{
	const char *restart = restart_of(v);
	struct budget b;

	if (v->plist) {
		plist_unbounded(v, r);
		return;
	}
	if (!view_budget(v, &b)) {
		report_skip(r, "no service that a manager restarts");
		return;
	}
	_cleanup_free_ char *words = budget_words(&b);
	if (!always_restarts(restart)) {
		bool none = limit_is_off(v) && restart && strcmp(restart, "no") != 0;
		if (v->triggers.event && limit_is_off(v) && !view_is_ours(v))
			bound_hint(at_entry(report_fail(r, "a path or socket starts it, with the start limit switched off: %s", words), v, NULL));
		else if (none && !view_is_ours(v))
			bound_hint(at_entry(report_fail(r, "Restart=%s with the start limit switched off: %s", restart, words), v, restart_entry(v)));
		else
			report_ok(r, "Restart=%s, %s", restart ? restart : "no", words);
		return;
	}
	if (!b.gives_up)
		bound_hint(at_entry(report_fail(r, "Restart=%s with no effective bound: %s", restart, words), v, restart_entry(v)));
	else if (v->agent && v->agent->lifecycle.restart == RESTART_SUPERVISED)
		report_ok(r, "Restart=%s as declared (supervised), %s", restart, words);
	else
		bound_hint(at_entry(report_warn(r, "Restart=%s, which only a supervised agent may have: %s", restart, words), v, restart_entry(v)));
}

#define TRIGGERED_MAX 60 /* starts an hour by a timer, a path or a socket: once a minute is often */

/* A limit that somebody wrote, or systemd's own, that does nothing. */
static void unit_bound(const struct view *v, const struct budget *b, struct report *r)
{
	const struct unit_entry *ignored = v->unit ? budget_ignored_key(v->unit) : NULL;
	const struct unit_entry *written = v->unit ? budget_limit_entry(v->unit) : NULL;
	const char *restart = restart_of(v);
	_cleanup_free_ char *words = budget_words(b);

	if (ignored && restart && strcmp(restart, "no") != 0) {
		struct finding *f = report_fail(r, "StartLimitIntervalSec= stands in [Service], where systemd ignores it: %s", words);
		finding_hint(at_entry(f, v, ignored), "move it, and StartLimitBurst=, to [Unit]");
	} else if (!restart || strcmp(restart, "no") == 0) {
		if (!v->triggers.timer && !v->triggers.event)
			report_ok(r, "not restarted");
		else if (b->per_hour > TRIGGERED_MAX && !b->gives_up)
			finding_hint(at_entry(report_warn(r, "not restarted, but triggered: %s", words), v, NULL),
				"a container that is started so often wants to be a service that runs");
		else
			report_ok(r, "not restarted, but triggered: %s", words);
	} else if (b->limited && !b->trips && (written || !always_restarts(restart))) {
		/* systemd's own limit, 5 in 10 s, promises nothing; one that was written does */
		struct finding *f = report_add(r, written || view_runs_containers(v) ? VERDICT_FAIL : VERDICT_WARN,
			"%s start limit never trips, since RestartSec= is too long for its interval: %s", written ? "the" : "systemd's default", words);
		bound_hint(at_entry(f, v, written ? written : restart_entry(v)));
	} else if (b->limited && b->trips && v->triggers.timer) {
		at_entry(report_warn(r, "the start limit trips, but a timer starts the service again: %s", words), v, written);
	} else {
		report_ok(r, "%s", words);
	}
}

/* What was declared, when the definition allows more. */
static void over_declared(const struct view *v, const struct budget *b, struct report *r)
{
	uint64_t declared = v->agent && v->agent->path ? v->agent->lifecycle.max_restarts_per_hour : 0;
	_cleanup_free_ char *words = budget_words(b);

	if (!declared || r->verdict == VERDICT_FAIL || !b->restarts || view_is_ours(v) || b->per_hour <= declared + 1)
		return;
	bound_hint(at_entry(report_warn(r, "the definition allows %s; declared are %llu restarts an hour", words, (unsigned long long)declared), v,
		v->unit ? budget_limit_entry(v->unit) : NULL));
}

void pattern_11(const struct view *v, struct report *r)
{
	struct budget b;

	if (v->plist) {
		struct restart_budget p = launchd_restart_budget(v->plist);
		if (p.cause == RESTART_NEVER || p.cause == RESTART_TIMED || p.cause == RESTART_ALWAYS)
			report_ok(r, "%s", p.cause == RESTART_ALWAYS ? "no bound is written that could fail: see PP-02" : "launchd does not restart it");
		else
			at_key(report_warn(r, "launchd restarts it (%s) without ever giving up: up to %u starts an hour", restart_cause_name(p.cause),
				       p.per_hour), v, "KeepAlive");
		return;
	}
	if (!view_budget(v, &b)) {
		report_skip(r, "no service that a manager restarts");
		return;
	}
	unit_bound(v, &b, r);
	over_declared(v, &b, r);
}
