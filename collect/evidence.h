/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_EVIDENCE_H
#define COLLECT_EVIDENCE_H

#include "collect/gather.h"
#include "collect/host.h"
#include "collect/launchd.h"
#include "collect/persistence.h"
#include "formats/authfile.h"
#include "formats/declaration.h"
#include "formats/podman.h"
#include "formats/sdshow.h"
#include "formats/shellscan.h"
#include "formats/unitcmd.h"
#include "formats/unitfile.h"

/*
 * Evidence: what the records of one agent say, typed. Checks read this and nothing else, so they
 * judge a live host and a bundle alike. Whatever could not be known is told apart from what is not so:
 * the outcome of the record stands beside each part, and NOT_COLLECTED is never ABSENT.
 *
 * All strings and structs belong to the evidence; answers belong to its gathering, which it owns.
 */

/* Which agent, whose, and what service of the host it is. */
struct target {
	struct agent *agent;	/* its declaration; for an undeclared service what was inferred; never NULL */
	bool declared;
	struct user owner;	/* who the service runs for: the user, or root for scope system */
	char *unit;		/* Linux: the unit's name. macOS: the label */
	char *owner_key;	/* "system" or "user:NAME": what record keys of this owner begin with */
	char *definition;	/* where the definition was named by path; NULL otherwise */
};
void target_free(struct target *t);
/* Fills what follows from agent and owner. */
void target_complete(struct target *t);

/* A symbolic link that enables or aliases the unit. */
struct link_evidence {
	char *path;
	char *target;
	uint32_t uid, gid;
};

/* One unit of the systemd manager: the service, or what triggers it. */
struct unit_evidence {
	char *name;
	const struct answer *show; /* the systemctl show record */
	struct unit_props *props;  /* NULL: not collected or not loaded; an array of n_props, the first is the unit's */
	size_t n_props;
	struct file_evidence fragment;
	struct file_evidence *drop_ins;
	size_t n_drop_ins;
	struct file_evidence source;  /* Quadlet or what else generated it */
	struct unitfile definition;   /* fragment and drop-ins as read from disk, merged */
	struct link_evidence *links;
	size_t n_links;
};

/* What the journal has about the service from its manager. */
struct events {
	const struct answer *answer; /* NULL: not asked */
	uint64_t entries;	     /* at most GATHER_EVENTS, the last */
	uint64_t restarts_scheduled;
	uint64_t failures;
	uint64_t *start_times;	     /* of each start, sorted */
	size_t n_starts, room;
};

struct service_evidence {
	struct unit_evidence unit;
	struct unit_evidence *triggers; /* timers, sockets, paths that start it */
	size_t n_triggers;
	struct unit_cmds exec_start;	/* of the definition on disk; of systemctl show where that could not be read */
	struct startup start;		/* how its command lines were looked through; what came of it is in the next four */
	struct file_evidence program;	/* the script that runs the container, else the first program */
	struct shell_scan script;	/* the container commands in it */
	struct shell_command run;	/* the container command that the service comes down to; program NULL: none found */
	bool run_in_script;		/* found in the script, not in the unit itself */
	struct events events;
	const struct answer *journal;	/* its entries, and the manager's of it, whole; NULL: not asked */
	uint64_t journal_asked;		/* at most so many, the last */
};

/* One Podman engine: the owner's own, or the machine behind a connection. */
struct engine {
	char *name;		  /* "local", "machine" */
	char *connection;	  /* NULL for the local one */
	char *socket;		  /* API socket that was tried; NULL: none known */
	const struct answer *ping; /* NULL: not asked */
	bool api;		  /* _ping said OK: the rest was asked over the API */
	const struct answer *asked; /* what tells whether it answers: the inspect of the container, the list where that says nothing */
	bool answers;		  /* it told of the container: there it is, or there is none; or of all */
	struct podman_ps *containers; /* all of the list; a row of the inspected one where no list was asked */
	size_t n_containers;
	const struct answer *container; /* inspect of the agent's container; NULL: not asked */
	struct podman_container *inspect; /* NULL: not there or not collected */
	const struct answer *image;
	struct podman_image *image_inspect;
	const struct answer *run_image; /* of what the service really runs, when that is another image */
	struct podman_image *run_image_inspect;
	const struct answer *images_answer; /* WANT_LISTS */
	struct podman_image *images;
	size_t n_images;
	const struct answer *log;
};

struct podman_evidence {
	const struct answer *version_answer; /* podman --version, or the _ping that named the version */
	struct version version;
	const struct answer *machines_answer;
	struct podman_machine *machines;
	size_t n_machines;
	const struct answer *machine_answer; /* machine inspect of the one that is needed */
	struct podman_machine *machine;	     /* an array of n_machine */
	size_t n_machine;
	const struct answer *connections_answer;
	struct podman_connection *connections;
	size_t n_connections;
	struct engine engines[2];
	size_t n_engines;
	char *container_name; /* what was asked for; NULL: none known */
	char *image_ref;     /* the declared image, else the one that the service runs */
	char *run_image_ref; /* what the service runs, when it differs; NULL otherwise */
};

