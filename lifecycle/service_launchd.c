/* SPDX-License-Identifier: MIT */
/* launchd: what is loaded (bootstrapped) is what runs; stopped means booted out, since a job that stays loaded comes back. */
#include "formats/text.h"
#include "lifecycle/service.h"

#define GONE 113 /* launchctl print of a label that the domain does not hold */

static struct probe *launchctl(const struct service *s, const char *verb, const char *a, const char *b)
{
	_cleanup_strv_ char **argv = strv_new("launchctl", verb, a, b, NULL);
	_cleanup_free_ char *key = mem_printf("launchctl/%s/%s", verb, a);
	struct probe *p = probe_cmd(key, argv, s->agent->scope == SCOPE_USER ? s->owner : NULL, PAYLOAD_LAUNCHCTL);

	p->limits.timeout_ms = 30000;
	return p;
}

static char *label_target(const struct service *s)
{
	return mem_printf("%s/%s", s->domain, s->agent->label);
}

static char *override_domain(const struct service *s)
{
	return s->agent->scope == SCOPE_SYSTEM ? mem_strdup("system") : mem_printf("user/%u", (unsigned)s->owner->uid);
}

static struct expect loaded(const struct service *s, int status)
{
	_cleanup_free_ char *target = label_target(s);

	return (struct expect){ .kind = EXPECT_EXIT, .probe = launchctl(s, "print", target, NULL), .status = status };
}

static struct expect is_active(const struct service *s)
{
	return loaded(s, 0);
}

static struct expect has_failed(const struct service *s)
{
	return loaded(s, GONE);
}

static struct expect disabled(const struct service *s, int status)
{
	_cleanup_free_ char *domain = override_domain(s);

	return (struct expect){ .kind = EXPECT_DISABLED, .probe = launchctl(s, "print-disabled", domain, NULL), .status = status,
		.words = strv_new(s->agent->label, NULL) };
}

static struct expect is_enabled(const struct service *s)
{
	return disabled(s, 0);
}

static struct probe *bootout_cmd(const struct service *s)
{
	_cleanup_free_ char *target = label_target(s);

	return launchctl(s, "bootout", target, NULL);
}

static struct step *add_bootstrap(const struct service *s, const char *id, struct plan *p)
{
	struct step *b = plan_add(p, id, STEP_RUN, "bootstrap %s into %s", s->agent->label, s->domain);

	b->cmd = launchctl(s, "bootstrap", s->domain, s->definition);
	b->holds = is_active(s);
	b->settle_ms = 5000;
	b->undo_title = mem_printf("boot %s out of %s", s->agent->label, s->domain);
	b->undo_cmd = bootout_cmd(s);
	return b;
}

static void add_bootout(const struct service *s, const char *id, bool comes_back, struct plan *p)
{
	struct step *b = plan_add(p, id, STEP_RUN, "boot %s out of %s", s->agent->label, s->domain);

	b->cmd = bootout_cmd(s);
	b->read_back_decides = true;
	b->settle_ms = (stop_timeout_of(s->agent) + 15) * 1000;
	b->holds = loaded(s, GONE);
	if (comes_back) {
		b->undo_title = mem_printf("bootstrap %s into %s", s->agent->label, s->domain);
		b->undo_cmd = launchctl(s, "bootstrap", s->domain, s->definition);
		b->undone = is_active(s);
	}
}

static void before_files(const struct service *s, struct plan *p)
{
	if (s->was_active)
		add_bootout(s, "stop-old", true, p);
}

static void add_enable(const struct service *s, struct plan *p)
{
	_cleanup_free_ char *domain = override_domain(s), *target = mem_printf("%s/%s", domain, s->agent->label);
	struct step *e = plan_add(p, "enable", STEP_RUN, "enable %s in %s", s->agent->label, domain);

	e->cmd = launchctl(s, "enable", target, NULL);
	e->holds = disabled(s, 0);
	e->undo_title = mem_printf("disable %s in %s", s->agent->label, domain);
	e->undo_cmd = launchctl(s, "disable", target, NULL);
	e->undone = disabled(s, 1);
}

/* RunAtLoad starts it with the bootstrap; else a person's start does. */
static void add_kickstart(const struct service *s, const char *flag, struct plan *p)
{
	_cleanup_free_ char *target = label_target(s);
	struct step *k = plan_add(p, "kickstart", STEP_RUN, "start %s", s->agent->label);

	k->cmd = flag ? launchctl(s, "kickstart", flag, target) : launchctl(s, "kickstart", target, NULL);
}

static void start(const struct service *s, struct plan *p)
{
	add_enable(s, p);
	add_bootstrap(s, "start", p);
	if (!s->agent->lifecycle.run_at_load || s->was_active)
		add_kickstart(s, NULL, p);
	service_plan_health(s, p);
}

static void restart(const struct service *s, struct plan *p)
{
	add_bootstrap(s, "start", p);
	add_kickstart(s, "-k", p);
	service_plan_health(s, p);
}

static void activate(const struct service *s, bool begin, struct plan *p)
{
	add_enable(s, p);
	if (!begin)
		return;
	add_bootstrap(s, "start", p);
	if (!s->agent->lifecycle.run_at_load)
		add_kickstart(s, NULL, p);
	service_plan_health(s, p);
}

static void stop(const struct service *s, struct plan *p)
{
	add_bootout(s, "stop", false, p);
	service_plan_container_stop(s, p);
}

static void disable(const struct service *s, struct plan *p)
{
}

static void after_removal(const struct service *s, struct plan *p)
{
}

const struct service_ops service_launchd = {
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
