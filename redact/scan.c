/* SPDX-License-Identifier: MIT */
#include "redact/scan.h"

#include <string.h>

#include "formats/buf.h"
#include "redact/dl_hs.h"
#include "redact/rules.h"
#include "redact/rules_db.h"

/* hs_scan_stream takes an unsigned int. */
#define FEED_MAX (1u << 30)

struct scanner {
	hs_database_t *db;
	hs_scratch_t *scratch;
	hs_stream_t *once; /* for scan_bytes, reset after use */
};
struct scan_stream {
	struct scanner *scanner;
	hs_stream_t *hs;
};

void hits_free(struct hits *h)
{
	free(h->v);
	*h = (struct hits){ 0 };
}

/* A literal as an expression: every byte by its number, so that nothing in it is an operator. */
static char *literal_expression(const char *s)
{
	struct buf b = { 0 };

	for (; *s; s++)
		buf_addf(&b, "\\x%02x", (unsigned char)*s);
	return buf_take(&b);
}

static int rules_compile(hs_database_t **ret, struct err *err)
{
	_cleanup_strv_ char **expressions = NULL;
	_cleanup_free_ unsigned *flags = mem_array(NULL, rules_count, sizeof(*flags));
	_cleanup_free_ unsigned *ids = mem_array(NULL, rules_count, sizeof(*ids));
	/* measured: the plain tuning is also the fastest for a few hundred literals */
	const hs_platform_info_t any = { .tune = HS_TUNE_FAMILY_GENERIC };
	hs_compile_error_t *why = NULL;

	expressions = mem_array(NULL, rules_count + 1, sizeof(*expressions));
	for (size_t i = 0; i < rules_count; i++) {
		expressions[i] = literal_expression(rules[i].trigger);
		flags[i] = HS_FLAG_DOTALL | (rules[i].caseless ? HS_FLAG_CASELESS : 0);
		ids[i] = (unsigned)i;
	}
	expressions[rules_count] = NULL;
	if (hs_compile_multi((const char *const *)expressions, flags, ids, (unsigned)rules_count, HS_MODE_STREAM, &any, ret,
		    &why) != HS_SUCCESS) {
		int r = err_set(err, ERR_LIMIT, "the redaction rules do not compile: %s", why ? why->message : "no reason given");
		hs_free_compile_error(why);
		return r;
	}
	return 0;
}

int scan_serialize(char **ret, size_t *ret_len, struct err *err)
{
	hs_database_t *db;
	int r = dl_hs(err);

	if (r == 0)
		r = rules_compile(&db, err);
	if (r < 0)
		return r;
	if (hs_serialize_database(db, ret, ret_len) != HS_SUCCESS)
		r = err_set(err, ERR_LIMIT, "the compiled redaction rules cannot be serialized");
	hs_free_database(db);
	return r;
}

int scanner_new(struct scanner **ret, struct err *err)
{
	hs_database_t *db = NULL;
	int r = dl_hs(err);

	if (r)
		return r;
	if (hs_valid_platform() != HS_SUCCESS)
		return err_set(err, ERR_LIMIT, "this processor lacks what the redactor's search needs (SSE4.2 or NEON)");
	if (!rules_db_len || hs_deserialize_database((const char *)rules_db, rules_db_len, &db) != HS_SUCCESS) {
		r = rules_compile(&db, err);
		if (r < 0)
			return r;
	}
	struct scanner *s = mem_alloc(sizeof(*s));
	s->db = db;
	if (hs_alloc_scratch(db, &s->scratch) != HS_SUCCESS || hs_open_stream(db, 0, &s->once) != HS_SUCCESS) {
		scanner_free(s);
		return err_set(err, ERR_LIMIT, "no memory for the redactor's search");
	}
	*ret = s;
	return 0;
}

void scanner_free(struct scanner *s)
{
	if (!s)
		return;
	if (s->once)
		hs_close_stream(s->once, NULL, NULL, NULL);
	hs_free_scratch(s->scratch);
	hs_free_database(s->db);
	free(s);
}

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *context)
{
	struct hits *h = context;

	if (h->n == h->cap) {
		h->cap = h->cap ? h->cap * 2 : 64;
		h->v = mem_array(h->v, h->cap, sizeof(*h->v));
	}
	h->v[h->n++] = (struct hit){ to, id };
	return 0;
}

void scan_feed(struct scan_stream *t, const void *p, size_t n, struct hits *out)
{
	const char *s = p;

	while (n) {
		unsigned k = n > FEED_MAX ? FEED_MAX : (unsigned)n;
		hs_scan_stream(t->hs, s, k, 0, t->scanner->scratch, on_match, out);
		s += k;
		n -= k;
	}
}

void scan_bytes(struct scanner *s, const void *p, size_t n, struct hits *out)
{
	struct scan_stream once = { s, s->once };

	scan_feed(&once, p, n, out);
	hs_reset_stream(s->once, 0, s->scratch, NULL, NULL);
}

struct scan_stream *scan_open(struct scanner *s)
{
	struct scan_stream *t = mem_alloc(sizeof(*t));

	t->scanner = s;
	if (hs_open_stream(s->db, 0, &t->hs) != HS_SUCCESS)
		abort(); /* for want of memory only, like mem_alloc */
	return t;
}

void scan_close(struct scan_stream *t)
{
	if (!t)
		return;
	hs_close_stream(t->hs, t->scanner->scratch, NULL, NULL);
	free(t);
}
