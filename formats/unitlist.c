/* SPDX-License-Identifier: MIT */
/* The tables of systemctl -o json, and the words of is-enabled: see sdshow.h. */
#include <string.h>

#include "formats/json.h"
#include "formats/sdshow.h"
#include "formats/text.h"

int unit_rows_parse(const char *what, const char *text, size_t n, struct unit_row **ret, size_t *ret_n, struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	const json_t *j;
	size_t i, used = 0;
	int r;

	if ((r = json_read(what, text, n, 0, &top, err)))
		return r;
	if (!json_is_array(top))
		return err_set(err, ERR_SYNTAX, "%s: not a list of units", what);
	struct unit_row *v = mem_alloc((json_array_size(top) + 1) * sizeof(*v));
	json_array_foreach(top, i, j) {
		char *unit = json_dup(j, json_get(j, "unit_file") ? "unit_file" : "unit");
		if (!unit)
			continue;
		char *preset = json_dup(j, "preset");
		v[used++] = (struct unit_row){
			.unit = unit,
			.load = json_dup(j, "load"),
			.active = json_dup(j, "active"),
			.sub = json_dup(j, "sub"),
			.description = json_dup(j, "description"),
			.state = json_dup(j, "state"),
			.preset = preset ? preset : json_dup(j, "vendor_preset"),
			.activates = json_dup(j, "activates"),
		};
	}
	*ret = v;
	*ret_n = used;
	return 0;
}

void unit_rows_free(struct unit_row *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].unit);
		free(v[i].load);
		free(v[i].active);
		free(v[i].sub);
		free(v[i].description);
		free(v[i].state);
		free(v[i].preset);
		free(v[i].activates);
	}
	free(v);
}

static const char *const enablement_names[] = {
	[ENABLEMENT_UNKNOWN] = "unknown",
	[ENABLEMENT_ENABLED] = "enabled",
	[ENABLEMENT_ENABLED_RUNTIME] = "enabled-runtime",
	[ENABLEMENT_LINKED] = "linked",
	[ENABLEMENT_LINKED_RUNTIME] = "linked-runtime",
	[ENABLEMENT_ALIAS] = "alias",
	[ENABLEMENT_MASKED] = "masked",
	[ENABLEMENT_MASKED_RUNTIME] = "masked-runtime",
	[ENABLEMENT_STATIC] = "static",
	[ENABLEMENT_INDIRECT] = "indirect",
	[ENABLEMENT_DISABLED] = "disabled",
	[ENABLEMENT_GENERATED] = "generated",
	[ENABLEMENT_TRANSIENT] = "transient",
	[ENABLEMENT_BAD] = "bad",
	[ENABLEMENT_NOT_FOUND] = "not-found",
};

enum enablement enablement_parse(const char *s)
{
	size_t n = s ? strcspn(s, "\r\n") : 0;

	for (size_t i = 1; n && i < ARRAY_LEN(enablement_names); i++)
		if (strlen(enablement_names[i]) == n && memcmp(enablement_names[i], s, n) == 0)
			return (enum enablement)i;
	return ENABLEMENT_UNKNOWN;
}

const char *enablement_name(enum enablement e)
{
	return (size_t)e < ARRAY_LEN(enablement_names) ? enablement_names[e] : "unknown";
}

bool enablement_starts(enum enablement e)
{
	return e == ENABLEMENT_ENABLED || e == ENABLEMENT_ENABLED_RUNTIME || e == ENABLEMENT_ALIAS || e == ENABLEMENT_GENERATED;
}
