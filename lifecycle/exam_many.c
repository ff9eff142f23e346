/* SPDX-License-Identifier: MIT */
#include "lifecycle/exam_many.h"

#include <string.h>

#include "collect/cache.h"
#include "formats/text.h"

/* ---- one systemctl for the units of one manager ---- */

struct batch {
	const char *owner_key;
	const struct identity *as; /* NULL: the system's manager */
	char **units;
};

static char **show_argv(const struct batch *b)
{
	char **v = sdshow_argv(b->as);

	for (char **u = b->units; *u; u++)
		v = strv_add(v, *u);
	return v;
}

/* Blocks come in the order of the arguments, a blank line between. */
static size_t count_blocks(const struct buf *b)
{
	size_t n = b->len > 0;

	for (const char *p = buf_str(b); (p = strstr(p, "\n\n")); p += 2)
		n++;
	return n;
}

static void put_blocks(struct source *cache, const struct batch *b, const struct answer *a)
{
	const char *p = buf_str(&a->out), *end = p + a->out.len;

	/* a value with a blank line in it would shift all that follow: then each unit is asked for itself */
	if (count_blocks(&a->out) != strv_len(b->units))
		return;

	for (char **u = b->units; *u && p < end; u++) {
		const char *next = memmem(p, (size_t)(end - p), "\n\n", 2);
		size_t n = next ? (size_t)(next - p) + 1 : (size_t)(end - p);
		_cleanup_free_ char *key = mem_printf("systemd/%s/show/%s", b->owner_key, *u);
		source_cache_put(cache, key, &a->rec, p, n);
		p = next ? next + 2 : end;
	}
}

static int ask_batch(struct source *cache, const struct batch *b, struct err *err)
{
	_cleanup_strv_ char **argv = show_argv(b);
	_cleanup_free_ char *key = mem_printf("systemd/%s/batch/%s", b->owner_key, b->units[0]);
	_cleanup_probe_ struct probe *p = probe_cmd(key, argv, b->as, PAYLOAD_SHOW);
	_cleanup_answer_ struct answer a = { 0 };

	p->flags |= PROBE_LIBSYSTEMD;
	int r = source_get(cache, p, &a, err);
	if (r == 0 && a.rec.outcome == OUTCOME_OK && a.rec.status == 0)
		put_blocks(cache, b, &a);
	return r;
}

#define BATCH 100 /* units a command: its line stays short, and one slow unit delays few */

/* Of one manager's units, BATCH at a time. A manager that does not answer is asked again for each unit, and then says why. */
static int prefetch(struct source *cache, const struct target *t, size_t n, const char *owner_key, struct err *err)
{
	struct batch b = { .owner_key = owner_key };
	int r = 0;

	for (size_t i = 0; r == 0 && i <= n; i++) {
		bool ours = i < n && text_eq(t[i].owner_key, owner_key);
		if (ours) {
			b.units = strv_add(b.units, t[i].unit);
			b.as = t[i].agent->scope == SCOPE_USER ? &t[i].owner.id : NULL;
		}
		if (b.units && (i == n || strv_len(b.units) == BATCH)) {
			r = ask_batch(cache, &b, err);
			strv_free(b.units);
			b.units = NULL;
		}
	}
	strv_free(b.units);
	return r;
}

static int prefetch_all(struct source *cache, const struct target *t, size_t n, struct err *err)
{
	_cleanup_strv_ char **owners = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		if (strv_has(owners, t[i].owner_key))
			continue;
		owners = strv_add(owners, t[i].owner_key);
		r = prefetch(cache, t, n, t[i].owner_key, err);
	}
	return r;
}

static int find_targets(const struct exam *x, struct exam_many *t, struct err *err)
{
	int r = 0;

	for (struct agent **a = x->session.agents.list; a && *a && r == 0; a++) {
		t->v = mem_array(t->v, t->n + 1, sizeof(*t->v));
		t->v[t->n] = (struct target){ 0 };
		r = exam_target(x, (*a)->name, &t->v[t->n], err);
		t->n += r == 0;
	}
	return r;
}

int exam_many_begin(struct exam *x, struct exam_many *ret, struct err *err)
{
	*ret = (struct exam_many){ .inner = x->session.source, .cache = source_cache(x->session.source) };
	x->session.source = ret->cache;
	int r = find_targets(x, ret, err);
	if (r == 0 && x->session.host.platform == PLATFORM_LINUX && !x->from)
		r = prefetch_all(ret->cache, ret->v, ret->n, err);
	return r;
}

void exam_many_end(struct exam *x, struct exam_many *m)
{
	if (m->inner)
		x->session.source = m->inner;
	for (size_t i = 0; i < m->n; i++)
		target_free(&m->v[i]);
	free(m->v);
	source_close(m->cache);
	*m = (struct exam_many){ 0 };
}
