/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_DEFINITION_H
#define COLLECT_DEFINITION_H

#include "collect/persistence.h"

/* The key of the record that holds its text: crontab -l's where the file itself may not be read. */
char *definition_key(const struct definition *d);

/* Inside collect/: one definition of a persistence search, from its files to its command. */
void definition_parse(struct gather *g, struct definition *d);	 /* its own file and drop-ins have been answered */
/* The scripts that it may start, on behalf of its user (NULL: the system's); false when there is none to ask. */
bool definition_ask_programs(struct task *t, struct definition *d, const struct identity *as);
void definition_free(struct definition *d);

#endif
