/* SPDX-License-Identifier: MIT */
/* sourceos-agent: what is this service, stop it cleanly, prove what it did, hand the proof on. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "lifecycle/verb.h"

/* What a failure means to the caller; see docs/man/sourceos-agent.1, EXIT STATUS. */
static int exit_code(const struct verb *v, int code)
{
	switch (-code) {
	case ERR_USAGE:
	case ERR_SYNTAX:
		return EXIT_USAGE;
	case ERR_TRUST:
	case ERR_SECRET:
		return EXIT_TRUST;
	case ERR_INCOMPLETE:
		return EXIT_INCOMPLETE;
	case ERR_CHANGE:
		return EXIT_CHANGE;
	default:
		return v && (v->flags & VERB_CHANGES) ? EXIT_CHANGE : EXIT_INCOMPLETE;
	}
}

/* A full disk or a closed pipe behind stdout must not look like success. */
static int finish_stdout(int code)
{
	errno = 0;
	if (fflush(stdout) || ferror(stdout)) {
		if (errno == EPIPE)
			return code ? code : EXIT_INCOMPLETE;
		fprintf(stderr, "sourceos-agent: cannot write to standard output: %s\n", errno ? strerror(errno) : "write error");
		return code ? code : EXIT_INCOMPLETE;
	}
	return code;
}

int main(int argc, char **argv)
{
	static char help[] = "help", version[] = "version";
	struct cli cli;
	struct err err = { 0 };
	int r;

	/* writes to a closed pipe are errors to handle, not a reason to die half-way through a change */
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		argv[1] = help;
	else if (argc > 1 && strcmp(argv[1], "--version") == 0)
		argv[1] = version;
	r = cli_parse(argc, argv, &cli, &err);
	if (r == 0 && cli_has(&cli, "help"))
		cli_print_help(stdout, cli.program, cli.verb);
	else if (r == 0)
		r = cli.verb->run(&cli, &err);
	if (r < 0) {
		fflush(stdout);
		fprintf(stderr, "%s: %s\n", cli.program, err.msg);
		r = exit_code(cli.verb, r);
	}
	cli_free(&cli);
	return finish_stdout(r);
}
