/* SPDX-License-Identifier: MIT */
#include "redact/whole.h"

#include <ctype.h>
#include <plist/plist.h>
#include <string.h>

#include "redact/find.h"
#include "redact/input.h"
#include "redact/line_keys.h"
#include "redact/settle.h"
#include "redact/utf16.h"
#include "redact/value.h"

bool class_is_whole(enum payload_class class)
{
	return class != PAYLOAD_TEXT && class != PAYLOAD_JSONL && class != PAYLOAD_FRAMES;
}

void withhold(struct redactor *r, struct tally *tally, const char *p, size_t n, struct buf *out)
{
	char token[TOKEN_MAX];

	secret_token(r, tally, CLASS_WITHHELD, p, n, token);
	buf_addf(out, "%s\n", token);
}

static bool is_blank(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isspace((unsigned char)p[i]))
			return false;
	return true;
}

static bool is_withheld(const char *p, size_t n)
{
	static const char start[] = "REDACTED_withheld_";

	return n > sizeof(start) && memcmp(p, start, sizeof(start) - 1) == 0 && p[n - 1] == '\n' && value_token(p, n) == n - 1;
}

/* A binary property list as XML; NULL when it is not one. Freed with free(). */
static char *plist_xml(const char *p, size_t n, uint32_t *ret_n)
{
	plist_t root = NULL;
	char *xml = NULL;

	if (n > UINT32_MAX)
		return NULL;
	plist_from_bin(p, (uint32_t)n, &root);
	if (root)
		plist_to_xml(root, &xml, ret_n);
	plist_free(root);
	return xml;
}

static void write_buf(void *context, const char *p, size_t n)
{
	buf_add(context, p, n);
}

static bool clean_text(struct redactor *r, struct tally *tally, const char *p, size_t n, struct buf *out)
{
	struct text_input *t = text_input_new(r, tally, (struct sink_bytes){ write_buf, out });

	text_input_feed(t, p, n);
	return text_input_end(t);
}

/* A format that we know, in UTF-16: cleaned as UTF-8, and back. */
static bool clean_utf16(struct redactor *r, struct tally *tally, enum payload_class class, bool big, const char *p, size_t n,
	struct buf *out)
{
	struct utf16 in = { .big = big };
	struct utf16_back back = { .big = big };
	struct buf narrow = { 0 }, clean = { 0 };

	utf16_decode(&in, p, n, &narrow);
	utf16_decode_end(&in, &narrow);
	bool withheld = clean_whole(r, tally, class, narrow.data ? narrow.data : "", narrow.len, &clean);
	utf16_encode(&back, clean.data, clean.len, out);
	if (in.has_odd)
		buf_addc(out, (char)in.odd);
	buf_wipe(&narrow);
	buf_free(&clean);
	return withheld;
}

/* Nothing in this line could be found by looking closer: no trigger, no escape that may hide one, no
 * JSON in a string, no text as numbers. Most lines of a journal are so. */
static bool is_plain_line(struct redactor *r, const char *p, size_t n, struct spans *runs)
{
	struct finder f = { .r = r, .p = p, .n = n, .depth = 1, .out = runs };

	const char *end = p + n;

	if (r->extra)
		return false;
	for (const char *c = p; (c = memchr(c, '\\', (size_t)(end - c))); c += 2)
		if (c + 1 < end && (c[1] == 'u' || (c > p && c[-1] == '{')))
			return false;
		else if (c + 2 >= end)
			break;
	for (const char *c = p; (c = memchr(c, '[', (size_t)(end - c))); c++)
		if (c > p + 1 && (c[-1] == ':' || (c[-1] == ' ' && c[-2] == ':')))
			return false;
	find_runs(&f, 0, n, 0);
	return runs->n == 0;
}

/* Negative: it was not understood, and is nobody's to judge. */
typedef int find_fn(struct redactor *r, enum payload_class class, const char *p, size_t n, struct spans *out);

struct cleaning {
	struct redactor *r;
	struct tally *tally;
	find_fn *find;
	enum payload_class class;
};

static void clean_again(void *ctx, const char *p, size_t n, struct buf *out)
{
	const struct cleaning *c = ctx;
	_cleanup_spans_ struct spans s = { 0 };

	c->find(c->r, c->class, p, n, &s);
	spans_merge(&s);
	spans_apply(c->r, c->tally, &s, p, n, out);
}

/* What find says goes, until nothing more does. Returns what find said of p; nothing is appended then. */
static int clean_found(struct cleaning *c, const char *p, size_t n, struct buf *out)
{
	_cleanup_spans_ struct spans s = { 0 };
	struct buf clean = { 0 };
	int rc = c->find(c->r, c->class, p, n, &s);

	if (rc < 0)
		return rc;
	if (!s.n) {
		buf_add(out, p, n);
		return 0;
	}
	spans_merge(&s);
	spans_apply(c->r, c->tally, &s, p, n, &clean);
	settle(&clean, clean_again, c);
	buf_add(out, clean.data, clean.len);
	buf_wipe(&clean);
	return 0;
}

