/* SPDX-License-Identifier: MIT */
#include "formats/launchctl_lines.h"

#include <string.h>

#include "formats/text.h"

/* `launchctl print <domain-target>`, see launchctl_print.h. */

static void note_unknown(struct launchctl_domain *d, const struct lc_line *l)
{
	lc_unknown(&d->unknown, &d->unknown_lines, l);
}

static void read_services(struct launchctl_domain *d, const struct lc_lines *l, size_t from, size_t to)
{
	size_t cap = d->n_services;

	for (size_t i = from; i < to; i++) {
		struct launchctl_row row;

		if (lc_blank(&l->v[i]))
			continue;
		if (!lc_row_parse(l->v[i].s, l->v[i].n, &row)) {
			note_unknown(d, &l->v[i]);
			continue;
		}
		if (d->n_services == cap) {
			cap = cap ? cap * 2 : 64;
			d->services = mem_array(d->services, cap, sizeof(*d->services));
		}
		d->services[d->n_services++] = row;
	}
}

static void read_disabled(struct launchctl_domain *d, const struct lc_lines *l, size_t from, size_t to)
{
	struct launchctl_overrides *o = &d->disabled;

	for (size_t i = from; i < to; i++) {
		struct launchctl_override one;

		if (lc_override_parse(&l->v[i], &one)) {
			o->v = mem_array(o->v, o->n + 1, sizeof(*o->v));
			o->v[o->n++] = one;
		} else if (!lc_blank(&l->v[i])) {
			note_unknown(d, &l->v[i]);
		}
	}
}

static size_t read_block(struct launchctl_domain *d, const struct lc_lines *l, size_t head, const char *key)
{
	bool environment = strcmp(key, "environment") == 0, broken;
	size_t end, next = lc_block(l, head, environment, &end, &broken);

	if (strcmp(key, "services") == 0)
		read_services(d, l, head + 1, end);
	else if (strcmp(key, "disabled services") == 0)
		read_disabled(d, l, head + 1, end);
	for (size_t i = head + 1; i < end; i++) {
		char *k, *v;

		if (environment && lc_split(&l->v[i], true, &k, &v)) {
			lc_pairs_add(&d->environment, k, v);
		} else if (strcmp(key, "security context") == 0 && lc_split(&l->v[i], false, &k, &v)) {
			if (strcmp(k, "uid") == 0)
				d->uid = lc_number(v);
			free(k);
			free(v);
		}
	}
	return next;
}

static void read_line(struct launchctl_domain *d, const struct lc_line *l)
{
	_cleanup_free_ char *key = NULL, *value = NULL;
	struct {
		const char *key;
		char **text;
		int64_t *number;
	} rows[] = {
		{ "type", &d->type, NULL },
		{ "session", &d->session, NULL },
		{ "creator", &d->creator, NULL },
		{ "service count", NULL, &d->service_count },
		{ "active service count", NULL, &d->active_service_count },
		{ "on-demand count", NULL, &d->on_demand_count },
	};

	if (!lc_split(l, false, &key, &value)) {
		note_unknown(d, l);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].key, key) != 0)
			continue;
		if (rows[i].text)
			mem_set(rows[i].text, value);
		else
			*rows[i].number = lc_number(value);
		return;
	}
	if (strcmp(key, "properties") == 0) {
		strv_free(d->properties);
		d->properties = lc_flags(value);
		return;
	}
	lc_pairs_add(&d->other, TAKE_PTR(key), TAKE_PTR(value));
}

/* True when the closing brace was met. */
static bool read_body(struct launchctl_domain *d, const struct lc_lines *l, size_t i)
{
	while (i < l->n) {
		const struct lc_line *line = &l->v[i];
		_cleanup_free_ char *block = line->depth == 1 ? lc_block_key(line) : NULL;

		if (line->depth == 0 && lc_is(line, "}"))
			return true;
		if (block) {
			i = read_block(d, l, i, block);
			continue;
		}
		if (line->depth == 1 && !lc_blank(line))
			read_line(d, line);
		else if (!lc_blank(line))
			note_unknown(d, line);
		i++;
	}
	return false;
}

int launchctl_domain_parse(const char *p, size_t n, struct launchctl_domain *ret, struct err *err)
{
	struct launchctl_domain d = { .uid = -1, .service_count = -1, .active_service_count = -1, .on_demand_count = -1 };
	_cleanup_lc_lines_ struct lc_lines lines = { 0 };
	size_t i = 0;

	lc_lines_read(&lines, p, n);
	while (i < lines.n && lc_blank(&lines.v[i]))
		i++;
	if (i < lines.n && lines.v[i].depth == 0)
		d.target = lc_block_key(&lines.v[i]);
	if (!d.target)
		return err_set(err, ERR_SYNTAX, "not the output of launchctl print for a domain");
	d.truncated = !read_body(&d, &lines, i + 1);
	*ret = d;
	return 0;
}

void launchctl_domain_free(struct launchctl_domain *d)
{
	free(d->target);
	free(d->type);
	free(d->session);
	free(d->creator);
	for (size_t i = 0; i < d->n_services; i++)
		lc_row_free(&d->services[i]);
	free(d->services);
	lc_pairs_free(&d->environment);
	lc_pairs_free(&d->other);
	launchctl_overrides_free(&d->disabled);
	strv_free(d->properties);
	strv_free(d->unknown);
	*d = (struct launchctl_domain){ 0 };
}

const struct launchctl_row *launchctl_domain_find(const struct launchctl_domain *d, const char *label)
{
	for (size_t i = 0; i < d->n_services; i++)
		if (text_eq(d->services[i].label, label))
			return &d->services[i];
	return NULL;
}
