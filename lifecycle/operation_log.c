/* SPDX-License-Identifier: MIT */
/* What the service said last, for whoever waits for it. */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "formats/text.h"
#include "lifecycle/operation.h"
#include "redact/redact.h"

#define TAIL_LINES 8
#define TAIL_BYTES (16u << 10)

static struct probe *log_probe(const struct operation *o)
{
	struct buf path = { 0 };
	struct probe *p = NULL;

	generate_log_path(o->agent, true, &path);
	if (path.len) {
		p = probe_file(path.data, PAYLOAD_TEXT);
		p->flags |= PROBE_TAIL;
		p->limits.max_bytes = TAIL_BYTES;
	} else if (o->service.platform != PLATFORM_DARWIN) {
		bool user = o->agent->scope == SCOPE_USER;
		_cleanup_free_ char *unit = mem_printf(user ? "--user-unit=%s" : "--unit=%s", o->service.unit), *lines = mem_printf("--lines=%d", TAIL_LINES);
		_cleanup_strv_ char **argv = strv_new("journalctl", "--quiet", "--no-pager", "--output=cat", lines, unit, NULL);
		p = probe_cmd("log-tail", argv, user ? o->owner : NULL, PAYLOAD_TEXT);
	}
	buf_free(&path);
	return p;
}

static const char *last_lines(const struct buf *b, unsigned n)
{
	const char *p = buf_str(b) + b->len;

	if (p > buf_str(b) && p[-1] == '\n')
		p--;
	for (; p > buf_str(b); p--)
		if (p[-1] == '\n' && n-- == 1)
			break;
	return p;
}

char *operation_log_tail(const struct operation *o)
{
	_cleanup_probe_ struct probe *p = log_probe(o);
	_cleanup_answer_ struct answer a = { 0 };
	_cleanup_buf_ struct buf clean = { 0 };
	uint8_t key[REDACT_KEY_BYTES];
	struct buf out = { 0 };

	if (!p || source_get(o->session.source, p, &a, NULL) || !record_answered(&a.rec) || !a.out.len)
		return NULL;
	if (getentropy(key, sizeof(key)))
		abort();
	CLEANUP(redactor_freep) struct redactor *r = redactor_new(key, NULL);
	if (!r)
		return NULL;
	redact_bytes(r, PAYLOAD_TEXT, a.out.data, a.out.len, &clean);
	_cleanup_free_ char *where = probe_command(p);
	buf_addf(&out, "the last lines of its log (%s):", p->path ? p->path : where);
	for (const char *line = last_lines(&clean, TAIL_LINES); *line;) {
		size_t n = strcspn(line, "\n");
		buf_adds(&out, "\n  | ");
		text_add_safe(&out, line, n, false);
		line += n + (line[n] == '\n');
	}
	return buf_take(&out);
}
