/* SPDX-License-Identifier: MIT */
#include "formats/plist_gate.h"

#include <stdint.h>
#include <string.h>

#include "formats/mem.h"
#include "formats/plist.h"

/* XML. A cursor over the bytes; line counts from 1. */
struct xml {
	const char *p, *end;
	int line;
	unsigned nodes;
	struct {
		const char *name;
		bool key_seen; /* dict: a key waits for its value */
	} open[PLIST_MAX_DEPTH];
	size_t depth;
	struct plist_gate *gate;
	struct err *err;
};

static const char *const elements[] = { "plist", "dict", "array", "key", "string", "data", "date", "integer", "real", "true", "false" };

static void skip_to(struct xml *x, const char *to)
{
	for (; x->p < to; x->p++)
		x->line += *x->p == '\n';
}

/* Moves behind the next occurrence of s. */
static bool skip_behind(struct xml *x, const char *s)
{
	const char *at = memmem(x->p, (size_t)(x->end - x->p), s, strlen(s));

	if (!at)
		return false;
	skip_to(x, at + strlen(s));
	return true;
}

static bool xml_at(const struct xml *x, const char *s)
{
	return (size_t)(x->end - x->p) >= strlen(s) && memcmp(x->p, s, strlen(s)) == 0;
}

static bool is_container(const char *name)
{
	return strcmp(name, "dict") == 0 || strcmp(name, "array") == 0 || strcmp(name, "plist") == 0;
}

static bool is_bool(const char *name)
{
	return strcmp(name, "true") == 0 || strcmp(name, "false") == 0;
}

/* Whether an element may begin here, given what is open. */
static int check_place(struct xml *x, const char *name)
{
	if (!x->depth)
		return strcmp(name, "plist") == 0 ? 0 : err_set(x->err, ERR_SYNTAX, "Unexpected element <%s> at line %d", name, x->line);
	const char *parent = x->open[x->depth - 1].name;
	if (!is_container(parent) || strcmp(name, "plist") == 0)
		return err_set(x->err, ERR_SYNTAX, "Found <%s> inside <%s> at line %d", name, parent, x->line);
	bool key = strcmp(name, "key") == 0;
	if (strcmp(parent, "dict") != 0)
		return key ? err_set(x->err, ERR_SYNTAX, "Found <key> outside <dict> at line %d", x->line) : 0;
	bool *seen = &x->open[x->depth - 1].key_seen;
	if (!key && !*seen)
		return err_set(x->err, ERR_SYNTAX, "Found non-key inside <dict> at line %d", x->line);
	if (key && *seen)
		return err_set(x->err, ERR_SYNTAX, "Value missing for key inside <dict> at line %d", x->line);
	*seen = key;
	return 0;
}

static int open_tag(struct xml *x, const char *name, bool empty)
{
	int rc = check_place(x, name);

	if (rc < 0)
		return rc;
	if (++x->nodes > PLIST_MAX_NODES)
		return err_set(x->err, ERR_LIMIT, "property list of more than %u elements", PLIST_MAX_NODES);
	if (empty)
		return 0;
	if (x->depth == PLIST_MAX_DEPTH)
		return err_set(x->err, ERR_LIMIT, "property list nested deeper than %d at line %d", PLIST_MAX_DEPTH, x->line);
	if (is_bool(name) && !x->gate->empty_bool_line)
		x->gate->empty_bool_line = x->line;
	x->open[x->depth].name = name;
	x->open[x->depth++].key_seen = false;
	return 0;
}

static int close_tag(struct xml *x, const char *name)
{
	if (!x->depth || strcmp(x->open[x->depth - 1].name, name) != 0)
		return err_set(x->err, ERR_SYNTAX, "Close tag </%s> does not match open tag <%s> at line %d", name,
			x->depth ? x->open[x->depth - 1].name : "", x->line);
	if (x->open[x->depth - 1].key_seen)
		return err_set(x->err, ERR_SYNTAX, "Value missing for key inside <dict> at line %d", x->line);
	x->depth--;
	return 0;
}

static int read_tag(struct xml *x)
{
	const char *gt = memchr(x->p, '>', (size_t)(x->end - x->p));

	if (!gt)
		return err_set(x->err, ERR_SYNTAX, "Unexpected end of file inside a tag at line %d", x->line);
	bool closing = x->p[1] == '/', empty = gt[-1] == '/';
	const char *s = x->p + 1 + closing, *e = gt - (empty && !closing);
	size_t n = 0;
	while (s + n < e && strchr(" \t\r\n", s[n]) == NULL)
		n++;
	for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
		if (strlen(elements[i]) != n || memcmp(elements[i], s, n) != 0)
			continue;
		int rc = closing ? close_tag(x, elements[i]) : open_tag(x, elements[i], empty);
		skip_to(x, gt + 1);
		return rc;
	}
	return err_set(x->err, ERR_SYNTAX, "Encountered unknown tag %.*s at line %d", n < 40 ? (int)n : 40, s, x->line);
}

