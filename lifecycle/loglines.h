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
	uint64_t time_us; /* of a line that tells none: of the line before it, or when its file was last written */
	enum log_source source;
	size_t order;	  /* within its source */
	char *text;	  /* fit for a terminal */
};
struct log_lines {
	struct log_line *v;
	size_t n;
};
void log_lines_free(struct log_lines *l);
#define _cleanup_log_lines_ CLEANUP(log_lines_free)

/* sources: bits of 1 << enum log_source. r redacts; NULL when that was done. */
void log_lines_read(const struct evidence *e, unsigned sources, struct redactor *r, struct log_lines *ret);

/* How many lines of `now` were in `before` already: what follows is new. Both as log_lines_read made them, of one source. */
size_t log_lines_known(const struct log_lines *before, const struct log_lines *now, enum log_source source);

#endif
