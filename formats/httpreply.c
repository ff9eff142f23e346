/* SPDX-License-Identifier: MIT */
#include "formats/httpreply.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/text.h"

enum { STATUS_LINE, HEADERS, BODY_LENGTH, BODY_TO_END, CHUNK_SIZE, CHUNK, CHUNK_END, TRAILERS };

#define CHUNK_DIGITS 15 /* no sum of it overflows */

static int parse_status(struct httpreply *h, struct err *err)
{
	const char *s = h->line;

	if (!text_starts(s, "HTTP/1.") || strspn(s + 7, "01") != 1 || s[8] != ' ' || strspn(s + 9, "0123456789") != 3 ||
		(s[12] && s[12] != ' ') || s[9] < '1')
		return err_set(err, ERR_SYNTAX, "what answers does not speak HTTP/1");
	h->status = (s[9] - '0') * 100 + (s[10] - '0') * 10 + (s[11] - '0');
	h->state = HEADERS;
	return 0;
}

/* The value of header `name`, when the line is one. */
static const char *header_value(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) != 0 || line[n] != ':')
		return NULL;
	line += n + 1;
	return line + strspn(line, " \t");
}

static int parse_length(struct httpreply *h, const char *v, struct err *err)
{
	size_t digits = strspn(v, "0123456789");

	if (!digits || digits > 18 || v[digits + strspn(v + digits, " \t")])
		return err_set(err, ERR_SYNTAX, "a Content-Length that is no number");
	uint64_t length = strtoull(v, NULL, 10);
	if (h->has_length && length != h->left)
		return err_set(err, ERR_SYNTAX, "two Content-Lengths that differ");
	h->has_length = true;
	h->left = length;
	return 0;
}

static int parse_header(struct httpreply *h, struct err *err)
{
	const char *v;

	if ((v = header_value(h->line, "Content-Length")))
		return parse_length(h, v, err);
	if ((v = header_value(h->line, "Transfer-Encoding"))) {
		if (strcasecmp(v, "chunked") != 0)
			return err_set(err, ERR_SYNTAX, "a Transfer-Encoding other than chunked");
		h->chunked = true;
	}
	return 0;
}

static void after_headers(struct httpreply *h)
{
	if (h->status < 200) { /* an interim response: the real one follows */
		h->state = STATUS_LINE;
		h->status = 0;
		h->chunked = h->has_length = false;
		return;
	}
	if (h->status == 204 || h->status == 304)
		h->complete = true;
	else if (h->chunked)
		h->state = CHUNK_SIZE;
	else
		h->state = h->has_length ? BODY_LENGTH : BODY_TO_END;
	if (h->state == BODY_LENGTH && !h->left)
		h->complete = true;
}

static int parse_chunk_size(struct httpreply *h, struct err *err)
{
	size_t digits = strspn(h->line, "0123456789abcdefABCDEF");
	char after = h->line[digits];

	if (!digits || digits > CHUNK_DIGITS || (after && after != ';' && after != ' ' && after != '\t'))
		return err_set(err, ERR_SYNTAX, "a chunk without a size");
	h->left = strtoull(h->line, NULL, 16);
	h->state = h->left ? CHUNK : TRAILERS;
	return 0;
}

static int line_done(struct httpreply *h, struct err *err)
{
	if (h->n_line && h->n_line < HTTPREPLY_LINE_MAX && h->line[h->n_line - 1] == '\r')
		h->n_line--;
	h->line[h->n_line < HTTPREPLY_LINE_MAX ? h->n_line : HTTPREPLY_LINE_MAX - 1] = '\0';
	bool empty = h->n_line == 0;
	h->n_line = 0;
	switch (h->state) {
	case STATUS_LINE:
		return parse_status(h, err);
	case HEADERS:
		if (!empty)
			return parse_header(h, err);
		after_headers(h);
		return 0;
	case CHUNK_SIZE:
		return parse_chunk_size(h, err);
	case CHUNK_END:
		h->state = CHUNK_SIZE;
		return empty ? 0 : err_set(err, ERR_SYNTAX, "a chunk is longer than it says");
	default: /* TRAILERS */
		h->complete = empty;
		return 0;
	}
}

/* Up to and with the next line's end. */
static int feed_line(struct httpreply *h, const char *p, size_t n, size_t *ret_used, const struct httpreply_sink *sink, struct err *err)
{
	const char *end = memchr(p, '\n', n);
	size_t used = end ? (size_t)(end - p) + 1 : n, text = end ? used - 1 : used;
	size_t room = h->n_line < HTTPREPLY_LINE_MAX ? HTTPREPLY_LINE_MAX - h->n_line : 0;

	*ret_used = used;
	if (h->state == STATUS_LINE || h->state == HEADERS || h->state == TRAILERS) {
		h->head_bytes += used;
		if (h->head_bytes > HTTPREPLY_HEAD_MAX)
			return err_set(err, ERR_LIMIT, "a head of more than %d bytes", HTTPREPLY_HEAD_MAX);
		/* what is no HTTP is nothing that anybody should keep as a head */
		if (h->state != STATUS_LINE)
			sink->head(sink->arg, p, used);
	}
	if (room) {
		size_t take = text < room ? text : room;
		memcpy(h->line + h->n_line, p, take);
		h->n_line += take;
	}
	if (!end)
		return 0;
	bool first = h->state == STATUS_LINE;
	size_t kept = h->n_line;
	int r = line_done(h, err);
	if (r == 0 && first) { /* as it came, up to what is kept of it */
		sink->head(sink->arg, h->line, kept < HTTPREPLY_LINE_MAX ? strlen(h->line) : HTTPREPLY_LINE_MAX - 1);
		sink->head(sink->arg, "\r\n", 2);
	}
	return r;
}

int httpreply_feed(struct httpreply *h, const char *p, size_t n, const struct httpreply_sink *sink, struct err *err)
{
	while (n && !h->complete) {
		size_t used = n;
		if (h->state == BODY_TO_END) {
			sink->body(sink->arg, p, n);
		} else if (h->state == BODY_LENGTH || h->state == CHUNK) {
			used = n < h->left ? n : (size_t)h->left;
			sink->body(sink->arg, p, used);
			h->left -= used;
			if (!h->left && h->state == CHUNK)
				h->state = CHUNK_END;
			else
				h->complete = !h->left;
		} else {
			int r = feed_line(h, p, n, &used, sink, err);
			if (r)
				return r;
		}
		p += used;
		n -= used;
	}
	return 0;
}

int httpreply_end(struct httpreply *h, struct err *err)
{
	if (h->state == BODY_TO_END)
		h->complete = true;
	if (h->complete)
		return 0;
	if (!h->status)
		return err_set(err, ERR_SYNTAX, "the connection was closed before an answer");
	return err_set(err, ERR_SYNTAX, "the connection was closed in the middle of the answer");
}
