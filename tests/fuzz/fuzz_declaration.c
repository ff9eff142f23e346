/* SPDX-License-Identifier: MIT */
/* What is accepted is safe to make paths and units of; what is refused says why, for a terminal. */
#include <stdlib.h>
#include <string.h>

#include "formats/declaration.h"
#include "formats/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

static bool clean(const char *s)
{
	for (; *s; s++)
		if (text_is_control((unsigned char)*s))
			return false;
	return true;
}

static void check_agent(struct agent *a)
{
	_cleanup_agent_ struct agent *c = agent_copy(a);
	declaration_expand(c, "/home/u");
	_cleanup_free_ char *unit = agent_unit_name(c), *path = agent_unit_path(c, "/home/u"), *plist = agent_plist_path(c, "/home/u");
	_cleanup_strv_ char **logs = agent_log_paths(c);

	check(agent_name_valid(a->name) && agent_label_valid(a->label));
	check(!a->container_name || container_name_valid(a->container_name));
	check(!strchr(unit, '/') && text_ends(unit, ".service"));
	check(*path == '/' && *plist == '/' && clean(path) && clean(plist));
	for (size_t i = 0; logs && logs[i]; i++)
		check(logs[i][0] == '/');
	check(!c->image || (*c->image != '-' && clean(c->image)));
	check((a->runtime != RUNTIME_NATIVE && a->runtime != RUNTIME_NIX_APP) || (a->command && a->command[0] && *a->command[0]));
	check(a->line > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_warnings_ struct warnings w = { 0 };
	_cleanup_agents_ struct agent **list = NULL;
	struct err err = { 0 };
	int r = declaration_parse("agents.d/x.json", (const char *)data, size, &list, &w, &err);

	check(r == 0 || (r == -err.code && *err.msg && clean(err.msg) && !list));
	for (size_t i = 0; i < w.n; i++)
		check(w.v[i].line > 0 && clean(w.v[i].text));
	for (size_t i = 0; list && list[i]; i++)
		check_agent(list[i]);
	return 0;
}
