/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SHELLENV_H
#define FORMATS_SHELLENV_H

#include "formats/shelllex.h"

/*
 * The environment that a script, or the words before a program, give a container command: only of the names that decide which
 * credentials Podman uses, and where. For shellscan.c and containercmd.c; others read shell_command.env.
 */

/* Of the words before argv[at]: "A=b podman", "env -u A B=c podman". "NAME=value", and "NAME" for what is taken away. Caller frees. */
char **shell_env_of_words(char *const *argv, size_t at);

/* A simple command that may set something for those after it: assignments alone, export, declare -x, unset. */
void shell_env_note(struct lexer *l, char *const *argv);
/* Has the words before argv[at] hold for a script that it runs; shell_env_leave() with what was returned ends that. */
size_t shell_env_enter(struct lexer *l, char *const *argv, size_t at);
void shell_env_leave(struct lexer *l, size_t mark);
/* Puts what the script has set before env, which the command's own words gave: the last of a name counts. */
char **shell_env_before(const struct lexer *l, char **env);

#endif
