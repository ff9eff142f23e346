/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_UNITLINT_H
#define FORMATS_UNITLINT_H

#include "formats/plist_lint.h"
#include "formats/unitfile.h"

/*
 * What systemd (or Quadlet) makes of a definition, judged without either: what it refuses, and what
 * it ignores with a line in the journal that nobody reads. Source: systemd.unit(5), systemd.service(5),
 * podman-systemd.unit(5), load-fragment.c of 252. Ids are stable: "unit.no-exec", "unit.syntax"…
 *
 * name decides the kind: "x.service", "x.timer", "x.container"… A lint's `file` is an index into u->files.
 */
void unitfile_lint(const struct unitfile *u, const char *name, struct lints *ret);

#endif
