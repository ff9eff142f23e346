/* SPDX-License-Identifier: MIT */
/* What is read in place to its end is JSON, and jansson tells the same members of it. */
#include <jansson.h>
#include <string.h>

#include "formats/json_plain.h"
#include "formats/text.h"
#include "tests/fuzz/must.h"

/* Of members with one name jansson keeps the last. */
static void check_member(const json_t *object, const struct json_plain_member *m)
{
	_cleanup_free_ char *name = mem_strndup(m->name, m->name_len), *value = mem_strndup(m->value, m->value_len);
	const json_t *v = json_object_get(object, name);
	int64_t n;

	must(v && json_is_string(v) == m->is_string);
	if (m->is_string)
		must(strcmp(json_string_value(v), value) == 0);
	else
		must(json_is_integer(v) && text_to_i64(value, &n) == 0 && json_integer_value(v) == n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_plain j = json_plain_of((const char *)data, size);
	struct json_plain_member m, *all = NULL;
	size_t n = 0;

	while (json_plain_next(&j, &m)) {
		all = mem_array(all, n + 1, sizeof(*all));
		all[n++] = m;
	}
	must(!json_plain_next(&j, &m));
	json_t *object = j.whole ? json_loadb((const char *)data, size, 0, NULL) : NULL;
	must(!j.whole || json_is_object(object));
	for (size_t i = 0; object && i < n; i++) {
		bool last = true;
		for (size_t k = i + 1; k < n; k++)
			last = last && (all[k].name_len != all[i].name_len || memcmp(all[k].name, all[i].name, all[i].name_len) != 0);
		if (last)
			check_member(object, &all[i]);
	}
	json_decref(object);
	free(all);
	return 0;
}
