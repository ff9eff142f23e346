/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_CAPTURE_H
#define BUNDLE_CAPTURE_H

#include "bundle/durable.h"
#include "bundle/sign.h"
#include "collect/source.h"
#include "formats/custody.h"
#include "formats/manifest.h"
#include "redact/redact.h"

/*
 * An evidence directory while it fills. What a source answers goes through the redactor and only
 * then to a file; the directory holds what may be shared, but for its subdirectory private/ (0700,
 * never in a bundle): the redaction key, and what lifecycle keeps there.
 *
 *	DIR/records.jsonl      one line per answer, written after the files that it names are on disk
 *	DIR/custody.jsonl      one line per act
 *	DIR/<artifact>         payloads that have a name of their own
 *	DIR/probes/<key>.out   the others; .err; all empty ones are probes/empty
 *	DIR/private/redaction.key
 *
 * Files get their names when they are whole. A capture that was interrupted is opened again with the
 * same call: what records.jsonl says is kept, the rest (torn last line, unnamed files) is dropped.
 */
struct capture;

/* Makes or reopens DIR, which must be ours and not writable by others. -ERR_BUSY while another
 * process has it open. */
int capture_open(const char *dir, struct capture **ret, struct err *err);
/* Closes without finishing; what was captured stays. */
void capture_close(struct capture *c);
void capture_closep(struct capture **c);
#define _cleanup_capture_ CLEANUP(capture_closep)

struct tap *capture_tap(struct capture *c); /* for source_tee; valid until capture_close */
struct redactor *capture_redactor(struct capture *c);
const char *capture_dir(const struct capture *c);
int capture_private_fd(const struct capture *c); /* of private/; stays the capture's */

/* Makes everything captured so far survive a crash: to be called before a step that destroys what it
 * came from. Fails when any record could not be written. */
int capture_sync(struct capture *c, struct err *err);

/* What is known of one answer. */
struct captured_file {
	char *path;
	uint64_t bytes;
	uint8_t sha256[32];
	struct file_mark mark; /* of this process: of zeros when an earlier one wrote it */
};
struct captured {
	char *key;
	char *name;	   /* the key; of a further answer to the same key, the key and "#2" */
	enum outcome outcome; /* as recorded: an answer whose payload could not be kept is FAILED */
	char *reason;
	bool withheld;	   /* the payload was, whole */
	bool needed;	   /* the probe was critical or volatile */
	bool named;	   /* its payload has a name of its own in the evidence */
	bool unsuccessful; /* a command that tells nothing unless it ends with 0 did not */
	struct captured_file files[STREAMS];
	json_t *line;
};
/* The first answer to a key that was OK or CUT, else the first, else NULL. Valid until the capture changes. */
const struct captured *capture_find(const struct capture *c, const char *key);

/* Appends to m->gaps: what is critical or volatile and not OK, what has a name of its own, is there and could not be read,
 * what was withheld, what was noted absent. */
void capture_gaps(const struct capture *c, struct manifest *m);

/* A document of ours, redacted as `class`, on disk when this returns. The same name again replaces it. */
int capture_add_document(struct capture *c, const char *name, enum payload_class class, const void *p, size_t n, struct err *err);

/* Says in a file of that name that it was not captured, and lists it as a gap. Nothing happens when
 * there is an artifact of that name. A document added later under the name takes its place. */
int capture_note_absent(struct capture *c, const char *name, const char *reason, struct err *err);

/* A copy that may be shared: its words redacted, scrubbed of every secret that is known by now, on one line and
 * within the bounds of manifest.h. Free what it holds. */
void capture_clean_case(struct capture *c, const struct manifest_case *said, struct manifest_case *ret);

/* One act for custody.jsonl, on disk when this returns. Strings are redacted as text. */
struct capture_act {
	uint64_t time_us;
	const char *actor;
	uint32_t uid;
	const char *tool; /* name and version */
	const char *action;
	const char *detail; /* may be NULL */
	const char *case_id; /* may be NULL */
	int exit;
};
int capture_custody(struct capture *c, const struct capture_act *act, struct err *err);

struct capture_meta {
	const char *agent;
	const char *purpose; /* "collect", "quarantine" */
	const struct manifest_case *about; /* by capture_clean_case; NULL: nothing was said */
	const char *tool;
	const char *version;
	const char *host_tag;
	const char *platform;
	const char *os_release; /* NULL: unknown; the same for the next three */
	const char *kernel;
	const char *boot;
	const char *since;
	uint64_t now_us;   /* the source's clock: file times of the tarball, created of the manifest */
	bool raw_retained; /* unredacted originals stay in private/ */
	const char *journal; /* what journal.jsonl is to hold; NULL: none */
	size_t journal_bytes;
	/* Appends what report.html is to be, given the manifest with everything else in it; NULL: none. What it
	 * appends is redacted and scrubbed once more. */
	void (*page)(void *ctx, const struct manifest *m, struct buf *out);
	void *page_ctx;
};

struct capture_result {
	char *directory;
	char *bundle;	 /* DIR.tar.zst */
	char *signature; /* DIR.tar.zst.minisig */
	uint8_t manifest_sha256[32];
	uint64_t bundle_bytes;
	struct manifest manifest;
};
void capture_result_free(struct capture_result *r);
#define _cleanup_capture_result_ CLEANUP(capture_result_free)

/* Writes the documents, manifest and sums, the tarball and its signature, in this order. May be
 * called again, after more was captured: everything is then written anew.
 * -ERR_SECRET: a value that the redactor had replaced elsewhere stands in a file. Nothing is signed,
 * the tarball and the manifest are gone, and the file was moved to private/unshareable/; err says
 * which. Called again, the bundle is made without that file and lists it as a gap. */
int capture_finish(struct capture *c, const struct capture_meta *meta, const struct sign_key *key, struct capture_result *ret,
	struct err *err);

#endif
