/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_LAUNCHD_H
#define COLLECT_LAUNCHD_H

#include "collect/gather.h"
#include "formats/launchctl.h"
#include "formats/macos.h"
#include "formats/macos_btm.h"
#include "formats/plist_lint.h"

/*
 * What launchd says of one label, and what lies on disk: part of struct evidence (evidence.h), where
 * ownership and outcomes are explained. A label may be loaded in any domain: an agent of
 * /Library/LaunchAgents is in every session that is open, under gui/UID.
 */
struct launchd_domain {
	char *target;		       /* "gui/501", "user/501", "system" */
	uint32_t uid;		       /* of gui/ and user/; 0 for system */
	const struct answer *print;    /* launchctl print <target>/<label>; exit 113: not loaded there, 112: no such domain */
	struct launchctl_service *service; /* NULL: not loaded there, or not known */
};

/* print-disabled of one user, or of the system; the database file where launchctl could not be asked. */
struct launchd_disabled {
	char *target;			/* "user/501", "system" */
	const struct answer *answer;	/* of launchctl print-disabled */
	const struct answer *database;	/* of the file below /var/db, NULL: not asked */
	struct launchctl_overrides *overrides; /* NULL: not known */
	int override;			/* of our label: 1 disabled, 0 enabled, -1 none or not known */
};

/* A property list that is for our label, by its Label or by its name. */
struct launchd_definition {
	struct file_evidence file; /* outcome ABSENT: somebody names it, and it is not there */
	enum launchd_dir dir;
	bool has_label;		    /* its Label is ours; false: only its name is, or it was not read */
	struct launchd_plist *plist; /* NULL: not read, or no property list */
	struct lints lints;	    /* of its bytes, owner and mode */
	struct restart_budget budget; /* of plist */
	char **command;		    /* what it runs, Nix's wrapping taken off; NULL: nothing */
	bool nix_wrapped;
	char *store_item;	    /* "/nix/store/…-name" that the command lies in; NULL: none */
	const struct answer *store; /* the LINK answer of store_item: ABSENT means collected */
};

/* A directory that launchd reads; not listed (DENIED by TCC, say) is not empty. */
struct launchd_listing {
	char *path;
	const struct answer *answer;
	size_t files; /* property lists in it */
	size_t unread; /* of them could not be read or parsed: any of those may hold the label */
};

struct launchd_log {
	const struct answer *answer; /* log show; NULL: not asked */
	uint64_t entries, bad_lines;
	uint64_t throttled, exits, failures, bootouts;
	uint64_t first_us, last_us;
};

struct launchd_evidence {
	bool asked; /* false on other platforms: all is empty then */
	struct launchd_domain *domains;
	size_t n_domains;
	struct launchd_disabled disabled[2]; /* the owner's, the system's */
	struct launchd_definition *definitions; /* the first is the one that is loaded, or should be */
	size_t n_definitions;
	struct launchd_listing listings[3]; /* ~/Library/LaunchAgents, /Library/LaunchAgents, /Library/LaunchDaemons */
	struct launchd_log log;
	const struct answer *version_answer;
	struct macos_version version; /* .version NULL: not known */
	const struct answer *enrollment_answer;
	struct macos_enrollment enrollment;
	bool has_enrollment;
	const struct answer *btm_answer; /* sfltool dumpbtm, which only root may ask; NULL: not asked */
	const struct answer *btm_store;  /* the listing of its database's directory: DENIED to whoever may not see it */
	struct macos_btm btm;		 /* n 0: not known */
};
void launchd_evidence_free(struct launchd_evidence *l);

/* The domain in which the label is loaded; NULL when in none that was asked. */
const struct launchd_domain *launchd_loaded(const struct launchd_evidence *l);
/* Whether we may say that it is not: every domain answered. */
bool launchd_loaded_known(const struct launchd_evidence *l);
/* How many definitions on disk claim the label. */
size_t launchd_claims(const struct launchd_evidence *l);

#endif
