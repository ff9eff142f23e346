/* SPDX-License-Identifier: MIT */
#ifndef COLLECT_JOB_H
#define COLLECT_JOB_H

#include "collect/source.h"

/*
 * A job is one asked probe until its end: what the runner, the file reader and the HTTP client
 * share. Whoever answers it fills rec and passes payload on through job_chunk; only the live source
 * ends it.
 */
struct job {
	struct job *next;
	struct probe *probe;
	struct sink *sink;
	struct record rec;
	uint64_t start_us; /* monotonic */
};

struct job *job_new(const struct probe *probe, struct sink *sink);
void job_start(struct job *j); /* stamps the clocks */

/* Passes payload on while it fits under `cap` bytes of its stream; returns how many did not. */
size_t job_chunk(struct job *j, enum stream stream, const void *p, size_t n, uint64_t cap);

/* Sets outcome, status and reason. */
void job_fail(struct job *j, enum outcome o, int status, const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The same from an errno: ABSENT, DENIED, REFUSED or FAILED; ": <strerror>" is appended. */
void job_errno(struct job *j, int errnum, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

void job_end(struct job *j); /* tells the sink, then frees the job */
void job_free(struct job *j);

/* A JSON string; jansson takes UTF-8 only, and names and paths may be any bytes: those are written as text_safe does. */
json_t *job_json_text(const char *s);

uint64_t clock_mono_us(void);
uint64_t clock_wall_us(void);

#endif
