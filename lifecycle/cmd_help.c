/* SPDX-License-Identifier: MIT */
#include "lifecycle/commands.h"

#include <string.h>

#include "formats/mem.h"

int cmd_help(struct cli *cli, struct err *err)
{
	if (cli_has(cli, "man")) {
		print_man_page();
		return EXIT_OK;
	}
	if (cli->n_args == 0) {
		cli_print_usage(stdout, cli->program);
		return EXIT_OK;
	}
	_cleanup_free_ char *name = cli->n_args == 2 ? mem_printf("%s %s", cli->args[0], cli->args[1]) : mem_strdup(cli->args[0]);
	size_t n = strlen(name);
	int found = 0;

	/* "help bundle" tells of every "bundle …" */
	for (const struct verb *v = verbs; v->name; v++)
		if (strncmp(v->name, name, n) == 0 && (v->name[n] == '\0' || v->name[n] == ' ')) {
			if (found++)
				putchar('\n');
			cli_print_help(stdout, cli->program, v);
		}
	return found ? EXIT_OK : err_set(err, ERR_USAGE, "unknown command \"%s\"; '%s help' lists them", name, cli->program);
}

int cmd_version(struct cli *cli, struct err *err)
{
	printf("sourceos-agent %s\n", VERSION);
	return EXIT_OK;
}
