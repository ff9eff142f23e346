/* SPDX-License-Identifier: MIT */
#include "lifecycle/collection.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "formats/text.h"
#include "lifecycle/auth_summary.h"
#include "lifecycle/case_arg.h"
#include "lifecycle/collection_page.h"

#define TOOL "sourceos-agent"
#define STAMP_LEN strlen("YYYYmmdd-HHMMSS")

char *collection_root(const struct cli *cli, const struct session *s, struct err *err)
{
	const char *given = cli_get(cli, "output");
	char *root = given ? mem_strdup(given) : session_evidence_dir(s);

	if (given && !*given) {
		free(root);
		err_set(err, ERR_USAGE, "--output needs a directory");
		return NULL;
	}
	_cleanup_fd_ int fd = dir_open_make(AT_FDCWD, root, true);
	if (fd < 0) {
		err_errno(err, errno, "cannot use %s as output directory", root);
		free(root);
		return NULL;
	}
	return root;
}

/* The capture wants an absolute name: the bundle's path is printed, and people move about. */
static char *absolute(const char *path)
{
	_cleanup_free_ char *resolved = realpath(path, NULL);

	return mem_strdup(resolved ? resolved : path);
}

#define TRIES 20

/* A new directory, called after the second: two that begin in one do not share it, the later one waits for the next. */
static int directory_make(struct collection *c, const char *root, struct err *err)
{
	_cleanup_free_ char *abs = absolute(root);
	char stamp[32];

	for (int i = 0; i < TRIES; i++) {
		uint64_t now = source_now_us(c->session->source), rest = 1000000 - now % 1000000;
		const struct timespec next = { .tv_nsec = (long)(rest < 1000000 ? rest : 999999) * 1000 };
		text_stamp(stamp, now);
		mem_set(&c->stamp, stamp);
		free(c->dir);
		c->dir = mem_printf("%s/%s-%s", abs, c->agent, stamp);
		if (mkdir(c->dir, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			return err_errno(err, errno, "cannot make the directory %s", c->dir);
		nanosleep(&next, NULL);
	}
	return err_set(err, ERR_BUSY, "%s exists, as did those before it; try again", c->dir);
}

int collection_open(const struct cli *cli, struct session *s, const char *agent, const char *purpose, const char *dir,
	struct collection *ret, struct err *err)
{
	struct collection c = { .cli = cli, .session = s, .agent = mem_strdup(agent), .purpose = mem_strdup(purpose), .actions = json_array() };
	int r = case_arg_load(cli, &c.said, err);

	if (r) {
		collection_close(&c, false);
		return r;
	}
	if (dir) {
		c.dir = absolute(dir);
		size_t n = strlen(c.dir);
		c.stamp = mem_strdup(c.dir + (n > STAMP_LEN ? n - STAMP_LEN : 0));
	} else {
		_cleanup_free_ char *root = collection_root(cli, s, err);
		r = root ? directory_make(&c, root, err) : -err->code;
		c.fresh = r == 0;
	}
	if (r == 0)
		r = capture_open(c.dir, &c.capture, err);
	if (r == 0) {
		c.redaction = (struct collection_redaction){ .redactor = capture_redactor(c.capture), .dir = capture_dir(c.capture), .session = s,
			.privatefd = capture_private_fd(c.capture) };
		r = collection_redaction_open(&c.redaction, cli, err);
	}
	if (r) {
		collection_close(&c, true);
		return r;
	}
	c.tee = source_tee(s->source, capture_tap(c.capture));
	*ret = c;
	if (ret->redaction.pseudonyms)
		pseudonyms_watch(&ret->redaction.names, ret->redaction.redactor);
	return 0;
}

int collection_keep(struct collection *c, struct err *err)
{
	return collection_redaction_keep(&c->redaction, err);
}

/* The contract's names that stand for something even when nothing could be captured. */
static int note_absent(struct collection *c, struct err *err)
{
	bool darwin = c->session->host.platform == PLATFORM_DARWIN;
	const char *const names[] = { darwin ? "service.plist.disabled" : "service.unit.disabled", "podman-info.json", "image-inspect.json",
		"container-inspect.json" };
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(names) && r == 0; i++)
		r = capture_note_absent(c->capture, names[i], "nothing on this host answered for it", err);
	return r;
}

static int act(struct collection *c, const char *action, const char *detail, const char *case_id, int exit, struct err *err)
{
	const struct capture_act act = {
		.time_us = source_now_us(c->session->source),
		.actor = c->session->caller.id.name,
		.uid = c->session->host.euid,
		.tool = TOOL " " VERSION,
		.action = action,
		.detail = detail,
		.case_id = case_id,
		.exit = exit,
	};

	return capture_custody(c->capture, &act, err);
}

int collection_case(struct collection *c, struct err *err)
{
	struct manifest_case *said = &c->said;

	if (!said->id && !said->reason)
		return 0;
	mem_set(&said->operator, c->session->caller.id.name);
	manifest_case_free(&c->about);
	capture_clean_case(c->capture, said, &c->about);
	return act(c, c->about.id ? "case" : "note", c->about.reason, c->about.id, 0, err);
}

int collection_gather(struct collection *c, struct target *target, struct err *err)
{
	const struct gather_options all = { .want = WANT_ALL };

	cli_progress(c->cli, "gathering evidence of %s …", c->agent);
	int r = evidence_gather(c->tee, target, &all, &c->evidence, err);
	cli_progress_done(c->cli);
	if (r == 0)
		r = auth_summary_add(c->capture, c->evidence, err);
	if (r == 0)
		r = note_absent(c, err);
	/* only now is it known what is secret on this host */
	if (r == 0)
		r = collection_case(c, err);
	if (r == 0)
		r = collection_act(c, "collect", c->evidence->target.unit, 0, err);
	if (r == 0)
		r = capture_sync(c->capture, err);
	return r;
}

int collection_critical(const struct collection *c, struct err *err)
{
	size_t n = gather_count(c->evidence->gather);

	for (size_t i = 0; i < n; i++) {
		const struct probe *p;
		const struct answer *a = gather_nth(c->evidence->gather, i, &p);
		if (!(p->flags & PROBE_CRITICAL) || record_answered(&a->rec) || a->rec.outcome == OUTCOME_ABSENT)
			continue;
		_cleanup_free_ char *command = probe_command(p);
		return err_set(err, ERR_INCOMPLETE, "evidence that must be kept could not be captured: %s: %s; nothing was changed", command,
			a->rec.reason ? a->rec.reason : outcome_name(a->rec.outcome));
	}
	return 0;
}

int collection_act(struct collection *c, const char *action, const char *detail, int exit, struct err *err)
{
	json_array_append_new(c->actions, json_pack("{s:s, s:s*, s:b}", "action", action, "detail", detail, "ok", exit == 0));
	return act(c, action, detail, NULL, exit, err);
}

int collection_finish(struct collection *c, const char *journal, struct err *err)
{
	const struct host *h = &c->session->host;
	_cleanup_sign_key_ struct sign_key *key = NULL;
	_cleanup_buf_ struct buf journal_text = { 0 };
	_cleanup_collection_page_ struct collection_page page = { 0 };
	bool made_key = false;
	struct capture_meta meta = {
		.agent = c->agent,
		.purpose = c->purpose,
		.about = &c->about,
		.tool = TOOL,
		.version = VERSION,
		.host_tag = h->machine_tag ? h->machine_tag : "host-unknown", /* an image of a Mac has none */
		.platform = platform_name(h->platform),
		.os_release = h->os_release,
		.kernel = h->kernel,
		.now_us = source_now_us(c->session->source),
		.raw_retained = journal != NULL,
	};

	cli_progress(c->cli, "writing and signing the bundle …");
	int r = journal ? file_read(AT_FDCWD, journal, 16u << 20, &journal_text, err) : 0;
	if (r == 0 && journal) {
		meta.journal = buf_str(&journal_text);
		meta.journal_bytes = journal_text.len;
	}
	if (r == 0)
		r = sign_key_host(c->session->keys_dir, &key, &made_key, err);
	if (r == 0 && c->evidence) {
		collection_page_make(c, &page);
		meta.page = collection_page_render;
		meta.page_ctx = &page;
	}
	if (r == 0)
		r = collection_redaction_save(&c->redaction, err);
	if (r == 0)
		r = capture_finish(c->capture, &meta, key, &c->made, err);
	if (r == -ERR_SECRET) {
		/* The gate moved those files to private/unshareable/: the bundle is made without them, and lists them as gaps. */
		cli_progress_done(c->cli);
		cli_say(c->cli, "%s", err->msg);
		r = capture_finish(c->capture, &meta, key, &c->made, err);
	}
	cli_progress_done(c->cli);
	/* what the documents of the finish themselves told */
	if (r == 0)
		r = collection_redaction_save(&c->redaction, err);
	if (r == 0)
		session_warn_key(c->session, c->cli, sign_key_pub(key));
	if (r == 0 && made_key)
		cli_say(c->cli, "made this host's signing key: %s/host.pub", c->session->keys_dir);
	return r;
}

/* ---- what was made ---- */

static json_t *gaps_json(const struct manifest *m)
{
	json_t *a = json_array();

	for (size_t i = 0; i < m->n_gaps; i++)
		json_array_append_new(a, json_pack("{s:s, s:s, s:s*}", "what", m->gaps[i].what, "outcome", m->gaps[i].outcome, "reason",
						 m->gaps[i].reason));
	return a;
}

static void report_json(const struct collection *c)
{
	json_t *doc = json_pack("{s:s, s:s, s:o*, s:s, s:s, s:s, s:o, s:O}", "agent", c->agent, "purpose", c->purpose, "case",
		manifest_case_json(&c->about), "directory", c->made.directory, "bundle", c->made.bundle, "signature", c->made.signature, "gaps",
		gaps_json(&c->made.manifest), "actions", c->actions);

	cli_print_json(doc);
}

static void print_safe(const char *before, const char *s, const char *after)
{
	_cleanup_free_ char *safe = text_safe(s);

	printf("%s%s%s", before, safe, after);
}

void collection_report(const struct collection *c)
{
	const struct manifest *m = &c->made.manifest;

	if (c->cli->json) {
		report_json(c);
		return;
	}
	if (m->n_gaps) {
		printf("%zu gap%s in the evidence:\n", m->n_gaps, m->n_gaps == 1 ? "" : "s");
		for (size_t i = 0; i < m->n_gaps; i++) {
			print_safe("  ", m->gaps[i].what, ": ");
			print_safe("", m->gaps[i].reason ? m->gaps[i].reason : m->gaps[i].outcome, "\n");
		}
	}
	print_safe("evidence   ", c->made.directory, "\n");
	print_safe("bundle     ", c->made.bundle, "\n");
	print_safe("signature  ", c->made.signature, "\n");
	_cleanup_free_ char *quoted = NULL;
	struct buf b = { 0 };
	text_add_shell(&b, c->made.bundle);
	quoted = buf_take(&b);
	printf("verify     %s bundle verify %s\n", c->cli->program, quoted);
}

/* ---- the end ---- */

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	remove(path);
	return 0;
}

void collection_close(struct collection *c, bool failed)
{
	evidence_free(c->evidence);
	source_close(c->tee);
	collection_redaction_free(&c->redaction);
	capture_close(c->capture);
	if (failed && c->fresh && c->dir)
		nftw(c->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	capture_result_free(&c->made);
	json_decref(c->actions);
	manifest_case_free(&c->said);
	manifest_case_free(&c->about);
	free(c->agent);
	free(c->purpose);
	free(c->dir);
	free(c->stamp);
	*c = (struct collection){ 0 };
}
