/* SPDX-License-Identifier: MIT */
#include "bundle/reader_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/durable.h"
#include "bundle/tree.h"
#include "bundle/trustmark.h"
#include "formats/text.h"

/* ---- the signature ---- */

struct signed_by {
	bool holds;
	uint8_t digest[SIGN_DIGEST_BYTES]; /* of the whole file, when it was checked */
	uint8_t manifest[32];
	bool names_manifest;
};

/* Length of one field; a value in double quotes goes to the second of them, whatever it looks like in between. */
static size_t field_len(const char *p)
{
	size_t n = strcspn(p, " ="), quoted = p[n] == '=' && p[n + 1] == '"' ? n + 2 : 0;

	if (!quoted)
		return strcspn(p, " ");
	n = quoted + strcspn(p + quoted, "\"");
	return n + (p[n] == '"');
}

char *bundle_comment_field(const char *comment, const char *name)
{
	size_t n = strlen(name), len;

	for (const char *p = comment; p && *p; p += len + (p[len] == ' ')) {
		len = field_len(p);
		if (strncmp(p, name, n) == 0 && p[n] == '=')
			return p[n + 1] == '"' ? mem_strndup(p + n + 2, strcspn(p + n + 2, "\"")) : mem_strndup(p + n + 1, len - n - 1);
	}
	return NULL;
}

static void read_comment(const char *comment, struct signed_by *s, uint64_t *ret_us)
{
	_cleanup_free_ char *manifest = bundle_comment_field(comment, "manifest");
	_cleanup_free_ char *when = bundle_comment_field(comment, "time");

	s->names_manifest = manifest && text_starts(manifest, "sha256:") && text_unhex(s->manifest, 32, manifest + 7) == 0;
	if (!when || text_parse_time(when, ret_us))
		*ret_us = 0;
}

static int read_signature(int sigfd, struct minisign_sig *ret, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	/* from its start, also the second time */
	int r = lseek(sigfd, 0, SEEK_SET) < 0 ? err_errno(err, errno, "cannot read the signature")
					      : fd_read(sigfd, "the signature", MINISIGN_FILE_MAX, &b, err);

	return r ? r : minisign_parse_sig(buf_str(&b), b.len, ret, err);
}

/* Finds the trusted key that made it. Sets report->signature and what goes with it. */
static void judge(const struct bundle_args *a, const struct minisign_sig *sig, struct signed_by *s, struct bundle_report *report)
{
	const struct trust_key *k;
	uint64_t signed_us;
	struct err e = { 0 };
	size_t at = 0;

	minisign_id_text(report->key_id, sig->id);
	report->comment = mem_strdup(sig->comment);
	report->signature = SIGNATURE_UNKNOWN;
	read_comment(sig->comment, s, &signed_us);
	while (a->trust && (k = trust_next(a->trust, sig->id, &at))) {
		report->signature = SIGNATURE_BAD;
		if (sign_verify(sig, &k->pub, s->digest, a->fd, &e))
			continue;
		if (trust_judge(a->trust, &k->pub, signed_us, &report->remark, &e))
			break;
		report->signature = SIGNATURE_TRUSTED;
		report->signer = mem_strdup(k->name);
		struct buf text = { 0 };
		minisign_add_pub_text(&text, &k->pub);
		report->public_key = buf_take(&text);
		s->holds = true;
		return;
	}
	if (report->signature == SIGNATURE_BAD)
		report_problem(report, PROBLEM_SIGNATURE, "%s", e.msg);
	else if (!(a->flags & BUNDLE_ANYONE))
		report_problem(report, PROBLEM_SIGNATURE, "signed with key %s, which nobody here trusts: -p FILE, or key trust", report->key_id);
}

