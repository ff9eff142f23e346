/* SPDX-License-Identifier: MIT */
#include "lifecycle/install_paths.h"

#include "collect/agents.h"
#include "formats/text.h"

static char *quadlet_path(const struct agent *a, const struct user *owner)
{
	const char *declared = a->scope == SCOPE_USER ? a->linux_unit.user_unit : a->linux_unit.system_unit;

	if (declared && text_ends(declared, ".container"))
		return agent_unit_path(a, owner->id.home);
	return a->scope == SCOPE_USER ? mem_printf("%s/.config/containers/systemd/%s.container", owner->id.home, a->name)
				      : mem_printf("/etc/containers/systemd/%s.container", a->name);
}

void install_paths_make(const struct agent *a, const struct user *owner, enum platform platform, enum install_form form,
	struct install_paths *ret)
{
	struct install_paths p = { .dir = agent_state_dir(a, platform, &owner->id) };

	p.wrapper = mem_printf("%s/run", p.dir);
	p.authfile = a->auth.authfile ? mem_strdup(a->auth.authfile) : mem_printf("%s/sourceos-empty-auth.json", p.dir);
	p.docker_dir = mem_printf("%s/docker", p.dir);
	p.docker_config = mem_printf("%s/config.json", p.docker_dir);
	p.ledger = mem_printf("%s/starts", p.dir);
	p.provenance = mem_printf("%s/provenance.json", p.dir);
	p.history = mem_printf("%s/history.jsonl", p.dir);
	p.aside = mem_printf("%s/aside", p.dir);
	p.change = mem_printf("%s/change", p.dir);
	p.installed = mem_printf("%s/installed.json", p.dir);
	p.unit = form == INSTALL_PLIST     ? agent_plist_path(a, owner->id.home)
		 : form == INSTALL_QUADLET ? quadlet_path(a, owner)
					      : agent_unit_path(a, owner->id.home);
	*ret = p;
}

enum install_form install_form_of(const struct agent *a, enum platform platform)
{
	const char *declared = a->scope == SCOPE_USER ? a->linux_unit.user_unit : a->linux_unit.system_unit;

	if (platform == PLATFORM_DARWIN)
		return INSTALL_PLIST;
	return declared && text_ends(declared, ".container") ? INSTALL_QUADLET : INSTALL_UNIT;
}

void install_as_quadlet(struct agent *a)
{
	char **unit = a->scope == SCOPE_USER ? &a->linux_unit.user_unit : &a->linux_unit.system_unit;

	if (*unit && text_ends(*unit, ".container"))
		return;
	free(*unit);
	*unit = mem_printf("%s.container", a->name);
}

void install_paths_free(struct install_paths *p)
{
	char **all[] = { &p->dir, &p->wrapper, &p->authfile, &p->docker_dir, &p->docker_config, &p->ledger, &p->provenance, &p->history,
		&p->installed, &p->unit, &p->aside, &p->change };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		mem_freep(all[i]);
}
