/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_UNITFILE_H
#define FORMATS_UNITFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * The file format of systemd: units, drop-ins, Quadlets, desktop entries. Source: systemd.syntax(7),
 * systemd.unit(5) and src/shared/conf-parser.c of 252. The parser never refuses a file: what systemd
 * would ignore with a log line is kept as a `problem`, because responders are shown files as they are.
 */
struct unit_entry {
	char *section; /* without brackets; "" before the first header (systemd ignores those) */
	char *key;
	char *value;   /* outer blanks removed; a line's end that was continued is one space; specifiers kept */
	unsigned line; /* of the key, 1-based */
	unsigned file; /* index into unitfile.files */
};

struct unit_problem {
	unsigned file;
	unsigned line;
	const char *text; /* static: "missing '='", "assignment outside of a section"… */
};

/* One definition: a fragment and its drop-ins in the order they were added. { 0 } is an empty one. */
struct unitfile {
	char **files; /* NULL-terminated, as named by the callers */
	struct unit_entry *entries;
	size_t n;
	struct unit_problem *problems;
	size_t n_problems;
	bool cut; /* a file was longer than UNITFILE_MAX or had too many entries: the rest was not read */
};

#define UNITFILE_MAX ((size_t)16 << 20)
#define UNITFILE_MAX_ENTRIES ((size_t)200000)

/* Adds the text of one file: the fragment first, then each drop-in in systemd's order. */
void unitfile_add(struct unitfile *u, const char *path, const char *text, size_t n);
void unitfile_free(struct unitfile *u); /* frees what it holds */
#define _cleanup_unitfile_ CLEANUP(unitfile_free)

/*
 * The effective value of a single-valued key: the last assignment wins; NULL when there is none, and
 * also when the last one is empty (reset to the default). Borrowed. Section and key are case-sensitive, as in systemd.
 */
const struct unit_entry *unitfile_get(const struct unitfile *u, const char *section, const char *key);
const char *unitfile_value(const struct unitfile *u, const char *section, const char *key);
/* systemd's booleans: 1/yes/y/true/t/on, 0/no/n/false/f/off in any case; `otherwise` when absent or neither. */
bool unitfile_bool(const struct unitfile *u, const char *section, const char *key, bool otherwise);
/*
 * The effective values of a list key (ExecStart=, Environment=, WantedBy=…) in order: an empty
 * assignment forgets all before it. Returns how many; the array is the caller's to free, the entries are borrowed.
 */
size_t unitfile_get_all(const struct unitfile *u, const char *section, const char *key, const struct unit_entry ***ret);
/* The last assignment wherever it stands, even in a section where the manager ignores it. NULL when none. */
const struct unit_entry *unitfile_find(const struct unitfile *u, const char *key);
bool unitfile_has_section(const struct unitfile *u, const char *section);
/* "path:line"; caller frees. */
char *unit_entry_where(const struct unitfile *u, const struct unit_entry *e);

#endif
