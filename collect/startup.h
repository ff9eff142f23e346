/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_STARTUP_H
#define COLLECT_STARTUP_H

#include "collect/gather.h"
#include "formats/shellscan.h"
#include "formats/unitspec.h"
#include "formats/unitcmd.h"
#include "formats/unitfile.h"

/*
 * What something that starts by itself comes down to: its command lines, and the scripts that they start,
 * looked through until a container command is found. A script is read through to the scripts that it starts in turn,
 * as makeWrapper's do, but for what packages install; depth and number are bounded, and each is read once.
 */
struct startup_line {
	struct unit_cmds cmds;
	unsigned file, line; /* where it is written: an index into a unitfile's files */
};

struct startup_script {
	struct file_evidence file;
	size_t line, cmd;    /* that it was found by; a line of none: in a text */
	unsigned depth;      /* of scripts within scripts */
	bool asked, read;
};

struct startup {
	struct unit_context specifiers; /* of a unit; borrowed. unit NULL: words are taken as they are */
	struct startup_line *lines;
	size_t n_lines;
	struct startup_script *scripts;
	size_t n_scripts;
	size_t line, cmd;	     /* the command line that comes down to the container, else the first */
	struct file_evidence program; /* the script that runs it, else the first; borrowed. path NULL: none */
	struct shell_scan script;    /* of that script, or of a text that was added */
	struct shell_command run;    /* the container command; program NULL: none was found */
	bool run_in_script;
	bool unread;		     /* another script than the first could not be read, or was one too many: more may be started */
};
void startup_free(struct startup *s); /* frees what it holds */

/* The value of ExecStart= and its kin. main: one that pulls or removes is what it comes down to, if nothing more telling is found. */
void startup_add_line(struct startup *s, const char *value, unsigned file, unsigned line, bool main);
/* All that a service runs beside its main command counts too. */
void startup_add_service(struct startup *s, const struct unitfile *u);
void startup_add_autostart(struct startup *s, const struct unitfile *u);
void startup_add_argv(struct startup *s, char **argv); /* handed over */
/* A text that is a shell's; programs: what it starts is looked into. */
void startup_add_text(struct startup *s, const char *text, size_t n);

/* The command that it comes down to; NULL when there is none. Borrowed. */
char *const *startup_argv(const struct startup *s);
const struct startup_line *startup_line(const struct startup *s);

/*
 * A step asks, the next reads, and asks again as long as startup_ask says so. Where a container command has been found
 * already only what stands in the definition itself is asked, with `all`, else nothing.
 */
struct startup_how {
	const struct identity *as; /* NULL: nobody else's */
	size_t max_bytes;
	unsigned tier;
	const char *artifact; /* NULL: none */
	bool all;
};
bool startup_ask(struct task *t, struct startup *s, const struct startup_how *how);
void startup_read(struct gather *g, struct startup *s);

#endif
