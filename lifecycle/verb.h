/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_VERB_H
#define LIFECYCLE_VERB_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "formats/err.h"

/*
 * The verb table (verbs.c) is the command line: parsing, usage, help and completions are made from
 * its rows. Adding a verb is a row there, a cmd_<verb>.c, a man page and a test.
 */

enum exit_code {
	EXIT_OK = 0,
	EXIT_FINDINGS = 1,   /* findings that fail */
	EXIT_USAGE = 2,	     /* usage or declaration error */
	EXIT_INCOMPLETE = 3, /* evidence incomplete, verdict unknown */
	EXIT_TRUST = 4,	     /* signature, hash or trust failure */
	EXIT_CHANGE = 5,     /* a change failed; rolled back, or it says what is left */
	EXIT_CONFIG = 78,    /* EX_CONFIG: the launcher refuses to start; service managers must not retry */
};

struct cli_option {
	const char *name;  /* long, without dashes; NULL ends a list */
	char letter;	   /* 0: none */
	const char *arg;   /* what its argument is called in help; NULL: a flag */
	const char *help;  /* one line */
	bool repeat;	   /* may be given several times */
};

enum verb_flag {
	VERB_READS = 1 << 0,   /* changes nothing on the host but its own evidence and state */
	VERB_CHANGES = 1 << 1, /* changes services: failures are EXIT_CHANGE */
	VERB_HIDDEN = 1 << 2,  /* not for people: left out of help */
};

struct cli;

struct verb {
	const char *name;     /* "list", "bundle verify" */
	const char *synopsis; /* the arguments: "NAME", "FILE NAME" */
	int min_args, max_args; /* max_args -1: any number */
	const char *summary;  /* one line for the list of verbs */
	const char *help;     /* what it does, some lines; NULL: the summary is enough */
	unsigned flags;
	const struct cli_option *options; /* besides the common ones; NULL: none */
	int (*run)(struct cli *cli, struct err *err); /* an exit code, or negative with err set */
};

extern const struct verb verbs[]; /* ends with name == NULL */
extern const struct cli_option common_options[];

/* One invocation, parsed. */
struct cli {
	const char *program; /* "sourceos-agent" or "sourceos" */
	const struct verb *verb;
	char **args; /* what is left after options; NULL-terminated; points into argv */
	int n_args;
	bool json;    /* --json: the document and nothing else on stdout */
	bool quiet;   /* --quiet: no progress, no story; results and errors only */
	bool verbose; /* -v: also what passed */
	bool color;   /* stdout is a terminal, NO_COLOR is not set, TERM is not dumb */
	struct cli_value *values;
	int n_values;
};
struct cli_value {
	const struct cli_option *option;
	const char *value;
};

/* The last value of an option; "" for a flag that was given; NULL when it was not. */
const char *cli_get(const struct cli *cli, const char *name);
static inline bool cli_has(const struct cli *cli, const char *name)
{
	return cli_get(cli, name) != NULL;
}
/* The i-th value of a repeatable option, NULL past the last. */
const char *cli_get_nth(const struct cli *cli, const char *name, int i);

/* Finds the verb and parses what follows. cli_free frees what it holds. */
int cli_parse(int argc, char **argv, struct cli *ret, struct err *err);
void cli_free(struct cli *cli);

void cli_print_usage(FILE *f, const char *program);	 /* the list of verbs */
void cli_print_help(FILE *f, const char *program, const struct verb *v);

/* The document that --json asks for, on stdout; frees it. */
void cli_print_json(json_t *doc);

/* Words for people on stderr while something runs: nothing with --quiet or --json, and progress
 * (overwritten lines) only on a terminal. Foreign text must come through text_safe(). */
void cli_say(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cli_progress(const struct cli *cli, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void cli_progress_done(const struct cli *cli);

/* ANSI when cli->color, "" otherwise: cli_style(cli, 'b') bold, 'r' red, 'g' green, 'y' yellow, 'd' dim, '0' reset. */
const char *cli_style(const struct cli *cli, char style);

#endif
