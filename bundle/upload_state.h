/* SPDX-License-Identifier: MIT */
#ifndef BUNDLE_UPLOAD_STATE_H
#define BUNDLE_UPLOAD_STATE_H

#include "bundle/upload_driver.h"

/*
 * FILE.attach.json beside a file that goes somewhere in parts: which parts arrived, so that the same command, given
 * again after whatever interrupted it, goes on behind them. It is ours alone to believe a little: what it says wrongly
 * is found when the whole is read back by its hash, or by the server when the parts are put together.
 *
 *	{"schema":"sourceos.attach-state.v1","url":"…","sha256":"…","uploadId":"…","part":16777216,"etags":["…"]}
 */
struct upload_state {
	char *id;	/* the server's name of the upload, percent-encoded; NULL: none is under way */
	uint64_t part;	/* bytes of each part but the last */
	char **etags;	/* of the parts that arrived, from the first */
};
void upload_state_free(struct upload_state *s); /* frees what it holds */
#define _cleanup_upload_state_ CLEANUP(upload_state_free)

/* What an earlier run left, when it is about these bytes and this URL; else *ret is empty. */
void upload_state_load(const struct upload *u, const char *url, struct upload_state *ret);
/* Beside a file whose directory is not ours to write there is none, and nothing goes on later: that is no error. */
void upload_state_save(const struct upload *u, const char *url, const struct upload_state *s);
void upload_state_drop(const struct upload *u);

#endif
