/* SPDX-License-Identifier: MIT */
/* From a directory full of clean files to a signed tarball. */
#include "bundle/capture_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "bundle/tarball.h"
#include "formats/diagbundle.h"
#include "formats/text.h"

enum { COMMENT_REASON_MAX = 200, HASH_ONCE = 1 << 20 };

void capture_result_free(struct capture_result *r)
{
	free(r->directory);
	free(r->bundle);
	free(r->signature);
	manifest_free(&r->manifest);
	*r = (struct capture_result){ 0 };
}

/* One run of capture_finish. */
struct finish {
	struct capture *c;
	const struct capture_meta *meta;
	struct redact_gate *gate; /* keeps up with the secrets that are met on the way */
	struct manifest m;
	uint8_t manifest_sha256[32];
	uint64_t manifest_bytes;
	struct captured_file sums;
};

/* What a document tells of a value that only a later payload told to be secret: a path, an argument. */
static void scrub(struct finish *f, const void *p, size_t n, struct buf *out)
{
	redact_gate_reset(f->gate);
	redact_gate_scrub(f->gate, p, n, true, out);
}

/* Writes a document of the finish itself and lists it in the manifest. */
static int put(struct finish *f, const char *name, const void *raw, size_t raw_n, struct err *err)
{
	_cleanup_buf_ struct buf clean = { 0 };
	uint8_t sha[32];

	scrub(f, raw, raw_n, &clean);
	const char *p = buf_str(&clean);
	size_t n = clean.len;
	int r = durable_write(f->c->dirfd, name, ARTIFACT_MODE, p, n, DURABLE_NOSYNC, err);

	if (r)
		return r;
	f->c->unsynced = strv_add(f->c->unsynced, name);
	sha256_of(sha, p, n);
	manifest_add_artifact(&f->m, name, n, sha, ARTIFACT_MODE, NULL);
	return 0;
}

static int put_json(struct finish *f, const char *name, json_t *j, struct err *err)
{
	char *text = json_dumps(j, JSON_INDENT(1));

	if (!text)
		abort(); /* out of memory: see mem.h */
	_cleanup_free_ char *all = mem_printf("%s\n", text);
	free(text);
	json_decref(j);
	return put(f, name, all, strlen(all), err);
}

static int put_diagnostics(struct finish *f, struct err *err)
{
	const struct capture_meta *meta = f->meta;
	const struct diag_meta dm = {
		.id = f->c->id,
		.tool = meta->tool,
		.version = meta->version,
		.host_tag = meta->host_tag,
		.boot = meta->boot,
		.since = meta->since,
		.os_release = meta->os_release,
		.kernel = meta->kernel,
		.now_us = meta->now_us,
		.raw_retained = meta->raw_retained,
	};
	json_t *j = diagbundle_new(&dm);

	for (size_t i = 0; i < f->c->n_records; i++)
		diagbundle_add(j, f->c->records[i].name, f->c->records[i].line);
	return put_json(f, DIAGBUNDLE_NAME, j, err);
}

/* A file whose name holds a secret gets another name. */
static int rename_secret(struct finish *f, struct captured_file *file, struct err *err)
{
	struct capture *c = f->c;
	const char *class;
	uint64_t offset;

	redact_gate_reset(f->gate);
	if (!redact_gate_feed(f->gate, file->path, strlen(file->path), &class, &offset))
		return 0;
	_cleanup_free_ char *path = capture_take_path(c, "renamed", 1);
	if (renameat(c->dirfd, file->path, c->dirfd, path))
		return err_errno(err, errno, "cannot rename a file of %s whose name holds a secret", c->dir);
	free(file->path);
	file->path = TAKE_PTR(path);
	return 0;
}

static int rename_secrets(struct finish *f, struct err *err)
{
	static const char *const names[STREAMS] = { "stdout", "stderr" };
	struct capture *c = f->c;
	int r = 0;

	for (size_t i = 0; i < c->n_records; i++)
		for (int s = 0; s < STREAMS && r == 0; s++) {
			struct captured_file *file = &c->records[i].files[s];
			r = rename_secret(f, file, err);
			json_object_set_new(c->records[i].line, names[s], captured_file_json(file));
		}
	return r;
}

