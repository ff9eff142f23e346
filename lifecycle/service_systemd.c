/* SPDX-License-Identifier: MIT */
#include "formats/text.h"
#include "lifecycle/service.h"

static struct probe *systemctl(const struct service *s, const char *verb, const char *unit)
{
	_cleanup_strv_ char **argv = strv_new("systemctl", NULL);
	_cleanup_free_ char *key = mem_printf("systemctl/%s/%s", verb, unit ? unit : "");
	bool user = s->agent->scope == SCOPE_USER;

	if (user)
		argv = strv_add(argv, "--user");
	argv = strv_add(argv, verb);
	if (unit) {
		argv = strv_add(argv, "--");
		argv = strv_add(argv, unit);
	}
	struct probe *p = probe_cmd(key, argv, user ? s->owner : NULL, PAYLOAD_TEXT);
	p->limits.timeout_ms = 30000;
	return p;
}

static struct expect word(struct probe *p, char **words)
{
	return (struct expect){ .kind = EXPECT_WORD, .probe = p, .words = words };
}

static struct expect is_active(const struct service *s)
{
	return word(systemctl(s, "is-active", s->unit), strv_new("active", NULL));
}

static struct expect is_down(const struct service *s)
{
	return word(systemctl(s, "is-active", s->unit), strv_new("inactive", "failed", "unknown", NULL));
}

static struct expect has_failed(const struct service *s)
{
	return word(systemctl(s, "is-failed", s->unit), strv_new("failed", NULL));
}

/* "generated": what a Quadlet says in [Install] */
static struct expect is_enabled(const struct service *s)
{
	return word(systemctl(s, "is-enabled", s->unit), strv_new("enabled", "generated", NULL));
}

static uint32_t start_ms(const struct service *s)
{
	return (s->agent->lifecycle.startup_timeout_sec + 75) * 1000;
}

static struct probe *start_cmd(const struct service *s, const char *verb)
{
	struct probe *p = systemctl(s, verb, s->unit);

	p->limits.timeout_ms = start_ms(s);
	return p;
}

static struct probe *stop_cmd(const struct service *s)
{
	struct probe *p = systemctl(s, "stop", s->unit);

	p->limits.timeout_ms = (stop_timeout_of(s->agent) + 15) * 1000;
	return p;
}

static void before_files(const struct service *s, struct plan *p)
{
	if (s->was_active) {
		struct step *up = plan_add(p, "as-before", STEP_RUN, "it was up");
		up->undo_only = true;
		up->undo_title = mem_printf("start %s as it was", s->unit);
		up->undo_cmd = start_cmd(s, "start");
		up->undone = is_active(s);
	}
	struct step *m = plan_add(p, "manager", STEP_RUN, "the manager reads its units");
	m->undo_only = true;
	m->undo_title = mem_strdup("have the manager read its units");
	m->undo_cmd = systemctl(s, "daemon-reload", NULL);
	m->undo_always = true;
}

static void add_start(const struct service *s, struct plan *p)
{
	struct step *f = plan_add(p, "forget", STEP_RUN, "forget what failed");
	f->undo_only = true;
	f->undo_title = mem_strdup("clear its failed state");
	f->undo_cmd = systemctl(s, "reset-failed", s->unit);
	f->undone = word(systemctl(s, "is-failed", s->unit), strv_new("inactive", "unknown", "active", "activating", "deactivating", NULL));

	struct step *up = plan_add(p, "start", STEP_RUN, "start %s", s->unit);
	up->cmd = start_cmd(s, "start");
	up->undo_title = mem_printf("stop %s", s->unit);
	up->undo_cmd = stop_cmd(s);
	up->undone = is_down(s);
	up->holds = is_active(s);
}

/* A start that a person asks for begins anew: neither systemd's count nor a failure of before stands in its way. */
static void reset_failed(const struct service *s, struct plan *p)
{
	struct step *r = plan_add(p, "reset", STEP_RUN, "clear its count of starts");

	r->cmd = systemctl(s, "reset-failed", s->unit);
	r->optional = true; /* a unit that is not in memory has nothing to clear, and systemctl calls that a failure */
}

