/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_PLAN_H
#define LIFECYCLE_PLAN_H

#include <jansson.h>

#include "collect/source.h"

/*
 * A plan is a change as data: made by pure code from evidence, printed by --dry-run, kept whole in
 * the journal before its first step, executed from there, undone from there.
 *
 * Each step says what it does, how to take it back, and how to read from the host whether it holds:
 * resume and undo decide by that reading, not by what the journal remembers.
 */
enum step_act {
	STEP_RUN,    /* run cmd (undo: undo_cmd, none when NULL) */
	STEP_MOVE,   /* take the file or link `path` away into the vault (undo: put it back as it was) */
	STEP_LINK,   /* make the symbolic link `path` -> `target` (undo: remove it if it still is that link) */
	STEP_WRITE,  /* give the file `path` this content and mode; what was there goes to the vault, and without a vault name
			nothing may be there (undo: what was there, or nothing; a file that somebody changed since stays) */
	STEP_MKDIR,  /* make the directory `path` (undo: remove it if it is empty) */
	STEP_WAIT,   /* change nothing: wait until `holds`, at most settle_ms */
};

/* How a probe's answer says that a step holds. */
enum expect_kind {
	EXPECT_NOTHING, /* no way to read it: the act's own success counts */
	EXPECT_ABSENT,	/* LINK or FILE: no such file */
	EXPECT_WORD,	/* CMD: the first word of stdout is one of words */
	EXPECT_EXIT,	/* CMD: exit status is `status` */
	EXPECT_TARGET,	/* LINK: a symbolic link to `words[0]` */
	EXPECT_CONTENT,	/* FILE: its SHA-256 is `words[0]`, and its mode is `status` */
	EXPECT_DIRECTORY, /* LINK: a directory */
	EXPECT_DISABLED, /* CMD, launchctl print-disabled: the label `words[0]` is disabled (status 1), or is not (0) */
};

struct expect {
	enum expect_kind kind;
	struct probe *probe;
	char **words;
	int status;
};

struct step {
	char *id;	/* unique in the plan, stable: "stop", "move-unit" */
	char *title;	/* for people, and for custody: "stop org.example.service" */
	char *undo_title; /* "put back unit /etc/…"; NULL when there is nothing to take back */
	enum step_act act;
	struct probe *cmd;
	struct probe *undo_cmd;
	char *path;
	char *target;
	char *content;	     /* WRITE: text */
	uint32_t mode;	     /* WRITE, MKDIR */
	struct identity *as; /* MOVE, LINK, WRITE, MKDIR: whose directory it is; what root does there is done with their rights */
	char *vault;	     /* MOVE, WRITE: the name in the vault */
	struct expect holds;  /* true once the step is done */
	struct expect undone; /* true once it is taken back; EXPECT_NOTHING: run the undo and believe it */
	struct expect doomed; /* WAIT: once this is true, it never will hold */
	uint32_t settle_ms;   /* the change goes on after cmd has ended (bootout): read back over and over, at most so long */
	bool read_back_decides; /* cmd may exit with an error and `holds` be true all the same: then it is done */
	bool optional;	      /* a failure is recorded and the plan goes on */
	bool undo_always;     /* run undo_cmd even when `undone` holds already (daemon-reload) */
	bool undo_only;	      /* nothing to do on the way there: it stands in the plan for its undoing */
};

struct plan {
	char *verb;   /* "quarantine", "install"… */
	char *agent;
	struct step **steps;
	size_t n_steps;
};

struct plan *plan_new(const char *verb, const char *agent);
struct step *plan_add(struct plan *p, const char *id, enum step_act act, const char *title_fmt, ...)
	__attribute__((format(printf, 4, 5)));
void plan_free(struct plan *p);
void plan_freep(struct plan **p);

/* Steps that write a file or make a directory, with what they are read back by. vault NULL: the file must be new. */
struct step *plan_add_write(struct plan *p, const char *id, const char *what, const char *path, const char *content, uint32_t mode,
	const char *vault);
struct step *plan_add_mkdir(struct plan *p, const char *id, const char *path, uint32_t mode);

/* Both ways without loss: the journal's "plan" line. */
json_t *plan_to_json(const struct plan *p);
struct plan *plan_from_json(const json_t *j, struct err *err);

/* Asks the probe of e. 1: it holds, 0: it does not, negative: could not be read. An EXPECT_NOTHING never holds. */
int expect_holds(struct source *s, const struct expect *e, struct err *err);

#endif
