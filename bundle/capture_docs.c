/* SPDX-License-Identifier: MIT */
/* What is not an answer to a probe: documents of ours, what is absent, custody, gaps. */
#include "bundle/capture_private.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "formats/text.h"

static struct document *find_document(struct capture *c, const char *name)
{
	for (size_t i = 0; i < c->n_documents; i++)
		if (strcmp(c->documents[i].file.path, name) == 0)
			return &c->documents[i];
	return NULL;
}

void capture_put_document(struct capture *c, const struct document *d)
{
	struct document *old = find_document(c, d->file.path);

	if (old) {
		free(old->file.path);
		free(old->absent);
		json_decref(old->redactions);
	} else {
		c->documents = mem_array(c->documents, c->n_documents + 1, sizeof(*c->documents));
		old = &c->documents[c->n_documents++];
		c->used = strv_add(c->used, d->file.path);
	}
	captured_file_copy(&old->file, &d->file);
	old->absent = mem_strdup(d->absent);
	old->redactions = json_incref(d->redactions);
}

void capture_drop_document(struct capture *c, const char *path)
{
	struct document *d = find_document(c, path);

	if (!d)
		return;
	for (char **u = c->used; *u; u++)
		if (strcmp(*u, path) == 0) {
			free(*u);
			for (; (*u = u[1]); u++)
				;
			break;
		}
	free(d->absent);
	json_decref(d->redactions);
	free(d->file.path);
	*d = c->documents[--c->n_documents];
}

json_t *document_json(const struct document *d)
{
	json_t *j = json_object();

	json_object_set_new(j, "document", json_string(d->file.path));
	json_object_set_new(j, "file", captured_file_json(&d->file));
	if (d->absent)
		json_object_set_new(j, "absent", json_string(d->absent));
	if (d->redactions)
		json_object_set(j, "redactions", d->redactions);
	return j;
}

/* What the redactor counted since `before` (n of them), by class. */
static json_t *counts_since(const struct capture *c, const struct redact_count *before, size_t n_before)
{
	json_t *j = json_object();
	size_t n;
	const struct redact_count *now = redactor_totals(c->redactor, &n);

	for (size_t i = 0; i < n; i++) {
		uint64_t was = 0;
		for (size_t k = 0; k < n_before; k++)
			if (strcmp(before[k].class, now[i].class) == 0)
				was = before[k].count;
		if (now[i].count > was)
			json_object_set_new(j, now[i].class, json_integer((json_int_t)(now[i].count - was)));
	}
	return j;
}

static int write_document(struct capture *c, const char *name, const char *absent, const struct buf *b, json_t *redactions,
	struct err *err)
{
	struct document d = { .file = { .path = (char *)(uintptr_t)name, .bytes = b->len },
		.absent = (char *)(uintptr_t)absent,
		.redactions = redactions };

	int r = durable_write(c->dirfd, name, ARTIFACT_MODE, buf_str(b), b->len, DURABLE_NOSYNC, err);
	if (r)
		return r;
	sha256_of(d.file.sha256, buf_str(b), b->len);
	if (!strv_has(c->unsynced, name))
		c->unsynced = strv_add(c->unsynced, name);
	json_t *j = document_json(&d);
	capture_add_line(&c->pending, j);
	json_decref(j);
	capture_put_document(c, &d);
	return capture_sync(c, err);
}

int capture_add_document(struct capture *c, const char *name, enum payload_class class, const void *p, size_t n, struct err *err)
{
	_cleanup_buf_ struct buf clean = { 0 };

	if (!manifest_path_ok(name) || strncasecmp(name, "private/", 8) == 0)
		return err_set(err, ERR_USAGE, "\"%s\" cannot be the name of a document", name);
	if (capture_path_used(c, name) && !find_document(c, name))
		return err_set(err, ERR_BUSY, "%s is the name of an artifact already", name);
	size_t n_before;
	const struct redact_count *totals = redactor_totals(c->redactor, &n_before);
	_cleanup_free_ struct redact_count *before = mem_alloc((n_before + 1) * sizeof(*before));
	if (n_before)
		memcpy(before, totals, n_before * sizeof(*before));
	redact_bytes(c->redactor, class, p, n, &clean);
	json_t *redactions = counts_since(c, before, n_before);
	int r = write_document(c, name, NULL, &clean, redactions, err);
	json_decref(redactions);
	return r;
}

