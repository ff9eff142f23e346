/* SPDX-License-Identifier: MIT */
#include "lifecycle/exam.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/text.h"
#include "lifecycle/bundle_arg.h"
#include "lifecycle/session_target.h"

void exam_close(struct exam *x)
{
	session_close(&x->session);
	free(x->from);
	free(x->signer);
	free(x->agent);
	free(x->unit);
	free(x->note);
	free(x->public_key);
	free(x->key_id);
	free(x->owner);
	strv_free(x->gaps);
	findings_free(&x->findings);
	*x = (struct exam){ 0 };
}

/* ---- a bundle as the source ---- */

static void read_gaps(struct exam *x, const struct manifest *m)
{
	for (size_t i = 0; i < m->n_gaps; i++) {
		const struct manifest_gap *g = &m->gaps[i];
		_cleanup_free_ char *line = mem_printf("%s: %s%s%s", g->what, g->outcome, g->reason ? ", " : "", g->reason ? g->reason : "");
		x->gaps = strv_take(x->gaps, text_safe(line));
	}
}

static int add_bytes(void *data, const void *p, size_t n)
{
	struct buf *b = data;

	if (b->len + n > DECLARATION_MAX)
		return 1;
	buf_add(b, p, n);
	return 0;
}

/* The path that the declaration had on its host: of the record that shares its payload. */
static char *declaration_path(const struct bundle *b, const struct payload *p)
{
	size_t n;
	const struct bundle_record *v = bundle_records(b, &n);

	for (size_t i = 0; i < n; i++) {
		const struct payload *q = &v[i].payload[STREAM_OUT];
		if (v[i].has_payload[STREAM_OUT] && q->mem == p->mem && q->at == p->at && text_starts(v[i].rec.key, "file/"))
			return mem_strdup(v[i].rec.key + strlen("file"));
	}
	return mem_strdup("declaration.json");
}

static void read_declaration(struct exam *x, struct bundle *b)
{
	_cleanup_buf_ struct buf text = { 0 };
	struct agent **found = NULL;
	struct payload p;

	if (bundle_find(b, "declaration.json", &p, NULL) || bundle_read(b, &p, add_bytes, &text, NULL))
		return;
	_cleanup_free_ char *path = declaration_path(b, &p);
	if (declaration_parse(path, buf_str(&text), text.len, &found, &x->session.agents.warnings, NULL) == 0)
		x->session.agents.list = found;
}

/* Whose service the records are about, and its unit: the first that the gatherers asked. */
static void read_subject(struct exam *x, const struct bundle *b)
{
	size_t n;
	const struct bundle_record *v = bundle_records(b, &n);

	for (size_t i = 0; i < n; i++) {
		const char *key = v[i].rec.key, *show = text_starts(key, "systemd/") ? strstr(key, "/show/") : NULL;
		if (text_starts(key, "fact/user/") && !x->owner)
			x->owner = mem_strdup(key + strlen("fact/user/"));
		if (show && !x->unit)
			x->unit = mem_strdup(show + strlen("/show/"));
		if (text_starts(key, "launchd/print/") && !x->unit)
			x->unit = mem_strdup(strrchr(key, '/') + 1);
	}
}

static void from_report(struct exam *x, const struct bundle_report *r)
{
	if (r->signature == SIGNATURE_TRUSTED) {
		x->verified = true;
		x->public_key = mem_strdup(r->public_key);
		x->signer = text_safe(r->signer ? r->signer : r->key_id);
	}
	x->agent = mem_strdup(r->manifest.agent);
	x->quarantine = text_eq(r->manifest.purpose, "quarantine");
	x->key_id = *r->key_id ? mem_strdup(r->key_id) : NULL;
	read_gaps(x, &r->manifest);
}