/* One file that Podman could consult for credentials, in its order. */
struct auth_evidence_file {
	enum auth_place place;
	struct file_evidence file;
	struct authfile *parsed; /* NULL: absent, unreadable or broken */
	bool declared;		 /* the declaration names it */
	bool commanded;		 /* the command that the service runs names it */
};
struct auth_evidence {
	struct auth_evidence_file *files;
	size_t n_files;
	unsigned only_a_run_tells; /* 1 << place: the command or its environment names a file there that cannot be known before */
};
/* What the service has from the Nix or Guix store. */
struct nix_evidence {
	char *path; /* file of the store that the service starts, or is defined by; NULL: none */
	char *item; /* "/nix/store/<hash>-name" of it */
	bool guix;
	const struct answer *item_link; /* is the item there? */
	const struct answer *deriver;	/* nix-store --query --deriver */
	const struct answer *roots;	/* nix-store --query --roots: what keeps it from being collected */
	struct file_evidence *profiles; /* links of profiles, whose target names the generation */
	size_t n_profiles;
};

struct evidence {
	struct host host;
	struct user caller;
	struct user owner;		   /* the target's owner as the host tells: linger, manager; id.name NULL: not collected */
	const struct answer *owner_answer;
	struct target target;
	struct service_evidence service; /* macOS: only exec_start, program, script and run; the rest is in launchd */
	struct launchd_evidence launchd;
	struct podman_evidence podman;
	struct auth_evidence auth;
	struct file_evidence *logs;
	size_t n_logs;
	struct file_evidence declaration; /* the file it came from */
	struct file_evidence provenance, history, installed; /* what we keep about it: see docs/formats/state.md */
	struct file_evidence launcher; /* of a Quadlet, which has it asked before each start; of anything else it is service.program */
	struct file_evidence *paths;	  /* `link` only: directories of logs, the command, other places of the definition */
	size_t n_paths;
	struct persistence persistence;	  /* what else on the host starts by itself */
	struct nix_evidence nix;
	struct gather *gather;		  /* holds every answer; owned */
};

/* Another Podman does the work: as declared, as the command says, or its environment. WANT_AUTH or WANT_SERVICE. */
bool evidence_is_remote(const struct evidence *e);

/* A path of the unit's definition as its manager expands it; NULL when that is not known. Caller frees. */
char *evidence_unit_path(const struct evidence *e, const char *written);
/* The file that StandardOutput= or StandardError= of the unit writes to; NULL when it is none, or not known. Caller frees. */
char *evidence_unit_log(const struct evidence *e, const char *key);

/* What to ask. Less is faster: status needs little, a bundle everything. */
enum gather_want {
	WANT_SERVICE = 1 << 0,	  /* systemctl show, definition, links, program */
	WANT_EVENTS = 1 << 1,	  /* what the manager's log tells of it: starts, failures */
	WANT_CONTAINER = 1 << 2,  /* inspect; the list of all only where that does not tell */
	WANT_IMAGE = 1 << 3,
	WANT_PODMAN = 1 << 4,	  /* its version; the machine and the connection where the agent needs one */
	WANT_INFO = 1 << 5,	  /* what only people read, and slow: podman info, all containers, systemctl status */
	WANT_AUTH = 1 << 6,
	WANT_LOGS = 1 << 7,	  /* log files */
	WANT_PATHS = 1 << 8,	  /* directories of logs, other places where the label may be */
	WANT_PERSISTENCE = 1 << 9, /* all definitions of the owner and the system, but packages' */
	WANT_NIX = 1 << 10,
	/* in place of CONTAINER and IMAGE where many agents are looked at: the lists, which one question answers for all */
	WANT_LISTS = 1 << 11,
	WANT_CLIENT = 1 << 12,	  /* podman --version even where the API names the version: is the program there? */
	WANT_MACHINES = 1 << 13,  /* machines and connections even where the agent needs none */
	/* what people read, and no check does */
	WANT_JOURNAL = 1 << 14,
	WANT_CONTAINER_LOG = 1 << 15, /* with CONTAINER */
	WANT_ALL = ((1 << 16) - 1) & ~WANT_LISTS,
};

struct gather_options {
	unsigned want;
	size_t log_end;		  /* bytes of each log file's end that are read and held; 0: STREAM_KEPT of GATHER_LOG_LIMIT are held */
	unsigned journal_entries; /* the last so many; 0: GATHER_JOURNAL_ENTRIES */
};
#define GATHER_LOG_LIMIT (2ull << 30)
#define GATHER_JOURNAL_ENTRIES 10000
#define GATHER_EVENTS 10000
#define GATHER_CONTAINER_LINES 5000 /* of a container's log, its last */

/* Gathers the evidence of one target. target is handed over. Fails only when the source itself
 * breaks; what a host does not tell is in the outcomes. */
int evidence_gather(struct source *s, struct target *target, const struct gather_options *o, struct evidence **ret, struct err *err);
void evidence_free(struct evidence *e);
void evidence_freep(struct evidence **e);
#define _cleanup_evidence_ CLEANUP(evidence_freep)

/* Of e->paths; NULL when it was not asked. */
const struct file_evidence *evidence_path(const struct evidence *e, const char *path);

/* The row of `machine list` that the agent needs: the declared connection's, else the default; NULL when there is none. */
const struct podman_machine *evidence_machine(const struct evidence *e);

/* The agent's image in g, by inspect or from the list; NULL when it is not there, or not known. */
const struct podman_image *engine_image(const struct evidence *e, const struct engine *g);

static inline bool engine_answers(const struct engine *g)
{
	return g && g->answers;
}

/* The engine that has the container, else the first; NULL when none was asked. */
const struct engine *evidence_engine(const struct evidence *e);

#endif
