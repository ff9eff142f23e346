/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SHELLSCAN_H
#define FORMATS_SHELLSCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * Reads a shell script (a Nix wrapper, a launcher) as text and tells the container commands in it, as
 * far as words can be known without running anything: quotes, escapes, line continuation, comments,
 * here-documents; "exec", "command", "nohup", "sudo …", "env A=b", "A=b cmd" before the program; the
 * program by its last path component, or by a variable that the script itself sets to one. Words with
 * $ or ` in them are kept as they are written; command substitutions, `sh -c` and `eval` are looked into.
 */
enum container_start {
	STARTS_NONE, /* pull, rm, system service… */
	STARTS_NEW,  /* run, create */
	STARTS_OLD,  /* start: a container that was made before */
	STARTS_COMPOSE, /* those of a compose file */
	STARTS_KUBE,	/* those of a Kubernetes file */
};
struct shell_command {
	unsigned line; /* of the program's word, 1-based */
	char **argv;   /* program first; the words as the shell would split them, expansions kept literally */
	char *program; /* last component of argv[0]: podman, podman-remote, docker, nerdctl, podman-compose, docker-compose */
	char *verb;    /* "run", "start", "create", "pull", "compose"… ("container run" is "run"); NULL when none could be told */
	enum container_start starts;
	char *image;   /* of run, create, pull; NULL when it could not be told */
	char **env;    /* "NAME=value" that its words or its script set for it, "NAME" that they take away, the last of a name counts: of the
			* names that decide about credentials (shellenv.c). What only a run would tell stays as it is written */
	bool exec;     /* replaces the shell */
	bool variable; /* some word has an expansion in it: argv is not the whole truth */
};

struct shell_scan {
	struct shell_command *v; /* container commands, in order */
	size_t n;
	char *interpreter; /* of the #! line, whole; NULL without one */
	char **programs;   /* every other program in command position, once each: what a wrapper hands over to. Also the
			    * script file that a shell is given, and what is read with "." */
	bool cut;	   /* longer than SHELLSCAN_MAX, or too many commands: the rest was not read */
};

#define SHELLSCAN_MAX ((size_t)4 << 20)

void shellscan(const char *text, size_t n, struct shell_scan *ret); /* never fails */
void shell_scan_free(struct shell_scan *s); /* frees what it holds */
#define _cleanup_shell_scan_ CLEANUP(shell_scan_free)

/* The same questions about an argv that somebody split already (ExecStart=, ProgramArguments): false when it is no container
 * command. `-c` scripts of a shell are scanned by shellscan(): see argv_script. */
bool argv_container_command(char *const *argv, struct shell_command *ret);
void shell_command_free(struct shell_command *c); /* frees what it holds */
/* A copy, to be freed by itself. */
struct shell_command shell_command_copy(const struct shell_command *c);
/* What the words before the program that is started ("env A=b wrapper") set holds for a command of its script, too. */
void shell_command_started_by(struct shell_command *c, char *const *argv);
/* It has another Podman do the work: podman-remote, --remote, --connection, --url, or CONTAINER_HOST that it sets itself. */
bool shell_command_is_remote(const struct shell_command *c);
/* The command that a script comes down to: the first that makes containers, else the first that starts one; NULL when none does. */
const struct shell_command *shell_scan_start(const struct shell_scan *s);
/* The script text of `sh -c '…'`, of `su - x -c '…'`, behind env and exec too; NULL when it is none. Borrowed. */
const char *argv_script(char *const *argv);
/* The program that is really run, or the script file that a shell is given: "env A=b nice bash -e /x/y" is "/x/y"; NULL when there is none. Borrowed. */
const char *argv_program(char *const *argv);
/* The value of a long option in a podman command ("--name x", "--name=x"); before the image only. NULL when absent. Borrowed. */
const char *argv_option(char *const *argv, const char *option);

#endif
