/* SPDX-License-Identifier: MIT */
#include "lifecycle/checks/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "collect/agents.h"
#include "formats/text.h"
#include "lifecycle/checks/judge_launchd.h"

static bool asked_by_owner(const struct evidence *e)
{
	return e->caller.id.name && e->caller.id.uid == e->target.owner.id.uid && !e->caller.sudo;
}

/* sudo -i hands the command to a login shell, and quotes for it all but the dollar sign: where there is one, it goes without that shell. */
static struct finding *command_as_owner(struct finding *f, const struct evidence *e, const char *command)
{
	const char *owner = e->target.owner.id.name;

	if (asked_by_owner(e) || !owner)
		return finding_remedy_made(f, command);
	_cleanup_free_ char *sudo = e->target.owner.id.uid == 0 ? mem_strdup("sudo") :
		text_shell_printf(strchr(command, '$') ? "sudo -Hu %s" : "sudo -iu %s", owner);
	_cleanup_free_ char *whole = mem_printf("%s %s", sudo, command);
	return finding_remedy_made(f, whole);
}

struct finding *remedy_as_owner(struct finding *f, const struct evidence *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	_cleanup_free_ char *command = text_shell_vprintf(fmt, ap);
	va_end(ap);
	return command_as_owner(f, e, command);
}

struct finding *remedy_script_as_owner(struct finding *f, const struct evidence *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	_cleanup_free_ char *script = text_shell_vprintf(fmt, ap);
	va_end(ap);
	_cleanup_free_ char *command = text_shell_printf("sh -c %s", script);
	return command_as_owner(f, e, command);
}

bool manager_is_user(const struct evidence *e)
{
	return e->target.agent->scope == SCOPE_USER;
}

struct finding *remedy_systemctl(struct finding *f, const struct evidence *e, const char *fmt, ...)
{
	_cleanup_free_ char *manager = NULL;
	va_list ap;

	va_start(ap, fmt);
	_cleanup_free_ char *rest = text_shell_vprintf(fmt, ap);
	va_end(ap);
	if (!manager_is_user(e))
		manager = mem_strdup(e->caller.id.uid == 0 && !e->caller.sudo ? "systemctl" : "sudo systemctl");
	else if (asked_by_owner(e))
		manager = mem_strdup("systemctl --user");
	else
		manager = text_shell_printf("sudo systemctl --user -M %s@", e->target.owner.id.name ? e->target.owner.id.name : "");
	_cleanup_free_ char *whole = mem_printf("%s %s", manager, rest);
	return finding_remedy_made(f, whole);
}

const struct unit_props *need_service(struct report *r, bool installed_only)
{
	const struct service_evidence *s = &r->e->service;

	if (!report_need(r, s->unit.show, "the service's state"))
		return NULL;
	if (s->unit.show->rec.outcome == OUTCOME_ABSENT) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "there is no systemctl to ask"), s->unit.show);
		return NULL;
	}
	if (s->unit.show->rec.status != 0 || !s->unit.n_props) {
		finding_cite_answer(report_add(r, VERDICT_UNKNOWN, "the service manager of %s did not answer", r->e->target.owner.id.name), s->unit.show);
		return NULL;
	}
	if (installed_only && text_eq(s->unit.props->load_state, "not-found")) {
		finding_cite_answer(report_skip(r, "not installed"), s->unit.show);
		return NULL;
	}
	return s->unit.props;
}

bool known_from_disk(const struct evidence *e)
{
	const struct unit_evidence *u = &e->service.unit;

	return e->host.platform == PLATFORM_LINUX && !u->n_props && u->definition.n;
}

bool known_not_installed(const struct evidence *e)
{
	const struct unit_props *p = e->service.unit.n_props ? e->service.unit.props : NULL;

	if (e->host.platform != PLATFORM_DARWIN)
		return p && text_eq(p->load_state, "not-found") && !text_eq(p->active_state, "active");
	if (!launchd_loaded_known(&e->launchd) || launchd_loaded(&e->launchd))
		return false;
	for (size_t i = 0; i < e->launchd.n_definitions; i++)
		if (file_is_there(&e->launchd.definitions[i].file))
			return false;
	return true;
}

bool need_installed(struct report *r)
{
	if (on_darwin(r))
		return need_launchd(r, true);
	return known_from_disk(r->e) || need_service(r, true) != NULL;
}

bool wants_machine(const struct evidence *e)
{
	return agent_needs_machine(e->target.agent, e->host.platform);
}

const struct engine *wanted_engine(const struct evidence *e)
{
	const char *name = wants_machine(e) ? "machine" : "local";

	for (size_t i = 0; i < e->podman.n_engines; i++)
		if (text_eq(e->podman.engines[i].name, name))
			return &e->podman.engines[i];
	return NULL;
}

char *when_words(uint64_t us)
{
	char out[32];

	if (!us)
		return mem_strdup("never");
	text_time(out, us);
	return mem_strdup(out);
}