/* records.jsonl as it is on disk, or anew when a file that it names is gone. */
static int put_records(struct finish *f, struct err *err)
{
	struct capture *c = f->c;
	_cleanup_buf_ struct buf b = { 0 };

	for (size_t i = 0; i < c->n_documents; i++) {
		json_t *j = document_json(&c->documents[i]);
		capture_add_line(&b, j);
		json_decref(j);
	}
	for (size_t i = 0; i < c->n_records; i++)
		capture_add_line(&b, c->records[i].line);
	/* the open descriptor is of the file that is replaced: lines of later answers go to the new one */
	int r = put(f, RECORDS_NAME, buf_str(&b), b.len, err);
	if (r)
		return r;
	fd_closep(&c->recordsfd);
	c->recordsfd = openat(c->dirfd, RECORDS_NAME, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	return c->recordsfd < 0 ? err_errno(err, errno, "cannot open %s/" RECORDS_NAME, c->dir) : 0;
}

static int put_custody(struct finish *f, struct err *err)
{
	struct capture *c = f->c;
	_cleanup_buf_ struct buf b = { 0 };
	uint8_t sha[32];
	int r = file_read(c->dirfd, CUSTODY_NAME, SIZE_MAX / 2, &b, err);

	if (r)
		return r;
	sha256_of(sha, buf_str(&b), b.len);
	manifest_add_artifact(&f->m, CUSTODY_NAME, b.len, sha, ARTIFACT_MODE, NULL);
	return 0;
}

static int put_journal(struct finish *f, struct err *err)
{
	_cleanup_buf_ struct buf b = { 0 };

	if (!f->meta->journal)
		return 0;
	redact_bytes(f->c->redactor, PAYLOAD_JSONL, f->meta->journal, f->meta->journal_bytes, &b);
	return put(f, JOURNAL_NAME, buf_str(&b), b.len, err);
}

static void add_counts(json_t *totals, const json_t *counts)
{
	const char *class;
	json_t *v;

	json_object_foreach((json_t *)(uintptr_t)counts, class, v)
		json_object_set_new(totals, class,
			json_integer(json_integer_value(json_object_get(totals, class)) + json_integer_value(v)));
}

static void add_redacted_file(json_t *files, json_t *totals, const char *path, const char *key, bool withheld, json_t *counts)
{
	if (!json_object_size(counts) && !withheld)
		return;
	json_t *j = json_object();
	json_object_set_new(j, "path", json_string(path));
	if (key)
		json_object_set_new(j, "key", json_string(key));
	if (withheld)
		json_object_set_new(j, "withheld", json_true());
	json_object_set_new(j, "replaced", counts ? json_incref(counts) : json_object());
	json_array_append_new(files, j);
	add_counts(totals, counts);
}

static int put_redactions(struct finish *f, struct err *err)
{
	struct capture *c = f->c;
	json_t *files = json_array(), *totals = json_object(), *v;
	const char *class;

	for (size_t i = 0; i < c->n_records; i++) {
		const struct captured *r = &c->records[i];
		add_redacted_file(files, totals, r->files[STREAM_OUT].path, r->key, r->withheld, json_object_get(r->line, "redactions"));
	}
	for (size_t i = 0; i < c->n_documents; i++)
		add_redacted_file(files, totals, c->documents[i].file.path, NULL, false, c->documents[i].redactions);
	json_object_foreach(totals, class, v)
		manifest_add_redaction(&f->m, class, (uint64_t)json_integer_value(v));
	return put_json(f, REDACTIONS_NAME,
		json_pack("{s:s, s:o, s:o}", "schemaVersion", "sourceos.redactions.v1", "totals", totals, "files", files), err);
}

static int artifact_compare(const void *a, const void *b)
{
	return strcmp(((const struct manifest_artifact *)a)->path, ((const struct manifest_artifact *)b)->path);
}

/* The captured files, sorted, behind the documents of the finish. */
static void list_artifacts(struct finish *f)
{
	const struct capture *c = f->c;
	size_t head = f->m.n_artifacts;
	bool empty = false;

	for (size_t i = 0; i < c->n_documents; i++) {
		const struct captured_file *d = &c->documents[i].file;
		manifest_add_artifact(&f->m, d->path, d->bytes, d->sha256, ARTIFACT_MODE, NULL);
	}
	for (size_t i = 0; i < c->n_records; i++)
		for (int s = 0; s < STREAMS; s++) {
			const struct captured_file *d = &c->records[i].files[s];
			bool shared = strcmp(d->path, EMPTY_NAME) == 0;
			if (shared && empty)
				continue;
			empty |= shared;
			manifest_add_artifact(&f->m, d->path, d->bytes, d->sha256, ARTIFACT_MODE, shared ? NULL : c->records[i].key);
		}
	qsort(f->m.artifacts + head, f->m.n_artifacts - head, sizeof(*f->m.artifacts), artifact_compare);
}

/* The page comes last, since it tells of all others. Whoever makes it takes care; here it is made sure of. */
static int put_page(struct finish *f, struct err *err)
{
	_cleanup_buf_ struct buf page = { 0 }, clean = { 0 };

	if (!f->meta->page)
		return 0;
	f->meta->page(f->meta->page_ctx, &f->m, &page);
	redact_bytes(f->c->redactor, PAYLOAD_TEXT, buf_str(&page), page.len, &clean);
	int r = put(f, PAGE_NAME, buf_str(&clean), clean.len, err);
	return r ? r : capture_sync(f->c, err);
}

static int put_manifest(struct finish *f, struct err *err)
{
	_cleanup_buf_ struct buf manifest = { 0 }, b = { 0 }, sums = { 0 };
	int dirfd = f->c->dirfd;

	list_artifacts(f);
	capture_gaps(f->c, &f->m);
	int r = put_page(f, err);
	if (r)
		return r;
	manifest_add_json(&manifest, &f->m);
	scrub(f, manifest.data, manifest.len, &b);
	sha256_of(f->manifest_sha256, b.data, b.len);
	f->manifest_bytes = b.len;
	manifest_add_sums(&sums, &f->m, f->manifest_sha256);
	f->sums = (struct captured_file){ .path = (char *)(uintptr_t)MANIFEST_SUMS, .bytes = sums.len };
	sha256_of(f->sums.sha256, sums.data, sums.len);
	r = durable_write(dirfd, MANIFEST_NAME, ARTIFACT_MODE, b.data, b.len, 0, err);
	return r ? r : durable_write(dirfd, MANIFEST_SUMS, ARTIFACT_MODE, sums.data, sums.len, 0, err);
}

static int put_documents(struct finish *f, struct err *err)
{
	const struct capture_meta *meta = f->meta;

	f->m.id = mem_strdup(f->c->id);
	f->m.agent = mem_strdup(meta->agent);
	f->m.purpose = mem_strdup(meta->purpose);
	if (meta->about)
		f->m.about = (struct manifest_case){ mem_strdup(meta->about->id), mem_strdup(meta->about->operator), mem_strdup(meta->about->reason) };
	f->m.tool = mem_strdup(meta->tool);
	f->m.version = mem_strdup(meta->version);
	f->m.host_tag = mem_strdup(meta->host_tag);
	f->m.platform = mem_strdup(meta->platform);
	f->m.created_us = meta->now_us;
	f->m.raw_retained = meta->raw_retained;
	if (!f->c->n_records)
		return err_set(err, ERR_INCOMPLETE, "%s: nothing was captured, so there is nothing to bundle", f->c->dir);
	int r = capture_sync(f->c, err);
	if (!r)
		r = rename_secrets(f, err);
	if (!r)
		r = put_diagnostics(f, err);
	if (!r)
		r = put_records(f, err);
	if (!r)
		r = put_custody(f, err);
	if (!r)
		r = put_journal(f, err);
	if (!r)
		r = put_redactions(f, err);
	if (!r)
		r = capture_sync(f->c, err);
	return r ? r : put_manifest(f, err);
}

/* A file with a secret in it: out of the directory that is shared. The logs that we append to stay. */
static void hide(struct finish *f, char *const *paths)
{
	struct capture *c = f->c;

	unlinkat(c->dirfd, MANIFEST_NAME, 0);
	unlinkat(c->dirfd, MANIFEST_SUMS, 0);
	for (; *paths; paths++) {
		if (strcmp(*paths, RECORDS_NAME) == 0 || strcmp(*paths, CUSTODY_NAME) == 0 || strcmp(*paths, MANIFEST_NAME) == 0 ||
			strcmp(*paths, MANIFEST_SUMS) == 0)
			continue;
		_cleanup_free_ char *aside = mem_printf("unshareable/%s", *paths);
		if (dir_make_parents(c->privatefd, aside) || renameat(c->dirfd, *paths, c->privatefd, aside))
			unlinkat(c->dirfd, *paths, 0);
		capture_lose(c, *paths, "it held a secret that was replaced elsewhere; kept in private/unshareable");
		capture_drop_document(c, *paths);
	}
}

static int refuse(struct finish *f, const struct tarball_result *t, struct err *err)
{
	const char *base = f->c->base;
	_cleanup_free_ char *bundle = mem_printf("%s.tar.zst", base);
	_cleanup_free_ char *sig = mem_printf("%s.tar.zst.minisig", base);

	hide(f, t->hits);
	/* an earlier bundle of this directory knew fewer secrets */
	unlinkat(f->c->parentfd, bundle, 0);
	unlinkat(f->c->parentfd, sig, 0);
	return err_set(err, ERR_SECRET, "%s%s: nothing was signed; what could be moved is in %s/private/unshareable", t->hit,
		t->hits[1] ? ", and so do others" : "", f->c->dir);
}

/* Last, since it is words: in double quotes, without one of its own, so that it cannot pass for another field. */
static void comment_case(const struct manifest_case *c, struct buf *b)
{
	if (!c->id && !c->reason)
		return;
	if (c->id)
		buf_addf(b, " case=%s", c->id);
	buf_adds(b, " operator=");
	manifest_add_safe_name(b, c->operator, 64);
	if (!c->reason)
		return;
	size_t n = text_cut(c->reason, COMMENT_REASON_MAX);
	buf_adds(b, " reason=\"");
	for (size_t i = 0; i < n; i++)
		buf_addc(b, c->reason[i] == '"' ? '\'' : c->reason[i]);
	buf_addf(b, "%s\"", c->reason[n] ? "…" : "");
}

static void trusted_comment(struct finish *f, struct buf *b)
{
	char when[32], sha[65];

	text_time(when, f->meta->now_us);
	text_hex(sha, f->manifest_sha256, 32);
	buf_adds(b, "agent=");
	manifest_add_safe_name(b, f->meta->agent, 64);
	buf_addf(b, " time=%s manifest=sha256:%s host=", when, sha);
	manifest_add_safe_name(b, f->meta->host_tag, 64);
	buf_addf(b, " bundle=%s", f->c->id);
	comment_case(&f->m.about, b);
}

static int write_signature(struct finish *f, const char *name, const struct tarball_result *t, const struct sign_key *key, struct err *err)
{
	_cleanup_buf_ struct buf comment = { 0 }, sig = { 0 };

	trusted_comment(f, &comment);
	sign_make(key, t->digest, buf_str(&comment), "signature from sourceos-agent", &sig);
	return durable_write(f->c->parentfd, name, ARTIFACT_MODE, sig.data, sig.len, 0, err);
}

/* Of a large payload: hashed when it came, and not written to since. */
static bool payload_known(void *ctx, const struct manifest_artifact *m, const struct stat *st)
{
	const struct capture *c = ctx;

	for (size_t i = 0; m->bytes >= HASH_ONCE && i < c->n_records; i++)
		for (int s = 0; s < STREAMS; s++) {
			const struct captured_file *f = &c->records[i].files[s];
			if (strcmp(f->path, m->path) == 0)
				return file_mark_fits(&f->mark, st);
		}
	return false;
}

static int write_bundle(struct finish *f, const struct sign_key *key, struct capture_result *ret, struct err *err)
{
	struct capture *c = f->c;
	_cleanup_free_ struct manifest_artifact *members = mem_alloc((f->m.n_artifacts + 2) * sizeof(*members));
	_cleanup_free_ char *name = mem_printf("%s.tar.zst", c->base), *sig = mem_printf("%s.minisig", name);
	_cleanup_tarball_result_ struct tarball_result res = { 0 };
	_cleanup_durable_ struct durable d = { .fd = -1 };
	size_t n = f->m.n_artifacts;

	members[0] = (struct manifest_artifact){ .path = (char *)(uintptr_t)MANIFEST_NAME, .bytes = f->manifest_bytes, .mode = ARTIFACT_MODE };
	memcpy(members[0].sha256, f->manifest_sha256, 32);
	memcpy(members + 1, f->m.artifacts, n * sizeof(*members));
	members[n + 1] = (struct manifest_artifact){ .path = f->sums.path, .bytes = f->sums.bytes, .mode = ARTIFACT_MODE };
	memcpy(members[n + 1].sha256, f->sums.sha256, 32);
	int r = durable_open(c->parentfd, name, ARTIFACT_MODE, &d, err);
	if (r)
		return r;
	struct tarball t = { d.fd, c->dirfd, c->base, f->meta->now_us, f->gate, members, n + 2, payload_known, c };
	r = tarball_write(&t, &res, err);
	if (!r && res.hits)
		r = refuse(f, &res, err);
	if (!r)
		r = durable_commit(&d, 0, err);
	if (!r)
		r = write_signature(f, sig, &res, key, err);
	if (r)
		return r;
	ret->directory = mem_strdup(c->dir);
	ret->bundle = mem_printf("%s.tar.zst", c->dir);
	ret->signature = mem_printf("%s.tar.zst.minisig", c->dir);
	ret->bundle_bytes = res.bytes;
	memcpy(ret->manifest_sha256, f->manifest_sha256, 32);
	ret->manifest = f->m;
	f->m = (struct manifest){ 0 };
	return 0;
}

int capture_finish(struct capture *c, const struct capture_meta *meta, const struct sign_key *key, struct capture_result *ret,
	struct err *err)
{
	struct finish f = { .c = c, .meta = meta, .gate = redact_gate_new(c->redactor) };
	int r = put_documents(&f, err);

	if (!r)
		r = write_bundle(&f, key, ret, err);
	redact_gate_free(f.gate);
	manifest_free(&f.m);
	return r;
}
