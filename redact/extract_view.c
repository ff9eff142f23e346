/* SPDX-License-Identifier: MIT */
/* Text inside text: percent-encoded words, runs of base64, arrays of bytes, Kubernetes secrets. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "redact/decoded.h"
#include "redact/find.h"
#include "redact/value.h"

static int hex_digit(unsigned char c)
{
	return isdigit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

static bool ends_word(char c)
{
	return char_is(c, CHAR_URL_END) || c == '\\';
}

/* The spans found in a decoded copy, as spans of what it was decoded from. */
static void spans_map(struct spans *to, const struct spans *decoded, const size_t *origin)
{
	for (size_t i = 0; i < decoded->n; i++) {
		const struct span *s = &decoded->v[i];
		spans_add(to, origin[s->from], origin[s->to], s->class, RANK_TEXT,
			s->value_len ? decoded->values.data + s->value : NULL, s->value_len);
	}
}

void extract_percent(struct finder *f, const struct rule *rule, size_t end)
{
	size_t from = end, to = end;

	if (f->depth >= DEPTH_MAX || end <= f->word_done)
		return;
	while (from > f->lo && !ends_word(f->p[from - 1]))
		from--;
	while (to < f->hi && !ends_word(f->p[to]))
		to++;
	f->word_done = to;
	struct buf text = { 0 };
	_cleanup_free_ size_t *origin = mem_array(NULL, to - from + 1, sizeof(*origin));
	_cleanup_spans_ struct spans spans = { 0 };
	for (size_t i = from; i < to; i++) {
		origin[text.len] = i;
		if (f->p[i] == '%' && i + 2 < to && isxdigit((unsigned char)f->p[i + 1]) && isxdigit((unsigned char)f->p[i + 2])) {
			buf_addc(&text, (char)(hex_digit((unsigned char)f->p[i + 1]) * 16 + hex_digit((unsigned char)f->p[i + 2])));
			i += 2;
		} else {
			buf_addc(&text, f->p[i] == '+' ? ' ' : f->p[i]);
		}
	}
	origin[text.len] = to;
	find_text(f->r, text.data, text.len, f->depth + 1, &spans);
	spans_merge(&spans);
	spans_map(f->out, &spans, origin);
	buf_wipe(&text);
}

/* Decodes either alphabet; stops at what is neither. */
static void base64_decode(const char *s, size_t n, struct buf *out)
{
	unsigned acc = 0;
	int bits = 0;

	buf_reserve(out, n);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		unsigned v;
		if (isupper(c))
			v = c - 'A';
		else if (islower(c))
			v = c - 'a' + 26u;
		else if (isdigit(c))
			v = c - '0' + 52u;
		else if (c == '+' || c == '-')
			v = 62;
		else if (c == '/' || c == '_')
			v = 63;
		else
			break;
		acc = acc << 6 | v;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			out->data[out->len++] = (char)(acc >> bits);
		}
	}
	out->data[out->len] = '\0';
}

static bool is_texty(const char *s, size_t n)
{
	size_t odd = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];
		odd += c < 0x20 ? c != '\n' && c != '\r' && c != '\t' : c >= 0x7f;
	}
	return odd * 20 <= n;
}

/* UTF-16 within base64: what PowerShell's -EncodedCommand takes. */
static void narrow(struct buf *b)
{
	size_t zeros = 0;

	for (size_t i = 1; i < b->len; i += 2)
		zeros += b->data[i] == '\0';
	if (b->len < 8 || zeros * 20 < b->len / 2 * 19)
		return;
	for (size_t i = 0; i < b->len / 2; i++)
		b->data[i] = b->data[2 * i];
	b->len /= 2;
	b->data[b->len] = '\0';
}

static bool is_dirty(struct finder *f, const struct buf *text)
{
	_cleanup_spans_ struct spans spans = { 0 };

	find_text(f->r, text->data, text->len, f->depth + 1, &spans);
	if (!spans.n && text->len > 2 && text->data[0] == '{')
		find_json(f->r, text->data, text->len, f->depth + 1, PAYLOAD_JSON, &spans);
	/* "user:password" alone is what an auth field holds */
	return spans.n > 0;
}

/* Base64 that was wrapped goes on in the next line: nothing but a word of it, and not a longer one. */
static bool next_line(const struct finder *f, size_t at, size_t width, size_t *ret_from, size_t *ret_to)
{
	at += at + 1 < f->hi && f->p[at] == '\r' ? 1 : 0;
	if (at >= f->hi || f->p[at] != '\n')
		return false;
	for (at++; at < f->hi && (f->p[at] == ' ' || f->p[at] == '\t');)
		at++;
	size_t hex = 0;
	*ret_from = at;
	while (at < f->hi && (char_is(f->p[at], CHAR_BASE64) || f->p[at] == '='))
		hex += char_is(f->p[at++], CHAR_HEX);
	*ret_to = at;
	/* a digest on a line of its own */
	if (hex == at - *ret_from && hex >= 32)
		return false;
	return at - *ret_from >= 2 && at - *ret_from <= width && (at == f->hi || f->p[at] == '\n' || f->p[at] == '\r');
}