static void restart(const struct service *s, struct plan *p)
{
	reset_failed(s, p);
	struct step *r = plan_add(p, "restart", STEP_RUN, "restart %s", s->unit);

	r->cmd = start_cmd(s, "restart");
	r->cmd->limits.timeout_ms += (stop_timeout_of(s->agent) + 15) * 1000;
	service_plan_health(s, p);
}

static void start(const struct service *s, struct plan *p)
{
	reset_failed(s, p);
	add_start(s, p);
	service_plan_health(s, p);
}

static void activate(const struct service *s, bool begin, struct plan *p)
{
	struct step *r = plan_add(p, "reload", STEP_RUN, "have the manager read its units");

	r->cmd = systemctl(s, "daemon-reload", NULL);
	if (s->agent->lifecycle.run_at_load && s->form != INSTALL_QUADLET) {
		struct step *e = plan_add(p, "enable", STEP_RUN, "enable %s", s->unit);
		e->cmd = systemctl(s, "enable", s->unit);
		e->holds = is_enabled(s);
		e->undo_title = mem_printf("disable %s", s->unit);
		e->undo_cmd = systemctl(s, "disable", s->unit);
		e->undone = word(systemctl(s, "is-enabled", s->unit), strv_new("disabled", "", "static", "linked", "not-found", NULL));
	}
	if (!begin)
		return;
	if (!s->was_active) {
		add_start(s, p);
		service_plan_health(s, p);
		return;
	}
	/* of the old definition; undone by stopping the new, before the files come back and the old is started */
	struct step *down = plan_add(p, "stop-old", STEP_RUN, "stop %s as it was", s->unit);
	down->cmd = stop_cmd(s);
	down->holds = is_down(s);
	add_start(s, p);
	service_plan_health(s, p);
}

static void clear_failed(const struct service *s, const char *id, struct plan *p)
{
	struct step *r = plan_add(p, id, STEP_RUN, "clear its failed state");

	r->cmd = systemctl(s, "reset-failed", s->unit);
	r->optional = true;
	r->holds = word(systemctl(s, "is-failed", s->unit), strv_new("inactive", "unknown", NULL));
}

static void stop(const struct service *s, struct plan *p)
{
	struct step *d = plan_add(p, "stop", STEP_RUN, "stop %s", s->unit);

	d->cmd = stop_cmd(s);
	d->holds = is_down(s);
	service_plan_container_stop(s, p);
	/* what had to be killed did not fail: it was asked to end; what had failed before has */
	if (s->was_active)
		clear_failed(s, "stop-reset", p);
}

static void disable(const struct service *s, struct plan *p)
{
	if (!s->was_enabled || s->form == INSTALL_QUADLET)
		return;
	struct step *d = plan_add(p, "disable", STEP_RUN, "disable %s", s->unit);
	d->cmd = systemctl(s, "disable", s->unit);
	d->holds = word(systemctl(s, "is-enabled", s->unit), strv_new("disabled", "", "static", "linked", "not-found", "masked", NULL));
	d->undo_title = mem_printf("enable %s", s->unit);
	d->undo_cmd = systemctl(s, "enable", s->unit);
	d->undone = is_enabled(s);
}

static void after_removal(const struct service *s, struct plan *p)
{
	struct step *r = plan_add(p, "reload", STEP_RUN, "have the manager forget it");

	r->cmd = systemctl(s, "daemon-reload", NULL);
	clear_failed(s, "reset-failed", p);
}

const struct service_ops service_systemd = {
	.before_files = before_files,
	.activate = activate,
	.start = start,
	.restart = restart,
	.stop = stop,
	.disable = disable,
	.after_removal = after_removal,
	.is_active = is_active,
	.is_enabled = is_enabled,
	.has_failed = has_failed,
};
