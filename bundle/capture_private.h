/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_CAPTURE_PRIVATE_H
#define BUNDLE_CAPTURE_PRIVATE_H

/* The inside of a capture, shared by capture*.c and finish.c only. */
#include "bundle/capture.h"
#include "bundle/durable.h"
#include "bundle/hasher.h"
#include "bundle/sha256.h"

#define RECORDS_NAME "records.jsonl"
#define CUSTODY_NAME "custody.jsonl"
#define PAGE_NAME "report.html"
#define JOURNAL_NAME "journal.jsonl"
#define REDACTIONS_NAME "redactions.json"
#define DIAGBUNDLE_NAME "diagnostics-bundle.json"
#define EMPTY_NAME "probes/empty"
#define ARTIFACT_MODE 0600

struct document {
	struct captured_file file;
	char *absent; /* the reason, when the document only says so */
	json_t *redactions; /* class → count, NULL for none */
};

struct capture {
	struct tap tap;
	char *dir;	/* as given, without trailing slashes */
	char *base;	/* its last component: the bundle's top directory */
	char *id;	/* urn:srcos:diag-bundle:… */
	int parentfd, dirfd, privatefd;
	int recordsfd, custodyfd;
	struct redactor *redactor;
	struct hasher *hasher; /* of payloads, while they come */
	struct captured *records;
	size_t n_records;
	struct document *documents;
	size_t n_documents;
	char **used;	 /* paths that are taken */
	char **unsynced; /* files that no line names yet */
	struct buf pending; /* lines for records.jsonl */
	uint64_t custody_seq;
	uint8_t custody_prev[32];
	struct err error; /* the first failure that no record could carry */
};

/* Takes a path for a new file: `wish`, or with #n at its end when that is taken. Caller frees. */
char *capture_take_path(struct capture *c, const char *wish, size_t n);
bool capture_path_used(const struct capture *c, const char *path);

/* The shared empty file, made when first needed. */
int capture_empty(struct capture *c, struct captured_file *ret, struct err *err);
void captured_file_copy(struct captured_file *to, const struct captured_file *from);
/* {"path","bytes","sha256"}, and back; -1 when it is not one. */
json_t *captured_file_json(const struct captured_file *f);
int captured_file_parse(const json_t *j, struct captured_file *ret);

/* Takes line over; reads the rest of r from it. Needs key, files and line. */
void capture_push(struct capture *c, struct captured *r);
void capture_put_document(struct capture *c, const struct document *d);
/* Forgets a document; its name is free again. path may be the document's own. */
void capture_drop_document(struct capture *c, const char *path);
json_t *document_json(const struct document *d);

/* A file that was captured is no more: every record of it says so from now on. */
void capture_lose(struct capture *c, const char *path, const char *reason);

void capture_add_line(struct buf *b, const json_t *j);

/* Reads what an earlier process left in the directory (capture_reopen.c). */
int capture_reopen(struct capture *c, struct err *err);

#endif