/* All lines of a word at [from, to) that may have been wrapped; where the last ends. */
static size_t gather(const struct finder *f, size_t from, size_t to, struct buf *out)
{
	size_t width = to - from, a, b;

	buf_add(out, f->p + from, width);
	while (width >= 40 && width % 4 == 0 && next_line(f, to, width, &a, &b)) {
		buf_add(out, f->p + a, b - a);
		to = b;
		if (b - a < width || f->p[b - 1] == '=')
			break;
	}
	return to;
}

void extract_run(struct finder *f, size_t at)
{
	size_t from = at, to = at, hex = 0, width, a, b;
	struct buf text = { 0 }, raw = { 0 };

	f->lo = at > FIND_BEHIND ? at - FIND_BEHIND : 0;
	f->hi = f->n - at > FIND_AHEAD ? at + FIND_AHEAD : f->n;
	if (at < f->run_done)
		return;
	while (to < f->hi && char_is(f->p[to], CHAR_BASE64))
		hex += char_is(f->p[to++], CHAR_HEX);
	f->run_done = to;
	/* digests */
	if (hex == to - at)
		return;
	from = word_start(f, at, CHAR_BASE64, FIND_BEHIND);
	if (to - from < 24 || (from - f->lo >= 7 && memcmp(f->p + from - 7, "SHA256:", 7) == 0))
		return;
	/* name:KEY of 64 bytes: what nix signs with (its public keys are half as long) */
	if (to - from == 86 && from > f->lo && f->p[from - 1] == ':' && f->hi - to >= 2 && f->p[to] == '=' && f->p[to + 1] == '=' &&
		word_start(f, from - 1, CHAR_NAME, 256) < from - 1) {
		spans_add(f->out, from, to + 2, CLASS_KEY_FILE, RANK_TEXT, f->p + from, to + 2 - from);
		return;
	}
	base64_decode(f->p + from, to - from > 24 ? 24 : to - from, &text);
	narrow(&text);
	if (!is_texty(text.data, text.len)) {
		buf_wipe(&text);
		return;
	}
	buf_clear(&text);
	width = to - from;
	size_t last = gather(f, from, to, &raw);
	base64_decode(raw.data, raw.len, &text);
	narrow(&text);
	if (is_texty(text.data, text.len) && is_dirty(f, &text)) {
		while (to < f->hi && f->p[to] == '=')
			to++;
		struct span *s = spans_add(f->out, from, to, CLASS_ENCODED, RANK_TEXT, raw.data, raw.len);
		if (to == f->hi && f->hi < f->n)
			s->open = OPEN_RUN;
		for (; to < last && next_line(f, to, width, &a, &b); to = b)
			spans_add(f->out, a, b, CLASS_ENCODED, RANK_TEXT, raw.data, raw.len);
		f->run_done = last > f->run_done ? last : f->run_done;
	}
	buf_wipe(&raw);
	buf_wipe(&text);
}

/* Colour that parts a word from itself. What begins or ends at a colour is found without this. */
void extract_ansi(struct finder *f, const struct rule *rule, size_t end)
{
	size_t at = end - 2, from = at, to = at, k = ansi_length(f->p + at, f->hi - at);
	_cleanup_decoded_ struct decoded line = { 0 };
	_cleanup_spans_ struct spans spans = { 0 };

	if (!k || f->depth >= DEPTH_MAX || at < f->ansi_done || at == f->lo || at + k >= f->hi ||
		!char_is(f->p[at - 1], CHAR_NAME) || !char_is(f->p[at + k], CHAR_NAME) || ansi_before(f, at))
		return;
	while (from > f->lo && f->p[from - 1] != '\n')
		from--;
	while (to < f->hi && f->p[to] != '\n')
		to++;
	f->ansi_done = to;
	for (size_t i = from; i < to;) {
		k = ansi_length(f->p + i, to - i);
		if (!k)
			decoded_add(&line, f->p + i, 1, i);
		i += k ? k : 1;
	}
	find_text(f->r, line.text.data, line.text.len, f->depth + 1, &spans);
	for (size_t i = 0; i < spans.n; i++) {
		const struct span *s = &spans.v[i];
		if (s->to > s->from && s->open == OPEN_NO)
			spans_add(f->out, line.origin[s->from], line.origin[s->to - 1] + 1, s->class, RANK_TEXT,
				s->value_len ? spans.values.data + s->value : NULL, s->value_len);
	}
}

