/* SPDX-License-Identifier: MIT */
#ifndef LIFECYCLE_LOGLINES_H
#define LIFECYCLE_LOGLINES_H

#include "collect/evidence.h"
#include "redact/redact.h"

/* The lines of an agent's logs, from all its sources, redacted, in the order of time. */
enum log_source { LOG_APP, LOG_STDERR, LOG_JOURNAL, LOG_CONTAINER, LOG_SOURCES };
const char *log_source_name(enum log_source s); /* "app", "stderr", "journal", "container" */
int log_source_parse(const char *s, enum log_source *ret);

struct log_line {
	uint64_t time_us; /* of a line that tells none: of the line before it, else after it, else when its file was last written */
	uint64_t entry_us; /* when the journal or Podman had it; 0: not known, or a file's line, whose text is all there is */
	enum log_source source;
	size_t stream;	  /* of log_lines.streams */
	size_t order;	  /* as they were read: streams one after the other */
	uint64_t left;	  /* bytes, before redaction, from this line's beginning to the end of its stream */
	char *text;	  /* fit for a terminal */
};
/* One text that lines come from: a log file, the journal, a container's output. */
struct log_stream {
	char *name;	     /* the file's path, "journal", "container"…; fit for a terminal */
	uint64_t size;	     /* of the file; 0 of anything else */
	uint64_t left_out;   /* bytes of the file that are not among the lines, the oldest */
	uint64_t window;     /* of the journal or a container's log so many entries were asked for, and came: there may be older ones; 0: these are all */
	bool cut;	     /* its newest entries are not among the lines: there was more than is read at once */
	bool untimed;	     /* no line of the file tells a time */
	bool open;	     /* the last line has no end yet */
};
struct log_lines {
	struct log_line *v;
	size_t n, room;
	struct log_stream *streams;
	size_t n_streams;
};
void log_lines_free(struct log_lines *l);
#define _cleanup_log_lines_ CLEANUP(log_lines_free)

#define LOG_LINES_MAX 1000000 /* of each file, its last */

/* sources: bits of 1 << enum log_source. r redacts; NULL when that was done. */
void log_lines_read(const struct evidence *e, unsigned sources, struct redactor *r, struct log_lines *ret);

/* Adds a stream; adds a line to the newest one, text is handed over. */
struct log_stream *log_lines_stream(struct log_lines *l, const char *name);
void log_lines_put(struct log_lines *l, struct log_line line);

#endif