int capture_note_absent(struct capture *c, const char *name, const char *reason, struct err *err)
{
	_cleanup_buf_ struct buf clean = { 0 }, b = { 0 };

	if (capture_path_used(c, name))
		return 0;
	if (!manifest_path_ok(name) || strncasecmp(name, "private/", 8) == 0)
		return err_set(err, ERR_USAGE, "\"%s\" cannot be the name of a document", name);
	redact_bytes(c->redactor, PAYLOAD_TEXT, reason, strlen(reason), &clean);
	_cleanup_free_ char *safe = text_safe(buf_str(&clean));
	if (text_ends(name, ".json")) {
		json_t *j = json_pack("{s:b, s:s}", "captured", 0, "reason", safe);
		capture_add_line(&b, j);
		json_decref(j);
	} else {
		buf_addf(&b, "# not captured: %s\n", safe);
	}
	return write_document(c, name, safe, &b, NULL, err);
}

static char *clean_text(struct capture *c, const char *s)
{
	struct buf b = { 0 };

	if (!s)
		return NULL;
	redact_bytes(c->redactor, PAYLOAD_TEXT, s, strlen(s), &b);
	return buf_take(&b);
}

/* Redaction may make it longer: it is cut then, not in the middle of a character. */
static char *clean_words(struct capture *c, struct redact_gate *gate, const char *s, size_t max)
{
	_cleanup_free_ char *clean = clean_text(c, s);
	_cleanup_buf_ struct buf scrubbed = { 0 };

	redact_gate_scrub(gate, clean, strlen(clean), true, &scrubbed);
	char *safe = text_safe(buf_str(&scrubbed));
	safe[text_cut(safe, max)] = 0;
	return safe;
}

void capture_clean_case(struct capture *c, const struct manifest_case *said, struct manifest_case *ret)
{
	struct redact_gate *gate = redact_gate_new(c->redactor);

	*ret = (struct manifest_case){ 0 };
	if (said->id)
		ret->id = clean_words(c, gate, said->id, CASE_ID_MAX);
	if (said->operator)
		ret->operator = clean_words(c, gate, said->operator, CASE_REASON_MAX);
	if (said->reason)
		ret->reason = clean_words(c, gate, said->reason, CASE_REASON_MAX);
	redact_gate_free(gate);
}

int capture_custody(struct capture *c, const struct capture_act *act, struct err *err)
{
	_cleanup_custody_ struct custody line = {
		.seq = c->custody_seq + 1,
		.time_us = act->time_us,
		.actor = mem_strdup(act->actor),
		.uid = act->uid,
		.tool = mem_strdup(act->tool),
		.action = clean_text(c, act->action),
		.detail = clean_text(c, act->detail),
		.case_id = mem_strdup(act->case_id),
		.exit = act->exit,
	};
	_cleanup_buf_ struct buf b = { 0 };

	memcpy(line.prev, c->custody_prev, sizeof(line.prev));
	custody_add(&b, &line);
	if (write_all(c->custodyfd, b.data, b.len) || fsync(c->custodyfd))
		return err_errno(err, errno, "cannot write %s/" CUSTODY_NAME, c->dir);
	c->custody_seq++;
	sha256_of(c->custody_prev, b.data, b.len - 1);
	return 0;
}

static void record_gap(const struct captured *r, struct manifest *m)
{
	const char *path = r->files[STREAM_OUT].path;
	/* what has a name of its own is known by it */
	const char *what = strncmp(path, "probes/", 7) == 0 ? r->key : path;
	int64_t cut = json_integer_value(json_object_get(r->line, "cutBytes"));
	int status = (int)json_integer_value(json_object_get(r->line, "status"));
	_cleanup_free_ char *reason = r->reason			 ? mem_strdup(r->reason)
				      : r->withheld		 ? mem_strdup("the payload could not be redacted with certainty")
				      : r->outcome == OUTCOME_CUT ? mem_printf("%" PRId64 " bytes were left out", cut)
				      : r->unsuccessful		 ? mem_printf("the command ended with %d; what it said is in %s", status, r->files[STREAM_ERR].path)
								  : NULL;

	manifest_add_gap(m, what, r->withheld ? "withheld" : r->unsuccessful ? "failed" : outcome_name(r->outcome), reason);
}

static bool is_gap(const struct captured *r)
{
	bool unread = r->outcome == OUTCOME_DENIED || r->outcome == OUTCOME_REFUSED || r->outcome == OUTCOME_TIMEOUT || r->outcome == OUTCOME_FAILED;

	return r->withheld || r->unsuccessful || (r->needed && r->outcome != OUTCOME_OK) || (r->named && unread);
}

void capture_gaps(const struct capture *c, struct manifest *m)
{
	for (size_t i = 0; i < c->n_records; i++) {
		const struct captured *r = &c->records[i];
		if (is_gap(r) && capture_find(c, r->key) == r)
			record_gap(r, m);
	}
	for (size_t i = 0; i < c->n_documents; i++)
		if (c->documents[i].absent)
			manifest_add_gap(m, c->documents[i].file.path, "not-captured", c->documents[i].absent);
}
