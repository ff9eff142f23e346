/* SPDX-License-Identifier: MIT */
#ifndef REDACT_WORDS_H
#define REDACT_WORDS_H

#include <stdbool.h>

#include "redact/decoded.h"

/* How a line splits into words. */
enum word_style {
	WORDS_SYSTEMD, /* quotes, C escapes, %% is % */
	WORDS_SHELL,   /* quotes, backslashes; ; | & ( ) < > and line feeds end a command */
	WORDS_SPACE,   /* spaces alone: what systemctl show prints of argv */
};
struct words {
	const char *p;
	size_t at, n;
	enum word_style style;
	bool ended; /* a command ended before the word that word_next just gave */
};
/* The next word; false at the end. The caller frees ret (decoded_free). A quote that is not closed
 * goes to the end. */
bool word_next(struct words *w, struct decoded *ret);

#endif
