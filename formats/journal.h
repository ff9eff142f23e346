/* SPDX-License-Identifier: MIT */
#ifndef FORMATS_JOURNAL_H
#define FORMATS_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/mem.h"

/*
 * One entry of `journalctl -o json`: one JSON object a line, values are strings, arrays of bytes (not
 * UTF-8), arrays of either (the field stands more than once; the first counts), or null (too long; --all prints them).
 * Source: journalctl(1), systemd.journal-fields(7), sd-messages.h.
 */
enum journal_event {
	JOURNAL_OTHER,
	JOURNAL_STARTING,	    /* 7d4958e842da4a758f6c1cdc7b36dcc5 */
	JOURNAL_STARTED,	    /* 39f53479d3a045ac8e11786248231fbf */
	JOURNAL_STOPPING,	    /* de5b426a63be47a7b6ac3eaac82e2f6f */
	JOURNAL_STOPPED,	    /* 9d1aaa27d60140bd96365438aad20286 */
	JOURNAL_FAILED,		    /* be02cf6855d2428ba40df7e9d022f03d, d9b373ed55a64feb8242e02dbe79a49c: entered the failed state, or the start job did */
	JOURNAL_PROCESS_EXIT,	    /* 98e322203f7a4ed290d09fe03c09fe15 */
	JOURNAL_SUCCESS,	    /* 7ad2d189f7e94e70a38c781354912448 */
	JOURNAL_RESTART_SCHEDULED,  /* 5eb03494b6584870a536b337290809b3 */
	JOURNAL_RESOURCES,	    /* ae8f7b866b0347b9af31fe1c80b127c0: consumed CPU time */
	JOURNAL_RELOADING,	    /* d34d037fff1847e6ae669a370e694725 */
	JOURNAL_OOM,		    /* fe6faa94e7774663a0da52717891d8ef */
};

struct journal_entry {
	uint64_t time_us; /* __REALTIME_TIMESTAMP; 0 unknown */
	uint64_t monotonic_us;
	int priority; /* 0…7; -1 unknown */
	char *message; /* bytes, NUL replaced by U+FFFD; NULL when the journal withheld it */
	size_t message_len;
	int64_t pid;	  /* _PID; -1 unknown */
	int64_t uid;	  /* _UID; -1 unknown */
	char *identifier; /* SYSLOG_IDENTIFIER, else _COMM */
	char *unit;	  /* the unit that the entry is about: UNIT, USER_UNIT, else _SYSTEMD_USER_UNIT, _SYSTEMD_UNIT */
	char *system_unit; /* _SYSTEMD_UNIT: who wrote it */
	char *user_unit;   /* _SYSTEMD_USER_UNIT */
	char *transport;   /* _TRANSPORT: stdout, journal, syslog, kernel… */
	char *message_id;
	char *job_type;	  /* start, stop, restart */
	char *job_result; /* done, failed… */
	char *unit_result;
	char *exit_code;  /* EXIT_CODE: exited, killed, dumped */
	char *exit_status; /* EXIT_STATUS: number or signal name */
	int64_t n_restarts; /* N_RESTARTS of a restart-scheduled entry; -1 */
	char *invocation_id;
	char *boot_id;
	char *container_name; /* CONTAINER_NAME, of Podman's journald log driver */
	char *cursor;
	enum journal_event event;
};

/* How much of each entry is asked for. Besides, every entry has __CURSOR, __REALTIME_TIMESTAMP, __MONOTONIC_TIMESTAMP and _BOOT_ID. */
enum journal_detail {
	JOURNAL_WHOLE,
	JOURNAL_EVENTS, /* what an entry's event and unit are told by: a third of the bytes */
};
bool journal_detail_has(enum journal_detail d, const char *name, size_t n);

/* The words of `journalctl`, up to what is to match, for the last `lines` entries as journal_parse takes them. Caller frees. */
char **journal_argv(enum journal_detail d, unsigned lines);

/* Parses one line, with or without its newline. ERR_SYNTAX when it is no JSON object. */
int journal_parse(const char *line, size_t n, struct journal_entry *ret, struct err *err);
void journal_entry_free(struct journal_entry *e); /* frees what it holds */
#define _cleanup_journal_entry_ CLEANUP(journal_entry_free)

/* Whole output: calls each() per entry, skips and counts the lines that are none; each() returns non-zero to stop. Returns the count of bad lines. */
size_t journal_each(const char *text, size_t n, int (*each)(const struct journal_entry *e, void *ctx), void *ctx);

#endif
