/* SPDX-License-Identifier: MIT */
#include "redact/decoded.h"

void decoded_plain(struct decoded *d, const char *file, size_t from, size_t to)
{
	*d = (struct decoded){ .from = from, .to = to, .data = file + from, .len = to - from };
}

void decoded_add(struct decoded *d, const char *p, size_t n, size_t at)
{
	if (d->text.len + n + 1 > d->cap) {
		d->cap = (d->text.len + n + 1) * 2;
		d->origin = mem_array(d->origin, d->cap, sizeof(*d->origin));
	}
	for (size_t i = 0; i < n; i++)
		d->origin[d->text.len + i] = at;
	buf_add(&d->text, p, n);
}

void decoded_end(struct decoded *d, size_t at)
{
	if (!d->origin)
		d->origin = mem_array(NULL, d->cap = 1, sizeof(*d->origin));
	d->origin[d->text.len] = at;
	buf_reserve(&d->text, 0);
	d->data = d->text.data;
	d->len = d->text.len;
}

void decoded_free(struct decoded *d)
{
	buf_wipe(&d->text);
	free(d->origin);
	*d = (struct decoded){ 0 };
}

void decoded_spans(const struct decoded *d, const struct spans *found, struct spans *out)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct span *f = &found->v[i];
		struct span *m = spans_add(out, decoded_origin(d, f->from), decoded_origin(d, f->to), f->class, f->rank,
			f->value_len ? found->values.data + f->value : NULL, f->value_len);
		m->open = f->open;
	}
}
