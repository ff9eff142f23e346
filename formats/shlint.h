/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_SHLINT_H
#define FORMATS_SHLINT_H

#include "formats/plist_lint.h"

/*
 * Whether a /bin/sh script is POSIX sh, and uses no options that only GNU's tools have: macOS and
 * Debian's dash run neither. Read as text with quotes, comments and here-documents taken out. A script
 * whose #! line names bash or zsh is judged for GNU options alone. Ids: "sh.bashism", "sh.gnu", "sh.no-interpreter".
 */
void sh_lint(const char *text, size_t n, struct lints *ret);

#endif
