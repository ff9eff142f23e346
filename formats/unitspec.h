/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_UNITSPEC_H
#define FORMATS_UNITSPEC_H

#include <stdbool.h>
#include <stdint.h>

/* The specifiers of systemd.unit(5), as the unit's manager expands them; none that a bundle does not tell, such as the host's name.
 * %i of a template without an instance is not known either. */
struct unit_context {
	const char *unit; /* its full name; NULL unknown */
	bool user;	  /* of a user's manager; false: the system's */
	/* whose manager it is; root for the system's */
	const char *name;
	const char *home; /* NULL unknown */
	uint32_t uid;
	const char *runtime_dir; /* of a user's manager; NULL unknown */
	/* from 254 on a user's %S and %L are below XDG_STATE_HOME, until 253 below XDG_CONFIG_HOME; both as they are by default */
	bool state_home;
};

/* Caller frees. NULL when s holds a specifier that is not known here: half a path leads to another file. */
char *unit_specifiers(const char *s, const struct unit_context *c);

/* The same of a word of a command line, which says something without them, too: what is not known stays as it is written, and so does
 * all that is not about the unit's name, its user and home; with no unit everything. Caller frees. */
char *unit_specifiers_known(const char *s, const struct unit_context *c);

#endif