static int check_signature(const struct bundle_args *a, struct signed_by *s, struct bundle_report *report, struct err *err)
{
	struct minisign_sig sig = { 0 };
	uint64_t size;

	int r = sign_digest_fd(a->fd, s->digest, &size, err);
	if (r)
		return r;
	if (a->sigfd < 0) {
		report->signature = SIGNATURE_NONE;
		if (!(a->flags & BUNDLE_ANYONE))
			report_problem(report, PROBLEM_SIGNATURE, "there is no signature");
		return 0;
	}
	struct err e = { 0 };
	if (read_signature(a->sigfd, &sig, &e)) {
		report->signature = SIGNATURE_BAD;
		report_problem(report, PROBLEM_SIGNATURE, "%s", e.msg);
		return 0;
	}
	judge(a, &sig, s, report);
	minisign_sig_free(&sig);
	return 0;
}

/* ---- the pass ---- */

static int pass_tar(const struct bundle_args *a, const struct signed_by *s, struct check *c, struct bundle_report *report)
{
	uint8_t digest[SIGN_DIGEST_BYTES];
	int r = walk_tar(a->fd, s->holds ? &walk_limits_trusted : &walk_limits_strict, c->hasher, &c->visitor, report, digest);

	if (r == 0 && memcmp(digest, s->digest, sizeof(digest)) != 0)
		report_problem(report, PROBLEM_CHANGED, "the file was changed while it was read");
	return r ? r : check_finish(c);
}

/* A directory is read in the order of its manifest; what else lies there was added. */
static int pass_directory(const struct bundle_args *a, struct check *c, struct bundle_report *report, struct err *err)
{
	_cleanup_strv_ char **files = NULL;
	const struct manifest *m = &report->manifest;
	int r = walk_file(a->fd, MANIFEST_NAME, &c->visitor, report);

	for (size_t i = 0; r == 0 && i < m->n_artifacts; i++)
		r = walk_file(a->fd, m->artifacts[i].path, &c->visitor, report);
	if (r == 0)
		r = walk_file(a->fd, MANIFEST_SUMS, &c->visitor, report);
	if (r == 0)
		r = check_finish(c);
	if (r || !report->has_manifest)
		return r;
	r = tree_list(a->fd, "private", 2 * MANIFEST_ARTIFACTS_MAX, &files, err);
	for (char **f = files; r == 0 && f && *f; f++)
		if (strcmp(*f, MANIFEST_NAME) != 0 && strcmp(*f, MANIFEST_SUMS) != 0 && !manifest_find(m, *f))
			r = report_problem(report, PROBLEM_ADDED, "%s is not in the manifest: it was added", *f);
	return r;
}

/* The first problem, as the error of the whole. */
static int verdict(const struct bundle_report *r, struct err *err)
{
	if (!r->n_problems)
		return 0;
	enum err_code code = r->problems[0].kind == PROBLEM_LIMIT ? ERR_LIMIT : ERR_TRUST;
	return r->n_problems == 1 ? err_set(err, code, "%s", r->problems[0].text)
				  : err_set(err, code, "%s (and %zu more)", r->problems[0].text, r->n_problems - 1);
}

int bundle_pass(const struct bundle_args *a, bool thorough, struct check_inner *inner, struct bundle_report *report, struct err *err)
{
	struct signed_by s = { 0 };
	struct check c;
	struct stat st;
	int r;

	if (fstat(a->fd, &st))
		return err_errno(err, errno, "cannot stat the bundle");
	bool dir = S_ISDIR(st.st_mode);
	if (!dir && !S_ISREG(st.st_mode))
		return err_set(err, ERR_USAGE, "a bundle is a file or an evidence directory");
	r = dir ? 0 : check_signature(a, &s, report, err);
	if (r)
		return r;
	if (report->n_problems && !thorough)
		return verdict(report, err);
	struct hasher *h = hasher_new();
	check_init(&c, h, report, s.holds && s.names_manifest ? s.manifest : NULL, inner);
	r = dir ? pass_directory(a, &c, report, err) : pass_tar(a, &s, &c, report);
	hasher_free(h);
	check_free(&c);
	return report->n_problems ? verdict(report, err) : r;
}

