/* SPDX-License-Identifier: MIT */
#include "formats/casefile.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/text.h"

void facts_free(struct facts *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].layer);
		free(f->v[i].name);
		free(f->v[i].value);
	}
	free(f->v);
	*f = (struct facts){ 0 };
}

void facts_add(struct facts *f, const char *layer, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	_cleanup_free_ char *cut = mem_strndup(value, FACT_VALUE_MAX);
	f->v = mem_array(f->v, f->n + 1, sizeof(*f->v));
	f->v[f->n++] = (struct fact){ mem_strdup(layer), text_safe(name), text_safe(cut) };
}

void facts_addf(struct facts *f, const char *layer, const char *name, const char *fmt, ...)
{
	char value[FACT_VALUE_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	facts_add(f, layer, name, value);
}

const char *facts_get(const struct facts *f, const char *layer, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (text_eq(f->v[i].layer, layer) && text_eq(f->v[i].name, name))
			return f->v[i].value;
	return NULL;
}

/* ---- what changed ---- */

/* The value with REDACTED_<class>_<8 hex> as REDACTED_<class>: tokens are keyed, and every bundle has its own key. */
static char *without_keys(const char *s)
{
	static const char mark[] = "REDACTED_";
	struct buf b = { 0 };

	while (*s) {
		if (strncmp(s, mark, sizeof(mark) - 1) != 0) {
			buf_addc(&b, *s++);
			continue;
		}
		size_t n = sizeof(mark) - 1;
		while (isalnum((unsigned char)s[n]) || s[n] == '-' || s[n] == '_')
			n++;
		size_t keep = n > 9 && s[n - 9] == '_' && strspn(s + n - 8, "0123456789abcdef") >= 8 ? n - 9 : n;
		buf_add(&b, s, keep);
		s += n;
	}
	return buf_take(&b);
}

struct sorted {
	const struct fact *fact;
	char *value;
	size_t at;
};

static int by_fact(const void *pa, const void *pb)
{
	const struct sorted *a = pa, *b = pb;
	int r = strcmp(a->fact->layer, b->fact->layer);

	r = r ? r : strcmp(a->fact->name, b->fact->name);
	r = r ? r : strcmp(a->value, b->value);
	return r ? r : a->at < b->at ? -1 : a->at > b->at;
}

static int same_fact(const struct sorted *a, const struct sorted *b)
{
	int r = strcmp(a->fact->layer, b->fact->layer);

	return r ? r : strcmp(a->fact->name, b->fact->name);
}

static struct sorted *sort_facts(const struct facts *f)
{
	struct sorted *v = mem_alloc((f->n + 1) * sizeof(*v));

	for (size_t i = 0; i < f->n; i++)
		v[i] = (struct sorted){ &f->v[i], without_keys(f->v[i].value), i };
	if (f->n)
		qsort(v, f->n, sizeof(*v), by_fact);
	return v;
}

struct changed {
	const struct fact *before, *after;
	size_t at;
};

static int by_place(const void *pa, const void *pb)
{
	const struct changed *a = pa, *b = pb;

	return a->at < b->at ? -1 : a->at > b->at;
}

/* One layer and name: equal values cancel out, what is left on both sides pairs up in order. */
static size_t diff_group(const struct sorted *a, size_t na, const struct sorted *b, size_t nb, size_t base, struct changed *out)
{
	const struct fact **only_b = mem_alloc((nb + 1) * sizeof(*only_b));
	size_t n = 0, left_b = 0, taken = 0;

	for (size_t i = 0, k = 0; i < na || k < nb;) {
		int r = i == na ? 1 : k == nb ? -1 : strcmp(a[i].value, b[k].value);
		if (r == 0) {
			i++, k++;
		} else if (r < 0) {
			out[n++] = (struct changed){ a[i].fact, NULL, a[i].at };
			i++;
		} else {
			only_b[left_b++] = b[k].fact;
			k++;
		}
	}
	for (size_t i = 0; i < n && taken < left_b; i++)
		out[i].after = only_b[taken++];
	while (taken < left_b) {
		out[n++] = (struct changed){ NULL, only_b[taken], base + taken };
		taken++;
	}
	free(only_b);
	return n;
}

size_t facts_diff(const struct facts *a, const struct facts *b,
	void (*change)(void *ctx, const char *layer, const char *name, const char *before, const char *after), void *ctx)
{
	struct sorted *sa = sort_facts(a), *sb = sort_facts(b);
	struct changed *all = mem_alloc((a->n + b->n + 1) * sizeof(*all));
	size_t n = 0;

	for (size_t i = 0, k = 0; i < a->n || k < b->n;) {
		int r = i == a->n ? 1 : k == b->n ? -1 : same_fact(&sa[i], &sb[k]);
		size_t na = 0, nb = 0;
		while (r <= 0 && i + na < a->n && same_fact(&sa[i], &sa[i + na]) == 0)
			na++;
		while (r >= 0 && k + nb < b->n && same_fact(&sb[k], &sb[k + nb]) == 0)
			nb++;
		n += diff_group(sa + i, na, sb + k, nb, a->n + (nb ? sb[k].at : 0), all + n);
		i += na;
		k += nb;
	}
	if (n)
		qsort(all, n, sizeof(*all), by_place);
	for (size_t i = 0; i < n; i++) {
		const struct fact *f = all[i].before ? all[i].before : all[i].after;
		change(ctx, f->layer, f->name, all[i].before ? all[i].before->value : NULL, all[i].after ? all[i].after->value : NULL);
	}
	for (size_t i = 0; i < a->n; i++)
		free(sa[i].value);
	for (size_t i = 0; i < b->n; i++)
		free(sb[i].value);
	free(sa);
	free(sb);
	free(all);
	return n;
}

/* ---- the case ---- */

void casefile_free(struct casefile *c)
{
	for (size_t i = 0; i < c->n_acts; i++) {
		char *const all[] = { c->acts[i].action, c->acts[i].actor, c->acts[i].detail, c->acts[i].proof };
		for (size_t k = 0; k < ARRAY_LEN(all); k++)
			free(all[k]);
	}
	free(c->acts);
	facts_free(&c->facts);
	free(c->starts);
	free(c->os);
	free(c->service);
	free(c->signer);
	free(c->key_id);
	free(c->public_key);
	free(c->file);
	*c = (struct casefile){ 0 };
}

void casefile_add_act(struct casefile *c, uint64_t time_us, const char *action, const char *actor, const char *detail, const char *proof,
	int exit)
{
	c->acts = mem_array(c->acts, c->n_acts + 1, sizeof(*c->acts));
	c->acts[c->n_acts++] = (struct case_act){ time_us, mem_strdup(action), mem_strdup(actor), mem_strdup(detail), mem_strdup(proof), exit };
}

const struct finding *casefile_root(const struct casefile *c)
{
	const struct finding *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < c->findings->n; i++) {
		const struct finding *f = c->findings->v[i];
		size_t waiting = 0;
		if (f->verdict != VERDICT_FAIL)
			continue;
		for (size_t k = 0; k < c->findings->n; k++)
			waiting += text_eq(c->findings->v[k]->blocked_by, f->check);
		if (!best || waiting > most) {
			best = f;
			most = waiting;
		}
	}
	return best;
}