/* "MESSAGE":[112,97,115,…]: journald's spelling of text that holds control characters. */
void extract_bytes(struct finder *f, const struct rule *rule, size_t end)
{
	_cleanup_decoded_ struct decoded d = { 0 };
	_cleanup_free_ size_t *ends = NULL;
	_cleanup_spans_ struct spans spans = { 0 };
	size_t at = end;

	if (f->depth >= DEPTH_MAX)
		return;
	ends = mem_array(NULL, (f->hi - end) / 2 + 2, sizeof(*ends));
	for (;;) {
		unsigned v = 0;
		while (at < f->hi && f->p[at] == ' ')
			at++;
		size_t from = at;
		while (at < f->hi && at - from < 4 && isdigit((unsigned char)f->p[at]))
			v = v * 10 + (unsigned)(f->p[at++] - '0');
		if (at == from || at - from > 3 || v > 255)
			break;
		ends[d.text.len] = at;
		decoded_add(&d, &(char){ (char)v }, 1, from);
		while (at < f->hi && f->p[at] == ' ')
			at++;
		if (at >= f->hi || f->p[at++] != ',')
			break;
	}
	find_text(f->r, d.text.data, d.text.len, f->depth + 1, &spans);
	spans_merge(&spans);
	/* the token as numbers, so that it stays an array of them */
	for (size_t i = 0; i < spans.n; i++) {
		const struct span *s = &spans.v[i];
		if (s->to <= s->from)
			continue;
		struct span *n = spans_add(f->out, d.origin[s->from], ends[s->to - 1], s->class, RANK_STRUCTURE,
			s->value_len ? spans.values.data + s->value : NULL, s->value_len);
		n->open = OPEN_BYTES;
	}
}

/* The same in JSON: the strings of the objects data and stringData around. */
static void k8s_json(struct finder *f, const struct rule *rule, size_t end)
{
	static const char *const names[] = { "\"data\"", "\"stringData\"" };
	size_t lo = end - f->lo > FIND_BEHIND ? end - FIND_BEHIND : f->lo, hi = f->hi - end > FIND_BEHIND ? end + FIND_BEHIND : f->hi;

	for (size_t i = lo; i + 8 < hi; i++)
		for (size_t k = 0; f->p[i] == '"' && k < 2; k++) {
			size_t at = i + strlen(names[k]);
			struct value v;
			if (!at_is(f, i, names[k]))
				continue;
			while (at < hi && (isspace((unsigned char)f->p[at]) || f->p[at] == ':'))
				at++;
			if (at >= hi || f->p[at] != '{')
				continue;
			/* name, colon, value; none of these values holds a brace */
			for (bool is_value = false; at < hi && f->p[at] != '}'; at++) {
				if (f->p[at] == ':')
					is_value = true;
				if (f->p[at] != '"' || !value_read(f, at, &v))
					continue;
				if (is_value && !value_is_empty(v.text.data, v.text.len))
					spans_add(f->out, v.from, v.to, rule->class, RANK_TEXT, v.text.data, v.text.len);
				is_value = false;
				at = v.to;
				value_free(&v);
			}
			i = at;
			break;
		}
}

/* A manifest of kind Secret: every value under data and stringData, in YAML. (JSON's is structural.) */
void extract_k8s(struct finder *f, const struct rule *rule, size_t end)
{
	size_t from = end, at, indent = 0;
	bool in_data = false;

	if (rule->trigger[0] == '"') {
		k8s_json(f, rule, end);
		return;
	}
	if (end < f->hi && f->p[end] != '\n' && f->p[end] != '\r' && f->p[end] != ' ')
		return;
	/* the document around it */
	while (from > f->lo && !(f->hi - from >= 4 && memcmp(f->p + from, "\n---", 4) == 0))
		from--;
	for (at = from ? from + (f->p[from] == '\n') : 0; at < f->hi;) {
		const char *nl = memchr(f->p + at, '\n', f->hi - at);
		size_t line_end = nl ? (size_t)(nl - f->p) : f->hi, i = at;
		while (i < line_end && f->p[i] == ' ')
			i++;
		size_t depth = i - at, n = line_end - i;
		if (at > end && n >= 3 && depth == 0 && memcmp(f->p + at, "---", 3) == 0)
			return;
		if (in_data && n && depth <= indent)
			in_data = false;
		if (!in_data && ((n >= 5 && memcmp(f->p + i, "data:", 5) == 0) || (n >= 11 && memcmp(f->p + i, "stringData:", 11) == 0))) {
			in_data = true;
			indent = depth;
		} else if (in_data) {
			const char *colon = memchr(f->p + i, ':', n);
			struct value v;
			size_t start = colon ? (size_t)(colon - f->p) + 1 : i;
			while (start < line_end && f->p[start] == ' ')
				start++;
			if (start < line_end && f->p[start] != '|' && f->p[start] != '>' && value_read(f, start, &v)) {
				if (!value_is_empty(v.text.data, v.text.len))
					spans_add(f->out, v.from, v.to, rule->class, RANK_TEXT, v.text.data, v.text.len);
				value_free(&v);
			}
		}
		at = line_end + 1;
	}
}
