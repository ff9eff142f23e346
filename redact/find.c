/* SPDX-License-Identifier: MIT */
#include "redact/find.h"
#include "redact/value.h"

#include <ctype.h>
#include <string.h>

/* The introducer at p: ESC [ itself, or as escaping programs and loggers write it. */
static size_t ansi_introducer(const char *p, size_t n)
{
	static const char *const written[] = { "\\u001b[", "\\u001B[", "\\x1b[", "\\x1B[", "\\033[", "\\e[", "#033[", "^[[", NULL };

	if (n < 2)
		return 0;
	if (p[0] == '\x1b')
		return p[1] == '[' ? 2 : 0;
	if (p[0] != '\\' && p[0] != '#' && p[0] != '^')
		return 0;
	for (const char *const *s = written; *s; s++) {
		size_t k = strlen(*s);
		if (n >= k && memcmp(p, *s, k) == 0)
			return k;
	}
	return 0;
}

size_t ansi_sequence(const char *p, size_t n)
{
	size_t k = ansi_introducer(p, n);

	if (!k)
		return 0;
	while (k < n && k < 32 && char_is(p[k], CHAR_PARAM))
		k++;
	return k < n && p[k] >= '@' && p[k] <= '~' ? k + 1 : 0;
}

size_t ansi_before(const struct finder *f, size_t at)
{
	size_t i = at;

	/* back over the letter and the parameters to the bracket, then to what stands before that */
	if (i <= f->lo || f->p[i - 1] < '@')
		return 0;
	for (i--; i > f->lo && at - i < 24 && char_is(f->p[i - 1], CHAR_PARAM);)
		i--;
	if (i <= f->lo || f->p[i - 1] != '[')
		return 0;
	for (size_t k = 2; k <= 7 && i - f->lo >= k; k++)
		if (ansi_length(f->p + i - k, at - i + k) == at - i + k)
			return at - i + k;
	return 0;
}

static bool is_hex(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!char_is(p[i], CHAR_HEX))
			return false;
	return true;
}

size_t escape_before(const struct finder *f, size_t at)
{
	const char *e = f->p + at;
	size_t n = at - f->lo;

	if (!n || e[-1] < '0')
		return 0;
	if (n >= 2 && e[-2] == '\\' && strchr("nrtbfv0", e[-1]))
		return 2;
	if (n >= 3 && e[-3] == '%' && is_hex(e - 2, 2))
		return 3;
	if (n >= 6 && e[-6] == '\\' && e[-5] == 'u' && is_hex(e - 4, 4))
		return 6;
	if (n >= 4 && e[-4] == '\\' && e[-3] == 'x' && is_hex(e - 2, 2))
		return 4;
	return ansi_before(f, at);
}

bool boundary_before(const struct finder *f, size_t at)
{
	if (at <= f->lo)
		return true;
	return !(char_is(f->p[at - 1], CHAR_ALNUM) || f->p[at - 1] == '_') || escape_before(f, at);
}

size_t word_start(const struct finder *f, size_t at, enum char_flag set, size_t max)
{
	size_t from = at;

	while (from > f->lo && at - from < max && char_is(f->p[from - 1], set))
		from--;
	if (from <= f->lo || !strchr("\\%[;", f->p[from - 1]))
		return from;
	/* \n, %22 and ANSI colour end in characters that words have too: then the word begins after them */
	for (size_t k = 1; k <= 5 && from + k <= at; k++)
		if (escape_before(f, from + k))
			from += k, k = 0;
	return from;
}

void find_hit(struct finder *f, const struct rule *rule, size_t end)
{
	static void (*const extract[])(struct finder *, const struct rule *, size_t) = {
		[RULE_PREFIX] = extract_prefix,
		[RULE_BOT] = extract_prefix,
		[RULE_KEY] = extract_key,
		[RULE_URL] = extract_url,
		[RULE_USERINFO] = extract_userinfo,
		[RULE_DSN] = extract_dsn,
		[RULE_PEM] = extract_pem,
		[RULE_PEM_END] = extract_pem_end,
		[RULE_SCHEME] = extract_scheme,
		[RULE_JWT] = extract_jwt,
		[RULE_CRYPT] = extract_crypt,
		[RULE_COMMAND] = extract_command,
		[RULE_PIPE] = extract_pipe,
		[RULE_ENCODED] = extract_percent,
		[RULE_SQL] = extract_sql,
		[RULE_PGPASS] = extract_pgpass,
		[RULE_K8S] = extract_k8s,
		[RULE_DATACENTRE] = extract_datacentre,
		[RULE_PPK] = extract_ppk,
		[RULE_JWK] = extract_jwk,
		[RULE_INSERT] = extract_insert,
		[RULE_STATEMENT] = extract_statement,
		[RULE_SEND] = extract_send,
		[RULE_BUNDLE] = extract_bundle,
		[RULE_MINISIGN] = extract_minisign,
		[RULE_ANSI] = extract_ansi,
		[RULE_BYTES] = extract_bytes,
	};

	size_t behind = rule->kind == RULE_PEM_END ? FIND_BEHIND_END : FIND_BEHIND;
	f->lo = end > behind ? end - behind : 0;
	f->hi = f->n - end > FIND_AHEAD ? end + FIND_AHEAD : f->n;
	extract[rule->kind](f, rule, end);
}

size_t find_continue(enum span_open how, const char *p, size_t n, bool final, bool *ret_open)
{
	size_t i = 0;

	while (how == OPEN_RUN && i < n && char_is(p[i], CHAR_RUN))
		i++;
	*ret_open = how == OPEN_RUN && i == n && !final;
	return i;
}

