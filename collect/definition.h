/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_DEFINITION_H
#define COLLECT_DEFINITION_H

#include "collect/persistence.h"

/* The key of the record that holds its text: crontab -l's where the file itself may not be read. */
char *definition_key(const struct definition *d);

/* Inside collect/: one definition of a persistence search, from its files to its command. */
void definition_parse(struct gather *g, struct definition *d);	 /* its own file and drop-ins have been answered */
void definition_ask_programs(struct task *t, struct definition *d); /* the scripts that it may start */
void definition_finish(struct gather *g, struct definition *d);    /* they have been answered */
void definition_free(struct definition *d);

/* The script that argv starts ("/path/wrapper", "/bin/sh /path/wrapper"), NULL when that is no absolute path. Borrowed. */
const char *argv_program_file(char *const *argv);
/* The first container command of a script that makes or starts a container, copied; program NULL when none. */
void shell_scan_first(const struct shell_scan *s, struct shell_command *ret);

#endif