static int find_line(struct redactor *r, enum payload_class class, const char *p, size_t n, struct spans *out)
{
	if (find_json(r, p, n, 0, class, out) != 0) {
		spans_clear(out);
		find_text(r, p, n, 0, out);
	}
	return 0;
}

/* False when there is no key that stands in many lines. */
static bool clean_keys(struct redactor *r, struct tally *tally, const struct hits *hits, const char *p, size_t n, struct buf *out)
{
	_cleanup_spans_ struct spans s = { 0 };

	line_keys_find(r, hits, p, n, &s);
	if (!s.n)
		return false;
	spans_merge(&s);
	spans_apply(r, tally, &s, p, n, out);
	return true;
}

static void clean_lines(struct redactor *r, struct tally *tally, const char *p, size_t n, struct buf *out)
{
	_cleanup_spans_ struct spans runs = { 0 };
	struct hits hits = { 0 };
	struct cleaning line = { r, tally, find_line, PAYLOAD_JSON };
	struct buf keyless = { 0 };
	size_t hit = 0;

	scan_bytes(r->scanner, p, n, &hits);
	for (int i = 0; i < SETTLE_ROUNDS; i++) {
		struct buf next = { 0 };
		if (!clean_keys(r, tally, &hits, p, n, &next))
			break;
		buf_wipe(&keyless);
		keyless = next;
		hits.n = 0;
		p = keyless.data;
		n = keyless.len;
		scan_bytes(r->scanner, p, n, &hits);
	}
	for (size_t at = 0; at < n;) {
		const char *nl = memchr(p + at, '\n', n - at);
		size_t end = nl ? (size_t)(nl - p) : n;

		while (hit < hits.n && hits.v[hit].end <= at)
			hit++;
		spans_clear(&runs);
		if ((hit < hits.n && hits.v[hit].end <= end) || !is_plain_line(r, p + at, end - at, &runs))
			clean_found(&line, p + at, end - at, out);
		else
			buf_add(out, p + at, end - at);
		if (nl)
			buf_addc(out, '\n');
		at = end + 1;
	}
	hits_free(&hits);
	buf_wipe(&keyless);
}

static int find_structure(struct redactor *r, enum payload_class class, const char *p, size_t n, struct spans *out)
{
	switch (class) {
	case PAYLOAD_AUTH:
		return is_blank(p, n) ? 0 : find_json(r, p, n, 0, class, out);
	case PAYLOAD_PODMAN:
	case PAYLOAD_JSON:
		/* cut short, or an error message: what was understood, and the text stage over all of it */
		if (find_json(r, p, n, 0, class, out) != 0)
			find_text(r, p, n, 0, out);
		break;
	case PAYLOAD_UNIT:
		find_unit(r, p, n, out);
		break;
	case PAYLOAD_SHOW:
		find_show(r, p, n, out);
		break;
	case PAYLOAD_ENV:
		find_env(r, p, n, out);
		break;
	case PAYLOAD_SCRIPT:
		find_script(r, p, n, out);
		break;
	case PAYLOAD_LAUNCHCTL:
		find_launchctl(r, p, n, out);
		break;
	case PAYLOAD_PLIST:
		find_xml_plist(r, p, n, out);
		break;
	case PAYLOAD_TEXT:
	case PAYLOAD_FRAMES:
	case PAYLOAD_JSONL:
	case PAYLOAD_CLASSES:
		break;
	}
	return 0;
}

bool clean_whole(struct redactor *r, struct tally *tally, enum payload_class class, const char *p, size_t n, struct buf *out)
{
	_cleanup_free_ char *xml = NULL;
	uint32_t xml_len = 0;
	int utf16 = class == PAYLOAD_TEXT ? 0 : utf16_sniff(p, n < 64 ? n : 64);

	if (utf16)
		return clean_utf16(r, tally, class, utf16 == 2, p, n, out);
	if (class == PAYLOAD_TEXT || class == PAYLOAD_FRAMES || class == PAYLOAD_CLASSES)
		return clean_text(r, tally, p, n, out);
	if (class == PAYLOAD_JSONL) {
		clean_lines(r, tally, p, n, out);
		return false;
	}
	/* what was withheld before stays what it is */
	if (class == PAYLOAD_AUTH && is_withheld(p, n)) {
		buf_add(out, p, n);
		return false;
	}
	bool binary = class == PAYLOAD_PLIST && n >= 6 && memcmp(p, "bplist", 6) == 0;
	if (binary)
		xml = plist_xml(p, n, &xml_len);
	struct cleaning c = { r, tally, find_structure, class };
	if ((binary && !xml) || clean_found(&c, binary ? xml : p, binary ? xml_len : n, out) < 0) {
		withhold(r, tally, p, n, out);
		return true;
	}
	return false;
}
