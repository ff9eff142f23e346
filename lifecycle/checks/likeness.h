/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_CHECKS_LIKENESS_H
#define LIFECYCLE_CHECKS_LIKENESS_H

#include "formats/sdshow.h"

/*
 * Whether two command lines are the same one, where one is written and the other is what the manager prints: joined by
 * blanks, its quoting lost. So words are compared blank by blank. Findings name programs only: arguments may hold a secret.
 */
enum likeness { LIKE_ALL, LIKE_PROGRAM, LIKE_NOTHING };
/* Both begin with their program. */
enum likeness likeness_of(char *const *a, char *const *b);

/* The blank-separated words of an argv, with what the manager would put for %h; NULL when there are none. Caller frees. */
char **likeness_words(char *const *argv, const char *home);
/* Of the command that the manager has loaded; NULL when it did not tell. Caller frees. */
char **likeness_loaded(const struct unit_props *p);

/* The same program: a bare name is looked up, and /bin is /usr/bin. */
bool likeness_program(const char *a, const char *b);
/* What a manager or a shell would put for the word is not known; a redacted one may have been several. */
bool likeness_open(const char *word);

#endif
