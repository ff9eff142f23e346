/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_PERSISTENCE_H
#define COLLECT_PERSISTENCE_H

#include "collect/gather.h"
#include "collect/host.h"
#include "collect/startup.h"
#include "formats/plist.h"
#include "formats/unitfile.h"

/*
 * Everything on a host that starts programs by itself, as its files say: units and timers of the
 * system and of users with their drop-ins, Quadlets, XDG autostart entries, crontabs and the scripts of
 * cron.hourly and its like, rc.local and the scripts of init.d, launchd jobs. Wrapper scripts are read, so that a container command inside one
 * is found. A crontab that its user may not list is asked of crontab -l.
 */
enum definition_kind { DEFINITION_UNIT, DEFINITION_QUADLET, DEFINITION_AUTOSTART, DEFINITION_CRON, DEFINITION_CRON_SCRIPT, DEFINITION_INIT_SCRIPT,
	DEFINITION_PLIST };
const char *definition_kind_name(enum definition_kind k); /* "unit", "Quadlet", … */

struct definition_file {
	char *path;
	const struct answer *answer; /* borrowed from the gathering; NULL not asked */
};

struct definition {
	enum definition_kind kind;
	char *name;   /* the file's */
	char *path;
	char *owner;  /* "system", or the user it starts for */
	char *home;   /* of that user */
	bool vendor;  /* in a directory that packages install to */
	bool listed;  /* it was found as a file; false: what crontab -l said */
	struct definition_file file;
	struct definition_file *drop_ins;
	size_t n_drop_ins;
	struct unitfile unit;	     /* UNIT, QUADLET, AUTOSTART */
	struct launchd_plist plist;  /* PLIST */
	bool plist_ok;
	struct startup start;	     /* what it comes down to; of plists their arguments, of crontabs their text */
};

struct definition_dir {
	char *path;
	const struct answer *answer;
};

struct persistence {
	struct definition **v;
	size_t n;
	struct definition_dir *dirs; /* where we looked */
	size_t n_dirs;
};
/* What users may not list on any host: crontabs (of others they are nobody's business, and of one's own crontab -l
 * tells) and /run/containers, which root's Podman makes. */
bool persistence_is_roots(const char *dir);
void persistence_free(struct persistence *p); /* frees what it holds */

/* Whose definitions: users besides the system's own. */
struct persistence_owner {
	const struct identity *id;
};

/* Adds the task to g; p must stay, and is filled when gather_run() returns. vendor: read packages' directories too. */
void persistence_start(struct gather *g, struct persistence *p, enum platform platform, const struct persistence_owner *owners,
	size_t n_owners, bool vendor);

#endif
