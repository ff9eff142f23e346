/* SPDX-License-Identifier: MIT */
#include "lifecycle/backend.h"

#include <string.h>

#include "formats/text.h"

struct maker {
	const struct evidence *e;
	struct plan *plan;
	unsigned moved;
};

static struct probe *launchctl(const char *verb, const char *target)
{
	_cleanup_strv_ char **argv = strv_new("launchctl", verb, target, NULL);
	_cleanup_free_ char *key = mem_printf("launchctl/%s/%s", verb, target);
	struct probe *p = probe_cmd(key, argv, NULL, PAYLOAD_LAUNCHCTL);

	p->limits.timeout_ms = 30000;
	return p;
}

/* launchd sends TERM, and KILL once ExitTimeOut (5 seconds where captures show it, 20 in the manual) is over. */
static uint32_t stop_ms(const struct launchctl_service *s)
{
	int64_t seconds = s->exit_timeout > 0 && s->exit_timeout < 600 ? s->exit_timeout : 20;

	return (uint32_t)(seconds + 15) * 1000;
}

/* bootout returns while the process still ends, with 36 sometimes; 3 and 113 say that it is gone already. */
static void bootout(struct maker *m, const struct launchd_domain *d)
{
	_cleanup_free_ char *target = mem_printf("%s/%s", d->target, m->e->target.agent->label);
	_cleanup_free_ char *id = mem_printf("bootout-%s", d->target);
	struct step *s = plan_add(m->plan, id, STEP_RUN, "boot %s out of %s", m->e->target.agent->label, d->target);

	s->cmd = launchctl("bootout", target);
	s->read_back_decides = true;
	s->settle_ms = stop_ms(d->service);
	s->holds = (struct expect){ .kind = EXPECT_EXIT, .probe = launchctl("print", target), .status = 113 };
}

/* The override outlives the property list: should that come back, it is not loaded. domain: as launchctl disable takes it. */
static void disable(struct maker *m, const char *domain)
{
	const char *label = m->e->target.agent->label;
	_cleanup_free_ char *target = mem_printf("%s/%s", domain, label), *id = mem_printf("disable-%s", domain);

	for (size_t i = 0; i < m->plan->n_steps; i++)
		if (text_eq(m->plan->steps[i]->id, id))
			return;
	struct step *s = plan_add(m->plan, id, STEP_RUN, "disable %s in %s", label, domain);
	s->cmd = launchctl("disable", target);
	s->holds = (struct expect){ .kind = EXPECT_DISABLED, .probe = launchctl("print-disabled", domain), .status = 1,
		.words = strv_new(label, NULL) };
	s->undo_cmd = launchctl("enable", target);
	s->undo_title = mem_printf("enable %s in %s", label, domain);
	s->undone = (struct expect){ .kind = EXPECT_DISABLED, .probe = launchctl("print-disabled", domain), .status = 0,
		.words = strv_new(label, NULL) };
}

static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

static void move_definition(struct maker *m, const struct launchd_definition *d)
{
	const struct evidence *e = m->e;
	_cleanup_free_ char *id = mem_printf("move-%u", m->moved);
	struct step *s = plan_add(m->plan, id, STEP_MOVE, "take away %s", d->file.path);

	s->path = mem_strdup(d->file.path);
	s->vault = mem_printf("%03u-%.100s", m->moved++, strrchr(d->file.path, '/') + 1);
	s->as = below(d->file.path, e->target.owner.id.home) ? identity_copy(&e->target.owner.id) : NULL;
	s->holds = (struct expect){ .kind = EXPECT_ABSENT, .probe = probe_link(d->file.path) };
}

/* It is there, and it is for our label: by its Label, or by a name that launchd would take it under. */
static bool is_ours(const struct launchd_definition *d)
{
	return file_is_there(&d->file) && (d->has_label || !d->plist) && d->dir != LAUNCHD_DIR_SYSTEM;
}

/* What a user may not take away, and root may. */
static const struct launchd_definition *out_of_reach(const struct evidence *e)
{
	for (size_t i = 0; i < e->launchd.n_definitions; i++) {
		const struct launchd_definition *d = &e->launchd.definitions[i];
		if (is_ours(d) && e->host.euid != 0 && !below(d->file.path, e->target.owner.id.home))
			return d;
	}
	return NULL;
}

static const char *override_domain(const struct launchd_domain *d, char **buffer)
{
	if (text_eq(d->target, "system"))
		return "system";
	free(*buffer);
	*buffer = mem_printf("user/%u", (unsigned)d->uid);
	return *buffer;
}

int launchd_plan_quarantine(const struct evidence *e, const char *stamp, struct plan *p, struct err *err)
{
	struct maker m = { .e = e, .plan = p };
	const struct launchd_evidence *l = &e->launchd;
	const struct launchd_definition *root_only = out_of_reach(e);
	_cleanup_free_ char *owner = mem_printf("user/%u", (unsigned)e->target.owner.id.uid), *domain = NULL;
	size_t definitions = 0;

	if (!launchd_loaded_known(l))
		return err_set(err, ERR_CHANGE, "launchd does not say whether %s is loaded; nothing was changed", e->target.agent->label);
	/* half of a quarantine would be undone by the next login */
	if (root_only) {
		_cleanup_free_ char *command = text_shell_printf("sudo sourceos-agent quarantine %s", e->target.agent->name);
		return err_set(err, ERR_DENIED, "%s belongs to root, and is loaded into every user's session; run: %s", root_only->file.path, command);
	}
	for (size_t i = 0; i < l->n_definitions; i++)
		definitions += is_ours(&l->definitions[i]);
	if (!launchd_loaded(l) && !definitions && !e->podman.container_name)
		return err_set(err, ERR_USAGE, "%s: loaded in no domain, and no property list of it; nothing to quarantine",
			e->target.agent->label);
	/* disabled after the bootout, so that the undoing enables it before anybody boots it again */
	for (size_t i = 0; i < l->n_domains; i++)
		if (l->domains[i].service)
			bootout(&m, &l->domains[i]);
	disable(&m, e->target.agent->scope == SCOPE_SYSTEM ? "system" : owner);
	for (size_t i = 0; i < l->n_domains; i++)
		if (l->domains[i].service)
			disable(&m, override_domain(&l->domains[i], &domain));
	for (size_t i = 0; i < l->n_definitions; i++)
		if (is_ours(&l->definitions[i]))
			move_definition(&m, &l->definitions[i]);
	container_plan_quarantine(e, stamp, p);
	return 0;
}