int bundle_verify(const struct bundle_args *a, struct bundle_report *ret, struct err *err)
{
	*ret = (struct bundle_report){ 0 };
	return bundle_pass(a, true, NULL, ret, err);
}

int bundle_signature(const struct bundle_args *a, struct bundle_report *ret, struct err *err)
{
	struct signed_by s = { 0 };

	*ret = (struct bundle_report){ 0 };
	int r = check_signature(a, &s, ret, err);
	return r ? r : verdict(ret, err);
}

/* ---- keeping what holds ---- */

struct keeper {
	struct check_inner inner;
	struct bundle *b;
	const char *only;
	char *path; /* of the file being kept; NULL: this one is not */
	struct err err;
};

static int keep_begin(struct check_inner *i, const char *path, uint64_t bytes, uint32_t mode)
{
	struct keeper *k = (struct keeper *)i;

	mem_freep(&k->path);
	if (k->only && strcmp(path, k->only) != 0 && strcmp(path, "records.jsonl") != 0)
		return 0;
	k->path = mem_strdup(path);
	payload_begin(k->b->store, bytes);
	return 0;
}

static int keep_data(struct check_inner *i, const void *p, size_t n)
{
	struct keeper *k = (struct keeper *)i;

	return k->path ? payload_add(k->b->store, p, n, &k->err) : 0;
}

static int keep_end(struct check_inner *i)
{
	struct keeper *k = (struct keeper *)i;
	struct bundle *b = k->b;

	if (!k->path)
		return 0;
	b->files = mem_array(b->files, b->n_files + 1, sizeof(*b->files));
	struct bundle_file *f = &b->files[b->n_files++];
	f->path = TAKE_PTR(k->path);
	payload_end(b->store, &f->payload);
	return 0;
}

static void keep_drop(struct check_inner *i)
{
	mem_freep(&((struct keeper *)i)->path);
}

static int file_compare(const void *a, const void *b)
{
	return strcmp(((const struct bundle_file *)a)->path, ((const struct bundle_file *)b)->path);
}

int bundle_open(const struct bundle_args *a, struct bundle **ret, struct err *err)
{
	_cleanup_bundle_ struct bundle *b = mem_alloc(sizeof(*b));
	struct keeper k = { .inner = { keep_begin, keep_data, keep_end, keep_drop }, .b = b, .only = a->only };

	b->store = payload_store_new(a->tmpdir);
	int r = bundle_pass(a, false, &k.inner, &b->report, err);
	free(k.path);
	if (k.err.code)
		return err_set(err, (enum err_code)k.err.code, "%s", k.err.msg);
	if (r)
		return r;
	if (b->n_files)
		qsort(b->files, b->n_files, sizeof(*b->files), file_compare);
	r = bundle_index(b, err);
	if (r)
		return r;
	*ret = TAKE_PTR(b);
	return 0;
}

void bundle_close(struct bundle *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n_records; i++)
		record_free(&b->records[i].rec);
	free(b->records);
	for (size_t i = 0; i < b->n_files; i++)
		free(b->files[i].path);
	free(b->files);
	payload_store_free(b->store);
	bundle_report_free(&b->report);
	free(b);
}

void bundle_closep(struct bundle **b)
{
	bundle_close(*b);
	*b = NULL;
}

const struct bundle_report *bundle_report(const struct bundle *b)
{
	return &b->report;
}

int bundle_find(struct bundle *b, const char *path, struct payload *ret, struct err *err)
{
	const struct bundle_file want = { .path = (char *)(uintptr_t)path };
	const struct bundle_file *f = b->n_files ? bsearch(&want, b->files, b->n_files, sizeof(*b->files), file_compare) : NULL;

	if (!f)
		return err_set(err, ERR_ABSENT, "the bundle has no file %s", path);
	*ret = f->payload;
	return 0;
}

int bundle_read(struct bundle *b, const struct payload *p, int (*sink)(void *data, const void *p, size_t n), void *data, struct err *err)
{
	return payload_read(b->store, p, sink, data, err);
}
