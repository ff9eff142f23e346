/* SPDX-License-Identifier: MIT */
/* Property lists in XML: the strings of EnvironmentVariables by their keys, those of arrays as arguments. */
#include <ctype.h>
#include <string.h>

#include "redact/argv.h"
#include "redact/decoded.h"
#include "redact/keyname.h"
#include "redact/value.h"

/* Entities undone. */
static void decode_xml(const char *p, size_t from, size_t to, struct decoded *d)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' }, { "&#10;", '\n' } };

	*d = (struct decoded){ .from = from, .to = to };
	for (size_t i = from; i < to;) {
		size_t k = 0;
		for (size_t e = 0; p[i] == '&' && e < ARRAY_LEN(entities); e++) {
			size_t n = strlen(entities[e].name);
			if (to - i >= n && memcmp(p + i, entities[e].name, n) == 0) {
				decoded_add(d, &entities[e].c, 1, i);
				k = n;
			}
		}
		if (!k) {
			decoded_add(d, p + i, 1, i);
			k = 1;
		}
		i += k;
	}
	decoded_end(d, to);
}

struct plist {
	struct redactor *r;
	const char *p;
	size_t n;
	struct spans *out;
	struct decoded key; /* the last <key> */
	struct argv_state argv;
	int arrays;
};

static void plist_string(struct plist *x, size_t from, size_t to, bool data)
{
	_cleanup_decoded_ struct decoded d = { 0 };
	_cleanup_spans_ struct spans found = { 0 };
	const char *key = x->key.data ? x->key.data : "";
	enum key_kind kind = redactor_key_kind(x->r, key, x->key.len);

	decode_xml(x->p, from, to, &d);
	const char *s = d.data;
	if (data) {
		if (kind == KEY_STRONG || kind == KEY_MEDIUM)
			spans_add(&found, 0, d.len, CLASS_KEYED, RANK_STRUCTURE, s, d.len);
	} else if (x->arrays) {
		argv_word(x->r, &x->argv, s, d.len, 1, &found);
	} else {
		env_pair(x->r, key, x->key.len, s, d.len, 0, 1, &found);
	}
	decoded_spans(&d, &found, x->out);
}

/* The text of the element that was just opened at `at`; false when it is not closed. */
static bool element_text(const struct plist *x, size_t at, const char *close, size_t *ret_to)
{
	const char *end = memmem(x->p + at, x->n - at, close, strlen(close));

	if (end)
		*ret_to = (size_t)(end - x->p);
	return end != NULL;
}

static bool opens(const struct plist *x, size_t at, const char *tag)
{
	return x->n - at >= strlen(tag) && memcmp(x->p + at, tag, strlen(tag)) == 0;
}

void find_xml_plist(struct redactor *r, const char *p, size_t n, struct spans *out)
{
	struct plist x = { .r = r, .p = p, .n = n, .out = out };
	size_t to;

	for (size_t at = 0; at < n; at++) {
		const char *lt = memchr(p + at, '<', n - at);
		if (!lt)
			break;
		at = (size_t)(lt - p);
		if (opens(&x, at, "<key>") && element_text(&x, at + 5, "</key>", &to)) {
			decoded_free(&x.key);
			decode_xml(p, at + 5, to, &x.key);
			at = to;
		} else if (opens(&x, at, "<string>") && element_text(&x, at + 8, "</string>", &to)) {
			plist_string(&x, at + 8, to, false);
			at = to;
		} else if (opens(&x, at, "<data>") && element_text(&x, at + 6, "</data>", &to)) {
			plist_string(&x, at + 6, to, true);
			at = to;
		} else if (opens(&x, at, "<array>")) {
			x.arrays++;
			x.argv = (struct argv_state){ 0 };
		} else if (opens(&x, at, "</array>") && x.arrays) {
			x.arrays--;
		} else if (opens(&x, at, "<dict>") && x.arrays) {
			x.argv = (struct argv_state){ 0 };
		}
	}
	decoded_free(&x.key);
	find_text(r, p, n, 0, out);
}
