/* SPDX-License-Identifier: MIT */
#include "collect/dirlist.h"

#include <string.h>

#include "formats/json.h"

struct dirlist dirlist_of(const struct answer *a)
{
	return (struct dirlist){ .rest = a && record_answered(&a->rec) ? buf_str(&a->out) : "" };
}

bool dirlist_next(struct dirlist *d)
{
	const char *name = NULL;

	while (!name && *d->rest) {
		const char *line = d->rest, *end = line + strcspn(line, "\n");
		d->rest = end + (*end == '\n');
		json_decref(d->row);
		d->row = json_loadb(line, (size_t)(end - line), 0, NULL);
		name = json_get(d->row, "name");
	}
	if (!name) {
		dirlist_end(d);
		return false;
	}
	const char *type = json_get(d->row, "type");
	const json_t *uid = json_object_get(d->row, "uid");
	d->name = name;
	d->type = type ? type : "";
	d->link = json_get(d->row, "link");
	d->owner = json_get(d->row, "owner");
	d->uid = json_is_integer(uid) ? json_integer_value(uid) : -1;
	return true;
}

void dirlist_end(struct dirlist *d)
{
	json_decref(d->row);
	*d = (struct dirlist){ .rest = "" };
}
