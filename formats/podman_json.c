/* SPDX-License-Identifier: MIT */
#include "formats/podman_json.h"

#include <string.h>

#include "formats/text.h"

static int pair_compare(const void *a, const void *b)
{
	const struct string_pair *x = a, *y = b;

	return strcmp(x->key, y->key);
}

void podman_pairs(const json_t *j, const char *key, struct string_pair **ret, size_t *ret_n)
{
	json_t *object = json_object_get(j, key), *v;
	const char *name;
	size_t n = 0;

	*ret = NULL;
	*ret_n = 0;
	if (!json_object_size(object))
		return;
	struct string_pair *list = mem_alloc(json_object_size(object) * sizeof(*list));
	json_object_foreach(object, name, v)
		if (json_is_string(v))
			list[n++] = (struct string_pair){ .key = mem_strdup(name), .value = mem_strdup(json_string_value(v)) };
	qsort(list, n, sizeof(*list), pair_compare);
	*ret = list;
	*ret_n = n;
}

void string_pairs_free(struct string_pair *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].key);
		free(v[i].value);
	}
	free(v);
}

uint64_t podman_count(const json_t *j, const char *key)
{
	const char *s = json_get(j, key);
	uint64_t v;

	if (s)
		return text_to_u64(s, UINT64_MAX, &v) ? 0 : v;
	int64_t i = json_int(j, key, 0);
	return i > 0 ? (uint64_t)i : 0;
}

int podman_list(const char *what, const char *text, size_t n, json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	int r;

	/* `null` is how Go prints a list that nobody filled; jansson takes no bare scalar */
	if (n >= 4 && n <= 6 && memcmp(text, "null", 4) == 0) {
		*ret = json_array();
		return 0;
	}
	if ((r = json_read(what, text, n, 0, &top, err)))
		return r;
	if (json_is_array(top)) {
		*ret = TAKE_PTR(top);
		return 0;
	}
	*ret = json_array();
	json_array_append(*ret, top);
	return 0;
}

int podman_one(const char *what, const char *text, size_t n, json_t **ret_top, const json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *top = NULL;
	int r = json_read(what, text, n, 0, &top, err);

	if (r)
		return r;
	if (json_is_array(top) && !json_array_size(top))
		return err_set(err, ERR_ABSENT, "%s: Podman knows none", what);
	const json_t *j = json_is_array(top) ? json_array_get(top, 0) : top;
	if (!json_is_object(j))
		return err_set(err, ERR_SYNTAX, "%s: not an object", what);
	*ret = j;
	*ret_top = TAKE_PTR(top);
	return 0;
}