static int read_entity(struct xml *x)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (xml_at(x, known[i]))
			return 0;
	if (xml_at(x, "&#")) {
		const char *s = x->p + 2;
		bool zero = true; /* libplist takes U+0000 for the end of a string, and asserts that it is not inside one */
		while (s < x->end && s < x->p + 12 && strchr("xX0123456789abcdefABCDEF", *s) && *s)
			zero &= strchr("xX0", *s++) != NULL;
		if (s < x->end && *s == ';' && !zero)
			return 0;
	}
	return err_set(x->err, ERR_SYNTAX, "Encountered unknown ampersand-escape sequence at line %d: write &amp;", x->line);
}

static int read_text(struct xml *x)
{
	bool place = x->depth && !is_container(x->open[x->depth - 1].name) && !is_bool(x->open[x->depth - 1].name);

	for (; x->p < x->end && *x->p != '<'; x->p++) {
		if (*x->p == '\n')
			x->line++;
		else if (*x->p == '&') {
			int rc = read_entity(x);
			if (rc < 0)
				return rc;
		}
		if (!*x->p)
			return err_set(x->err, ERR_SYNTAX, "NUL byte at line %d", x->line);
		if (!place && !strchr(" \t\r\n", *x->p))
			return err_set(x->err, ERR_SYNTAX, "Text outside of a value at line %d", x->line);
	}
	return 0;
}

static int read_markup(struct xml *x)
{
	const char *until = xml_at(x, "<!--") ? "-->" : xml_at(x, "<?") ? "?>" : xml_at(x, "<![CDATA[") ? "]]>" : NULL;

	if (until)
		return skip_behind(x, until) ?
			       0 :
			       err_set(x->err, ERR_SYNTAX, "Unexpected end of file, looking for %s after line %d", until, x->line);
	if (!xml_at(x, "<!"))
		return read_tag(x);
	const char *gt = memchr(x->p, '>', (size_t)(x->end - x->p));
	if (!xml_at(x, "<!DOCTYPE") || !gt || memchr(x->p, '[', (size_t)(gt - x->p)))
		return err_set(x->err, ERR_SYNTAX, "Declarations inside the property list are not accepted, at line %d", x->line);
	skip_to(x, gt + 1);
	return 0;
}

static int check_xml(const char *p, size_t n, struct plist_gate *gate, struct err *err)
{
	struct xml x = { .p = p, .end = p + n, .line = 1, .gate = gate, .err = err };

	if (xml_at(&x, "\xef\xbb\xbf"))
		x.p += 3;
	while (x.p < x.end) {
		int rc = *x.p == '<' ? read_markup(&x) : read_text(&x);
		if (rc < 0)
			return rc;
	}
	if (x.depth)
		return err_set(err, ERR_SYNTAX, "Unexpected end of file at line %d: <%s> is not closed", x.line, x.open[x.depth - 1].name);
	if (x.nodes < 2)
		return err_set(err, ERR_SYNTAX, "Empty property list");
	return 0;
}

/* Binary: "bplist00", objects, a table of offsets, a trailer of 32 bytes. */
struct bin {
	const uint8_t *p;
	size_t n; /* without the trailer */
	size_t offset_size, ref_size, count;
	const uint8_t *offsets;
	uint64_t bytes; /* what strings and data expand to */
	unsigned nodes;
	struct err *err;
};

static uint64_t big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | *p++;
	return v;
}

struct bin_object {
	uint8_t kind;	     /* high half of the marker */
	uint64_t count;	     /* of bytes, of elements, of pairs */
	const uint8_t *refs; /* containers: keys, then values */
	uint64_t children;
};

static int bad_binary(struct bin *b, const char *what)
{
	return err_set(b->err, ERR_SYNTAX, "binary property list: %s", what);
}

/* Seconds since 2001, of the years 1 to 9999: libplist writes others, and what is no number, as an empty date. */
static bool is_date(const uint8_t *p)
{
	uint64_t bits = big_endian(p, 8);
	double seconds;

	memcpy(&seconds, &bits, sizeof(seconds));
	return seconds >= -63113904000.0 && seconds < 252423993600.0;
}

static bool has_wide_nul(const uint8_t *p, uint64_t n)
{
	for (; n; n--, p += 2)
		if (!p[0] && !p[1])
			return true;
	return false;
}

