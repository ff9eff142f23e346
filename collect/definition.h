/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_DEFINITION_H
#define COLLECT_DEFINITION_H

#include "collect/persistence.h"

/* Inside collect/: one definition of a persistence search, from its files to its command. */
void definition_parse(struct gather *g, struct definition *d);	 /* its own file and drop-ins have been answered */
struct probe *definition_program(struct definition *d); /* asks for the wrapper that it starts; NULL when there is none to read */
void definition_finish(struct gather *g, struct definition *d); /* the wrapper has been answered */
void definition_free(struct definition *d);

/* The script that argv starts ("/path/wrapper", "/bin/sh /path/wrapper"), NULL when that is no absolute path. Borrowed. */
const char *argv_program_file(char *const *argv);
/* The first container command of a script that makes or starts a container, copied; program NULL when none. */
void shell_scan_first(const struct shell_scan *s, struct shell_command *ret);

#endif