/* Nobody signed a directory: its owner vouches for it, when that is the caller or root and nobody else may write there. */
static bool is_vouched_for(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (st.st_uid == geteuid() || st.st_uid == 0) && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_bundle(struct exam *x, struct bundle **ret, struct err *err)
{
	_cleanup_bundle_arg_ struct bundle_arg arg = { .args = { .fd = -1, .sigfd = -1 } };
	int r = bundle_arg_open_plain(x->cli, &x->session, x->from, &arg, err);

	if (r)
		return r;
	if (cli_has(x->cli, "insecure"))
		arg.args.flags |= BUNDLE_ANYONE;
	x->directory = arg.directory && is_vouched_for(arg.args.fd);
	if (arg.directory && !x->directory && !cli_has(x->cli, "insecure"))
		return err_set(err, ERR_TRUST, "%s: nobody signed what is in it, and others than you and root may have changed it: examine the bundle beside it, "
				       "or say --insecure", x->from);
	r = bundle_open(&arg.args, ret, err);
	return r ? err_prefix(err, "%s", x->from) : 0;
}

/* This host's session becomes the bundle's: its source, host, people and declarations. */
static int exam_from(struct exam *x, struct err *err)
{
	struct bundle *b = NULL;
	struct session *s = &x->session;
	int r = open_bundle(x, &b, err);

	if (r)
		return r;
	agents_close(&s->agents);
	host_free(&s->host);
	user_free(&s->caller);
	source_close(s->source);
	s->source = NULL;
	from_report(x, bundle_report(b));
	read_declaration(x, b);
	read_subject(x, b);
	s->source = source_bundle(b);
	x->bundle = b;
	/* a bundle without these is still worth a look: its checks say unknown */
	host_get(s->source, &s->host, NULL);
	caller_get(s->source, &s->caller, NULL);
	return 0;
}

int exam_open(const struct cli *cli, struct exam *ret, struct err *err)
{
	return exam_open_from(cli, cli_get(cli, "from"), ret, err);
}

int exam_open_from(const struct cli *cli, const char *from, struct exam *ret, struct err *err)
{
	struct exam x = { .cli = cli };
	int r = session_open(cli, &x.session, err);

	if (r == 0 && from) {
		x.from = mem_strdup(from);
		r = exam_from(&x, err);
	}
	if (r) {
		exam_close(&x);
		return r;
	}
	if (x.from && !x.verified && !x.directory)
		fprintf(stderr, "%s: WARNING: %s carries no signature that is trusted here: whoever made it may have made it up\n", cli->program, x.from);
	*ret = x;
	return 0;
}

/* ---- targets ---- */

static bool is_bundles(const struct exam *x, const char *name)
{
	return !name || text_eq(name, x->agent) || text_eq(name, x->unit) ||
	       (x->session.agents.list && agents_find(&x->session.agents, name));
}

static int bundle_target(const struct exam *x, const char *name, struct target *ret, struct err *err)
{
	const struct session *s = &x->session;
	struct target t = { 0 };

	if (!is_bundles(x, name))
		return err_set(err, ERR_USAGE, "%s is about %s, not %s", x->from, x->agent ? x->agent : "another agent", name);
	const struct agent *a = s->agents.list ? agents_find(&s->agents, x->agent) : NULL;
	if (!x->owner)
		return err_set(err, ERR_INCOMPLETE, "%s does not say whose service it is about", x->from);
	if (user_get(s->source, x->owner, &t.owner, NULL)) {
		t.owner.id.name = mem_strdup(x->owner);
		t.owner.id.home = mem_printf("/home/%s", x->owner);
	}
	t.declared = a != NULL;
	t.agent = a ? agent_copy(a) : session_infer_agent(x->unit ? x->unit : x->agent, t.owner.id.uid == 0 ? SCOPE_SYSTEM : SCOPE_USER);
	declaration_expand(t.agent, t.owner.id.home);
	if (x->unit)
		t.unit = mem_strdup(x->unit);
	target_complete(&t);
	*ret = t;
	return 0;
}

int exam_target(const struct exam *x, const char *name, struct target *ret, struct err *err)
{
	if (x->from)
		return bundle_target(x, name, ret, err);
	if (!name)
		return err_set(err, ERR_USAGE, "say which agent; '%s list' names them", x->cli->program);
	return session_target_any(&x->session, x->cli, name, ret, err);
}

#define CHECKED_LOG_END (64u << 10)

int exam_gather(const struct exam *x, struct target *target, unsigned want, struct evidence **ret, struct err *err)
{
	/* checks look at a log's owner and size; who reads it wants the journal, too */
	const struct gather_options o = { .want = want, .log_end = want & WANT_JOURNAL ? 0 : CHECKED_LOG_END };

	cli_progress(x->cli, "examining %s …", target->agent->name);
	int r = evidence_gather(x->session.source, target, &o, ret, err);
	cli_progress_done(x->cli);
	return r;
}
