/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SPECIFIER_H
#define FORMATS_SPECIFIER_H

/*
 * The specifiers of units that matter for what a command line runs, as systemd.unit(5) "SPECIFIERS" has them: %i %I %n %N %p
 * %P %j %h %u %%. Others, and those that nothing is known for (%i of a template without an instance), are kept as they are written.
 */
struct unit_specifiers {
	const char *unit; /* the whole name: "x@a.service"; NULL: nothing is replaced */
	const char *home; /* of the manager's user; NULL unknown */
	const char *user;
};

char *unit_specifiers_expand(const char *s, const struct unit_specifiers *of); /* caller frees */

#endif
