/* SPDX-License-Identifier: MIT */
#include "redact/extra.h"

#include <ctype.h>
#include <string.h>

#include "formats/mem.h"
#include "redact/dl_hs.h"

struct pattern {
	char *expression;
	unsigned flags;
	enum extra_kind kind;
	enum secret_class class;
};

struct extra {
	struct pattern *v;
	size_t n;
	hs_database_t *db;
	hs_scratch_t *scratch;
};

struct extra_stream {
	struct extra *x;
	hs_stream_t *hs;
};

/* what on_match needs */
struct collect {
	struct extra *x;
	struct extra_hits *out;
};

struct extra *extra_new(void)
{
	return mem_alloc(sizeof(struct extra));
}

void extra_free(struct extra *x)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->n; i++)
		free(x->v[i].expression);
	free(x->v);
	hs_free_scratch(x->scratch);
	hs_free_database(x->db);
	free(x);
}

bool extra_is_empty(const struct extra *x)
{
	return x->n == 0;
}

void extra_hits_free(struct extra_hits *h)
{
	free(h->v);
	*h = (struct extra_hits){ 0 };
}

static int compile(struct extra *x, const char *where, struct err *err)
{
	_cleanup_free_ const char **expressions = mem_array(NULL, x->n, sizeof(*expressions));
	_cleanup_free_ unsigned *flags = mem_array(NULL, x->n, sizeof(*flags));
	_cleanup_free_ unsigned *ids = mem_array(NULL, x->n, sizeof(*ids));
	hs_compile_error_t *why = NULL;
	hs_database_t *db = NULL;

	for (size_t i = 0; i < x->n; i++) {
		expressions[i] = x->v[i].expression;
		flags[i] = x->v[i].flags | HS_FLAG_SOM_LEFTMOST | HS_FLAG_DOTALL;
		ids[i] = (unsigned)i;
	}
	if (hs_compile_multi(expressions, flags, ids, (unsigned)x->n, HS_MODE_STREAM | HS_MODE_SOM_HORIZON_LARGE, NULL, &db, &why) !=
		HS_SUCCESS) {
		int r = err_set(err, ERR_SYNTAX, "%s: %s in the expression %s", where, why ? why->message : "error",
			x->v[x->n - 1].expression);
		hs_free_compile_error(why);
		return r;
	}
	hs_free_database(x->db);
	x->db = db;
	if (hs_alloc_scratch(db, &x->scratch) != HS_SUCCESS)
		return err_set(err, ERR_LIMIT, "%s: no memory for these rules", where);
	return 0;
}

int extra_add(struct extra *x, enum extra_kind kind, const char *expression, unsigned flags, enum secret_class class,
	const char *where, struct err *err)
{
	x->v = mem_array(x->v, x->n + 1, sizeof(*x->v));
	x->v[x->n++] = (struct pattern){ mem_strdup(expression), flags, kind, class };
	int r = compile(x, where, err);
	if (r < 0)
		free(x->v[--x->n].expression);
	return r;
}

char *extra_word(const char *word, size_t n)
{
	struct buf b = { 0 };

	if (n && isalnum((unsigned char)word[0]))
		buf_adds(&b, "\\b");
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "\\x%02x", (unsigned char)word[i]);
	if (n && isalnum((unsigned char)word[n - 1]))
		buf_adds(&b, "\\b");
	return buf_take(&b);
}

struct extra_stream *extra_open(struct extra *x)
{
	if (!x || !x->db)
		return NULL;
	struct extra_stream *t = mem_alloc(sizeof(*t));
	t->x = x;
	if (hs_open_stream(x->db, 0, &t->hs) != HS_SUCCESS)
		abort(); /* for want of memory only, like mem_alloc */
	return t;
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	struct collect *c = context;
	struct extra_hits *h = c->out;
	const struct pattern *p = &c->x->v[id];

	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->v = mem_array(h->v, h->cap, sizeof(*h->v));
	}
	h->v[h->n++] = (struct extra_hit){ from, to, p->kind, p->class };
	return 0;
}

void extra_feed(struct extra_stream *t, const void *p, size_t n, struct extra_hits *out)
{
	struct collect c = { t->x, out };

	for (const char *s = p; n;) {
		unsigned k = n > 1u << 30 ? 1u << 30 : (unsigned)n;
		hs_scan_stream(t->hs, s, k, 0, t->x->scratch, on_match, &c);
		s += k;
		n -= k;
	}
}

void extra_close(struct extra_stream *t, struct extra_hits *out)
{
	if (!t)
		return;
	struct collect c = { t->x, out };
	hs_close_stream(t->hs, t->x->scratch, on_match, &c);
	free(t);
}
