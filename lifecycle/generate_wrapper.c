/* SPDX-License-Identifier: MIT */
#include "formats/text.h"
#include "lifecycle/generate.h"

/* What a person finds where the service starts: three lines, and the launcher's name in the last. */
void generate_wrapper(const struct recipe *r, struct buf *out)
{
	buf_adds(out, "#!/bin/sh\n");
	buf_addf(out, "# Made by sourceos-agent; remove it with: sourceos-agent uninstall %s\n", r->agent->name);
	buf_adds(out, "exec ");
	text_add_shell(out, r->program);
	buf_addf(out, " exec %s --declaration ", r->agent->name);
	text_add_shell(out, r->agent->path);
	buf_adds(out, " \"$@\"\n");
}