bool find_key_line(const char *p, size_t n, bool final, size_t *ret_from, size_t *ret_to, size_t *ret_next, bool *ret_open)
{
	const char *nl = memchr(p, '\n', n);
	size_t from = 0, to = nl ? (size_t)(nl - p) : n;

	if (!nl && !final && n < FIND_BEHIND)
		return false; /* open, and more to come */
	*ret_next = nl ? to + 1 : n;
	while (to > 0 && isspace((unsigned char)p[to - 1]))
		to--;
	while (from < to && isspace((unsigned char)p[from]))
		from++;
	*ret_from = from;
	*ret_to = to;
	if (to - from >= 9 && memcmp(p + from, "-----END ", 9) == 0) {
		*ret_open = false;
		return true;
	}
	for (size_t k = from; k < to; k++)
		if (!char_is(p[k], CHAR_RUN)) {
			*ret_open = false;
			return false;
		}
	*ret_open = n > 0 && (nl || !final);
	return n > 0;
}

/* All of it is here: what is open is followed at once. */
static void follow_key(const char *p, size_t n, size_t at, size_t of, struct spans *out)
{
	size_t from, to, next;
	bool open = true;

	/* the rest of a line that has its span */
	if (at && p[at - 1] != '\n') {
		size_t k = find_continue(OPEN_RUN, p + at, n - at, true, &open);
		out->v[of].to += k;
		at += k;
		open = true;
	}
	while (open && at < n && find_key_line(p + at, n - at, true, &from, &to, &next, &open)) {
		if (to > from) {
			struct span s = out->v[of];
			spans_add(out, at + from, at + to, s.class, s.rank, NULL, 0);
			out->v[out->n - 1].value = s.value;
			out->v[out->n - 1].value_len = s.value_len;
		}
		at += next;
	}
}

/* Within a token of ours? */
static bool in_token(const struct finder *f, size_t from)
{
	size_t lo = from > TOKEN_MAX ? from - TOKEN_MAX : 0;

	for (size_t i = lo; i <= from; i++) {
		size_t k = f->p[i] == 'R' ? value_token(f->p + i, f->n - i) : 0;
		if (i + k > from)
			return true;
	}
	return false;
}

/* 192.0.2.7 but not 1.2.3.4.5, 300.1.1.1, 0.0.0.0 or 127.0.0.1: what is the same everywhere tells nothing. */
static bool is_machine_address(const struct finder *f, size_t from, size_t to)
{
	const char *p = f->p + from;
	unsigned v = 0;

	if ((from > 0 && (f->p[from - 1] == '.' || f->p[from - 1] == ':')) || (to < f->n && (f->p[to] == '.' || f->p[to] == ':') && to + 1 < f->n &&
		char_is(f->p[to + 1], CHAR_HEX)))
		return false;
	if (memchr(p, ':', to - from))
		return !(to - from == 3 && memcmp(p, "::1", 3) == 0);
	for (size_t i = 0; i < to - from; i++) {
		v = p[i] == '.' ? 0 : v * 10 + (unsigned)(p[i] - '0');
		if (v > 255)
			return false;
	}
	return strncmp(p, "127.", 4) != 0 && strncmp(p, "0.", 2) != 0 && strncmp(p, "255.", 4) != 0;
}

void find_extra(struct finder *f, struct extra_hits *hits, size_t limit, uint64_t base)
{
	static const struct rule key = { .name = "operator-key", .class = CLASS_KEYED, .kind = RULE_KEY };
	size_t kept = 0;

	for (size_t i = 0; i < hits->n; i++) {
		const struct extra_hit *h = &hits->v[i];
		size_t from = h->from > base ? (size_t)(h->from - base) : 0, to = (size_t)(h->to - base);

		if (h->to > base + limit) {
			hits->v[kept++] = *h;
			continue;
		}
		if (h->kind == EXTRA_KEY) {
			f->key_done = f->key_done < to ? f->key_done : from;
			f->lo = to > FIND_BEHIND ? to - FIND_BEHIND : 0;
			f->hi = f->n - to > FIND_AHEAD ? to + FIND_AHEAD : f->n;
			extract_key(f, &key, to);
		} else if (from < to && !in_token(f, from) && (h->kind != EXTRA_ADDRESS || is_machine_address(f, from, to))) {
			spans_add(f->out, from, to, h->class, RANK_TEXT, f->p + from, to - from);
		}
	}
	hits->n = kept;
}

void find_text(struct redactor *r, const char *p, size_t n, int depth, struct spans *out)
{
	struct hits hits = { 0 };
	struct finder f = { .r = r, .p = p, .n = n, .depth = depth, .out = out };

	if (n < (r->extra ? 1 : 4))
		return;
	scan_bytes(r->scanner, p, n, &hits);
	for (size_t i = 0; i < hits.n; i++)
		find_hit(&f, &rules[hits.v[i].rule], (size_t)hits.v[i].end);
	if (depth < DEPTH_MAX)
		find_runs(&f, 0, n, 0);
	hits_free(&hits);
	struct extra_stream *extra = extra_open(r->extra);
	if (extra) {
		struct extra_hits more = { 0 };
		extra_feed(extra, p, n, &more);
		extra_close(extra, &more);
		find_extra(&f, &more, n, 0);
		extra_hits_free(&more);
	}
	for (size_t i = 0; i < out->n; i++) {
		struct span *s = &out->v[i];
		bool open;
		int how = s->open;
		if (how != OPEN_PEM && how != OPEN_RUN)
			continue;
		s->open = OPEN_NO;
		if (how == OPEN_RUN)
			s->to += find_continue(OPEN_RUN, p + s->to, n - s->to, true, &open);
		else
			follow_key(p, n, s->to, i, out);
	}
}
