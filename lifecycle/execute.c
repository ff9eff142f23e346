/* SPDX-License-Identifier: MIT */
#include "lifecycle/execute.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/text.h"
#include "lifecycle/place.h"
#include "lifecycle/vault.h"

static void report(struct executor *x, const struct step *s, const char *result, bool failed)
{
	if (x->report)
		x->report(x->ctx, s, result, failed);
}

static int note(struct executor *x, const char *event, const struct step *s, const char *result, struct err *err)
{
	if (!x->journal)
		return 0;
	return journal_event(x->journal, source_now_us(x->host), event, s->id, result ? "result" : NULL,
		result ? json_string(result) : NULL, err);
}

/* Runs a command to its end: 0 when it exits with 0, else the first line of what it said is in err. */
static int run_command(struct executor *x, const struct probe *cmd, struct err *err)
{
	_cleanup_answer_ struct answer a = { 0 };
	int r = source_get(x->host, cmd, &a, err);

	if (r)
		return r;
	if (a.rec.outcome == OUTCOME_OK && a.rec.status == 0 && !a.rec.signal)
		return 0;
	_cleanup_free_ char *command = probe_command(cmd);
	const struct buf *said = a.err.len ? &a.err : &a.out;
	_cleanup_free_ char *line = mem_strndup(buf_str(said), strcspn(buf_str(said), "\r\n"));
	if (!record_answered(&a.rec))
		return err_set(err, ERR_CHANGE, "'%s': %s", command, a.rec.reason ? a.rec.reason : outcome_name(a.rec.outcome));
	return err_set(err, ERR_CHANGE, "'%s' exited with %d%s%s", command, a.rec.status, *line ? ": " : "", line);
}

static int make_link(const struct step *s, struct err *err)
{
	_cleanup_place_ struct place p = { .dir = -1 };
	int r = place_open(s->path, s->as, &p, err);

	if (r)
		return r;
	if (place_symlink(&p, s->target))
		return err_errno(err, errno, "cannot link %s", s->path);
	place_sync(&p);
	return 0;
}

/* ---- files ---- */

static char *new_name(const struct place *p)
{
	return mem_printf(".%s.sourceos-new", p->name);
}

static int fill(const struct place *p, const char *name, const struct step *s)
{
	place_unlink(p, name); /* of an attempt that was killed */
	_cleanup_fd_ int fd = place_create(p, name, 0600);

	if (fd < 0 || write_all(fd, s->content, strlen(s->content)) || fchmod(fd, (mode_t)s->mode) || fsync(fd))
		return -1;
	return 0;
}

/* Until the new file has its name, the old one is whole in its place. */
static int write_file(struct executor *x, const struct step *s, struct err *err)
{
	_cleanup_place_ struct place p = { .dir = -1 };
	int r = place_open(s->path, s->as, &p, err);

	if (r)
		return r;
	_cleanup_free_ char *name = new_name(&p);
	if (s->vault)
		r = vault_keep(x->vault, s->vault, s->path, s->as, err);
	if (r < 0)
		return r;
	if (fill(&p, name, s) || (s->vault ? place_rename_over(&p, name) : place_rename_new(&p, name))) {
		int saved = errno;
		place_unlink(&p, name);
		return saved == EEXIST ? err_set(err, ERR_CHANGE, "%s appeared meanwhile; it stays", s->path)
				       : err_errno(err, saved, "cannot write %s", s->path);
	}
	place_sync(&p);
	return 0;
}

/* 1: the file is what was written. 0: nothing is there. -1: something else is. */
static int still_ours(const struct place *p, const struct step *s)
{
	_cleanup_fd_ int fd = place_read(p);
	_cleanup_buf_ struct buf b = { 0 };

	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	if (fd_read(fd, s->path, strlen(s->content) + 1, &b, NULL))
		return -1;
	return b.len == strlen(s->content) && memcmp(buf_str(&b), s->content, b.len) == 0 ? 1 : -1;
}

