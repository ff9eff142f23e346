/* SPDX-License-Identifier: MIT */
#include "collect/live.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "collect/facts.h"
#include "collect/readfile.h"
#include "collect/run.h"
#include "collect/unixhttp.h"
#include "formats/text.h"

enum {
	SCRATCH = 128 << 10,
	QUICK_A_TURN = 64,  /* answers that are given at once, before the pipes are looked after again */
	WAIT_MAX_MS = 500, /* so that a stop that came just before the wait is seen */
	PODMAN_GAP_US = 15000, /* two that begin together meet at the lock of Podman's database, and one of them tries again after 50 ms */
};

/* Each kind of work waits in a line of its own, so that slow commands hold nobody else up. */
enum line { LINE_QUICK, LINE_COMMAND, LINE_PODMAN, LINE_FILE, LINE_REQUEST, LINES };

struct queue {
	struct job *first;
	struct job **end;
};

struct live {
	struct source base;
	struct hostfs fs;
	struct queue waiting[LINES];
	struct queue done; /* records complete, sinks not yet told */
	struct run *runs[LIVE_COMMANDS];
	size_t n_runs;
	struct readfile *files[LIVE_FILES];
	size_t n_files;
	struct unixhttp *requests[LIVE_REQUESTS];
	size_t n_requests;
	uint64_t podman_due_us; /* when the next podman may begin */
	volatile sig_atomic_t stop;
	char scratch[SCRATCH];
};

static void queue_put(struct queue *q, struct job *j)
{
	if (!q->first)
		q->end = &q->first;
	j->next = NULL;
	*q->end = j;
	q->end = &j->next;
}

static struct job *queue_take(struct queue *q)
{
	struct job *j = q->first;

	if (j) {
		q->first = j->next;
		j->next = NULL;
	}
	return j;
}

static void queue_put_all(struct queue *q, struct job *list)
{
	while (list) {
		struct job *next = list->next;
		queue_put(q, list);
		list = next;
	}
}

