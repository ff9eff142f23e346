/* SPDX-License-Identifier: MIT */
#include "formats/age.h"

#include <string.h>

#include "formats/base64.h"
#include "formats/text.h"

enum {
	BODY_COLUMNS = 64,
	MAC_DIGITS = 43, /* 32 bytes in base64 without padding */
};

static const char magic[] = "age-encryption.org/v1\n";

void age_header_add(struct age_header *h, char *const *args, const uint8_t *body, size_t body_len)
{
	h->stanzas = mem_array(h->stanzas, h->n + 1, sizeof(*h->stanzas));
	struct age_stanza *s = &h->stanzas[h->n++];
	*s = (struct age_stanza){ .args = strv_dup(args), .body = mem_alloc(body_len + 1), .body_len = body_len };
	if (body_len)
		memcpy(s->body, body, body_len);
}

void age_header_free(struct age_header *h)
{
	for (size_t i = 0; i < h->n; i++) {
		strv_free(h->stanzas[i].args);
		free(h->stanzas[i].body);
	}
	free(h->stanzas);
	*h = (struct age_header){ 0 };
}

void age_header_add_text(struct buf *out, const struct age_header *h)
{
	buf_adds(out, magic);
	for (size_t i = 0; i < h->n; i++) {
		const struct age_stanza *s = &h->stanzas[i];
		_cleanup_buf_ struct buf b64 = { 0 };

		buf_adds(out, "->");
		for (char **a = s->args; *a; a++)
			buf_addf(out, " %s", *a);
		buf_addc(out, '\n');
		base64_add_bare(&b64, s->body, s->body_len);
		/* the last line is always short: a body that fills its lines ends in an empty one */
		for (size_t at = 0; at <= b64.len; at += BODY_COLUMNS) {
			size_t n = b64.len - at < BODY_COLUMNS ? b64.len - at : BODY_COLUMNS;
			buf_add(out, buf_str(&b64) + at, n);
			buf_addc(out, '\n');
		}
	}
	buf_adds(out, "---");
}

void age_header_add_mac(struct buf *out, const uint8_t mac[AGE_KEY_BYTES])
{
	buf_addc(out, ' ');
	base64_add_bare(out, mac, AGE_KEY_BYTES);
	buf_addc(out, '\n');
}

struct cursor {
	const char *p;
	size_t n;
	size_t at;
	size_t line; /* of the last line taken */
};

/* The next line without its newline; false when its end is not there yet. */
static bool next_line(struct cursor *c, const char **line, size_t *len)
{
	const char *start = c->p + c->at;
	const char *end = memchr(start, '\n', c->n - c->at);

	if (!end)
		return false;
	*line = start;
	*len = (size_t)(end - start);
	c->at += *len + 1;
	c->line++;
	return true;
}

/* The arguments behind "->": each begins with one space and is one or more visible ASCII characters. */
static char **split_args(const char *s, size_t n)
{
	_cleanup_strv_ char **args = NULL;

	for (size_t at = 0; at < n;) {
		size_t start = at + 1;
		if (s[at] != ' ')
			return NULL;
		for (at = start; at < n && s[at] > ' ' && s[at] < 0x7f; at++)
			;
		if (at == start)
			return NULL;
		args = strv_take(args, mem_strndup(s + start, at - start));
	}
	return TAKE_PTR(args);
}

/* 0, 1 when it goes on past the end, negative on error. */
static int parse_stanza(struct cursor *c, const char *line, size_t len, struct age_header *h, struct err *err)
{
	_cleanup_strv_ char **args = split_args(line + 2, len - 2);
	_cleanup_buf_ struct buf body = { 0 };

	if (!args)
		return err_set(err, ERR_SYNTAX, "age header, line %zu: bad recipient line", c->line);
	do {
		if (!next_line(c, &line, &len))
			return 1;
		uint8_t bytes[BODY_COLUMNS / 4 * 3];
		size_t n = 0;
		if (len > BODY_COLUMNS || base64_decode_bare(line, len, bytes, sizeof(bytes), &n))
			return err_set(err, ERR_SYNTAX, "age header, line %zu: bad recipient body", c->line);
		buf_add(&body, bytes, n);
	} while (len == BODY_COLUMNS);
	age_header_add(h, args, (const uint8_t *)body.data, body.len);
	return 0;
}

static int parse_mac(struct cursor *c, const char *line, size_t len, struct age_header *h, struct err *err)
{
	uint8_t mac[AGE_KEY_BYTES];
	size_t n;

	if (len != 4 + MAC_DIGITS || line[3] != ' ' || base64_decode_bare(line + 4, MAC_DIGITS, mac, sizeof(mac), &n))
		return err_set(err, ERR_SYNTAX, "age header, line %zu: bad authentication code", c->line);
	if (!h->n)
		return err_set(err, ERR_SYNTAX, "age header: no recipients");
	memcpy(h->mac, mac, sizeof(mac));
	h->mac_covers = (size_t)(line + 3 - c->p);
	h->len = c->at;
	return 0;
}

static int parse_magic(struct cursor *c, struct err *err)
{
	static const char armor[] = "-----BEGIN AGE ENCRYPTED FILE-----";
	size_t n = c->n < sizeof(magic) - 1 ? c->n : sizeof(magic) - 1;

	if (memcmp(c->p, magic, n) != 0) {
		size_t a = c->n < sizeof(armor) - 1 ? c->n : sizeof(armor) - 1;
		if (a >= 5 && memcmp(c->p, armor, a) == 0)
			return err_set(err, ERR_SYNTAX, "armored age file: only binary ones are read here; "
							"`age -d` opens it, or seal it again without --armor");
		if (n >= 20 && memcmp(c->p, magic, 20) == 0)
			return err_set(err, ERR_SYNTAX, "an age file of a version other than v1");
		return err_set(err, ERR_SYNTAX, "not an age file");
	}
	c->at = n;
	c->line = 1;
	return n < sizeof(magic) - 1;
}

int age_header_parse(const void *data, size_t n, struct age_header *ret, struct err *err)
{
	_cleanup_age_header_ struct age_header h = { 0 };
	struct cursor c = { .p = data, .n = n < AGE_HEADER_MAX ? n : AGE_HEADER_MAX };
	const char *line;
	size_t len;
	int r = n ? parse_magic(&c, err) : 1;

	while (!r) {
		if (!next_line(&c, &line, &len)) {
			r = 1;
		} else if (len >= 3 && memcmp(line, "---", 3) == 0) {
			r = parse_mac(&c, line, len, &h, err);
			if (r)
				return r;
			*ret = h;
			h = (struct age_header){ 0 };
			return 0;
		} else if (len >= 2 && memcmp(line, "->", 2) == 0) {
			r = parse_stanza(&c, line, len, &h, err);
		} else {
			r = err_set(err, ERR_SYNTAX, "age header, line %zu: neither a recipient nor the end", c.line);
		}
	}
	if (r == 1 && n >= AGE_HEADER_MAX)
		return err_set(err, ERR_LIMIT, "age header: longer than %d bytes", AGE_HEADER_MAX);
	return r;
}
