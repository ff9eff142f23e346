/* SPDX-License-Identifier: MIT */
#include "collect/dirlist.h"

#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/json_plain.h"

struct dirlist dirlist_of(const struct answer *a)
{
	return (struct dirlist){ .rest = a && record_answered(&a->rec) ? buf_str(&a->out) : "" };
}

/* ---- a row ---- */

static bool read_plain(struct dirlist *d, const char *line, size_t n)
{
	const struct {
		const char *name;
		const char **where;
	} strings[] = { { "name", &d->name }, { "type", &d->type }, { "link", &d->link }, { "owner", &d->owner } };
	struct json_plain j = json_plain_of(line, n);
	struct json_plain_member m;

	buf_clear(&d->text);
	buf_reserve(&d->text, n); /* so that what is in it stays where it is */
	while (json_plain_next(&j, &m)) {
		for (size_t i = 0; i < ARRAY_LEN(strings); i++)
			if (json_plain_is(&m, strings[i].name)) {
				*strings[i].where = m.is_string ? d->text.data + d->text.len : NULL;
				buf_add(&d->text, m.value, m.value_len);
				buf_addc(&d->text, '\0');
			}
		if (json_plain_is(&m, "uid"))
			d->uid = m.is_string ? -1 : strtoll(m.value, NULL, 10);
	}
	return j.whole;
}

static void read_any(struct dirlist *d, const char *line, size_t n)
{
	d->row = json_loadb(line, n, 0, NULL);
	const json_t *uid = json_object_get(d->row, "uid");
	d->name = json_get(d->row, "name");
	d->type = json_get(d->row, "type");
	d->link = json_get(d->row, "link");
	d->owner = json_get(d->row, "owner");
	d->uid = json_is_integer(uid) ? json_integer_value(uid) : -1;
}

static void clear_row(struct dirlist *d)
{
	json_decref(d->row);
	d->row = NULL;
	d->name = d->type = d->link = d->owner = NULL;
	d->uid = -1;
}

bool dirlist_next(struct dirlist *d)
{
	do {
		const char *line = d->rest, *end = line + strcspn(line, "\n");
		clear_row(d);
		if (!*line) {
			dirlist_end(d);
			return false;
		}
		d->rest = end + (*end == '\n');
		if (!read_plain(d, line, (size_t)(end - line))) {
			clear_row(d);
			read_any(d, line, (size_t)(end - line));
		}
	} while (!d->name);
	if (!d->type)
		d->type = "";
	return true;
}

void dirlist_end(struct dirlist *d)
{
	json_decref(d->row);
	buf_free(&d->text);
	*d = (struct dirlist){ .rest = "" };
}
