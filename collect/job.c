/* SPDX-License-Identifier: MIT */
#include "collect/job.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "formats/text.h"

static uint64_t clock_us(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

uint64_t clock_mono_us(void)
{
	return clock_us(CLOCK_MONOTONIC);
}

uint64_t clock_wall_us(void)
{
	return clock_us(CLOCK_REALTIME);
}

struct job *job_new(const struct probe *probe, struct sink *sink)
{
	struct job *j = mem_alloc(sizeof(*j));

	j->probe = probe_copy(probe);
	j->sink = sink;
	j->rec.key = mem_strdup(probe->key);
	return j;
}

void job_start(struct job *j)
{
	j->start_us = clock_mono_us();
	j->rec.started_us = clock_wall_us();
}

size_t job_chunk(struct job *j, enum stream stream, const void *p, size_t n, uint64_t cap)
{
	uint64_t room = cap > j->rec.bytes[stream] ? cap - j->rec.bytes[stream] : 0;
	size_t fits = n < room ? n : (size_t)room;

	if (fits) {
		j->rec.bytes[stream] += fits;
		j->sink->chunk(j->sink, stream, p, fits);
	}
	return n - fits;
}

static void job_set(struct job *j, enum outcome o, int status, char *reason)
{
	free(j->rec.reason);
	j->rec.outcome = o;
	j->rec.status = status;
	j->rec.reason = reason;
}

void job_fail(struct job *j, enum outcome o, int status, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	job_set(j, o, status, mem_strdup(text));
}

static enum outcome outcome_of_errno(int errnum)
{
	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return OUTCOME_ABSENT;
	case EACCES:
	case EPERM:
		return OUTCOME_DENIED;
	case ECONNREFUSED:
	case ELOOP:
	case ENOTSOCK:
	case ENXIO:
		return OUTCOME_REFUSED;
	case ETIMEDOUT:
		return OUTCOME_TIMEOUT;
	default:
		return OUTCOME_FAILED;
	}
}

void job_errno(struct job *j, int errnum, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	job_set(j, outcome_of_errno(errnum), errnum, mem_printf("%s: %s", text, strerror(errnum)));
}

void job_end(struct job *j)
{
	j->rec.took_us = clock_mono_us() - j->start_us;
	j->sink->end(j->sink, j->probe, &j->rec);
	job_free(j);
}

void job_free(struct job *j)
{
	record_free(&j->rec);
	probe_free(j->probe);
	free(j);
}

json_t *job_json_text(const char *s)
{
	json_t *j = json_string(s);

	if (!j) {
		_cleanup_free_ char *safe = text_safe(s);
		j = json_string(safe);
	}
	return j;
}