/* Of Podman's commands those that open its database: not those about itself, its connections and machines, or of an engine elsewhere. */
static bool opens_podman(const struct probe *p)
{
	static const char *const nouns[] = { "container", "image", "images", "info", "ps" };

	if (!p->argv || !text_eq(p->argv[0], "podman"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(nouns); i++)
		if (text_eq(p->argv[1], nouns[i]))
			return true;
	return false;
}

static enum line line_of(const struct live *l, const struct probe *p)
{
	switch (p->kind) {
	case PROBE_CMD:
		return l->fs.rootfd >= 0 ? LINE_QUICK : opens_podman(p) ? LINE_PODMAN : LINE_COMMAND;
	case PROBE_HTTP:
		return l->fs.rootfd < 0 ? LINE_REQUEST : LINE_QUICK;
	case PROBE_FILE:
		return LINE_FILE;
	default:
		return LINE_QUICK;
	}
}

static void live_ask(struct source *s, const struct probe *probe, struct sink *sink)
{
	struct live *l = (struct live *)s;

	queue_put(&l->waiting[line_of(l, probe)], job_new(probe, sink));
}

static struct job *start_next(struct live *l, enum line line)
{
	struct job *j = queue_take(&l->waiting[line]);

	if (j)
		job_start(j);
	return j;
}

static void answer_quick(struct live *l, struct job *j)
{
	switch (j->probe->kind) {
	case PROBE_DIR:
		readdir_answer(j, &l->fs);
		break;
	case PROBE_LINK:
		readlink_answer(j, &l->fs);
		break;
	case PROBE_FACT:
		facts_answer(j, &l->fs);
		break;
	default:
		job_fail(j, OUTCOME_NOT_COLLECTED, 0, "a mounted root answers no commands and no sockets");
	}
	queue_put(&l->done, j);
}

static void start_command(struct live *l, struct job *j)
{
	struct run *r = run_start(j);

	if (r)
		l->runs[l->n_runs++] = r;
	else
		queue_put(&l->done, j);
}

static bool podman_waits(const struct live *l)
{
	return l->waiting[LINE_PODMAN].first && l->n_runs < LIVE_COMMANDS;
}

static void start_waiting(struct live *l)
{
	uint64_t now = clock_mono_us();
	struct job *j;

	while (l->n_requests < LIVE_REQUESTS && (j = start_next(l, LINE_REQUEST))) {
		struct unixhttp *h = unixhttp_start(j);
		if (h)
			l->requests[l->n_requests++] = h;
		else
			queue_put(&l->done, j);
	}
	while (l->n_runs < LIVE_COMMANDS && (j = start_next(l, LINE_COMMAND)))
		start_command(l, j);
	if (podman_waits(l) && now >= l->podman_due_us) {
		start_command(l, start_next(l, LINE_PODMAN));
		l->podman_due_us = now + PODMAN_GAP_US;
	}
	while (l->n_files < LIVE_FILES && (j = start_next(l, LINE_FILE))) {
		struct readfile *f = readfile_start(j, &l->fs);
		if (f)
			l->files[l->n_files++] = f;
		else
			queue_put(&l->done, j);
	}
	for (int i = 0; i < QUICK_A_TURN && (j = start_next(l, LINE_QUICK)); i++)
		answer_quick(l, j);
}

/* What a sink asked just now, and what can start at once. */
static bool can_start(const struct live *l)
{
	return l->waiting[LINE_QUICK].first || (l->waiting[LINE_COMMAND].first && l->n_runs < LIVE_COMMANDS) ||
	       (l->waiting[LINE_REQUEST].first && l->n_requests < LIVE_REQUESTS) ||
	       (l->waiting[LINE_FILE].first && l->n_files < LIVE_FILES);
}

/* Until something happens; not at all while there is work that waits for nothing. */
static void wait_for_events(struct live *l)
{
	struct pollfd fds[LIVE_COMMANDS * RUN_FDS + LIVE_REQUESTS];
	uint64_t now = clock_mono_us(), due = now + WAIT_MAX_MS * 1000;
	size_t n = 0;

	if (podman_waits(l))
		due = l->podman_due_us > now ? l->podman_due_us : now;
	if (l->n_files || can_start(l) || l->done.first)
		due = now;
	for (size_t i = 0; i < l->n_runs; i++) {
		uint64_t d = run_due_us(l->runs[i], now);
		n += run_fds(l->runs[i], fds + n);
		due = d < due ? d : due;
	}
	for (size_t i = 0; i < l->n_requests; i++) {
		uint64_t d = unixhttp_due_us(l->requests[i]);
		fds[n++] = unixhttp_fd(l->requests[i]);
		due = d < due ? d : due;
	}
	/* rounded up: waking just before a deadline would be spinning until it */
	int ms = due > now ? (int)((due - now + 999) / 1000) : 0;
	poll(fds, (nfds_t)n, ms);
}

static void turn(struct live *l)
{
	uint64_t now = clock_mono_us();

	for (size_t i = 0; i < l->n_runs;) {
		struct run *r = l->runs[i];
		if (!run_turn(r, now, l->scratch, SCRATCH)) {
			i++;
			continue;
		}
		l->runs[i] = l->runs[--l->n_runs];
		queue_put(&l->done, run_job(r));
		run_free(r);
	}
	for (size_t i = 0; i < l->n_files;) {
		struct readfile *f = l->files[i];
		if (!readfile_turn(f, l->scratch, SCRATCH)) {
			i++;
			continue;
		}
		l->files[i] = l->files[--l->n_files];
		queue_put(&l->done, readfile_job(f));
		readfile_free(f);
	}
	for (size_t i = 0; i < l->n_requests;) {
		struct unixhttp *h = l->requests[i];
		if (!unixhttp_turn(h, now, l->scratch, SCRATCH)) {
			i++;
			continue;
		}
		l->requests[i] = l->requests[--l->n_requests];
		queue_put(&l->done, unixhttp_job(h));
		unixhttp_free(h);
	}
}

/* Everything under way ends here, its record untouched; and what waits, too. */
static void drop_all(struct live *l, struct queue *dropped)
{
	while (l->n_runs) {
		struct run *r = l->runs[--l->n_runs];
		queue_put(dropped, run_job(r));
		run_free(r);
	}
	while (l->n_files) {
		struct readfile *f = l->files[--l->n_files];
		queue_put(dropped, readfile_job(f));
		readfile_free(f);
	}
	while (l->n_requests) {
		struct unixhttp *h = l->requests[--l->n_requests];
		queue_put(dropped, unixhttp_job(h));
		unixhttp_free(h);
	}
	for (int i = 0; i < LINES; i++)
		for (struct job *j; (j = queue_take(&l->waiting[i]));) {
			job_start(j);
			queue_put(dropped, j);
		}
}

static bool busy(const struct live *l)
{
	for (int i = 0; i < LINES; i++)
		if (l->waiting[i].first)
			return true;
	return l->n_runs || l->n_files || l->n_requests || l->done.first;
}

/* Sinks are told here only, when no list is being walked: what they ask, or even a source_run of
 * theirs, finds everything in order. */
static void tell_sinks(struct live *l)
{
	for (struct job *j; (j = queue_take(&l->done));)
		job_end(j);
}

static void interrupt(struct live *l)
{
	struct queue dropped = { 0 };

	drop_all(l, &dropped);
	for (struct job *j; (j = queue_take(&dropped));) {
		job_fail(j, OUTCOME_FAILED, 0, "interrupted");
		queue_put(&l->done, j);
	}
	tell_sinks(l);
}

static int live_run(struct source *s, struct err *err)
{
	struct live *l = (struct live *)s;

	while (busy(l)) {
		if (l->stop) {
			interrupt(l);
			continue;
		}
		start_waiting(l);
		tell_sinks(l);
		if (!busy(l))
			break;
		wait_for_events(l);
		turn(l);
		tell_sinks(l);
	}
	return l->stop ? err_set(err, ERR_IO, "interrupted while evidence was gathered") : 0;
}

static uint64_t live_now_us(struct source *s)
{
	return clock_wall_us();
}

static void live_close(struct source *s)
{
	struct live *l = (struct live *)s;
	struct queue dropped = { 0 };

	drop_all(l, &dropped);
	queue_put_all(&dropped, l->done.first);
	for (struct job *j; (j = queue_take(&dropped));)
		job_free(j);
	hostfs_close(&l->fs);
	free(l);
}

static const struct source_ops live_ops = { live_ask, live_run, live_now_us, live_close };

/* Whoever started us may have left SIGCHLD ignored, which is inherited: then no exit status could be had. */
static void mind_children(void)
{
	struct sigaction act;

	if (sigaction(SIGCHLD, NULL, &act) == 0 && act.sa_handler == SIG_IGN) {
		act = (struct sigaction){ .sa_handler = SIG_DFL };
		sigaction(SIGCHLD, &act, NULL);
	}
}

struct source *source_live(const char *root, struct err *err)
{
	struct live *l = mem_alloc(sizeof(*l));

	mind_children();
	l->base.ops = &live_ops;
	if (hostfs_open(&l->fs, root, err)) {
		free(l);
		return NULL;
	}
	return &l->base;
}

void source_live_stop(struct source *live)
{
	((struct live *)live)->stop = 1;
}

bool source_live_stopped(const struct source *live)
{
	return ((const struct live *)live)->stop;
}
