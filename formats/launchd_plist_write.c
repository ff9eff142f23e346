/* SPDX-License-Identifier: MIT */
#include "formats/plist.h"

#include <string.h>

#include "formats/launchd_rows.h"

static plist_t new_strings(char *const *v)
{
	plist_t array = plist_new_array();

	for (; v && *v; v++)
		plist_array_append_item(array, plist_new_string(*v));
	return array;
}

static plist_t new_pairs(const struct launchctl_pairs *pairs, bool booleans)
{
	plist_t dict = plist_new_dict();

	for (size_t i = 0; i < pairs->n; i++)
		plist_dict_set_item(dict, pairs->v[i].key,
			booleans ? plist_new_bool(strcmp(pairs->v[i].value, "true") == 0) : plist_new_string(pairs->v[i].value));
	return dict;
}

static plist_t new_keepalive(const struct launchd_plist *p)
{
	const struct {
		const char *key;
		enum tristate value;
	} flags[] = { { "SuccessfulExit", p->keepalive_successful_exit }, { "Crashed", p->keepalive_crashed },
		{ "NetworkState", p->keepalive_network_state }, { "AfterInitialDemand", p->keepalive_after_initial_demand } };

	if (p->keepalive == KEEPALIVE_UNSET)
		return NULL;
	if (p->keepalive != KEEPALIVE_DICT)
		return plist_new_bool(p->keepalive == KEEPALIVE_TRUE);
	plist_t dict = plist_new_dict();
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (flags[i].value != TRI_UNSET)
			plist_dict_set_item(dict, flags[i].key, plist_new_bool(flags[i].value == TRI_YES));
	if (p->keepalive_path_state.n)
		plist_dict_set_item(dict, "PathState", new_pairs(&p->keepalive_path_state, true));
	if (p->keepalive_other_job.n)
		plist_dict_set_item(dict, "OtherJobEnabled", new_pairs(&p->keepalive_other_job, true));
	return dict;
}

/* NULL when the field is absent, or is one whose value only root holds. */
static plist_t new_value(const struct launchd_plist *p, const struct launchd_row *row)
{
	const void *at = (const char *)p + row->offset;

	switch (row->kind) {
	case KIND_STRING:
		return *(char *const *)at ? plist_new_string(*(char *const *)at) : NULL;
	case KIND_STRING_OR_STRINGS: {
		char *const *v = *(char **const *)at;
		return !v ? NULL : strv_len(v) == 1 ? plist_new_string(v[0]) : new_strings(v);
	}
	case KIND_STRINGS:
		return *(char **const *)at ? new_strings(*(char **const *)at) : NULL;
	case KIND_INTEGER:
	case KIND_UMASK: {
		int64_t v = *(const int64_t *)at, absent = strcmp(row->key, "Nice") == 0 ? INT64_MIN : -1;
		return v != absent ? plist_new_uint((uint64_t)v) : NULL;
	}
	case KIND_BOOLEAN: {
		enum tristate v = *(const enum tristate *)at;
		return v != TRI_UNSET ? plist_new_bool(v == TRI_YES) : NULL;
	}
	case KIND_PAIRS: {
		const struct launchctl_pairs *pairs = at;
		return pairs->n ? new_pairs(pairs, false) : NULL;
	}
	case KIND_KEEPALIVE:
		return new_keepalive(p);
	case KIND_NAMES:
	case KIND_CALENDAR:
	case KIND_OTHER:
		break;
	}
	return NULL;
}

static void copy_rest(void *ctx, const char *key, plist_t value)
{
	const struct launchd_row *row = launchd_row_find(key);

	if (!row || row->kind == KIND_NAMES || row->kind == KIND_CALENDAR || row->kind == KIND_OTHER)
		plist_dict_set_item(ctx, key, plist_copy(value));
}

void launchd_plist_write(const struct launchd_plist *p, struct buf *out)
{
	_cleanup_plist_ plist_t dict = plist_new_dict();

	for (size_t i = 0; i < launchd_rows_n; i++) {
		plist_t value = new_value(p, &launchd_rows[i]);
		if (value)
			plist_dict_set_item(dict, launchd_rows[i].key, value);
	}
	if (p->root)
		plist_each_pair(p->root, copy_rest, dict);
	plist_add_xml(out, dict);
}