static int unwrite_file(struct executor *x, const struct step *s, struct err *err)
{
	_cleanup_place_ struct place p = { .dir = -1 };
	int r = place_open(s->path, s->as, &p, err);

	if (r)
		return r == -ERR_ABSENT ? 0 : r;
	_cleanup_free_ char *name = new_name(&p);
	place_unlink(&p, name);
	int ours = still_ours(&p, s);
	bool had = s->vault && vault_has(x->vault, s->vault);
	if (ours == 1 && place_unlink(&p, NULL))
		return err_errno(err, errno, "cannot remove %s", s->path);
	place_sync(&p);
	if (had)
		return vault_return(x->vault, s->vault, s->as, err);
	if (ours < 0 && !s->vault)
		return err_set(err, ERR_CHANGE, "%s is no longer what was written; it stays", s->path);
	return 0;
}

static int make_directory(const struct step *s, struct err *err)
{
	_cleanup_place_ struct place p = { .dir = -1 };
	int r = place_open(s->path, s->as, &p, err);

	if (r)
		return r;
	if (place_mkdir(&p, s->mode))
		return err_errno(err, errno, "cannot make the directory %s", s->path);
	place_sync(&p);
	return 0;
}

static int remove_directory(const struct step *s, struct err *err)
{
	_cleanup_place_ struct place p = { .dir = -1 };
	int r = place_open(s->path, s->as, &p, err);

	if (r)
		return r == -ERR_ABSENT ? 0 : r;
	/* what came into it since is not ours to remove */
	if (place_rmdir(&p) && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST)
		return err_errno(err, errno, "cannot remove the directory %s", s->path);
	return 0;
}

/* ---- steps ---- */

static int act(struct executor *x, const struct step *s, struct err *err)
{
	switch (s->act) {
	case STEP_RUN:
		return run_command(x, s->cmd, err);
	case STEP_MOVE:
		return vault_take(x->vault, s->vault, s->path, s->as, err);
	case STEP_LINK:
		return make_link(s, err);
	case STEP_WRITE:
		return write_file(x, s, err);
	case STEP_MKDIR:
		return make_directory(s, err);
	case STEP_WAIT:
		return 0;
	}
	return 0;
}

/* What is read back after cmd; where the change goes on in the background, until it shows or the time is over. */
static int read_back(struct executor *x, const struct step *s, struct err *err)
{
	const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
	uint64_t until = source_now_us(x->host) + s->settle_ms * 1000ull;

	for (;;) {
		int holds = expect_holds(x->host, &s->holds, err);
		if (holds == 1 || source_now_us(x->host) >= until || expect_holds(x->host, &s->doomed, NULL) == 1)
			return holds;
		nanosleep(&pause, NULL);
	}
}

static int step_execute(struct executor *x, const struct step *s, struct err *err)
{
	if (s->undo_only)
		return note(x, "intent", s, NULL, err);
	int r = expect_holds(x->host, &s->holds, NULL);

	/* A vaulted file that is gone from its place was taken by us; one that was never there needs no taking. */
	if (r == 1 && !(s->act == STEP_MOVE && vault_has(x->vault, s->vault))) {
		r = note(x, "already", s, NULL, err);
		report(x, s, "already", false);
		return r;
	}
	r = note(x, "intent", s, NULL, err);
	if (r)
		return r;
	r = act(x, s, err);
	if ((r == 0 || s->read_back_decides) && s->holds.kind != EXPECT_NOTHING) {
		struct err said = *err;
		int holds = read_back(x, s, err);
		if (holds == 0 && r)
			*err = said;
		else if (holds == 0 && s->act == STEP_WAIT)
			err_set(err, ERR_CHANGE, "it did not come to be within %u s", s->settle_ms / 1000);
		else if (holds == 0)
			err_set(err, ERR_CHANGE, "it was done, and what was read back does not show it");
		r = holds == 1 ? 0 : -err->code;
	}
	if (r == 0) {
		report(x, s, "done", false);
		return note(x, "done", s, "ok", err);
	}
	struct err why = *err;
	note(x, "failed", s, why.msg, NULL);
	report(x, s, why.msg, true);
	if (s->optional)
		return 0;
	return err_set(err, ERR_CHANGE, "%s: %s", s->title, why.msg);
}

