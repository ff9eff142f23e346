/* SPDX-License-Identifier: MIT */
/* What an earlier process left: believed as far as its lines are whole and their files are there. */
#include "bundle/capture_private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bundle/tree.h"
#include "formats/text.h"

#define LOG_MAX (64u << 20)

/* Reads a log and cuts off a torn last line, in the file too. */
static int read_log(struct capture *c, int fd, const char *name, struct buf *b, struct err *err)
{
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, errno, "cannot read %s/%s", c->dir, name);
	int r = fd_read(fd, name, LOG_MAX, b, err);
	if (r)
		return r;
	size_t whole = b->len;
	while (whole && b->data[whole - 1] != '\n')
		whole--;
	if (whole != b->len && (ftruncate(fd, (off_t)whole) || fsync(fd)))
		return err_errno(err, errno, "cannot cut the torn line off %s/%s", c->dir, name);
	b->len = whole;
	return 0;
}

static bool file_is_there(struct capture *c, const struct captured_file *f)
{
	struct stat st;

	return fstatat(c->dirfd, f->path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size == f->bytes;
}

static void read_document(struct capture *c, const json_t *j)
{
	struct document d = { 0 };

	if (captured_file_parse(json_object_get(j, "file"), &d.file))
		return;
	const char *absent = json_string_value(json_object_get(j, "absent"));
	d.absent = mem_strdup(absent);
	d.redactions = json_object_get(j, "redactions"); /* borrowed */
	/* a later line may speak of newer bytes under the same name: sizes are compared when all were read */
	capture_put_document(c, &d);
	free(d.file.path);
	free(d.absent);
}

static void read_record(struct capture *c, json_t *j)
{
	struct captured r = { 0 };
	struct record rec;

	if (record_from_json(j, &rec, NULL))
		return;
	if (captured_file_parse(json_object_get(j, "stdout"), &r.files[STREAM_OUT]) ||
		captured_file_parse(json_object_get(j, "stderr"), &r.files[STREAM_ERR])) {
		free(r.files[STREAM_OUT].path);
		record_free(&rec);
		return;
	}
	r.key = mem_strdup(rec.key);
	r.outcome = rec.outcome;
	r.reason = mem_strdup(rec.reason);
	r.line = json_incref(j);
	record_free(&rec);
	for (int s = 0; s < STREAMS; s++)
		if (!capture_path_used(c, r.files[s].path))
			c->used = strv_add(c->used, r.files[s].path);
	capture_push(c, &r);
}

static void read_lines(struct capture *c, const struct buf *b)
{
	const char *p = b->data, *end = p + b->len;

	for (const char *nl; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		json_t *j = json_loadb(p, (size_t)(nl - p), JSON_REJECT_DUPLICATES, NULL);
		if (json_is_string(json_object_get(j, "document")))
			read_document(c, j);
		else if (j)
			read_record(c, j); /* a damaged line falls away, the others stand */
		json_decref(j);
	}
}

static void drop_missing(struct capture *c)
{
	static const char gone[] = "the file was not found again when the capture went on";

	for (size_t i = 0; i < c->n_records; i++)
		for (int s = 0; s < STREAMS; s++)
			if (!file_is_there(c, &c->records[i].files[s])) {
				_cleanup_free_ char *path = mem_strdup(c->records[i].files[s].path);
				if (strcmp(path, EMPTY_NAME) != 0)
					capture_lose(c, path, gone);
			}
	for (size_t i = 0; i < c->n_documents;) {
		if (file_is_there(c, &c->documents[i].file))
			i++;
		else
			capture_drop_document(c, c->documents[i].file.path);
	}
}

/* Temporary files go; a file that no line names was not finished, but it may be all there is: it is kept aside. */
static int drop_strays(struct capture *c, struct err *err)
{
	_cleanup_strv_ char **files = NULL;
	int r = tree_list(c->dirfd, "private", MANIFEST_ARTIFACTS_MAX, &files, err);

	for (size_t i = 0; !r && files && files[i]; i++) {
		const char *base = strrchr(files[i], '/');
		if (text_starts(base ? base + 1 : files[i], DURABLE_TMP)) {
			unlinkat(c->dirfd, files[i], 0);
		} else if (!capture_path_used(c, files[i])) {
			_cleanup_free_ char *aside = mem_printf("stray/%s", files[i]);
			if (dir_make_parents(c->privatefd, aside) || renameat(c->dirfd, files[i], c->privatefd, aside))
				r = err_errno(err, errno, "cannot put %s/%s aside", c->dir, files[i]);
		}
	}
	return r;
}

int capture_reopen(struct capture *c, struct err *err)
{
	_cleanup_buf_ struct buf records = { 0 }, custody = { 0 };
	int r = read_log(c, c->recordsfd, RECORDS_NAME, &records, err);

	if (!r && records.len)
		read_lines(c, &records);
	if (!r)
		r = read_log(c, c->custodyfd, CUSTODY_NAME, &custody, err);
	if (!r)
		r = custody_check(buf_str(&custody), custody.len, sha256_of, &c->custody_seq, c->custody_prev, err);
	if (r)
		return r;
	drop_missing(c);
	return drop_strays(c, err);
}
