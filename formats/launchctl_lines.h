/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_LAUNCHCTL_LINES_H
#define FORMATS_LAUNCHCTL_LINES_H

#include "formats/launchctl_print.h"

/*
 * The lines of launchctl's braces-and-TABs output, for the parsers of service and domain.
 * s points into the input, which must outlive this; it is not terminated.
 */
struct lc_line {
	const char *s; /* behind the indentation, without trailing carriage return */
	size_t n;
	size_t depth;
	const char *raw; /* with the indentation */
	size_t raw_n;
};
struct lc_lines {
	struct lc_line *v;
	size_t n;
	size_t unit; /* blanks per level; 0 for TABs */
};
void lc_lines_read(struct lc_lines *l, const char *p, size_t n);
void lc_lines_free(struct lc_lines *l);
#define _cleanup_lc_lines_ CLEANUP(lc_lines_free)

static inline bool lc_blank(const struct lc_line *l)
{
	return l->n == 0;
}
bool lc_is(const struct lc_line *l, const char *s);
bool lc_starts(const struct lc_line *l, const char *s);

/* "key = value", or with " => " when arrow; key and value are the caller's. False when there is no such separator. */
bool lc_split(const struct lc_line *l, bool arrow, char **ret_key, char **ret_value);
/* "key = {", "key => {", `"key" => {`: the key without quotes, else NULL. */
char *lc_block_key(const struct lc_line *l);
/* The text without enclosing double quotes. */
char *lc_unquote(const char *s, size_t n);

/* The lines of the block that line `head` opens are [head + 1, *ret_end); the return value is where
 * to go on. `free` blocks hold arbitrary text: they end only at a brace that blank, brace or end
 * follows. Others end at the first line that is as shallow as their head; *ret_broken says that it
 * was not their closing brace. */
size_t lc_block(const struct lc_lines *l, size_t head, bool free, size_t *ret_end, bool *ret_broken);

/* A list that grows in amortised constant time; v is a strv. */
struct lc_list {
	char **v;
	size_t n, cap;
};
void lc_list_take(struct lc_list *l, char *s); /* s is handed over */
/* Counts the line, and keeps it when it is among the first LAUNCHCTL_UNKNOWN_KEPT. */
void lc_unknown(char ***v, size_t *count, const struct lc_line *l);
void lc_pairs_add(struct launchctl_pairs *p, char *key, char *value); /* both handed over */
void lc_pairs_free(struct launchctl_pairs *p);
/* Whole-string decimal, or the number that the value starts with ("65 s"); -1 otherwise. */
int64_t lc_number(const char *s);
/* "a | b | c" */
char **lc_flags(const char *s);
/* A row of a domain's services table or of `list`: pid, status, label, blanks between. */
bool lc_row_parse(const char *s, size_t n, struct launchctl_row *ret);
void lc_row_free(struct launchctl_row *r);
/* `"label" => disabled|enabled|true|false` */
bool lc_override_parse(const struct lc_line *l, struct launchctl_override *ret);

#endif
