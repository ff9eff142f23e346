/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_PLIST_GATE_H
#define FORMATS_PLIST_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"

/*
 * What stands before libplist: it recurses once per level and copies shared objects of a binary
 * plist once per reference, so nesting and expansion are bounded here, with a stack of our own. XML
 * is held to the eleven elements that a property list has, in the order it may have them; the
 * messages are plutil's where plutil has one. Limits are those of plist.h.
 */
struct plist_gate {
	bool binary;
	int empty_bool_line; /* first <true></true> or <false></false>: plutil takes it, launchd does not; 0 none */
};
int plist_gate_check(const void *p, size_t n, struct plist_gate *ret, struct err *err);

#endif