static char *span_words(uint64_t us)
{
	uint64_t s = us / 1000000;

	if (s < 120)
		return mem_printf("%" PRIu64 " s", s);
	if (s < 7200)
		return mem_printf("%" PRIu64 " min", s / 60);
	return mem_printf("%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
}

char *casefile_rate(const struct casefile *c)
{
	if (c->n_starts < 2)
		return NULL;
	uint64_t span = c->starts[c->n_starts - 1] - c->starts[0];
	_cleanup_free_ char *words = span_words(span);
	if (!span)
		return mem_printf("%zu starts at once", c->n_starts);
	/* what one interval after the other comes to, so one less than starts */
	double per_hour = (double)(c->n_starts - 1) * 3600e6 / (double)span;
	return mem_printf("%zu starts in %s, %.*f an hour", c->n_starts, words, per_hour < 10 ? 1 : 0, per_hour);
}

void casefile_add_html(struct buf *b, const char *s)
{
	_cleanup_buf_ struct buf safe = { 0 };

	if (!s)
		return;
	text_add_safe(&safe, s, strlen(s), false);
	for (const char *p = buf_str(&safe); *p; p++)
		switch (*p) {
		case '&': buf_adds(b, "&amp;"); break;
		case '<': buf_adds(b, "&lt;"); break;
		case '>': buf_adds(b, "&gt;"); break;
		case '"': buf_adds(b, "&quot;"); break;
		case '\'': buf_adds(b, "&#39;"); break;
		default: buf_addc(b, *p);
		}
}