/* The object's head; all that it claims to have lies within the file. */
static int bin_object(struct bin *b, uint64_t index, struct bin_object *o)
{
	if (index >= b->count)
		return bad_binary(b, "reference to an object that is not there");
	uint64_t at = big_endian(b->offsets + index * b->offset_size, b->offset_size);
	if (at < 8 || at >= b->n)
		return bad_binary(b, "object outside of the file");
	const uint8_t *p = b->p + at, *end = b->p + b->n;
	uint8_t low = *p & 0xf;
	o->kind = *p++ >> 4;
	o->count = low;
	o->children = 0;
	if (o->kind >= 4 && o->kind != 8 && low == 0xf) {
		if (p >= end || *p >> 4 != 1 || (*p & 0xf) > 3 || (size_t)(end - p) < 1 + ((size_t)1 << (*p & 0xf)))
			return bad_binary(b, "length that is none");
		o->count = big_endian(p + 1, (size_t)1 << (*p & 0xf));
		p += 1 + ((size_t)1 << (*p & 0xf));
	}
	size_t unit = 1;
	switch (o->kind) {
	case 0x0:
		return 0;
	case 0x1:
	case 0x2:
	case 0x3:
		o->count = low <= 4 ? (uint64_t)1 << low : UINT64_MAX;
		break;
	case 0x8:
		o->count = (uint64_t)low + 1;
		break;
	case 0x4:
	case 0x5:
		break;
	case 0x6:
		unit = 2;
		break;
	case 0xa:
	case 0xc:
		unit = b->ref_size;
		o->children = o->count;
		break;
	case 0xd:
		unit = 2 * b->ref_size;
		o->children = o->count * 2;
		break;
	default:
		return bad_binary(b, "object of a kind that does not exist");
	}
	if (o->count > (uint64_t)(end - p) / unit)
		return bad_binary(b, "object longer than the file");
	if ((o->kind == 5 && memchr(p, 0, o->count)) || (o->kind == 6 && has_wide_nul(p, o->count)))
		return bad_binary(b, "string that holds a NUL");
	if (o->kind == 3 && (o->count != 8 || !is_date(p)))
		return bad_binary(b, "date that no calendar has");
	o->refs = p;
	if (!o->children && (b->bytes += o->count * unit) > 4 * (uint64_t)PLIST_MAX_BYTES)
		return err_set(b->err, ERR_LIMIT, "binary property list expands to more than %u MiB", 4 * PLIST_MAX_BYTES >> 20);
	return 0;
}

static int walk_binary(struct bin *b, uint64_t root)
{
	struct {
		struct bin_object o;
		uint64_t next;
	} stack[PLIST_MAX_DEPTH];
	size_t depth = 1;
	int rc = bin_object(b, root, &stack[0].o);

	stack[0].next = 0;
	while (rc >= 0 && depth) {
		struct bin_object *top = &stack[depth - 1].o;
		uint64_t i = stack[depth - 1].next++;

		if (i >= top->children) {
			depth--;
			continue;
		}
		if (++b->nodes > PLIST_MAX_NODES)
			return err_set(b->err, ERR_LIMIT, "binary property list expands to more than %u objects", PLIST_MAX_NODES);
		if (depth == PLIST_MAX_DEPTH)
			return err_set(b->err, ERR_LIMIT, "binary property list nested deeper than %d", PLIST_MAX_DEPTH);
		rc = bin_object(b, big_endian(top->refs + i * b->ref_size, b->ref_size), &stack[depth].o);
		if (rc >= 0 && top->kind == 0xd && i < top->count && stack[depth].o.kind != 5 && stack[depth].o.kind != 6)
			return bad_binary(b, "dictionary key that is not a string");
		stack[depth++].next = 0;
	}
	return rc;
}

static int check_binary(const uint8_t *p, size_t n, struct err *err)
{
	struct bin b = { .p = p, .err = err };

	if (n < 8 + 1 + 1 + 32)
		return bad_binary(&b, "too short");
	const uint8_t *trailer = p + n - 32;
	uint64_t count = big_endian(trailer + 8, 8), root = big_endian(trailer + 16, 8), table = big_endian(trailer + 24, 8);
	b.n = n - 32;
	b.offset_size = trailer[6];
	b.ref_size = trailer[7];
	if (!b.offset_size || b.offset_size > 8 || !b.ref_size || b.ref_size > 8 || table < 9 || table >= b.n)
		return bad_binary(&b, "trailer that makes no sense");
	if (!count || count > (b.n - table) / b.offset_size || root >= count)
		return bad_binary(&b, "table of offsets outside of the file");
	b.count = count;
	b.offsets = p + table;
	return walk_binary(&b, root);
}

int plist_gate_check(const void *p, size_t n, struct plist_gate *ret, struct err *err)
{
	struct plist_gate gate = { .binary = n >= 8 && memcmp(p, "bplist00", 8) == 0 };

	if (n > PLIST_MAX_BYTES)
		return err_set(err, ERR_LIMIT, "property list of %zu bytes: more than %u are not read", n, PLIST_MAX_BYTES);
	int rc = gate.binary ? check_binary(p, n, err) : check_xml(p, n, &gate, err);
	if (rc < 0)
		return rc;
	*ret = gate;
	return 0;
}
