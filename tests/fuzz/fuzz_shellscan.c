/* SPDX-License-Identifier: MIT */
/* What is told of a script holds when its argv is asked again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/shellscan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_shell_scan_ struct shell_scan s = { 0 };
	unsigned lines = 1;

	shellscan((const char *)data, size, &s);
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	for (size_t i = 0; i < s.n; i++) {
		struct shell_command again = { 0 };
		check(s.v[i].line >= 1 && s.v[i].line <= lines);
		check(s.v[i].argv[0] && s.v[i].program);
		check(argv_container_command(s.v[i].argv, &again));
		check(strcmp(again.program, s.v[i].program) == 0 && strv_len(again.argv) == strv_len(s.v[i].argv));
		check(!again.verb == !s.v[i].verb && !again.image == !s.v[i].image);
		argv_option(s.v[i].argv, "--name");
		argv_script(s.v[i].argv);
		shell_command_free(&again);
	}
	return 0;
}
