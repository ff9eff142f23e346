/* SPDX-License-Identifier: MIT */
/* list: the declared agents, and from which file each comes. Asks the host nothing but those files. */
#include "lifecycle/commands.h"

#include <string.h>

#include "formats/text.h"
#include "lifecycle/session.h"

static void list_json(const struct session *s)
{
	json_t *agents = json_array(), *problems = json_array();

	for (struct agent **a = s->agents.list; a && *a; a++) {
		json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s*}", "name", (*a)->name, "label", (*a)->label, "scope",
			agent_scope_name((*a)->scope), "runtime", agent_runtime_name((*a)->runtime), "image", (*a)->image,
			"containerName", (*a)->container_name, "contact", (*a)->owner.contact, "path", (*a)->path);
		json_array_append_new(agents, j);
	}
	for (char **p = s->agents.problems; p && *p; p++)
		json_array_append_new(problems, json_string(*p));
	json_t *doc = json_pack("{s:o, s:o}", "agents", agents, "problems", problems);
	cli_print_json(doc);
}

static int width(const char *s)
{
	return (int)strlen(s);
}

static void list_text(const struct session *s, const struct cli *cli)
{
	int name = 4, label = 5;

	for (struct agent **a = s->agents.list; a && *a; a++) {
		name = width((*a)->name) > name ? width((*a)->name) : name;
		label = width((*a)->label) > label ? width((*a)->label) : label;
	}
	if (!s->agents.list || !*s->agents.list) {
		printf("no agents are declared\n");
		for (char **p = s->agents.searched; p && *p; p++)
			printf("  looked in %s\n", *p);
		return;
	}
	printf("%s%-*s  %-*s  %-6s  %-7s  %s%s\n", cli_style(cli, 'b'), name, "NAME", label, "LABEL", "SCOPE", "RUNTIME", "DECLARED IN",
		cli_style(cli, '0'));
	for (struct agent **a = s->agents.list; *a; a++) {
		_cleanup_free_ char *path = text_safe((*a)->path);
		printf("%-*s  %-*s  %-6s  %-7s  %s\n", name, (*a)->name, label, (*a)->label, agent_scope_name((*a)->scope),
			agent_runtime_name((*a)->runtime), path);
	}
}

int cmd_list(struct cli *cli, struct err *err)
{
	_cleanup_session_ struct session s = { 0 };
	int r = session_open(cli, &s, err);

	if (r)
		return r;
	if (cli->json)
		list_json(&s);
	else
		list_text(&s, cli);
	session_warn(&s, cli);
	/* what could not be read may declare agents that are missing above */
	return s.agents.problems ? EXIT_USAGE : EXIT_OK;
}