int plan_execute(const struct plan *p, struct executor *x, struct err *err)
{
	int r = 0;

	for (size_t i = 0; i < p->n_steps && r == 0; i++)
		r = step_execute(x, p->steps[i], err);
	return r;
}

int plan_holds(const struct plan *p, struct executor *x, struct err *err)
{
	for (size_t i = 0; i < p->n_steps; i++) {
		const struct step *s = p->steps[i];
		if (s->holds.kind == EXPECT_NOTHING || s->optional)
			continue;
		int r = expect_holds(x->host, &s->holds, err);
		if (r == 0)
			return err_set(err, ERR_CHANGE, "%s: no longer so", s->title);
		if (r < 0)
			return err_prefix(err, "%s", s->title);
	}
	return 0;
}

static int remove_link(const struct step *s, struct err *err)
{
	_cleanup_place_ struct place p = { .dir = -1 };
	char target[4096];
	int r = place_open(s->path, s->as, &p, err);

	if (r)
		return r == -ERR_ABSENT ? 0 : r;
	ssize_t n = readlinkat(p.dir, p.name, target, sizeof(target));
	if (n < 0 && errno == ENOENT)
		return 0;
	if (n != (ssize_t)strlen(s->target) || memcmp(target, s->target, (size_t)n) != 0)
		return err_set(err, ERR_CHANGE, "%s is no longer the link that was made; it stays", s->path);
	return place_unlink(&p, NULL) ? err_errno(err, errno, "cannot remove %s", s->path) : 0;
}

static int undo(struct executor *x, const struct step *s, struct err *err)
{
	switch (s->act) {
	case STEP_RUN:
		if (!s->undo_cmd || (!s->undo_always && expect_holds(x->host, &s->undone, NULL) == 1))
			return 0;
		return run_command(x, s->undo_cmd, err);
	case STEP_MOVE:
		/* begun, and killed before the copy was whole: the original never left its place */
		return vault_has(x->vault, s->vault) ? vault_return(x->vault, s->vault, s->as, err) : 0;
	case STEP_LINK:
		return remove_link(s, err);
	case STEP_WRITE:
		return unwrite_file(x, s, err);
	case STEP_MKDIR:
		return remove_directory(s, err);
	case STEP_WAIT:
		return 0;
	}
	return 0;
}

static int step_undo(struct executor *x, const struct step *s, struct err *err)
{
	if (!journal_last(x->journal, "intent", s->id) || ((s->act == STEP_RUN || s->act == STEP_WAIT) && !s->undo_cmd))
		return 0;
	/* a disk that is full must not keep us from putting back: what is undone is read from the host, not from here */
	note(x, "undo-intent", s, NULL, NULL);
	int r = undo(x, s, err);
	if (r == 0 && s->undone.kind != EXPECT_NOTHING) {
		int holds = expect_holds(x->host, &s->undone, err);
		r = holds == 1 ? 0 : holds < 0 ? holds : err_set(err, ERR_CHANGE, "it was put back, and what was read back does not show it");
	}
	struct err why = r ? *err : (struct err){ 0 };
	note(x, r ? "undo-failed" : "undone", s, r ? why.msg : "ok", NULL);
	report(x, s, r ? why.msg : "undone", r != 0);
	return r;
}

int plan_undo(const struct plan *p, struct executor *x, struct err *err)
{
	struct err first = { 0 };

	for (size_t i = p->n_steps; i > 0; i--) {
		struct err e = { 0 };
		if (step_undo(x, p->steps[i - 1], &e) && !first.code)
			err_set(&first, ERR_CHANGE, "%s: %s", p->steps[i - 1]->title, e.msg);
	}
	if (!first.code)
		return 0;
	return err_set(err, ERR_CHANGE, "not all could be taken back: %s", first.msg);
}
