/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_MACOS_BTM_H
#define FORMATS_MACOS_BTM_H

#include <stdint.h>

#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * `sfltool dumpbtm` of macOS 13 and later: what Background Task Management knows, which is what System Settings shows under Login
 * Items. Apple does not document it. Whoever is switched off there is "disallowed", and launchd does not start them, whatever
 * launchctl says:
 *
 *	doc    := (bar NL " Records for UID " N " : " UUID NL bar NL line*)*
 *	line   := " #" N ":" (a record begins) | blanks key ": " value | other
 *	Type:        legacy agent (0x10008)	  names and a number; 8 an agent, 0x10 a daemon, 0x10000 a list from the disk
 *	Disposition: [enabled, disallowed, visible, notified] (0x9)	  1 enabled, 2 allowed, 4 hidden, 8 notified; (9) on macOS 13
 *	Identifier:  16.com.example.daemon	  the type's number in front of the label; on macOS 13 the label alone
 *	URL:         file:///Library/LaunchDaemons/com.example.daemon.plist	  percent-encoded; or relative to the parent; or (null)
 *
 * Numbered lines below "Embedded Item Identifiers:" are not records. A key that stands twice keeps its first value. A name is
 * printed as its app has it: it may imitate what follows, so this explains and never excuses.
 */
struct macos_btm_item {
	int64_t uid;	    /* whose section it stands in: -2 and 0 the system's */
	char *name;	    /* NULL: none, or "(null)"; so all texts */
	char *developer;    /* what System Settings shows it under */
	char *identifier;   /* the label, the type's number taken off */
	char *path;	    /* of URL, when that is a file's; decoded */
	char *executable;
	char *disposition;  /* as printed */
	bool known;	    /* the disposition was understood: then */
	bool enabled, allowed;
};
struct macos_btm {
	struct macos_btm_item *v;
	size_t n;
};
int macos_btm_parse(const char *p, size_t n, struct macos_btm *ret, struct err *err); /* ERR_SYNTAX: no section at all */
void macos_btm_free(struct macos_btm *b);
#define _cleanup_macos_btm_ CLEANUP(macos_btm_free)

/* The item of a property list (path may be NULL), else of a label; in the section of uid, else in the system's. NULL without. */
const struct macos_btm_item *macos_btm_find(const struct macos_btm *b, int64_t uid, const char *label, const char *path);

#endif
