/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_GATHERERS_H
#define COLLECT_GATHERERS_H

#include "collect/evidence.h"

/* Inside collect/: the tasks that evidence_gather() starts. Each is the first step of its chain;
 * ctx is the struct gathering. */
struct gathering {
	struct evidence *e;
	struct gather_options want;
	bool podman_started;
};

void gather_host(struct task *t, void *ctx);
void gather_systemd(struct task *t, void *ctx);
void gather_launchd(struct task *t, void *ctx);
void gather_macos(struct task *t, void *ctx); /* what else a Mac says */
void gather_unified_log(struct task *t, void *ctx);
void gather_podman(struct task *t, void *ctx); /* needs to know the container: started once it is */
void gather_run_image(struct task *t, void *ctx); /* after gather_podman: the image that the service runs, when it is not the declared one */
void gather_auth(struct task *t, void *ctx);
void gather_logs(struct task *t, void *ctx);
void gather_paths(struct task *t, void *ctx);
void gather_state(struct task *t, void *ctx);
void gather_nix(struct task *t, void *ctx);
void gather_persistence(struct task *t, void *ctx);

/* Starts tasks for what the journal has under this name of the unit. */
void gather_journal(struct task *t, struct gathering *c, const char *unit);

/* More of a script is not read: no launcher or wrapper is as long. */
#define SCRIPT_MAX (256u << 10)

/* The service's chain calls this once it has told what the service runs: what depends on it starts. */
void service_known(struct task *t, struct gathering *c);

/* Asks the scripts that a service starts: e->service.start has its command lines. False when there is none. */
bool service_program_ask(struct task *t, struct gathering *c);
/* Reads them, and the scripts that these start in turn, then calls service_known(). */
void service_program_read(struct task *t, struct gathering *c);

static inline bool is_user_scope(const struct evidence *e)
{
	return e->target.agent->scope == SCOPE_USER;
}

/* On whose behalf a path is read that a user's declaration or service names: the user's, so that root puts
 * nothing into a bundle that the user could not read. NULL for scope system. Borrowed. */
const struct identity *service_identity(const struct evidence *e);

/* A probe of `path` that is asked and remembered in f (whose path is set). */
void file_ask(struct task *t, struct file_evidence *f, const char *path, struct probe *p);
/* Fills f->answer (and ->link) once the task's answers are in. */
void file_answered(struct gather *g, struct file_evidence *f);

/* "systemd/user:agent/show/x.service" and the like; caller frees. */
char *owner_key(const struct evidence *e, const char *subject, const char *what, const char *name);

/* The payload of an answered record; NULL when there is none. */
const struct buf *answer_text(const struct answer *a);

#endif
