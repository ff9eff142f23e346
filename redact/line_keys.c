/* SPDX-License-Identifier: MIT */
#include "redact/line_keys.h"

#include <string.h>

#include "redact/find.h"

#define ANCHOR_MAX 64 /* of a member's name, as it is written */
#define ANCHORS_MAX 4 /* names of members that keys stand in */

/* A stretch of the joined text, and where it stands. */
struct piece {
	size_t joined, raw, n;
};

static bool is_of_keys(const struct rule *rule)
{
	return rule->kind == RULE_PEM || rule->kind == RULE_PEM_END;
}

struct joined {
	struct buf text;
	struct piece *v;
	size_t n, cap;
};

static bool is_escaped(const char *p, size_t at, size_t lo)
{
	size_t k = 0;

	while (at - k > lo && p[at - k - 1] == '\\')
		k++;
	return k % 2;
}

/* `"log":"` before a string that `at` stands in, as it is written; 0 when it is none of a member. */
static size_t anchor_before(const char *p, size_t at, size_t *ret_n)
{
	size_t lo = at, quote, from;

	while (lo && p[lo - 1] != '\n')
		lo--;
	for (quote = at; quote > lo && (p[quote - 1] != '"' || is_escaped(p, quote - 1, lo));)
		quote--;
	from = quote ? quote - 1 : 0;
	while (from > lo && p[from - 1] == ' ')
		from--;
	if (from <= lo || p[from - 1] != ':')
		return 0;
	for (from--; from > lo && p[from - 1] == ' ';)
		from--;
	if (from <= lo || p[from - 1] != '"')
		return 0;
	for (from--; from > lo && p[from - 1] != '"';)
		from--;
	if (from <= lo || quote - (from - 1) > ANCHOR_MAX)
		return 0;
	*ret_n = quote - (from - 1);
	return from - 1;
}

/* The value behind the anchor in every line, without the line feed that it ends in. */
static void join(struct joined *j, const char *p, size_t n, const char *anchor, size_t anchor_n)
{
	for (size_t at = 0, end; at < n; at = end + 1) {
		const char *nl = memchr(p + at, '\n', n - at), *found;
		end = nl ? (size_t)(nl - p) : n;
		if (!(found = memmem(p + at, end - at, anchor, anchor_n)))
			continue;
		size_t from = (size_t)(found - p) + anchor_n, to = from;
		while (to < end && (p[to] != '"' || is_escaped(p, to, from)))
			to++;
		while (to - from >= 2 && p[to - 2] == '\\' && (p[to - 1] == 'n' || p[to - 1] == 'r'))
			to -= 2;
		if (j->n == j->cap)
			j->v = mem_array(j->v, j->cap = j->cap ? 2 * j->cap : 64, sizeof(*j->v));
		j->v[j->n++] = (struct piece){ j->text.len, from, to - from };
		buf_add(&j->text, p + from, to - from);
		buf_addc(&j->text, '\n');
	}
}

/* The first piece that ends behind `at`. */
static size_t piece_at(const struct joined *j, size_t at)
{
	size_t lo = 0, hi = j->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (j->v[mid].joined + j->v[mid].n > at)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

static void map_back(const struct joined *j, const struct spans *found, struct spans *out)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct span *s = &found->v[i];
		for (size_t k = piece_at(j, s->from); k < j->n && j->v[k].joined < s->to; k++) {
			const struct piece *v = &j->v[k];
			size_t from = s->from > v->joined ? s->from : v->joined, to = s->to < v->joined + v->n ? s->to : v->joined + v->n;
			if (from < to)
				spans_add(out, v->raw + from - v->joined, v->raw + to - v->joined, s->class, s->rank,
					s->value_len ? found->values.data + s->value : NULL, s->value_len);
		}
	}
}

static void find_joined(struct redactor *r, const char *p, size_t n, const char *anchor, size_t anchor_n, struct spans *out)
{
	_cleanup_spans_ struct spans found = { 0 };
	struct joined j = { 0 };
	struct hits hits = { 0 };

	join(&j, p, n, anchor, anchor_n);
	struct finder f = { .r = r, .p = buf_str(&j.text), .n = j.text.len, .out = &found };
	scan_bytes(r->scanner, f.p, f.n, &hits);
	for (size_t i = 0; i < hits.n; i++)
		if (is_of_keys(&rules[hits.v[i].rule]))
			find_hit(&f, &rules[hits.v[i].rule], (size_t)hits.v[i].end);
	map_back(&j, &found, out);
	hits_free(&hits);
	buf_wipe(&j.text);
	free(j.v);
}

void line_keys_find(struct redactor *r, const struct hits *hits, const char *p, size_t n, struct spans *out)
{
	struct {
		size_t at, n;
	} seen[ANCHORS_MAX];
	struct finder plain = { .r = r, .p = p, .n = n, .out = out };
	size_t n_seen = 0;

	for (size_t i = 0; i < hits->n; i++) {
		const struct rule *rule = &rules[hits->v[i].rule];
		size_t anchor_n, k = 0;
		if (!is_of_keys(rule))
			continue;
		size_t anchor = anchor_before(p, (size_t)hits->v[i].end, &anchor_n);
		if (!anchor) {
			find_hit(&plain, rule, (size_t)hits->v[i].end);
			continue;
		}
		while (k < n_seen && (seen[k].n != anchor_n || memcmp(p + seen[k].at, p + anchor, anchor_n) != 0))
			k++;
		if (k < n_seen || n_seen == ANCHORS_MAX)
			continue;
		seen[n_seen].at = anchor;
		seen[n_seen++].n = anchor_n;
		find_joined(r, p, n, p + anchor, anchor_n, out);
	}
}

size_t line_keys_cut(const char *p, size_t cut, size_t n)
{
	static const char begin[] = "-----BEGIN ", end[] = "-----END ";
	const char *here = p + cut, *stop = p + n, *last = NULL, *nl;
	const char *next = memmem(here, n - cut, end, sizeof(end) - 1);

	if (next && !memmem(here, (size_t)(next - here), begin, sizeof(begin) - 1) && (nl = memchr(next, '\n', (size_t)(stop - next))))
		return (size_t)(nl - p) + 1;
	for (const char *at = p; (at = memmem(at, (size_t)(here - at), begin, sizeof(begin) - 1)); at++)
		last = at;
	if (!last || memmem(last, (size_t)(here - last), end, sizeof(end) - 1))
		return cut;
	while (last > p && last[-1] != '\n')
		last--;
	return (size_t)(last - p);
}
