/* SPDX-License-Identifier: MIT */
/* The verb table: one row a command. See verb.h. */
#include "lifecycle/commands.h"

#include <stddef.h>

const struct cli_option common_options[] = {
	{ "json", 0, NULL, "print one JSON document and nothing else", false },
	{ "quiet", 'q', NULL, "no progress and no story; results and errors only", false },
	{ "verbose", 'v', NULL, "more: also what passed", false },
	{ "help", 'h', NULL, "this text", false },
	{ NULL, 0, NULL, NULL, false },
};

const struct verb verbs[] = {
	{ "help", "[COMMAND]", 0, 2, "the commands, or one of them", NULL, VERB_READS, NULL, cmd_help },
	{ "version", "", 0, 0, "the version of this program", NULL, VERB_READS, NULL, cmd_version },
	{ NULL, NULL, 0, 0, NULL, NULL, 0, NULL, NULL },
};
