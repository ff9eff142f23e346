/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_RECORD_H
#define FORMATS_RECORD_H

#include "formats/buf.h"
#include "formats/probe.h"

/*
 * A record is a probe's answer, without its payload: payloads flow in chunks through a sink.
 * NOT_COLLECTED is not ABSENT: nobody asked, so nothing follows from it.
 */
enum outcome {
	OUTCOME_OK,	       /* answered in full; a command's non-zero exit or HTTP 404 is an answer too */
	OUTCOME_CUT,	       /* answered, payload cut at max_bytes */
	OUTCOME_TIMEOUT,       /* no full answer within timeout_ms; what came is kept */
	OUTCOME_ABSENT,	       /* no such file, command, user or socket */
	OUTCOME_DENIED,	       /* it is there and we may not */
	OUTCOME_REFUSED,       /* a socket that nobody answers on, or a thing that is not what it should be (FIFO, device) */
	OUTCOME_FAILED,	       /* anything else; reason says */
	OUTCOME_NOT_COLLECTED, /* this source does not hold it */
	OUTCOMES,
};
const char *outcome_name(enum outcome o); /* "ok", "cut", "timeout", "absent", "denied", "refused", "failed", "not-collected" */
int outcome_parse(const char *s, enum outcome *ret);

struct file_stat {
	bool known;
	uint32_t mode; /* with the type bits, as st_mode */
	uint32_t uid;
	uint32_t gid;
	uint64_t size;
	int64_t mtime_us;
	char *owner; /* user name, NULL when it has none */
	char *link;  /* target, when it is a symbolic link */
};

enum via { VIA_COMMAND, VIA_BUS, VIA_JOURNAL };

enum stream { STREAM_OUT, STREAM_ERR, STREAMS };

struct record {
	char *key;
	enum outcome outcome;
	int status;	 /* CMD: exit code; HTTP: status code; else errno, 0 for OK */
	int signal;	 /* CMD: the signal that ended it, 0 if none */
	char *reason;	 /* for people, when outcome is not OK; NULL else */
	uint64_t started_us;
	uint64_t took_us;
	uint64_t maxrss_kb; /* CMD; 0 unknown */
	enum via via;	    /* CMD: who told what the command would print, when it was not run (PROBE_LIBSYSTEMD) */
	uint64_t bytes[STREAMS];   /* payload bytes passed on, before redaction */
	uint64_t cut_bytes;	   /* how many were left out, when known */
	struct file_stat stat;	   /* FILE, DIR, LINK */
};

void record_free(struct record *r); /* frees what it holds, not r */
void record_copy(struct record *to, const struct record *from);

/* True when there is an answer to read: OK or CUT. */
static inline bool record_answered(const struct record *r)
{
	return r->outcome == OUTCOME_OK || r->outcome == OUTCOME_CUT;
}

/*
 * The JSON of a record: {"key","kind","command","outcome","status","signal","reason","started",
 * "tookUs","maxrssKb","via","tier","timeoutMs","stat":{…}} — what records.jsonl holds, a line each, plus
 * the fields the bundle adds ("stdout", "stderr": {path, bytes, sha256}). See docs/formats/records.md.
 */
json_t *record_to_json(const struct probe *p, const struct record *r);
int record_from_json(const json_t *j, struct record *ret, struct err *err);

/*
 * DIR payload, a line per entry, sorted by name in bytes:
 * {"name":"a.service","type":"f|d|l|p|s|b|c","mode":420,"uid":0,"gid":0,"owner":"root","size":12,"mtimeUs":…,"link":"../x"}
 * Of a place for transient units (…/systemd/transient) scopes are left out: PROBE_NO_SCOPES.
 */

#endif
